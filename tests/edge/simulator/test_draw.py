"""Drawn sessions are reproducible, as wide as they say, and honest about what nobody could see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.simulator.__main__ import main
from edge.simulator.difficulties import TAGS
from edge.simulator.draw import draw_scenario
from edge.simulator.extremes import ALL_TAGS
from edge.simulator.recording import write_recording
from edge.simulator.scenario import RepPlan, Scenario, SetPlan, Silence, Slip, Trouble
from edge.simulator.session import Session, build_world, simulate
from edge.simulator.truth import tell


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """Two runs of one seed give equal files; another seed does not."""
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_recording(simulate(draw_scenario(seed, hard=True)), tmp_path / name)
    files = {name: [p.read_bytes() for p in sorted((tmp_path / name).iterdir())] for name in "abc"}
    assert files["a"] == files["b"]
    assert files["a"] != files["c"]


def test_plain_and_hard() -> None:
    """A plain session has no tags; a hard one has one to three of the usual ones."""
    for seed in range(30):
        assert draw_scenario(seed).tags == ()
        hard = draw_scenario(seed, hard=True).tags
        assert 1 <= len(hard) <= 3
        assert set(hard) <= set(TAGS)


def test_unknown_tags_are_refused() -> None:
    """An unknown difficulty is named, with those that there are."""
    with pytest.raises(KeyError, match=r"no such difficulty: zebra; .*odd-body"):
        draw_scenario(1, tags=("zebra",))


@pytest.mark.parametrize("tag", sorted(ALL_TAGS))
def test_every_difficulty_gives_a_whole_session(tag: str) -> None:
    """Whatever is wrong, signals are finite, reps are in order, and every planned attempt is told."""
    scenario = draw_scenario(11, tags=(tag,))
    session = simulate(scenario)
    facts = session.truth.facts
    assert tag in facts["tags"]
    assert all(np.isfinite(stream.values).all() for stream in session.streams.values())
    assert all((np.diff(stream.host_us) >= 0).all() for stream in session.streams.values())
    planned = sum(len(one.reps) for one in scenario.sets)
    assert len(facts["reps"]) + len(facts["not_reps"]) == planned
    for rep in facts["reps"]:
        assert rep["start"] < rep["bottom"] <= rep["drive"] < rep["top"] <= rep["end"]


def test_every_recording_begins_as_it_must() -> None:
    """Four seconds upright with straight knees, then seated and still for three, on plain and hard sessions."""
    for seed in range(6):
        session = simulate(draw_scenario(seed, hard=seed % 2 == 1))
        facts, t = session.truth.facts, session.truth.t_s
        standing = t <= 4.0
        assert facts["standing_s"][1] >= 4.0
        for side in ("left", "right"):
            knee = session.truth.columns[f"{side}_knee_flexion_deg"]
            assert np.abs(knee[standing]).max() < 6.0
            seated = (t >= facts["seated_s"][0]) & (t <= facts["seated_s"][0] + 3.0)
            assert np.ptp(knee[seated]) < 1.0


def test_planned_faults_happen() -> None:
    """Over many plain sessions nearly every planned fault is one by the true signal, and few reps beside."""
    planned = found = beside = clean = 0
    for seed in range(40, 60):
        facts = _facts(draw_scenario(seed))
        deeper = facts["pelvic_onset_knee_flexion_deg"] is not None
        for rep in facts["reps"]:
            wanted = {kind for kind, _, size in rep["faults"] if _is_fault(kind, size)}
            wanted |= {"lockout"} if rep["top_deg"] < 3.0 else set()
            states = [(v["kind"], v["state"]) for v in facts["verdicts"] if v["rep"] == rep["index"]]
            got = {kind for kind, state in states if state == "fault"}
            planned, found = planned + len(wanted), found + len(wanted & got)
            clean += not wanted
            beside += bool(got - wanted) and not deeper
    assert planned > 40
    assert found >= 0.95 * planned
    assert beside <= 0.02 * clean


def _facts(scenario: Scenario) -> dict[str, Any]:
    """The truth alone, without sensors."""
    world = build_world(scenario)
    return tell(scenario, world.timeline, world.body, world.seated, world.shares).facts


def _is_fault(kind: str, size: float) -> bool:
    return {"valgus": size > 45.0, "lumbar": size > 14.5, "heel_lift": size < 0.1}[kind]


def _with(trouble: Trouble, *, backpad: bool = True) -> Session:
    reps = tuple(RepPlan(rest_s=1.8) for _ in range(7))
    return simulate(Scenario(seed=4, sets=(SetPlan(reps),), trouble=trouble, backpad=backpad, tags=("slip",)))


def _unseen(session: Session, kind: str, side: str) -> list[int]:
    verdicts = session.truth.facts["verdicts"]
    return [v["rep"] for v in verdicts if v["state"] == "unseen" and (v["kind"], v["side"]) == (kind, side)]


def test_a_slip_spoils_its_rep_and_three_more() -> None:
    """A strap that gives after rep 2 hides reps 2 to 5 of that leg, and nothing else."""
    session = _with(Trouble(slips=(Slip("left_thigh", 2),)))
    assert _unseen(session, "valgus", "left") == [2, 3, 4, 5]
    assert _unseen(session, "lockout", "left") == [2, 3, 4, 5]
    assert _unseen(session, "valgus", "right") == []
    assert _unseen(session, "heel_lift", "left") == []


def test_silence_hides_until_a_second_later() -> None:
    """A silent node hides the reps that it and one second after touch; its samples are absent meanwhile."""
    session = _with(Trouble(silences=(Silence("right_shank", 3, 2.0),)))
    assert 3 in _unseen(session, "lockout", "right")
    gap = session.truth.facts["unseen"][0]
    taken = session.streams["right_shank"].true_s
    assert not ((taken >= gap["from"]) & (taken < gap["to"] - 1.0)).any()


def test_a_restart_begins_its_clock_anew() -> None:
    """After a restart the node's clock is near zero, and it counts on from there."""
    stream = _with(Trouble(silences=(Silence("pelvis", 2, 0.8, restart=True),))).streams["pelvis"]
    after = stream.device_us[stream.boot == 1]
    assert after[0] < 1_000_000
    assert (np.diff(after) > 0).all()


