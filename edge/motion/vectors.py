"""Vectors (3,) one at a time: what numpy has for whole arrays costs ten times as much for three numbers."""

from __future__ import annotations

import numpy as np

from edge.samples import FloatArray


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """The cross product of two vectors (3,)."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def unit(v: FloatArray) -> FloatArray:
    """The direction (3,) of a vector."""
    return v / np.linalg.norm(v)
