"""How a sensor sits on its segment: which way the body's axes lie in the sensor's, found from poses and movement.

Segment axes: x anterior, y to the lifter's left, z proximal. The flexion axis y is what the sensor turns about in a
press; z is up in the standing pose. Nothing nominal is used, so a sensor worn upside down or round the limb reads the
same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, cos, pi, sin
from typing import Final

import numpy as np

from edge.motion.inclination import ImuState
from edge.motion.vectors import cross
from edge.samples import FloatArray

Vec = tuple[float, float, float]
DEG: Final = 180.0 / pi
"""A radian."""
RAD: Final = pi / 180.0
"""A degree. Compiled, a product costs a tenth of a call of `degrees` or `radians`, which are just these."""


LEAST_GAIN: Final = 0.3
"""Below it (lines over 72°) noise would be shown as a fall of the knee."""

SegmentState = tuple[float, float, float]
"""pitch (deg, turn about +y since standing), its rate (deg/s), lean (gravity's share along y, −1 to 1)."""


@dataclass(frozen=True, slots=True)
class Mount:
    """Segment axes (unit vectors) in sensor axes."""

    x: Vec
    y: Vec
    z: Vec

    def turned(self, turn_rad: Vec) -> Mount:
        """The mount after the sensor has turned on its segment; turn_rad: rotation vector in sensor axes."""
        back = rotation(-np.array(turn_rad))
        return Mount(_vec(back @ np.array(self.x)), _vec(back @ np.array(self.y)), _vec(back @ np.array(self.z)))

    def pitched(self, deg: float) -> Mount:
        """The mount that reads every pitch lower by `deg`."""
        c, s = cos(deg * RAD), sin(deg * RAD)
        x, z = np.array(self.x), np.array(self.z)
        return Mount(_vec(c * x + s * z), self.y, _vec(c * z - s * x))

    def read(self, state: ImuState) -> SegmentState:
        """The segment's pitch in (−270, 90], since a seated thigh passes −180°, its rate, and its lean."""
        ux, uy, uz, wx, wy, wz, _, _, _ = state
        xx, xy, xz = self.x
        yx, yy, yz = self.y
        zx, zy, zz = self.z
        pitch = atan2(-(ux * xx + uy * xy + uz * xz), ux * zx + uy * zy + uz * zz) * DEG
        if pitch > 90.0:
            pitch -= 360.0
        return pitch, (wx * yx + wy * yy + wz * yz) * DEG, ux * yx + uy * yy + uz * yz


def lean_deg(lean: float, gain: float) -> float:
    """The turn (deg) of the leg's plane that shows as `lean`; gain is the cosine of the hip-ankle line's elevation."""
    return asin(max(-1.0, min(1.0, lean / gain))) * DEG


def line_gain(pitch_deg: float) -> float:
    """How much of a turn about the line from hip to ankle gravity shows: the cosine of that line's elevation, by its
    pitch, the mean of thigh's and shank's. A line that all but hangs or stands shows next to nothing.
    """
    return max(-sin(pitch_deg * RAD), LEAST_GAIN)


def find_mount(standing_up: FloatArray, moved_up: FloatArray, axis: FloatArray) -> Mount:
    """Axes from the up vector (3,) when standing, that in a later pose, and the flexion axis up to its sign (3,).

    Every segment pitches backwards (−y) from standing to the seat, which gives the axis its sign.
    """
    y = axis / np.linalg.norm(axis)
    if cross(standing_up, moved_up) @ y < 0.0:
        y = -y
    z = standing_up - (standing_up @ y) * y
    z /= np.linalg.norm(z)
    x = cross(y, z)
    return Mount(_vec(x), _vec(y), _vec(z))


def flexion_axis(rates: FloatArray) -> tuple[FloatArray, float]:
    """The axis (3,) that a segment turns about in a press, sign open: where its rates (N, 3) rad/s point most; and how
    much it turns across that, as a share of it, in squares.
    """
    much, axes = np.linalg.eigh(rates.T @ rates)
    axis: FloatArray = axes[:, -1]
    return axis, float(much[1] / much[2])


def rotation(turn_rad: FloatArray) -> FloatArray:
    """(3, 3) matrix of a rotation vector (3,) rad."""
    angle = float(np.linalg.norm(turn_rad))
    if angle < 1e-9:
        return np.eye(3)
    x, y, z = turn_rad / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    matrix: FloatArray = np.eye(3) + sin(angle) * cross + (1.0 - cos(angle)) * cross @ cross
    return matrix


def _vec(v: FloatArray) -> Vec:
    return (float(v[0]), float(v[1]), float(v[2]))
