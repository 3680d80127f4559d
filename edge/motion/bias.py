"""The accelerometer's bias from rests in several poses, linked by the gyro.

At rest the accelerometer shows `f = (1 + s) g u + b`: gravity along `u`, its own scale error s and bias b. Rests in
poses 90 to 180° apart (standing, seated, sled at the top) make b visible: gravity's length must come out alike, and
the gyro says how far the sensor turned between. One linear least squares, with the part's data sheet as the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.motion.inclination import STANDARD_GRAVITY
from edge.samples import FloatArray

BIAS_SD_M_S2 = 0.3
"""Prior of the bias, per axis: 20 mg (0.2 m/s²) is the usual part, 60 mg occurs."""
SCALE_SD = 0.0015
"""Prior of the scale error: data sheets say 0.5 % at most for parts of this kind."""
REST_SD_M_S2 = 0.03
"""Spread of a rest's mean: sway and noise."""
LINK_SD_RAD = 0.02
"""Spread of the gyro's turn between two rests, per axis: 1.1°, mostly its scale error over a turn of 100°."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A rest: mean specific force (3,) m/s², and the turn (3, 3) that takes sensor axes then to those at the start."""

    acc: FloatArray
    turn: FloatArray


def solve_bias(poses: list[Pose]) -> FloatArray:
    """Accelerometer bias (3,) m/s² in sensor axes; zeros where there is but one pose (nothing is visible then)."""
    if len(poses) < 2:
        return np.zeros(3)
    n = len(poses)
    bias = np.zeros(3)
    up = poses[0].turn @ poses[0].acc
    up /= np.linalg.norm(up)
    for _ in range(3):
        bias, up = _step(poses, bias, up, n)
    return bias


def _step(poses: list[Pose], bias: FloatArray, up: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """One Gauss-Newton step. Unknowns: bias 3, scale 1, small turn of up 3, small turn of each later link 3."""
    cols = 7 + 3 * (n - 1)
    rows: list[FloatArray] = []
    rhs: list[float] = []
    for i, pose in enumerate(poses):
        back = pose.turn.T
        gravity = STANDARD_GRAVITY * back @ up
        block = np.zeros((3, cols))
        block[:, 0:3] = np.eye(3)
        block[:, 3] = gravity
        block[:, 4:7] = -STANDARD_GRAVITY * back @ _cross(up)
        if i:
            block[:, 7 + 3 * (i - 1) : 10 + 3 * (i - 1)] = -_cross(gravity)
        rows.append(block / REST_SD_M_S2)
        rhs.extend((pose.acc - gravity) / REST_SD_M_S2)
    prior = np.zeros(cols)
    prior[0:3], prior[3], prior[4:7], prior[7:] = BIAS_SD_M_S2, SCALE_SD, 10.0, LINK_SD_RAD
    rows.append(np.diag(1.0 / prior))
    rhs.extend([0.0] * cols)
    x = np.linalg.lstsq(np.vstack(rows), np.array(rhs), rcond=None)[0]
    turned = up + np.cross(x[4:7], up)
    return x[0:3], turned / np.linalg.norm(turned)


def _cross(v: FloatArray) -> FloatArray:
    """(3, 3) matrix of the cross product `v ×`."""
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
