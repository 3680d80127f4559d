"""Clocks of devices that send times: wraps, restarts, duplicates, rounding and losses."""

from __future__ import annotations

import numpy as np
import pytest

from edge.ingest.device_clock import PacketClock, SampleClock, Unwrapper

S = 1_000_000_000
U32 = 2**32


def test_a_wrap_is_no_restart() -> None:
    """A u32 that wraps goes on rising."""
    unwrapper = Unwrapper(U32)
    assert unwrapper.unwrap(0, U32 - 10) == (U32 - 10, False)
    assert unwrapper.unwrap(S, 15) == (U32 + 15, False)


@pytest.mark.parametrize(("ahead_us", "restarted"), [(1_000_000, False), (5_900_000, False), (6_100_000, True)])
def test_a_leap_that_the_host_did_not_see_is_a_restart(ahead_us: int, restarted: bool) -> None:  # noqa: FBT001
    """A clock that gains over 5 s on the host's within one packet has been started anew."""
    unwrapper = Unwrapper(U32)
    unwrapper.unwrap(0, 1000)
    assert unwrapper.unwrap(S, 1000 + ahead_us) == (1000 + ahead_us, restarted)


def test_a_step_back_is_a_restart() -> None:
    """A measurement that is started again counts from zero: a new time line."""
    clock = SampleClock(U32)
    clock.stamp(0, [1_000_000, 1_012_500])
    stamp = clock.stamp(S, [0, 12_500])
    assert stamp.restarted
    assert stamp.device_us.tolist() == [0, 12_500]
    assert not clock.stamp(S, [25_000]).restarted


def test_samples_before_a_restart_in_one_packet_are_left_out() -> None:
    """They would stand on a time line that has ended."""
    clock = SampleClock(U32)
    clock.stamp(0, [1_000_000])
    stamp = clock.stamp(S, [1_012_500, 0, 12_500])
    assert stamp.restarted
    assert stamp.kept == [1, 2]


def test_duplicates_are_left_out() -> None:
    """A sample with the time of the one before is the same sample."""
    clock = SampleClock(U32)
    assert clock.stamp(0, [100, 100, 200]).kept == [0, 2]
    stamp = clock.stamp(S, [200])
    assert stamp.kept == []
    assert stamp.device_us.tolist() == []


@pytest.mark.parametrize("period_us", [12_500, 100_000])
def test_missing_samples_are_counted_from_the_learnt_period(period_us: int) -> None:
    """At 80 or 10 Hz alike, a hole of three samples is three lost."""
    clock = SampleClock(U32)
    times = [index * period_us for index in range(40)]
    assert clock.stamp(0, times).lost == 0
    assert clock.stamp(S, [43 * period_us, 44 * period_us]).lost == 3
    assert clock.rate_hz == pytest.approx(1e6 / period_us)


def packets(rate_hz: float, count: int = 8, seconds: float = 30.0) -> list[list[int]]:
    """Times as Movesense sends them: whole milliseconds at each packet's first sample."""
    firsts = np.arange(0, seconds, count / rate_hz)
    return [[int(first * 1000) * 1000 + k * 9615 for k in range(count)] for first in firsts]


@pytest.mark.parametrize("rate_hz", [104.0, 101.3, 107.9])
def test_rounded_packet_times_are_smoothed(rate_hz: float) -> None:
    """At the device's true rate, sample times rise evenly: within 1.5 ms although packets are cut to 1 ms."""
    clock = PacketClock(U32 * 1000, 104.0)
    stamps = [clock.stamp(round(index * 8 / rate_hz * S), times) for index, times in enumerate(packets(rate_hz))]
    device_us = np.concatenate([stamp.device_us for stamp in stamps])
    assert sum(stamp.lost for stamp in stamps) == 0
    assert (np.diff(device_us) > 0).all()
    settled = device_us[400:] - np.arange(400, len(device_us)) * 1e6 / rate_hz
    assert np.ptp(settled) < 1500
    assert clock.rate_hz == pytest.approx(rate_hz, rel=0.002)


def test_lost_packets_are_counted_in_samples() -> None:
    """Two packets of eight that never came are sixteen samples, and times go on where the device says."""
    clock = PacketClock(U32 * 1000, 104.0)
    sent = packets(104.0)
    stamps = [clock.stamp(round(index * 8 / 104 * S), sent[index]) for index in range(200) if index not in (100, 101)]
    assert sum(stamp.lost for stamp in stamps) == 16
    assert stamps[100].lost == 16
    assert stamps[100].device_us[0] == sent[102][0]


def test_a_restarted_packet_clock_begins_anew() -> None:
    """A device whose milliseconds begin again gets a new time line without losses."""
    clock = PacketClock(U32 * 1000, 104.0)
    for index, times in enumerate(packets(104.0, seconds=5.0)):
        clock.stamp(round(index * 8 / 104 * S), times)
    stamp = clock.stamp(6 * S, [2000 + k for k in range(8)])
    assert stamp.restarted
    assert stamp.lost == 0
    assert stamp.device_us[0] == 2000
