"""Samples of an IMU that were lost on the way, put in where the node itself has told how it turned meanwhile.

A batch can carry the orientation that the node integrated from gyro alone up to its first sample. Two of them give the
exact rotation across what was lost in between. The lost samples get rates that run from the last known one to the next
one and turn by just that rotation, and specific forces on a straight line between the known ones.
"""

from __future__ import annotations

import numpy as np

from edge.samples import FloatArray, ImuSamples

BRIDGE_US = 250_000
"""The rotation is right over any gap, the forces in it are guessed: after a longer one the sled's path is not known."""

UNEVEN = 0.2
"""The gap must be as long as its samples should have taken, or it is not what the numbers say."""


def bridged(before: ImuSamples, now: ImuSamples, missing: int) -> ImuSamples:
    """`now` with the `missing` samples between the two runs put in before it; unchanged where that cannot be done."""
    if before.gyro_wxyz is None or now.gyro_wxyz is None or not before.gyro_wxyz.any() or not now.gyro_wxyz.any():
        return now
    gap_us = int(now.device_us[0] - before.device_us[-1])
    step_us = gap_us / (missing + 1)
    if gap_us > BRIDGE_US or not _is_even(before, now, step_us):
        return now
    inside = turn_of(before.gyr_rad_s, np.diff(before.device_us) * 1e-6)
    turned = multiply(conjugate(inside), multiply(conjugate(before.gyro_wxyz), now.gyro_wxyz))
    steps = np.arange(1, missing + 1)
    share = (steps / (missing + 1))[:, None]
    gyr = (1 - share) * before.gyr_rad_s[-1] + share * now.gyr_rad_s[0]
    left = _rotation_vector(turned) - gap_us * 0.5e-6 * (before.gyr_rad_s[-1] + now.gyr_rad_s[0])
    swell = steps * (missing + 1 - steps)
    gyr += (swell / swell.sum())[:, None] * left / (step_us * 1e-6)
    acc = (1 - share) * before.acc_m_s2[-1] + share * now.acc_m_s2[0]
    times = before.device_us[-1] + np.round(steps * step_us).astype(np.int64)
    return ImuSamples(
        now.role,
        np.concatenate([times, now.device_us]),
        np.concatenate([acc, now.acc_m_s2]),
        np.concatenate([gyr, now.gyr_rad_s]),
        now.boot,
        bridged=missing,
    )


def _is_even(before: ImuSamples, now: ImuSamples, step_us: float) -> bool:
    """Whether the gap's samples have the period of the longer of the two runs."""
    known = max((before, now), key=lambda run: len(run.device_us)).device_us
    if len(known) < 2:
        return True
    period_us = float(known[-1] - known[0]) / (len(known) - 1)
    return abs(step_us / period_us - 1) < UNEVEN


def turn_of(gyr_rad_s: FloatArray, steps_s: FloatArray) -> FloatArray:
    """(4,) rotation from the first sample (N, 3) to the last; steps_s: (N-1,). Trapezoid rule, scalar first."""
    turned: FloatArray = np.array([1.0, 0.0, 0.0, 0.0])
    for vector in 0.5 * (gyr_rad_s[1:] + gyr_rad_s[:-1]) * steps_s[:, None]:
        angle = float(np.sqrt(vector @ vector))
        scale = np.sin(angle / 2) / angle if angle > 1e-9 else 0.5
        turned = multiply(turned, np.array([np.cos(angle / 2), *(vector * scale)]))
    return turned


def _rotation_vector(q: FloatArray) -> FloatArray:
    """(3,) rad, of a unit quaternion, the shorter way round."""
    w, v = (float(q[0]), q[1:]) if q[0] >= 0 else (-float(q[0]), -q[1:])
    sine = float(np.sqrt(v @ v))
    vector: FloatArray = v * (2.0 * np.arctan2(sine, w) / sine if sine > 1e-12 else 2.0)
    return vector


def multiply(p: FloatArray, q: FloatArray) -> FloatArray:
    """The Hamilton product p q, scalar first."""
    pw, px, py, pz = p.tolist()
    qw, qx, qy, qz = q.tolist()
    return np.array(
        [
            pw * qw - px * qx - py * qy - pz * qz,
            pw * qx + px * qw + py * qz - pz * qy,
            pw * qy - px * qz + py * qw + pz * qx,
            pw * qz + px * qy - py * qx + pz * qw,
        ]
    )


def conjugate(q: FloatArray) -> FloatArray:
    """The inverse of a unit quaternion."""
    return np.array([q[0], -q[1], -q[2], -q[3]])
