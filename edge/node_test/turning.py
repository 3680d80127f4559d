"""Whether the orientation that a node integrated fits the gyro samples it sent. Quaternions scalar first."""

from __future__ import annotations

import numpy as np

from edge.ingest.native_bridge import conjugate, multiply, turn_of
from edge.node_test.recording import ChannelRecording
from firmware_protocol import scaling


def turning_error_deg(recording: ChannelRecording) -> float | None:
    """p95 of the angle between what the node integrated from one batch to the next and what its samples say, °."""
    rate_rad_s = recording.values()[:, 3:]
    errors, at = [], 0
    for batch, following in zip(recording.batches, recording.batches[1:], strict=False):
        start, at = at, at + batch.count
        in_a_row = following.n == batch.n + batch.count
        if at >= len(rate_rad_s):
            break
        if not (in_a_row and batch.orientation and following.orientation):
            continue
        told = multiply(conjugate(scaling.orientation(batch.orientation)), scaling.orientation(following.orientation))
        step_s = (following.t_us - batch.t_us) * 1e-6 / batch.count
        seen = turn_of(rate_rad_s[start : at + 1], np.full(batch.count, step_s))
        apart = multiply(conjugate(seen), told)
        errors.append(2.0 * np.degrees(np.arctan2(float(np.linalg.norm(apart[1:])), abs(float(apart[0])))))
    return float(np.percentile(errors, 95)) if errors else None
