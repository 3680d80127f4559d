"""Rotations of many instants at once: (N, 3, 3) matrices that take segment axes to world axes."""

from __future__ import annotations

from typing import cast

import numpy as np

from edge.samples import FloatArray


def from_angles(pitch_rad: FloatArray, roll_rad: FloatArray, twist_rad: FloatArray) -> FloatArray:
    """Ry(pitch) · Rx(roll) · Rz(twist) as (N, 3, 3).

    Pitch leans the long axis (z) forward, roll leans it to the right, twist turns about it. The order has
    no singularity for any pitch, so that a thigh can go from standing to reclined without a jump.
    """
    cp, sp = np.cos(pitch_rad), np.sin(pitch_rad)
    cr, sr = np.cos(roll_rad), np.sin(roll_rad)
    ct, st = np.cos(twist_rad), np.sin(twist_rad)
    out = np.empty((len(cp), 3, 3))
    out[:, 0, 0], out[:, 0, 1], out[:, 0, 2] = ct * cp + st * sp * sr, -st * cp + ct * sp * sr, sp * cr
    out[:, 1, 0], out[:, 1, 1], out[:, 1, 2] = st * cr, ct * cr, -sr
    out[:, 2, 0], out[:, 2, 1], out[:, 2, 2] = -ct * sp + st * cp * sr, st * sp + ct * cp * sr, cp * cr
    return out


def to_angles(matrices: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The pitch, roll and twist (N,) of `from_angles`; pitch in (-3π/2, π/2], where a leg press lives."""
    pitch = np.arctan2(matrices[:, 0, 2], matrices[:, 2, 2])
    pitch = np.where(pitch > np.pi / 2, pitch - 2 * np.pi, pitch)
    roll = -np.arcsin(np.clip(matrices[:, 1, 2], -1.0, 1.0))
    return pitch, roll, np.arctan2(matrices[:, 1, 0], matrices[:, 1, 1])


def from_vectors(vectors_rad: FloatArray) -> FloatArray:
    """Rotation vectors (N, 3) to matrices (N, 3, 3), exact for any angle (Rodrigues)."""
    x, y, z = vectors_rad.T
    angle2 = x * x + y * y + z * z
    angle = np.sqrt(angle2)
    small = angle < 1e-6
    safe = np.where(small, 1.0, angle)
    a = np.where(small, 1.0 - angle2 / 6, np.sin(safe) / safe)
    b = np.where(small, 0.5 - angle2 / 24, (1 - np.cos(safe)) / safe**2)
    out = np.empty((len(x), 3, 3))
    out[:, 0, 0], out[:, 0, 1], out[:, 0, 2] = 1 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y
    out[:, 1, 0], out[:, 1, 1], out[:, 1, 2] = b * x * y + a * z, 1 - b * (x * x + z * z), b * y * z - a * x
    out[:, 2, 0], out[:, 2, 1], out[:, 2, 2] = b * x * z - a * y, b * y * z + a * x, 1 - b * (x * x + y * y)
    return out


def from_axes(forward: FloatArray, left: FloatArray, up: FloatArray) -> FloatArray:
    """Matrices (N, 3, 3) whose columns are the three unit axes (N, 3)."""
    return np.stack([forward, left, up], axis=-1)


def apply(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    """Each matrix (N, 3, 3) on its vector ((N, 3), or one (3,) for all)."""
    return cast(FloatArray, np.einsum("nij,nj->ni", matrices, np.broadcast_to(vectors, (len(matrices), 3))))


def body_rate(matrices: FloatArray, dt_s: float) -> FloatArray:
    """Angular rate (N-1, 3) in body axes, rad/s, midway between neighbouring instants."""
    step = np.matmul(matrices[:-1].transpose(0, 2, 1), matrices[1:])
    sine = 0.5 * np.stack(
        [step[:, 2, 1] - step[:, 1, 2], step[:, 0, 2] - step[:, 2, 0], step[:, 1, 0] - step[:, 0, 1]], axis=1
    )
    size = np.sqrt(np.einsum("ni,ni->n", sine, sine))
    factor = np.where(size < 1e-7, 1.0, np.arcsin(np.clip(size, 0.0, 1.0)) / np.maximum(size, 1e-12))
    return sine * (factor / dt_s)[:, None]
