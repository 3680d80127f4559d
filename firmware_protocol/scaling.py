"""Raw samples of a batch as SI values, by the scales that the channel's descriptor gives."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

_I16 = np.dtype("<i2")
_I32 = np.dtype("<i4")

_SAMPLES_MAX = 20
"""IMU samples of the fullest message."""

_FEW = 16
"""Up to here a list is quicker than three numpy calls: batches hold two to ten samples."""


class ImuScale:
    """Factors from counts to SI of one inertial channel, ready for batches of each size.

    row: (6,) of one sample. tiles: (6 n,) of n samples, up to those of the fullest message: one multiplication without
    broadcasting takes half the time of one with it.
    """

    __slots__ = ("row", "tiles")

    def __init__(self, row: FloatArray) -> None:
        self.row = row
        self.tiles = tuple(np.tile(row, count) for count in range(_SAMPLES_MAX + 1))


@lru_cache(maxsize=64)
def imu_scale(scale_a: int, scale_b: int) -> ImuScale:
    """Factors of a channel: to m/s² (scale_a in nm/s²) and rad/s (scale_b in nrad/s)."""
    return ImuScale(np.array([scale_a] * 3 + [scale_b] * 3, dtype=np.float64) * 1e-9)


def imu_si(samples: bytes, scale: ImuScale) -> FloatArray:
    """(N, 6) specific force in m/s² and angular rate in rad/s, of N × i16[6]; `scale` from `imu_scale`."""
    counts = np.frombuffer(samples, _I16)
    size = counts.size // 6
    if size > _SAMPLES_MAX:
        return counts.reshape(-1, 6) * scale.row
    return (counts * scale.tiles[size]).reshape(-1, 6)


def load_counts(samples: bytes) -> IntArray:
    """(N,) counts of N × i32."""
    return np.frombuffer(samples, _I32).astype(np.int64)


def load_si(samples: bytes, scale_a: int) -> FloatArray:
    """(N,) force in N, of N × i32; scale_a in nN."""
    return np.frombuffer(samples, _I32) * np.float64(scale_a * 1e-9)


def sample_us(t0_us: int, dt_ns: int, count: int) -> IntArray:
    """(count,) device clock of each sample, µs, rounded down: t0 + k·dt. Any size of whole numbers."""
    if count <= _FEW:
        return np.array([t0_us + k * dt_ns // 1000 for k in range(count)], dtype=np.int64)
    return t0_us + np.arange(count, dtype=np.int64) * dt_ns // 1000


def orientation(raw: bytes) -> FloatArray:
    """(4,) unit quaternion w x y z of i16[4] in 1/32767; all zeros stay zeros, which says there is none."""
    quat: FloatArray = np.frombuffer(raw, _I16) / 32767.0
    length = float(np.sqrt(quat @ quat))
    return quat / length if length > 0.0 else quat
