"""The lifter and the sled as a drawing, from the joint angles of the moment. Pure geometry, no pixels.

Side view, metres, x towards the sled and y up, the hip at the origin; the rail is drawn at 45° and the back pad at 35°,
whatever the machine's are: what counts is the knee's angle, and that is drawn as measured. Each leg is drawn by its own
knee. Front view, as seen from the sled: the lifter's left is on the right of the picture; the knee's inward way is
drawn enlarged, for a few centimetres must be seen across a room.
"""

from __future__ import annotations

from math import acos, cos, radians, sin, sqrt
from typing import TypeAlias

from edge.events import Live, Side

Point: TypeAlias = tuple[float, float]

THIGH_M, SHANK_M = 0.42, 0.43
"""Of a person of 1.75 m; the drawing needs proportions, not this lifter's own."""
RAIL_RAD = radians(45.0)
MEDIAL_SCALE = 3.0
HIP_HALF_M, FOOT_HALF_M = 0.09, 0.15
FLEXION_MIN_DEG, FLEXION_MAX_DEG = -5.0, 150.0
LEGS: tuple[Side, Side] = ("left", "right")


def draw(live: Live) -> dict[str, object]:
    """Points by name, rounded to mm. A leg whose knee is not known is None: drawn as not seen, not as straight."""
    flexions = {"left": live.left_knee_flexion_deg, "right": live.right_knee_flexion_deg}
    medials = {"left": live.left_knee_medial_mm, "right": live.right_knee_medial_mm}
    legs = {side: side_view(flexion) for side, flexion in flexions.items() if flexion is not None}
    reaches = [sqrt(leg[2][0] ** 2 + leg[2][1] ** 2) for leg in legs.values()]
    return {
        "legs": {side: legs.get(side) for side in LEGS},
        "sled": _on_rail(sum(reaches) / len(reaches)) if reaches else None,
        "tilt": None if live.posterior_tilt_deg is None else round(live.posterior_tilt_deg, 1),
        "front": {side: front_view(side, flexions[side], medials[side]) for side in LEGS},
        "heels": {"left": live.left_heel_share, "right": live.right_heel_share},
    }


def side_view(flexion_deg: float) -> tuple[Point, Point, Point]:
    """Hip, knee and ankle of one leg. The ankle rides on the rail's line through the hip; the knee is above it."""
    bend = radians(min(max(flexion_deg, FLEXION_MIN_DEG), FLEXION_MAX_DEG))
    reach = sqrt(THIGH_M**2 + SHANK_M**2 + 2 * THIGH_M * SHANK_M * cos(bend))
    at_hip = acos(min(1.0, (THIGH_M**2 + reach**2 - SHANK_M**2) / (2 * THIGH_M * reach)))
    thigh = RAIL_RAD + (at_hip if bend >= 0 else -at_hip)
    knee = (THIGH_M * cos(thigh), THIGH_M * sin(thigh))
    return (0.0, 0.0), _rounded(knee), _on_rail(reach)


def front_view(side: Side, flexion_deg: float | None, medial_mm: float | None) -> tuple[Point, Point, Point] | None:
    """Hip, knee and ankle of one leg from the front, y up; None where knee or its inward way is not known."""
    if flexion_deg is None or medial_mm is None:
        return None
    outward = 1.0 if side == "left" else -1.0
    bend = radians(min(max(flexion_deg, 0.0), FLEXION_MAX_DEG))
    rise = sin(bend / 2) * THIGH_M * 0.9
    along = (HIP_HALF_M + FOOT_HALF_M) / 2
    knee = (outward * (along - MEDIAL_SCALE * medial_mm / 1000), 0.32 + rise * 0.25)
    return (outward * HIP_HALF_M, 0.62), _rounded(knee), (outward * FOOT_HALF_M, 0.0)


def _on_rail(reach_m: float) -> Point:
    return _rounded((reach_m * cos(RAIL_RAD), reach_m * sin(RAIL_RAD)))


def _rounded(point: Point) -> Point:
    return round(point[0], 3), round(point[1], 3)
