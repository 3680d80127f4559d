"""Heel lift on timelines of the heel's share over its flat share."""

from __future__ import annotations

import pytest
from timelines import gate, reading

from edge.detectors.heel_lift import HeelLift, HeelLiftSettings
from edge.events import Phase

S = HeelLiftSettings()
STANDS = 0.5


def lifting(heel: HeelLift, ratio: float, foot_share: float = STANDS, phase: Phase = "bottom") -> int:
    """How often it is told of a heel at this ratio for half a second."""
    return sum(heel.step(reading(i, ratio), foot_share, gate(phase)) is not None for i in range(50))


@pytest.mark.parametrize(
    ("lifter", "ratio", "told"), [("Ines lifts", 0.03, 1), ("Jan grows light", 0.5, 0), ("Kim is flat", 1.0, 0)]
)
def test_who_lifts(lifter: str, ratio: float, told: int) -> None:
    """A heel that carries nothing is told once; one that only grows light is not."""
    assert lifting(HeelLift("left", S), ratio) == told, lifter


@pytest.mark.parametrize(("foot_share", "told"), [(S.foot_share, 1), (S.foot_share - 0.001, 0), (0.0, 0)])
def test_a_foot_off_the_plate_is_no_heel_lift(foot_share: float, told: int) -> None:
    """A foot that hardly carries has no heel to lift."""
    assert lifting(HeelLift("left", S), 0.03, foot_share) == told


@pytest.mark.parametrize(
    ("phase", "told"), [("eccentric", 1), ("bottom", 1), ("concentric", 1), ("top", 0), ("rest", 0)]
)
def test_judged_while_the_sled_moves(phase: Phase, told: int) -> None:
    """Shuffling a foot at the top or in the rack is nothing."""
    assert lifting(HeelLift("left", S), 0.03, phase=phase) == told


def test_line_and_hold_are_exact() -> None:
    """On the line the heel is down; below it for hold_s it is up, for less it is not."""
    assert lifting(HeelLift("left", S), S.alert_share) == 0
    brief = HeelLift("left", S)
    assert not any(brief.step(reading(i, v), STANDS, gate("bottom")) for i, v in enumerate([0.1] * 3 + [1.0] * 20))
    lasting = HeelLift("left", S)
    assert any(lasting.step(reading(i, 0.1), STANDS, gate("bottom")) for i in range(4))


def test_nothing_is_carried_forward() -> None:
    """Shares are noisy and quick: a falling share is judged by what it is, not by where it goes."""
    heel = HeelLift("left", S)
    assert not any(heel.step(reading(i, 0.3, rate=-50.0), STANDS, gate("bottom")) for i in range(50))


def test_unjudged_is_silent_and_the_foot_is_named() -> None:
    """Nothing without load; with it, side, unit and the plate are named."""
    heel = HeelLift("right", S)
    assert not any(heel.step(reading(i, 0.0), STANDS, gate("bottom", judged=False)) for i in range(50))
    found = [d for i in range(10) if (d := heel.step(reading(i, 0.0), STANDS, gate("bottom")))]
    assert [(d.kind, d.side, d.unit, d.sensors) for d in found] == [("heel_lift", "right", "share", ("footplate",))]


def test_settings_that_contradict_themselves_are_refused() -> None:
    """The fault ends above where it begins."""
    with pytest.raises(ValueError, match=r"above alert_share, 0\.3"):
        HeelLiftSettings(alert_share=0.3, clear_share=0.3)
    assert HeelLiftSettings(alert_share=0.3, clear_share=0.31).clear_share == 0.31
