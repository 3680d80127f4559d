"""Squats with three sensors and no machine, through the whole pipeline."""

from __future__ import annotations

import pytest
from simulated import Told, play

from edge.events import Alert, MachineState, Rep, SetSummary, Sign
from edge.simulator.squats import Squat, SquatScenario, simulate_squats

COUNT = 7


@pytest.fixture(scope="module")
def told() -> Told:
    """Seven squats; the straps sit anyhow, the session file describes a machine that is not there."""
    squats = tuple(Squat(knee_deg=100.0, top_s=2.0) for _ in range(COUNT))
    return play(simulate_squats(SquatScenario(seed=21, squats=squats, still_s=3.0, cut_s=24.0, worn="any way round")))


def test_all_are_counted_in_one_set_of_one_session(told: Told) -> None:
    """Standing between repetitions begins no new session; the set ends when nothing more comes."""
    reps = told.reps()
    assert [rep.rep for rep in reps] == list(range(1, COUNT + 1))
    assert len({(rep.session, rep.set) for rep in reps}) == 1
    assert reps[0].session is not None
    (final,) = [one for one in told.of(SetSummary) if one.final]
    assert final.reps == COUNT
    assert {state.state for state in told.of(MachineState)} >= {"lifting", "resting"}


def test_nothing_is_claimed_that_was_not_seen(told: Told) -> None:
    """No sled: no metres; no pose: no depth; no machine: no fault, no sign, and the reason on every repetition."""
    assert told.of(Alert) == []
    assert told.of(Sign) == []
    for rep in told.of(Rep):
        assert rep.rom_m is rep.mean_concentric_m_s is rep.right_depth_deg is rep.left_range_deg is None
        assert rep.right_range_deg == pytest.approx(96.0, abs=15.0)
        assert rep.assessed == ()
        assert all("no machine" in why for why in rep.not_assessed.values())
        assert rep.eccentric_s + rep.pause_s + rep.concentric_s == pytest.approx(rep.top_s - rep.start_s)


def test_a_recording_that_ends_with_its_last_squat_holds_it() -> None:
    """People stop a recording as they come up: what was as good as done is counted, and nothing twice."""
    squats = tuple(Squat(knee_deg=100.0, up_s=0.6, down_s=1.2, skew=(0.0, 0.4)) for _ in range(COUNT))
    for cut_s in (0.0, 0.01, 0.02, 1.0):
        assert len(play(simulate_squats(SquatScenario(seed=22, squats=squats, cut_s=cut_s))).reps()) == COUNT


def test_a_single_squat_that_ends_with_the_recording_has_a_session() -> None:
    """Its rep, its set and the last state belong to one."""
    one = play(simulate_squats(SquatScenario(seed=22, squats=(Squat(up_s=0.6, skew=(0.0, 0.4)),), cut_s=0.0)))
    (rep,) = one.reps()
    assert rep.session is not None
    assert {rep.session} == {event.session for event in (one.of(SetSummary)[-1], one.of(MachineState)[-1])}
