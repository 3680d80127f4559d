"""A knee that falls in a little more every rep: told as soon as it is a fault, at its real size."""

from __future__ import annotations

import pytest
from simulated import play

from edge.events import Alert
from edge.simulator.draw import draw_scenario
from edge.simulator.session import simulate


@pytest.mark.parametrize("seed", [910015, 1010124])
def test_a_fault_that_grows_is_no_neutral(seed: int) -> None:
    """Every rep whose knee falls in by 45 mm and more is told, and the largest is shown within a fifth of its size."""
    one = play(simulate(draw_scenario(seed, hard=True)))
    faults = {
        (verdict["rep"], verdict["side"]): verdict["peak"]
        for verdict in one.session.truth.facts["verdicts"]
        if verdict["kind"] == "valgus" and verdict["state"] == "fault"
    }
    told = {(alert.rep, alert.side) for alert in one.of(Alert) if alert.kind == "valgus"}
    assert faults.keys() <= told
    (rep, side), peak = max(faults.items(), key=lambda fault: fault[1])
    (worst,) = [
        f.worst_value for r in one.reps() if r.rep == rep for f in r.faults if (f.kind, f.side) == ("valgus", side)
    ]
    assert worst == pytest.approx(peak, rel=0.2)
