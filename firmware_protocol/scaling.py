"""Raw samples of a batch as SI values, by the scales that the channel's descriptor gives.

A batch holds two to ten samples. Six numbers each are worth an array; single numbers are lists, which so few make and
read in a third of an array's time.
"""

from __future__ import annotations

from functools import lru_cache
from struct import unpack
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]

_F64 = np.dtype(np.float64)
_I16 = np.dtype("<i2")
_IMU_SAMPLE = np.dtype((_I16, (6,)))
_frombuffer = np.frombuffer

_SAMPLES_MAX = 20
"""IMU samples of the fullest message."""


class ImuScale:
    """Factors from counts to SI of one inertial channel, ready for batches of each size.

    row: (6,) of one sample. tiles: (n, 6) of n samples, up to those of the fullest message: one multiplication without
    broadcasting takes half the time of one with it, and less where both are float already.
    """

    __slots__ = ("row", "tiles")

    def __init__(self, row: FloatArray) -> None:
        self.row = row
        self.tiles = tuple(np.tile(row, (count, 1)) for count in range(_SAMPLES_MAX + 1))


@lru_cache(maxsize=64)
def imu_scale(scale_a: int, scale_b: int) -> ImuScale:
    """Factors of a channel: to m/s² (scale_a in nm/s²) and rad/s (scale_b in nrad/s)."""
    return ImuScale(np.array([scale_a] * 3 + [scale_b] * 3, dtype=np.float64) * 1e-9)


def imu_si(samples: bytes, scale: ImuScale) -> FloatArray:
    """(N, 6) specific force in m/s² and angular rate in rad/s, of N × i16[6]; `scale` from `imu_scale`."""
    count = len(samples) // 12
    counts = _frombuffer(samples, _IMU_SAMPLE).astype(_F64)
    return counts * (scale.tiles[count] if count <= _SAMPLES_MAX else scale.row)


def load_counts(samples: bytes) -> tuple[int, ...]:
    """N counts of N × i32."""
    return unpack(f"<{len(samples) // 4}i", samples)


def load_si(samples: bytes, scale_a: int) -> list[float]:
    """N forces in N, of N × i32; scale_a in nN."""
    newtons = scale_a * 1e-9
    return [count * newtons for count in load_counts(samples)]


def sample_us(t0_us: int, dt_ns: int, count: int) -> list[int]:
    """The device clock of each of `count` samples, µs, rounded down: t0 + k·dt. Any size of whole numbers."""
    return [t0_us + k * dt_ns // 1000 for k in range(count)]


def orientation(raw: bytes) -> FloatArray:
    """(4,) unit quaternion w x y z of i16[4] in 1/32767; all zeros stay zeros, which says there is none."""
    quat: FloatArray = np.frombuffer(raw, _I16) / 32767.0
    length = float(np.sqrt(quat @ quat))
    return quat / length if length > 0.0 else quat
