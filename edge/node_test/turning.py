"""Whether the orientation that a node integrated fits the gyro samples it sent. Quaternions scalar first."""

from __future__ import annotations

import numpy as np

from edge.node_test.recording import ChannelRecording
from edge.samples import FloatArray
from firmware_protocol import scaling


def turning_error_deg(recording: ChannelRecording) -> float | None:
    """p95 of the angle between what the node integrated from one batch to the next and what its samples say, °."""
    rate_rad_s = recording.values()[:, 3:]
    errors, at = [], 0
    for batch, following in zip(recording.batches, recording.batches[1:], strict=False):
        start, at = at, at + batch.count
        in_a_row = following.n == batch.n + batch.count
        if at > len(rate_rad_s):
            break
        if not (in_a_row and batch.orientation and following.orientation):
            continue
        told = multiply(conjugate(scaling.orientation(batch.orientation)), scaling.orientation(following.orientation))
        step_s = (following.t_us - batch.t_us) * 1e-6 / batch.count
        seen = _integrate(rate_rad_s[start + 1 : at + 1], step_s)
        apart = multiply(conjugate(seen), told)
        errors.append(2.0 * np.degrees(np.arctan2(float(np.linalg.norm(apart[1:])), abs(float(apart[0])))))
    return float(np.percentile(errors, 95)) if errors else None


def _integrate(rate_rad_s: FloatArray, step_s: float) -> FloatArray:
    """The rotation of a run of rates, each held for step_s."""
    turned: FloatArray = np.array([1.0, 0.0, 0.0, 0.0])
    for rate in rate_rad_s:
        angle = float(np.linalg.norm(rate)) * step_s
        axis = rate * step_s * (0.5 if angle < 1e-9 else np.sin(angle / 2) / angle)
        turned = multiply(turned, np.array([np.cos(angle / 2), *axis]))
    return turned


def multiply(p: FloatArray, q: FloatArray) -> FloatArray:
    """The Hamilton product p q."""
    return np.array(
        [
            p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
            p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
            p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
            p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0],
        ]
    )


def conjugate(q: FloatArray) -> FloatArray:
    """The inverse of a unit quaternion."""
    return np.array([q[0], -q[1], -q[2], -q[3]])
