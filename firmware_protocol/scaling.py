"""Raw samples of a batch as SI values, by the scales that the channel's descriptor gives.

Plain numbers, not arrays: a batch holds two to ten samples, and what is made of them takes one after the other.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]

ImuScale: TypeAlias = tuple[float, float]
"""Factors from counts to m/s² and to rad/s of one inertial channel."""

_imu_samples: Final = Struct("<6h").iter_unpack
_load_samples: Final = Struct("<i").iter_unpack


def imu_scale(scale_a: int, scale_b: int) -> ImuScale:
    """Factors of a channel: to m/s² (scale_a in nm/s²) and rad/s (scale_b in nrad/s)."""
    return scale_a * 1e-9, scale_b * 1e-9


def imu_si(samples: bytes, scale: ImuScale) -> tuple[list[list[float]], list[list[float]]]:
    """Specific force in m/s² and angular rate in rad/s, three numbers a sample, of N × i16[6]."""
    a, b = scale
    accs: list[list[float]] = []
    gyrs: list[list[float]] = []
    counts: tuple[int, int, int, int, int, int]
    for counts in _imu_samples(samples):
        ax, ay, az, wx, wy, wz = counts
        accs.append([ax * a, ay * a, az * a])
        gyrs.append([wx * b, wy * b, wz * b])
    return accs, gyrs


def load_counts(samples: bytes) -> list[int]:
    """N counts of N × i32."""
    return [count for (count,) in _load_samples(samples)]


def load_si(samples: bytes, scale_a: int) -> list[float]:
    """N forces in N, of N × i32; scale_a in nN."""
    newtons = scale_a * 1e-9
    return [count * newtons for count in load_counts(samples)]


def sample_us(t0_us: int, dt_ns: int, count: int) -> list[int]:
    """The device clock of each of `count` samples, µs, rounded down: t0 + k·dt. Any size of whole numbers."""
    return [t0_us + k * dt_ns // 1000 for k in range(count)]


def orientation(raw: bytes) -> FloatArray:
    """(4,) unit quaternion w x y z of i16[4] in 1/32767; all zeros stay zeros, which says there is none."""
    quat: FloatArray = np.frombuffer(raw, "<i2") / 32767.0
    length = float(np.sqrt(quat @ quat))
    return quat / length if length > 0.0 else quat
