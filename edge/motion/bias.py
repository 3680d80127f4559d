"""The accelerometer's bias from rests in several poses, linked by the gyro.

At rest the accelerometer shows `f = (1 + s) g u + b`: gravity along `u`, its own scale error s and bias b. Rests in
poses 90 to 180° apart (standing, seated, sled at the top) make b visible: gravity's length must come out alike, and
the gyro says how far the sensor turned between. One linear least squares, with the part's data sheet as the prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees, sqrt

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
    with its spread per axis; None where the gyro was interrupted: then only gravity's length speaks. acc_sd_m_s2: the
    mean's spread.
    """

    acc: FloatArray
    turn: FloatArray | None
    turn_sd_rad: float
    acc_sd_m_s2: float = REST_SD_M_S2


def solve_bias(poses: list[Pose]) -> FloatArray:
    """Accelerometer bias (3,) m/s² in sensor axes; zeros where there is but one pose (nothing is visible then)."""
    return find_bias(poses)[0]


def find_bias(poses: list[Pose]) -> tuple[FloatArray, FloatArray]:
    """The same, and its covariance (3, 3)."""
    bias, spread = np.zeros(3), np.eye(3) * BIAS_SD_M_S2**2
    if len(poses) < 2:
        return bias, spread
    up = poses[0].acc / np.linalg.norm(poses[0].acc)
    for _ in range(3):
        bias, up, spread = _step(poses, bias, up)
    return bias, spread


def pitch_sd_deg(axis: FloatArray, ups: tuple[FloatArray, FloatArray], spread: FloatArray) -> float:
    """How far the turn about `axis` (3,) between two poses with these up vectors (3,) can be misread, one standard
    deviation, by what is not known of the bias (its covariance, (3, 3)) and by the rests' own spread.
    """
    shown = cross(axis, ups[0]) - cross(axis, ups[1])
    return degrees(sqrt(float(shown @ spread @ shown) + 2.0 * REST_SD_M_S2**2) / STANDARD_GRAVITY)


def _step(poses: list[Pose], bias: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One Gauss-Newton step, and the bias's covariance. Unknowns: bias 3, scale 1, small turn of up 3, small turn of
    each later link 3.
    """
    cols = 7 + 3 * (len(poses) - 1)
    rows: list[FloatArray] = []
    rhs: list[float] = []
    for i, pose in enumerate(poses):
        if pose.turn is None:
            row = np.zeros((1, cols))
            row[0, 0:3] = unit(pose.acc - bias)
            row[0, 3] = STANDARD_GRAVITY
            rows.append(row / pose.acc_sd_m_s2)
            rhs.append(float(unit(pose.acc - bias) @ pose.acc - STANDARD_GRAVITY) / pose.acc_sd_m_s2)
            continue
        back = pose.turn.T
        gravity = STANDARD_GRAVITY * back @ up
        block = np.zeros((3, cols))
        block[:, 0:3] = np.eye(3)
        block[:, 3] = gravity
        block[:, 4:7] = -STANDARD_GRAVITY * back @ _cross(up)
        if i:
            block[:, 7 + 3 * (i - 1) : 10 + 3 * (i - 1)] = -_cross(gravity)
        rows.append(block / pose.acc_sd_m_s2)
        rhs.extend((pose.acc - gravity) / pose.acc_sd_m_s2)
    prior = np.zeros(cols)
    prior[0:3], prior[3], prior[4:7] = BIAS_SD_M_S2, SCALE_SD, 10.0
    prior[7:] = np.repeat([max(pose.turn_sd_rad, 1e-3) for pose in poses[1:]], 3)
    rows.append(np.diag(1.0 / prior))
    rhs.extend([0.0] * cols)
    told = np.vstack(rows)
    x = np.linalg.lstsq(told, np.array(rhs), rcond=None)[0]
    turned = up + cross(x[4:7], up)
    spread = np.asarray(np.linalg.inv(told.T @ told)[0:3, 0:3], dtype=np.float64)
    return x[0:3], turned / np.linalg.norm(turned), spread


def _cross(v: FloatArray) -> FloatArray:
    """(3, 3) matrix of the cross product `v ×`."""
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
