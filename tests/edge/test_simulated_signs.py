"""Whole sessions of simulated lifters: the signs beside the faults, and that a sound lifter hears none."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from simulated import Told, play

from edge.events import Live, MachineState, Rep, Sign
from edge.simulator.scenario import Lifter, Machine, RepPlan, Scenario, SetPlan, Trouble
from edge.simulator.session import simulate

REP = RepPlan(eccentric_s=2.0, concentric_s=1.1, rest_s=0.9)


def session(*reps: RepPlan, **changes: object) -> Told:
    """One set of a lifter, told by the pipeline."""
    return play(simulate(replace(Scenario(sets=(SetPlan(reps),)), **changes)))  # type: ignore[arg-type]


def signs(told: Told) -> list[tuple[str, int]]:
    """Kind and rep of every sign, the milder and graver forms of faults left out."""
    return [(s.kind, s.rep) for s in told.of(Sign) if s.kind not in ("lockout", "valgus", "lumbar", "heel_lift")]


@cache
def quick() -> Told:
    """A lifter who drops the sled, bounces, runs into the stops, snaps, and rests on straight knees."""
    hurried = replace(REP, eccentric_s=1.0, pause_s=0.0)
    return session(
        REP,
        replace(REP, eccentric_s=0.8),
        replace(hurried, bounce_m_s2=6.0),
        replace(hurried, stop_hit_m_s2=45.0),
        replace(REP, top_deg=1.0, snap=True),
        replace(REP, top_deg=1.0, rest_s=2.6),
        REP,
    )


def test_each_movement_has_its_sign_in_its_rep() -> None:
    """What is wrong with a rep is told of that rep."""
    told = signs(quick())
    expected = {
        ("fast_lowering", 2), ("fast_lowering", 3), ("bounce", 3), ("stop_hit", 4), ("snap", 5), ("resting_locked", 6),
    }  # fmt: skip
    assert expected <= set(told)
    assert not {rep for _, rep in told} & {1, 7}


def test_a_sound_set_has_no_signs() -> None:
    """Nothing to remark on, nothing remarked; and no ramp that a lifter would hear at rest."""
    told = session(*[REP] * 5)
    assert signs(told) == []
    assert max(live.lockout_nearness or 0.0 for live in told.of(Live) if live.phase == "top") < 0.2


def test_the_ramp_runs_ahead_of_a_lockout() -> None:
    """Plain 0.3 s before the true onset, on a drive of a second; far in the lowering after it."""
    told = quick()
    onset = next(v["onset"] for v in told.session.truth.facts["verdicts"] if v["rep"] == 6 and v["onset"])
    near = [live for live in told.of(Live) if onset - 1.2 < live.t_s < onset]
    first = next(live.t_s for live in near if (live.lockout_nearness or 0.0) >= 0.2)
    assert onset - first >= 0.3
    assert near[-1].lockout_nearness is not None
    assert near[-1].lockout_nearness > 0.8
    assert near[-1].time_to_lockout_s is not None
    lowering = [live for live in told.of(Live) if live.phase == "eccentric" and live.rep == 3]
    assert {live.lockout_nearness for live in lowering} == {0.0}


def test_live_comes_twenty_times_a_second() -> None:
    """The ramp is as fresh as the picture."""
    times = [live.t_s for live in quick().of(Live)]
    gaps = [b - a for a, b in pairwise(times)]
    assert max(gaps) == pytest.approx(0.05)


def test_one_leg_at_a_time_is_no_asymmetry_and_its_reps_count() -> None:
    """Up with both and down with the left: said so, counted, no word of uneven legs."""
    told = session(*[replace(REP, left_share=(0.97, 0.5), rest_s=1.2)] * 4)
    assert len(told.reps()) == 4
    assert {(r.lowered_with, r.pressed_with) for r in told.of(Rep)} == {("left", "both")}
    assert signs(told) == [("leg_mode", 1)]


def test_a_lopsided_push_is_told() -> None:
    """More than 40 % in single reps, with the leg that did more."""
    told = session(*[replace(REP, left_share=(0.33, 0.33))] * 3)
    assert signs(told) == [("asymmetry", 1), ("asymmetry", 2), ("asymmetry", 3)]
    assert {s.side for s in told.of(Sign)} == {"right"}


def test_a_drive_that_is_lost_was_too_heavy() -> None:
    """It stalls, sinks and is racked: no rep, but a stall, and advice."""
    lost = RepPlan(kind="failed", concentric_s=1.8, top_deg=60.0, rest_s=2.0)
    told = session(REP, REP, lost)
    assert len(told.reps()) == 2
    assert signs(told) == [("stall", 3), ("too_heavy", 3)]
    assert told.of(Sign)[-1].severity == "S3"


def test_a_seat_too_far_away_is_told_before_the_first_rep() -> None:
    """Knees at 66° in the rack, and the words are for between reps."""
    told = session(REP, REP, machine=Machine(rack_deg=66.0))
    (sign,) = [s for s in told.of(Sign) if s.kind == "seat"]
    assert sign.rep == 0
    assert sign.value == pytest.approx(66.0, abs=4.0)
    assert sign.t_s < told.reps()[0].start_s + 0.2


def test_without_the_sleds_sensor_tempo_is_told_and_bounces_are_not() -> None:
    """Not seen is not fine: the state says which signs are open."""
    told = session(REP, replace(REP, eccentric_s=0.7), lifter=Lifter(), trouble=Trouble(missing=("sled",)))
    assert ("fast_lowering", 2) in signs(told)
    last = told.of(MachineState)[-1]
    assert "no sled sensor" in last.signs_not_assessed["bounce"]
