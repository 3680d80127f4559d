"""The drawing shows the angle that was measured."""

from __future__ import annotations

from math import acos, degrees, dist

import pytest
from published import live

from dashboards.figure import Point, draw, front_view, side_view


def knee_angle_deg(leg: tuple[Point, Point, Point]) -> float:
    """The flexion that a drawn leg shows, deg."""
    hip, knee, ankle = leg
    dot = sum((k - h) * (a - k) for h, k, a in zip(hip, knee, ankle, strict=True))
    return degrees(acos(max(-1.0, min(1.0, dot / (dist(hip, knee) * dist(knee, ankle))))))


@pytest.mark.parametrize("flexion_deg", [2.0, 6.0, 45.0, 90.0, 120.0])
def test_a_drawn_knee_has_the_measured_angle(flexion_deg: float) -> None:
    """To a degree, which is what rounding to millimetres leaves."""
    assert knee_angle_deg(side_view(flexion_deg)) == pytest.approx(flexion_deg, abs=1.0)


def test_the_sled_comes_nearer_as_the_knees_bend() -> None:
    """The ankle rides along the rail towards the hip."""
    reach = [side_view(angle)[2][0] for angle in (5.0, 60.0, 110.0)]
    assert reach == sorted(reach, reverse=True)


def test_inward_is_towards_the_other_knee_on_both_sides() -> None:
    """The lifter's left stands on the right of the picture, and its inward way goes to the left."""
    for side, sign in (("left", 1), ("right", -1)):
        straight, inward = (front_view(side, 60.0, mm) for mm in (0.0, 40.0))  # type: ignore[arg-type]
        assert straight is not None
        assert inward is not None
        assert sign * straight[1][0] > sign * inward[1][0]


def test_a_knee_that_is_not_known_is_not_drawn() -> None:
    """None, never a straight leg."""
    figure = draw(live(left_knee_flexion_deg=None, posterior_tilt_deg=None))
    assert figure["legs"]["left"] is None  # type: ignore[index]
    assert figure["legs"]["right"] is not None  # type: ignore[index]
    assert figure["tilt"] is None
    nobody = draw(live(left_knee_flexion_deg=None, right_knee_flexion_deg=None))
    assert nobody["sled"] is None