def test_which_sensors_a_lumbar_verdict_needs() -> None:
    """Without a pelvis node lumbar is unseen; without a back pad it is not; a pad that falls silent hides it."""
    everything = list(range(1, 8))
    assert _unseen(_with(Trouble(missing=("pelvis",))), "lumbar", "") == everything
    assert _unseen(_with(Trouble(), backpad=False), "lumbar", "") == []
    assert 3 in _unseen(_with(Trouble(silences=(Silence("backpad", 3, 2.0),))), "lumbar", "")


def test_swapped_nodes_carry_the_other_name() -> None:
    """Exchanged shanks: each file holds what the other leg did, and both legs are unseen."""
    plain, swapped = (_with(Trouble(swapped=which)) for which in ((), ("shank",)))
    assert np.array_equal(plain.streams["left_shank"].values, swapped.streams["right_shank"].values)
    assert np.array_equal(plain.streams["left_thigh"].values, swapped.streams["left_thigh"].values)
    assert _unseen(swapped, "valgus", "left") == list(range(1, 8))


def test_partial_and_failed_attempts_are_no_reps() -> None:
    """A half rep and a failed one are told apart from the reps and numbered with none."""
    reps = (
        RepPlan(),
        RepPlan(bottom_deg=45.0, kind="partial"),
        RepPlan(),
        RepPlan(kind="failed", top_deg=60.0, rest_s=2.0),
    )
    facts = simulate(Scenario(seed=2, sets=(SetPlan(reps),))).truth.facts
    assert [rep["index"] for rep in facts["reps"]] == [1, 2]
    assert [one["kind"] for one in facts["not_reps"]] == ["partial", "failed"]


def test_the_command_writes_recordings(tmp_path: Path) -> None:
    """The command writes a folder a seed, with every file of the format."""
    main(["--count", "2", "--first-seed", "5", "--tag", "odd-body", str(tmp_path)])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["session-5", "session-6"]
    names = {p.name for p in (tmp_path / "session-5").iterdir()}
    assert {"session.toml", "truth.json", "truth.csv.gz", "sled.csv.gz", "footplate.csv.gz", "pelvis.csv.gz"} <= names
