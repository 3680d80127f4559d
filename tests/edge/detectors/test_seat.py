"""Where the seat stands: the knees in the rack."""

from __future__ import annotations

import pytest

from edge.detectors.seat import WAIT_S, Seat, SeatSettings
from edge.detectors.sign import Finding
from edge.motion.body import Body, Geometry
from edge.motion.own_limit import Limit

PRESS = 500


def begun(flexion_deg: float | None, number: int = 1) -> Body:
    """A body at the top, its press out of the rack begun with knees so far bent."""
    body = Body(Geometry())
    body.phases.set, body.phases.press_start = number, PRESS
    if flexion_deg is not None:
        for k in range(PRESS - 30, PRESS + 1):
            body.legs["left"].knees.put(k, (flexion_deg, 0.0, 0.0, flexion_deg, 0.0))
    return body


def told(flexion_deg: float | None, limit: Limit | None = None) -> list[Finding]:
    return list(Seat(SeatSettings()).step(begun(flexion_deg), 6.0, limit))


@pytest.mark.parametrize(
    ("flexion_deg", "how"), [(79.9, "far away"), (80.1, None), (104.9, None), (105.1, "near"), (120.0, "near")]
)
def test_knees_start_about_at_a_right_angle(flexion_deg: float, how: str | None) -> None:
    """From 80° to 105°; outside, the seat is to be moved, and which way is said."""
    findings = told(flexion_deg)
    assert [f.severity for f in findings] == ["S1"] * (how is not None)
    assert all(how is not None and how in f.text for f in findings)


@pytest.mark.parametrize(("flexion_deg", "near"), [(88.9, False), (89.1, True)])
def test_a_start_at_the_own_limit_is_too_near(flexion_deg: float, *, near: bool) -> None:
    """Within 6° of the knee flexion at which this pelvis tucks."""
    assert bool(told(flexion_deg, Limit(95.0, 92.0, 98.0))) is near


def test_it_is_said_once_a_set() -> None:
    """And again in the next one, should nobody have moved it."""
    seat, body = Seat(SeatSettings()), begun(70.0)
    assert [len(list(seat.step(body, 6.0 + 0.01 * k, None))) for k in range(3)] == [1, 0, 0]
    assert len(list(seat.step(begun(70.0, 2), 90.0, None))) == 1


def test_it_waits_for_the_legs_and_gives_up() -> None:
    """The sensors are mounted a moment after the sled has come to the top; without them nothing is said."""
    seat = Seat(SeatSettings())
    assert list(seat.step(begun(None), 6.0, None)) == []
    assert len(list(seat.step(begun(70.0), 6.4, None))) == 1
    seat = Seat(SeatSettings())
    assert list(seat.step(begun(None), 6.0, None)) == []
    assert list(seat.step(begun(None), 6.1 + WAIT_S, None)) == []
    assert list(seat.step(begun(70.0), 6.2 + WAIT_S, None)) == []


def test_before_any_set_nothing_is_said() -> None:
    """Squirming on the seat is nobody's concern."""
    assert list(Seat(SeatSettings()).step(begun(40.0, 0), 3.0, None)) == []
    with pytest.raises(ValueError, match="most_deg"):
        SeatSettings(least_deg=90.0, most_deg=90.0)
