"""Clocks for devices that send their own time: unwrapping, restarts, duplicates, and what was lost in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

import numpy as np

from edge.ingest.rate_clock import Stamp

SLACK_US: Final = 5_000_000  # a device clock ahead of the host's by this since the last packet has been restarted
LOST_PERIODS: Final = 0.75  # a step longer than the period by this much of it is loss, below it is jitter
STEPS: Final = 16  # the period is their median, so that up to 7 losses among them do not bend it
LEARNING_STEPS: Final = 8
PHASE_GAIN: Final = 0.2  # how much of a packet's time error is believed: its milliseconds are rounded by ±0.5
PERIOD_GAIN: Final = 0.05  # the same for the period: it settles within 20 packets, 1.5 s
PERIOD_TOLERANCE: Final = 0.15  # an oscillator further off than this is none: a packet was lost


class Unwrapper:
    """A counter of the device that wraps, made into one that does not.

    A step backwards, or one far beyond what the host's clock saw, is a restart: the new time line begins at its value.
    """

    def __init__(self, wrap_us: int) -> None:
        self._wrap_us = wrap_us
        self._raw_us = 0
        self._us = 0
        self._seen_ns: int | None = None

    def unwrap(self, t_ns: int, raw_us: int) -> tuple[int, bool]:
        """The time of one sample that arrived at t_ns, µs, and whether the device's clock began anew."""
        raw_us %= self._wrap_us
        step_us = (raw_us - self._raw_us) % self._wrap_us
        elapsed_us = 0 if self._seen_ns is None else (t_ns - self._seen_ns) // 1000
        restarted = self._seen_ns is None or step_us > elapsed_us + SLACK_US
        self._us = raw_us if restarted else self._us + step_us
        first, self._raw_us, self._seen_ns = self._seen_ns is None, raw_us, t_ns
        return self._us, restarted and not first


class SampleClock:
    """For a device that times every sample (Progressor, a scale that prints milliseconds).

    The period is learnt from the steps, whatever the device was set to: open hardware runs at 10, 80 or 320 Hz.
    """

    def __init__(self, wrap_us: int) -> None:
        self._unwrapper = Unwrapper(wrap_us)
        self._steps_us: deque[int] = deque(maxlen=STEPS)
        self._last_us: int | None = None
        self.rate_hz: float | None = None

    def stamp(self, t_ns: int, times_us: Sequence[int]) -> Stamp:
        """Times of samples that the device stamped `times_us`; a sample that repeats a time is left out."""
        kept: list[int] = []
        unwrapped: list[int] = []
        lost, restarted = 0, False
        for at, raw_us in enumerate(times_us):
            time_us, anew = self._unwrapper.unwrap(t_ns, raw_us)
            if anew:  # samples before a restart within one packet belong to a time line that has ended
                kept, unwrapped, restarted, self._last_us = [], [], True, None
            if time_us != self._last_us:
                lost += self._step(time_us)
                kept.append(at)
                unwrapped.append(time_us)
        return Stamp(np.array(unwrapped, dtype=np.int64), lost, restarted, kept)

    def _step(self, time_us: int) -> int:
        """Note a sample's time; how many are missing before it."""
        last_us, self._last_us = self._last_us, time_us
        if last_us is None:
            return 0
        self._steps_us.append(time_us - last_us)
        if len(self._steps_us) < LEARNING_STEPS:
            return 0
        period_us = median(self._steps_us)
        self.rate_hz = 1e6 / period_us
        periods = (time_us - last_us) / period_us
        return round(periods) - 1 if periods > 1 + LOST_PERIODS else 0


class PacketClock:
    """For a device that gives the time of each packet's first sample, in milliseconds (Movesense).

    The samples run on at a period that is fitted to the packets' times, so that the rounding is not felt.
    """

    def __init__(self, wrap_us: int, nominal_hz: float) -> None:
        self._unwrapper = Unwrapper(wrap_us)
        self._nominal_us = 1e6 / nominal_hz
        self._period_us = self._nominal_us
        self._next_us: float | None = None
        self._packet: tuple[int, int] | None = None  # the last packet's own time, and its samples
        self._learned = False

    @property
    def rate_hz(self) -> float | None:
        """The device's rate by its own clock; None before the second packet."""
        return 1e6 / self._period_us if self._learned else None

    def stamp(self, t_ns: int, times_us: Sequence[int]) -> Stamp:
        """Times of one packet's samples; only the first of times_us is the device's own."""
        count = len(times_us)
        first_us, restarted = self._unwrapper.unwrap(t_ns, times_us[0])
        if restarted:
            self._next_us = self._packet = None
        self._learn(first_us)
        lost, start_us = self._place(first_us)
        self._next_us = start_us + count * self._period_us
        self._packet = first_us, count
        stamps = np.round(start_us + self._period_us * np.arange(count)).astype(np.int64)
        return Stamp(stamps, lost, restarted)

    def _learn(self, first_us: int) -> None:
        """The second packet gives the period, unless it does not follow the first one."""
        if self._packet is None or self._learned:
            return
        period_us = (first_us - self._packet[0]) / self._packet[1]
        if abs(period_us / self._nominal_us - 1) < PERIOD_TOLERANCE:
            self._learned = True
            self._next_us = float(first_us)
            self._period_us = period_us

    def _place(self, first_us: int) -> tuple[int, float]:
        """How many samples are missing before this packet, and the time of its first one."""
        if self._next_us is None:
            return 0, float(first_us)
        error_us = first_us - self._next_us
        if error_us > LOST_PERIODS * self._period_us:
            return round(error_us / self._period_us), float(first_us)
        if self._packet is not None:
            self._adjust(error_us / self._packet[1])
        return 0, self._next_us + PHASE_GAIN * max(error_us, -LOST_PERIODS * self._period_us)

    def _adjust(self, error_us: float) -> None:
        low, high = (1 - PERIOD_TOLERANCE) * self._nominal_us, (1 + PERIOD_TOLERANCE) * self._nominal_us
        self._period_us = min(high, max(low, self._period_us + PERIOD_GAIN * error_us))
