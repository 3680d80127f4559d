"""A stroke looked back upon in which the sled ran into something: its length stands on the knees, not on the ring."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.series import GRID_S
from edge.motion.stroke import Path, Window, retrace
from edge.samples import FloatArray

STROKE_M, DOWN_S, UP_S = 0.25, 1.0, 1.5
START, BOTTOM, TOP = 60, 160, 310


def sled_m() -> FloatArray:
    """(N,) let down faster and faster into the stop, and driven up again, m."""
    t = np.arange(350) * GRID_S
    down = np.clip((t - START * GRID_S) / DOWN_S, 0.0, 1.0)
    up = np.clip((t - BOTTOM * GRID_S) / UP_S, 0.0, 1.0)
    return np.asarray(-STROKE_M * down**2 + STROKE_M * (3.0 * up**2 - 2.0 * up**3))


def looked_back(lost: float) -> Path:
    """Of the blow that stops the sled at 0.5 m/s within 20 ms its sensor feels all but `lost`."""
    speed = np.gradient(sled_m(), GRID_S)
    acc = np.gradient(speed, GRID_S)
    acc[BOTTOM - 3 : BOTTOM + 4] *= 1.0 - lost
    unsure = np.zeros(len(acc))
    return retrace(Window(0, acc, speed, unsure, speed, START, BOTTOM, TOP))


@pytest.mark.parametrize("lost", [0.0, 0.3, 0.6])
def test_what_a_sensor_misses_of_a_blow_is_no_part_of_the_stroke(lost: float) -> None:
    """A third is usual at 52 Hz: the drive's length is right within 1 cm whatever is missing."""
    assert looked_back(lost).rom_m == pytest.approx(STROKE_M, abs=0.01)
