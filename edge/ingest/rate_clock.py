"""A clock for devices that send none: the time of each sample from how many came, and when.

Arrivals are late by a varying delay and come in bunches, but never early. So the earliest arrivals of short windows lie
on a line, arrival over sample number, whose slope is the device's true period: that is the regression, and samples are
timed along it. A silence, or a window that lies well above the line, is loss: how many is inferred and marked. Single
losses cannot be told from the drift of bunches against samples: they bend the line and show as a rate too low.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.samples import IntArray

WINDOW_US: Final = 250_000.0  # 8 connection events of 30 ms: one bunch of them comes nearly without delay
HISTORY: Final = 64  # windows in the line, 16 s: bunches then bend it by under 0.02 %
LEARNING: Final = 8  # windows, 2 s: before, the set rate is believed and no loss is inferred
GAP_US: Final = 250_000.0  # a silence that no connection interval and no retransmission explains
LOST_PERIODS: Final = (
    1.6  # this far above the line is loss: bunches drift by less than one period, hosts jitter besides
)
RELOCK: Final = 0.2  # a period this far from the one assumed: the device runs at another rate, a new time line begins
RATE_WINDOWS: Final = 4  # the received rate is counted over a second
SLEW: Final = 0.2  # samples are moved onto the line by at most this part of a period each, so that times keep rising


@dataclass(frozen=True, slots=True)
class Stamp:
    """Times for the samples of one packet. device_us: (N,), strictly rising, µs.

    lost: samples missing before them. restarted: device_us has a new zero. kept: which of the samples the times are
    for; None: all. regressed: the times are inferred from arrivals.
    """

    device_us: IntArray
    lost: int = 0
    restarted: bool = False
    kept: list[int] | None = None
    regressed: bool = False


class RateClock:
    """See the module. nominal_hz: the rate that the device was set to."""

    def __init__(self, nominal_hz: float) -> None:
        self._period_us = 1e6 / nominal_hz
        self._slew_us = 0.0
        self._index = 0
        self._last_us = 0.0
        self._arrived_us: float | None = None
        self._points: deque[tuple[int, float]] = deque(maxlen=HISTORY)
        self._received: deque[tuple[int, float]] = deque(maxlen=RATE_WINDOWS)
        self._lost = 0
        self._restarted = False
        self._learned = False
        self._open_window(0.0)

    @property
    def rate_hz(self) -> float | None:
        """Samples per second that arrived in the last second; None in the first."""
        if len(self._received) < RATE_WINDOWS:
            return None
        return sum(count for count, _ in self._received) * 1e6 / sum(lasted_us for _, lasted_us in self._received)

    def stamp(self, t_ns: int, count: int) -> Stamp:
        """Times of `count` samples that arrived together at t_ns of the host's clock."""
        arrived_us = t_ns / 1000
        gap = self._arrived_us is None or arrived_us - self._arrived_us > max(GAP_US, 3 * self._period_us)
        if gap:
            self._resume(arrived_us, count)
        self._arrived_us = arrived_us
        lost, self._lost = self._lost, 0
        restarted, self._restarted = self._restarted, False
        step_us = self._period_us + self._slew_us
        times_us = self._last_us + step_us * np.arange(1, count + 1)
        self._index += count
        self._last_us += count * step_us
        self._note(arrived_us, 0 if gap else count)
        return Stamp(np.round(times_us).astype(np.int64), lost, restarted, regressed=True)

    def _lose(self, count: int) -> None:
        self._index += count
        self._last_us += count * self._period_us
        self._lost += count

    def _resume(self, arrived_us: float, count: int) -> None:
        """The first packet, or one after a silence: what should have come meanwhile is lost, and a new line begins."""
        if self._arrived_us is None:
            self._last_us = arrived_us - count * self._period_us
        else:
            missed_us = arrived_us - self._arrived_us - count * self._period_us
            self._lose(max(0, round(missed_us / self._period_us)))
        self._points.clear()
        self._slew_us = 0.0
        self._open_window(arrived_us)

    def _open_window(self, at_us: float) -> None:
        self._window_us = at_us
        self._in_window = 0
        self._earliest = (float("inf"), 0, 0.0)  # lateness, sample number, arrival

    def _note(self, arrived_us: float, count: int) -> None:
        self._in_window += count
        self._earliest = min(self._earliest, (arrived_us - self._index * self._period_us, self._index, arrived_us))
        lasted_us = arrived_us - self._window_us
        if lasted_us >= max(WINDOW_US, 3 * self._period_us):
            self._received.append((self._in_window, lasted_us))
            self._close_window(arrived_us)

    def _close_window(self, arrived_us: float) -> None:
        _, index, at_us = self._earliest
        self._points.append((index, at_us))
        if len(self._points) >= LEARNING:
            self._fit(arrived_us, at_us)
        self._open_window(arrived_us)

    def _fit(self, arrived_us: float, at_us: float) -> None:
        """Draw the line through the earliest arrivals, and aim the coming window's samples at it."""
        period_us, line_us = self._line()
        if abs(period_us / self._period_us - 1) > RELOCK:
            self._restarted, self._last_us, self._slew_us, self._period_us = True, arrived_us, 0.0, period_us
            return
        above = (at_us - line_us) / period_us
        if self._learned and above > LOST_PERIODS:
            index, at_us = self._points.pop()
            self._lose(round(above))
            self._points.append((index + round(above), at_us))
            period_us, line_us = self._line()
        self._learned = True
        self._period_us = period_us
        ahead = self._index - self._points[-1][0]
        error_us = line_us + ahead * period_us - self._last_us
        self._slew_us = max(-SLEW, min(SLEW, error_us / WINDOW_US)) * period_us

    def _line(self) -> tuple[float, float]:
        """Slope of the least-squares line through all points but the newest, µs per sample, and its value there."""
        indices, arrivals = np.array(self._points).T
        middle, spread = indices[:-1].mean(), indices[:-1] - indices[:-1].mean()
        slope = float(spread @ arrivals[:-1] / (spread @ spread))
        return slope, float(arrivals[:-1].mean() + slope * (indices[-1] - middle))
