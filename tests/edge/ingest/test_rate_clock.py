"""The regressed clock, against arrivals of a simulated link whose sample times are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.ingest.rate_clock import RateClock, Stamp

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def arrivals_s(times_s: FloatArray, interval_s: float, rng: np.random.Generator) -> FloatArray:
    """When samples arrive that wait for the next connection event, and then for the host."""
    if interval_s == 0.0:
        return times_s + rng.exponential(0.001, len(times_s))
    events = np.ceil(times_s / interval_s)
    return events * interval_s + rng.exponential(0.002, int(events.max()) + 1)[events.astype(int)]


def serve(
    clock: RateClock, times_s: FloatArray, interval_s: float, kept: BoolArray | None = None
) -> tuple[FloatArray, list[Stamp]]:
    """Feed the kept samples; errors of the device time (s, from any zero) and all stamps."""
    arrived = np.maximum.accumulate(arrivals_s(times_s, interval_s, np.random.default_rng(1)))
    chosen = np.flatnonzero(kept) if kept is not None else np.arange(len(times_s))
    groups: dict[float, list[int]] = {}
    for index in chosen:
        groups.setdefault(float(arrived[index]), []).append(int(index))
    stamps = [clock.stamp(round(at_s * 1e9), len(indices)) for at_s, indices in groups.items()]
    device_us = np.concatenate([stamp.device_us for stamp in stamps])
    return device_us / 1e6 - times_s[chosen], stamps


@pytest.mark.parametrize(
    ("set_hz", "true_hz", "interval_s"),
    [
        (100, 100.4, 0.03),
        (100, 98.0, 0.03),
        (200, 199.3, 0.03),
        (200, 200.0, 0.015),
        (100, 100.2, 0.04875),
        (100, 100.1, 0),
    ],
)
def test_times_run_with_the_device(set_hz: float, true_hz: float, interval_s: float) -> None:
    """Once learnt, sample times stay within 6 ms of the true ones for 40 s and rise; nothing is called lost."""
    times_s = 100 + np.arange(int(60 * true_hz)) / true_hz
    errors_s, stamps = serve(RateClock(set_hz), times_s, interval_s)
    settled = errors_s[int(20 * true_hz) :]
    assert np.ptp(settled) < 0.006
    assert sum(stamp.lost for stamp in stamps) == 0
    assert not any(stamp.restarted for stamp in stamps)
    assert (np.diff(np.concatenate([stamp.device_us for stamp in stamps])) > 0).all()
    assert all(stamp.regressed for stamp in stamps)


@pytest.mark.parametrize(("gap_s", "tolerance"), [(0.1, 1), (0.4, 2), (3.0, 4)])
def test_a_gap_is_counted_and_bridged(gap_s: float, tolerance: int) -> None:
    """Samples missing in a row are counted, to one or a connection interval, and times are right again behind them."""
    times_s = 100 + np.arange(4000) / 100.3
    kept = (times_s < 120) | (times_s > 120 + gap_s)
    errors_s, stamps = serve(RateClock(100), times_s, 0.03, kept)
    missing = int((~kept).sum())
    assert sum(stamp.lost for stamp in stamps) == pytest.approx(missing, abs=tolerance)
    before, after = errors_s[1500:2000].mean(), errors_s[-500:].mean()
    assert after - before == pytest.approx(0.0, abs=0.04)


def test_scattered_single_losses_cost_little() -> None:
    """With 1 % of samples lost singly, times stay within one and a half sample periods of the truth (rms)."""
    times_s = 100 + np.arange(6000) / 100.0
    kept = np.random.default_rng(5).random(6000) >= 0.01
    clock = RateClock(100)
    errors_s, _ = serve(clock, times_s, 0.03, kept)
    assert errors_s[2000:].std() < 0.015


@pytest.mark.parametrize("true_hz", [10.0, 50.0, 200.0])
def test_a_device_that_ignored_its_rate(true_hz: float) -> None:
    """A device at another rate than it was set to gets a new time line, at its own rate."""
    times_s = 100 + np.arange(int(40 * true_hz)) / true_hz
    clock = RateClock(100)
    errors_s, stamps = serve(clock, times_s, 0.03)
    assert sum(stamp.restarted for stamp in stamps) == 1
    assert np.ptp(errors_s[int(30 * true_hz) :]) < 0.008
    assert clock.rate_hz == pytest.approx(true_hz, rel=0.05)


def test_the_first_samples_end_at_their_arrival() -> None:
    """Before anything is known, samples that came together are a period apart and end when they came."""
    assert RateClock(100).stamp(5_000_000_000, 3).device_us.tolist() == [4_980_000, 4_990_000, 5_000_000]


def test_no_rate_is_told_in_the_first_second() -> None:
    """rate_hz is None until a second was counted."""
    clock = RateClock(100)
    for index in range(100):
        clock.stamp(index * 10_000_000, 1)
        assert clock.rate_hz is None
    clock.stamp(1_000_000_000, 1)
    assert clock.rate_hz == pytest.approx(100.0)
