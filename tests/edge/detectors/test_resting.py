"""Resting on straight knees."""

from __future__ import annotations

import pytest

from edge.detectors.resting import Resting, RestingSettings
from edge.events import Phase
from edge.motion.gate import Gate


def rested(seconds: float, phase: Phase = "top", bent_at_s: float | None = None) -> list[float]:
    """When a rest of that length on a straight left knee is remarked on, s."""
    resting, out = Resting(RestingSettings()), []
    for k in range(round(seconds / 0.01)):
        t_s = k * 0.01
        locked = [] if bent_at_s is not None and abs(t_s - bent_at_s) < 0.005 else ["left"]
        gate = Gate(phase, 1, 2, 2, judged=True, since_top_s=t_s)
        out += [t_s for _ in resting.step(t_s, locked, gate)]  # type: ignore[arg-type]
    return out


@pytest.mark.parametrize(("seconds", "told"), [(0.99, 0), (1.05, 1), (3.9, 1), (4.1, 2), (7.1, 3)])
def test_a_second_on_a_straight_knee_is_a_rest_and_said_again_every_three(seconds: float, told: int) -> None:
    """While it lasts."""
    assert len(rested(seconds)) == told


def test_a_knee_that_bent_in_between_begins_anew() -> None:
    """Two short lockouts are no rest."""
    assert rested(1.8, bent_at_s=0.9) == []


def test_in_a_drive_it_is_a_lockout_and_no_rest() -> None:
    """At the top only."""
    assert rested(3.0, phase="concentric") == []


def test_cleared_it_begins_anew() -> None:
    """Once no lockout lasts any more, the next one is another."""
    resting, gate = Resting(RestingSettings()), Gate("top", 1, 2, 2, judged=True, since_top_s=0.0)
    assert list(resting.step(0.0, ["left"], gate)) == []
    resting.clear()
    assert list(resting.step(1.2, ["left"], gate)) == []
    (finding,) = resting.step(2.3, ["left", "right"], gate)
    assert (finding.severity, finding.side, finding.rep) == ("S2", "left", 2)
