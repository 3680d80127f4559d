"""The accelerometer's bias from rests in several poses, linked by the gyro.

At rest the accelerometer shows `f = (1 + s) g u + b`: gravity along `u`, its own scale error s and bias b. Rests in
poses 90 to 180° apart (standing, seated, sled at the top) make b visible: gravity's length must come out alike, and
the gyro says how far the sensor turned between. One linear least squares, with the part's data sheet as the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.motion.inclination import STANDARD_GRAVITY
from edge.motion.vectors import cross, unit
from edge.samples import FloatArray

BIAS_SD_M_S2 = 0.3
"""Prior of the bias, per axis: 20 mg (0.2 m/s²) is the usual part, 60 mg occurs."""
SCALE_SD = 0.005
"""Prior of the scale error. Data sheets say 0.5 %, and the axes differ, for which one common scale must stand in."""
REST_SD_M_S2 = 0.03
"""Spread of a rest's mean: sway and noise."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A rest: mean specific force (3,) m/s², and the turn (3, 3) that takes sensor axes then to those at the start,
    with its spread per axis; None where the gyro was interrupted: then only gravity's length speaks.
    """

    acc: FloatArray
    turn: FloatArray | None
    turn_sd_rad: float


def solve_bias(poses: list[Pose]) -> FloatArray:
    """Accelerometer bias (3,) m/s² in sensor axes; zeros where there is but one pose (nothing is visible then)."""
    if len(poses) < 2:
        return np.zeros(3)
    bias = np.zeros(3)
    up = poses[0].acc / np.linalg.norm(poses[0].acc)
    for _ in range(3):
        bias, up = _step(poses, bias, up)
    return bias


def _step(poses: list[Pose], bias: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One Gauss-Newton step. Unknowns: bias 3, scale 1, small turn of up 3, small turn of each later link 3."""
    cols = 7 + 3 * (len(poses) - 1)
    rows: list[FloatArray] = []
    rhs: list[float] = []
    for i, pose in enumerate(poses):
        if pose.turn is None:
            row = np.zeros((1, cols))
            row[0, 0:3] = unit(pose.acc - bias)
            row[0, 3] = STANDARD_GRAVITY
            rows.append(row / REST_SD_M_S2)
            rhs.append(float(unit(pose.acc - bias) @ pose.acc - STANDARD_GRAVITY) / REST_SD_M_S2)
            continue
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
    prior[0:3], prior[3], prior[4:7] = BIAS_SD_M_S2, SCALE_SD, 10.0
    prior[7:] = np.repeat([max(pose.turn_sd_rad, 1e-3) for pose in poses[1:]], 3)
    rows.append(np.diag(1.0 / prior))
    rhs.extend([0.0] * cols)
    x = np.linalg.lstsq(np.vstack(rows), np.array(rhs), rcond=None)[0]
    turned = up + cross(x[4:7], up)
    return x[0:3], turned / np.linalg.norm(turned)


def _cross(v: FloatArray) -> FloatArray:
    """(3, 3) matrix of the cross product `v ×`."""
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
