"""The demo shows enough soon enough."""

from __future__ import annotations

from edge.simulator.demo import demo_scenario, second_rest
from edge.simulator.session import simulate


def test_the_first_half_minute_has_it_all() -> None:
    """By 40 s there were several reps and all four faults, after four seconds' standing and three of sitting still."""
    session = simulate(demo_scenario())
    facts = session.truth.facts
    soon = [rep for rep in facts["reps"] if rep["end"] < 40.0]
    faults = {v["kind"] for v in facts["verdicts"] if v["state"] == "fault" and v["rep"] <= len(soon)}
    assert len(soon) >= 6
    assert faults == {"lockout", "valgus", "heel_lift", "lumbar"}
    assert facts["standing_s"][1] >= 4.0
    assert session.scenario.sets[0].still_s >= 3.0


def test_the_loop_joins_two_rests() -> None:
    """Played round and round, the body is at rest, seated and racked, on both sides of the seam."""
    session = simulate(demo_scenario())
    loop = second_rest(session)
    sled, t = session.truth.columns["sled_position_m"], session.truth.t_s
    for at in (loop.from_s, loop.to_s):
        near = (t > at - 0.2) & (t < at + 0.2)
        assert sled[near].max() - sled[near].min() < 1e-4
    for rep in session.truth.facts["reps"]:
        assert not rep["start"] < loop.from_s < rep["end"]
