"""Counts to SI by a channel's scales."""

from __future__ import annotations

import struct
from math import degrees

import pytest

from firmware_protocol import scaling


def test_one_g_at_sixteen_g_range_is_9_81() -> None:
    """2048 counts at ±16 g and 16.384 counts at ±2000 °/s are 9.80665 m/s² and 1 °/s (to the scales' rounding)."""
    scale = scaling.imu_scale(4_788_403, 1_065_264)
    (acc,), (gyr,) = scaling.imu_si(struct.pack("<6h", 2048, -2048, 0, 16384, 0, -32768), scale)
    assert acc == pytest.approx([9.80665, -9.80665, 0], abs=1e-5)
    assert [degrees(rate) for rate in gyr] == pytest.approx([1000.0, 0, -2000.0], rel=1e-5)


def test_batches_of_any_size_scale_alike() -> None:
    """One sample, the fullest message and a whole recording are scaled by the same factors."""
    scale = scaling.imu_scale(4_788_403, 1_065_264)
    raw = struct.pack("<6h", 1, 2, 3, 4, 5, 6)
    acc, gyr = scaling.imu_si(raw, scale)
    for count in (1, 20, 21, 500):
        assert scaling.imu_si(raw * count, scale) == (acc * count, gyr * count)


def test_load_counts_and_newtons() -> None:
    """i32 counts come out exact, and as N by nN per count."""
    raw = struct.pack("<3i", 123456, -5, 2**31 - 1)
    assert scaling.load_counts(raw) == [123456, -5, 2**31 - 1]
    assert scaling.load_si(raw, 596_046) == pytest.approx([73.585, -0.00298, 1280000.0], rel=1e-3)


def test_sample_times_do_not_wrap_and_round_down() -> None:
    """Sample k stands at t0 + k·dt, whole µs, beyond 32 bits where it must be."""
    assert scaling.sample_us(4_294_963_200, 10_000_999, 3) == [4294963200, 4294973200, 4294983201]


def test_orientation_is_a_unit_quaternion() -> None:
    """i16[4] becomes a unit quaternion, whatever its rounding; zeros stay zeros."""
    quat = scaling.orientation(struct.pack("<4h", 23170, 23170, 0, 3))
    assert float(quat @ quat) == pytest.approx(1.0, abs=1e-12)
    assert scaling.orientation(bytes(8)).tolist() == [0, 0, 0, 0]
