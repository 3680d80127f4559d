"""One node's clock laid on the host's time line, from arrivals, and from exchanges where the node answers them.

A sample cannot arrive before it was taken, so every arrival bounds the offset host − node from above, and the
smallest recent one is closest to the truth (least delay). Over minutes the two crystals part: tens of ppm for quartz,
up to 0.5 % for an RC oscillator. The clock keeps the least delay of each second, fits their slope, and takes the
lowest of the last few seconds, carried along that slope.

That leaves the least delay of a batch, up to a connection interval of a radio, and another for each node. An exchange
bounds the offset from below as well: the node cannot have read its clock before it was asked. Asked at random phases of
the radio's interval, the best of many questions waits hardly at all, and how the others spread says how long it waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from typing import Final

BIN_S: Final = 1.0
"""Least delays are kept per second: 25 batches a second leave about 1 ms of the radio's jitter in the smallest."""
ENVELOPE_BINS: Final = 6
"""The offset is the lowest of the last 6 s: longer windows gain nothing and follow a warming crystal too slowly."""
SLOPE_BINS: Final = 60
"""The slope is fitted over a minute: 1 ms of jitter a bin then leaves under 10 ppm."""
QUARTZ_PPM: Final = 60.0
"""Spread to expect between two crystals (node and host): what the slope is shrunk to while little is known."""
OSCILLATOR_PPM: Final = 400.0
"""A slope seen beyond this is no quartz but an RC oscillator (up to 0.5 %): then the data alone decide."""
EXCHANGES: Final = 48
"""Exchanges looked back on, one a second: the best of 48 phases of a 15 ms interval waits 0.3 ms, and the slope's error
(some 10 ppm, where batches and radio beat) moves the oldest by half a ms. Half as many double the error."""
EXCHANGES_FEW: Final = 8
"""From so many on (the burst at connecting) their spread says something; before, the middle of the bounds is taken."""
JITTER_S: Final = 0.0015
"""Spread of the least delay of one second, of radios with 15 to 50 ms connection intervals."""
SLEW: Final = 0.002
"""The offset moves by at most 2 ms a second once settled, so that a late fit never tears a movement."""
SETTLE_S: Final = 3.0
"""Before this the offset follows at once: there is nothing yet to tear."""


class NodeClock:
    """Maps a node's µs to host ns. Feed `observe` with every arrival, in order of arrival."""

    def __init__(self) -> None:
        self._bins: deque[tuple[float, float]] = deque(maxlen=SLOPE_BINS)  # (device s, least host − device, s)
        self._bin_end = float("-inf")
        self._zero = 0.0  # offset of the first arrival: keeps the numbers small
        self._started: float | None = None
        self._offset = 0.0
        self._at = 0.0
        self._slope = 0.0
        self._ceiling = (0.0, 0.0)  # device s, the least of the last bins' offsets carried there
        self._floors: deque[tuple[float, float]] = deque(maxlen=EXCHANGES)  # (device s, greatest host − device, s)
        self._floor: tuple[float, float, float] | None = None  # device s, greatest floor, how far the truth is above it

    @property
    def drift_ppm(self) -> float:
        """How much faster the host's clock runs than the node's, in parts per million."""
        return self._slope * 1e6

    @property
    def started(self) -> bool:
        """Whether any arrival has been seen."""
        return self._started is not None

    def observe(self, host_ns: int, device_us: int) -> None:
        """A sample taken at device_us was at the host at host_ns."""
        device_s = device_us * 1e-6
        offset = host_ns * 1e-9 - device_s
        if self._started is None:
            self._started, self._zero, self._at = device_s, offset, device_s
        offset -= self._zero
        if device_s >= self._bin_end:
            self._bins.append((device_s, offset))
            self._bin_end = device_s + BIN_S
            self._fit()
            self._ceiling = self._least(device_s)
        elif offset < self._bins[-1][1]:
            self._bins[-1] = (device_s, offset)
            self._ceiling = self._least(device_s)
        self._follow(device_s)

    def exchange(self, sent_ns: int, rx_device_us: int, hold_us: int, received_ns: int) -> None:
        """Asked at sent_ns, the node's clock read rx_device_us then or later; it held the answer for hold_us."""
        self.observe(received_ns, rx_device_us + hold_us)
        device_s = rx_device_us * 1e-6
        self._floors.append((device_s, sent_ns * 1e-9 - device_s - self._zero))
        floors = sorted(o + self._slope * (device_s - t) for t, o in self._floors)
        spacing = inf
        if len(floors) >= EXCHANGES_FEW:
            spacing = 2.0 * (floors[-1] - floors[len(floors) // 2]) / len(floors)
        self._floor = (device_s, floors[-1], spacing)
        self._follow(device_s)

    def host_s(self, device_us: Sequence[int]) -> list[float]:
        """The host times of a node's instants, seconds."""
        zero, offset, slope, at = self._zero, self._offset, self._slope, self._at
        return [(t := us * 1e-6) + zero + offset + slope * (t - at) for us in device_us]

    def _fit(self) -> None:
        """Least squares slope of the finished bins' least delays, shrunk towards quartz unless it plainly is none."""
        points = list(self._bins)[:-1]
        if len(points) < 3:
            return
        n = len(points)
        mean_t = sum([t for t, _ in points]) / n
        mean_o = sum([o for _, o in points]) / n
        stt = sum([(t - mean_t) ** 2 for t, _ in points])
        slope = sum([(t - mean_t) * (o - mean_o) for t, o in points]) / stt
        if abs(slope) < OSCILLATOR_PPM * 1e-6:
            slope *= stt / (stt + (JITTER_S / (QUARTZ_PPM * 1e-6)) ** 2)
        self._slope = slope

    def _follow(self, device_s: float) -> None:
        assert self._started is not None  # noqa: S101 - observe has set it
        at, least = self._ceiling
        target = self._between(device_s, least + self._slope * (device_s - at))
        current = self._offset + self._slope * (device_s - self._at)
        if device_s - self._started > SETTLE_S:
            limit = SLEW * max(device_s - self._at, 0.0)
            target = min(max(target, current - limit), current + limit)
        self._offset, self._at = target, max(device_s, self._at)

    def _least(self, device_s: float) -> tuple[float, float]:
        """The least delay of the last bins, all carried to the same instant; and that instant."""
        recent = list(self._bins)[-ENVELOPE_BINS:]
        return device_s, min([o + self._slope * (device_s - t) for t, o in recent])

    def _between(self, device_s: float, ceiling: float) -> float:
        """The offset that the bounds leave: a little above the highest floor, never above the ceiling."""
        if self._floor is None:
            return ceiling
        at, highest, spacing = self._floor
        floor = highest + self._slope * (device_s - at)
        return floor + min(spacing, 0.5 * (ceiling - floor)) if floor < ceiling else ceiling
