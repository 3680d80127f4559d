"""A running mean, for what moves slower than a sensor's noise and a bang."""

from __future__ import annotations

from typing import Final

import numpy as np

from edge.samples import FloatArray

EVEN: Final = 21
"""Entries (0.2 s) that it goes over."""


def evened(values: FloatArray) -> FloatArray:
    """The running mean of (N,) values, the ends held."""
    total = np.cumsum(np.insert(np.pad(values, EVEN // 2, mode="edge"), 0, 0.0))
    return (total[EVEN:] - total[:-EVEN]) / EVEN
