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
    return _solve(poses)[0]


def find_bias(poses: list[Pose]) -> tuple[FloatArray, FloatArray]:
    """The same, and its covariance (3, 3)."""
    bias, told = _solve(poses)
    if told is None:
        return bias, np.eye(3) * BIAS_SD_M_S2**2
    return bias, np.asarray(np.linalg.inv(told.T @ told)[0:3, 0:3], dtype=np.float64)


def pitch_sd_deg(axis: FloatArray, ups: tuple[FloatArray, FloatArray], spread: FloatArray) -> float:
    """How far the turn about `axis` (3,) between two poses with these up vectors (3,) can be misread, one standard
    deviation, by what is not known of the bias (its covariance, (3, 3)) and by the rests' own spread.
    """
    shown = cross(axis, ups[0]) - cross(axis, ups[1])
    return degrees(sqrt(float(shown @ spread @ shown) + 2.0 * REST_SD_M_S2**2) / STANDARD_GRAVITY)


def _solve(poses: list[Pose]) -> tuple[FloatArray, FloatArray | None]:
    """The bias, and the last of the systems that it solves; None where there is but one pose. Gauss-Newton steps;
    unknowns: bias 3, scale 1, small turn of up 3, small turn of each later link 3.
    """
    bias: FloatArray = np.zeros(3)
    if len(poses) < 2:
        return bias, None
    up: FloatArray = unit(poses[0].acc)
    for _ in range(3):
        told, rhs = _system(poses, bias, up)
        bias, up = _step(told, rhs, up)
    return bias, told


def _step(told: FloatArray, rhs: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The bias and the turned `up` that solve a system."""
    x = np.asarray(np.linalg.lstsq(told, rhs, rcond=None)[0], dtype=np.float64)
    turned = up + cross(x[4:7], up)
    return x[0:3], turned / np.linalg.norm(turned)


def _system(poses: list[Pose], bias: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What the poses and the prior say of the unknowns at `bias` and `up`, (M, unknowns) and (M,), each row in units of
    its own spread.
    """
    prior = [BIAS_SD_M_S2] * 3 + [SCALE_SD] + [10.0] * 3
    for pose in poses[1:]:
        prior += [max(pose.turn_sd_rad, 1e-3)] * 3
    size, at = sum([1 if pose.turn is None else 3 for pose in poses]), 0
    told, rhs = np.zeros((size + len(prior), len(prior))), np.zeros(size + len(prior))
    for i, pose in enumerate(poses):
        sd = pose.acc_sd_m_s2
        if pose.turn is None:
            towards = unit(pose.acc - bias)
            told[at, 0:3], told[at, 3] = towards, STANDARD_GRAVITY
            told[at] /= sd
            rhs[at] = float(towards @ pose.acc - STANDARD_GRAVITY) / sd
            at += 1
            continue
        back = pose.turn.T
        gravity = STANDARD_GRAVITY * back @ up
        rows = told[at : at + 3]
        rows[0, 0] = rows[1, 1] = rows[2, 2] = 1.0
        rows[:, 3] = gravity
        rows[:, 4:7] = -STANDARD_GRAVITY * back @ _cross(up)
        if i:
            rows[:, 4 + 3 * i : 7 + 3 * i] = -_cross(gravity)
        rows /= sd
        rhs[at : at + 3] = (pose.acc - gravity) / sd
        at += 3
    for k, prior_sd in enumerate(prior):
        told[size + k, k] = 1.0 / prior_sd
    return told, rhs


def _cross(v: FloatArray) -> FloatArray:
    """(3, 3) matrix of the cross product `v ×`."""
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
