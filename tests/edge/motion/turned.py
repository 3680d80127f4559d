"""Rotations and what a sensor in a known pose feels: the physics that the tests of motion stand on."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from hypothesis import strategies as st

from edge.samples import FloatArray

G = 9.80665
UP = np.array([0.0, 0.0, 1.0])


def rotation(axis: FloatArray | list[float] | tuple[float, ...], deg: float) -> FloatArray:
    """(3, 3) that turns a vector about an axis, right-handed (Rodrigues)."""
    x, y, z = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + sin(radians(deg)) * cross + (1.0 - cos(radians(deg))) * cross @ cross


def angle_deg(a: FloatArray | tuple[float, ...], b: FloatArray | tuple[float, ...]) -> float:
    """Between two vectors."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))


def triple(v: FloatArray) -> tuple[float, float, float]:
    """An array (3,) as plain floats."""
    return float(v[0]), float(v[1]), float(v[2])


unit_numbers = st.floats(-1.0, 1.0)
axes = st.tuples(unit_numbers, unit_numbers, unit_numbers).filter(lambda a: np.linalg.norm(a) > 0.1)
orientations = st.builds(rotation, axes, st.floats(-180.0, 180.0))
"""Any way in which a sensor may sit: (3, 3) from segment to sensor axes."""
