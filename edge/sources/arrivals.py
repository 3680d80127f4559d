"""What reached the host together: rows as they were recorded, and the samples that they are.

A node's clock is recorded as it came: it may wrap, begin again, and come doubled. What is played has clocks that rise
within one boot, and nothing twice. Rows come one after the other; nothing of a session is kept but each clock's state.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.samples import LOAD_ROLES, FloatArray, ImuSamples, IntArray, LoadSamples, Role, Samples

# Below, a clock that goes back is a late or doubled batch (dropped); above, a node that began again near zero. Batches
# are out of order by fractions of a second, and a node needs about as long to start.
RESTART_MIN_US = 1_000_000

CLOCK_WRAP_US = 2**32  # nodes count µs in 32 bits on the wire; a tool may write that count as it came
WRAP_TOLERANCE_US = 2_000_000  # how well a wrap must fit the host's clock, which late batches shake by up to seconds


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one sensor with one host time. device_us: (N,) µs; values: (N, C) SI, columns as in the folder format."""

    role: Role
    host_us: int
    device_us: IntArray
    values: FloatArray

    def followed_by(self, more: Rows) -> Rows:
        """These rows and more of the same sensor and host time."""
        device_us = np.concatenate([self.device_us, more.device_us])
        return Rows(self.role, self.host_us, device_us, np.concatenate([self.values, more.values]))


@dataclass(frozen=True, slots=True)
class Arrival:
    """Samples of one sensor that reached the host together. t_ns: when, on the recording's host time line."""

    t_ns: int
    samples: Samples


def arrivals_of(rows: Iterable[Rows]) -> Iterator[Arrival]:
    """Rows in the order of host time as arrivals: one for each boot that is in them."""
    clocks: dict[Role, ClockReadings] = {}
    for one in rows:
        clock = clocks.setdefault(one.role, ClockReadings())
        device_us, boot, keep = clock.take(one.device_us, np.full(len(one.device_us), one.host_us))
        if not keep.all():
            device_us, boot = device_us[keep], boot[keep]
        values = one.values[keep]
        edges = [0, *(np.flatnonzero(np.diff(boot)) + 1).tolist(), len(boot)]
        for start, end in itertools.pairwise(edges):
            if start < end:
                samples = _samples(one.role, device_us[start:end], values[start:end], int(boot[start]))
                yield Arrival(one.host_us * 1000, samples)


def _samples(role: Role, device_us: IntArray, values: FloatArray, boot: int) -> Samples:
    if role in LOAD_ROLES:
        return LoadSamples(role, device_us, values, boot)
    return ImuSamples(role, device_us, values[:, :3], values[:, 3:], boot)


class ClockReadings:
    """A node's clock readings, in order of arrival, made into clocks that rise within one boot."""

    def __init__(self) -> None:
        self._boot, self._offset_us = 0, 0
        self._newest_us: int | None = None
        self._newest_host_us = 0

    def take(self, device_us: IntArray, host_us: IntArray) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
        """Readings that came next, (N,) µs: the unwrapped clock, the boot of each (0, 1, …), and which rows are newer
        than all before them in their boot. A clock that falls by a second or more began again, unless 2**32 µs more
        fits the host's clock.
        """
        unwrapped = device_us + self._offset_us
        boots, keep = np.full_like(device_us, self._boot), np.ones(len(device_us), dtype=np.bool_)
        if len(device_us) == 0:
            return unwrapped, boots, keep
        if np.all(np.diff(unwrapped) > 0) and (self._newest_us is None or unwrapped[0] > self._newest_us):
            self._newest_us, self._newest_host_us = int(unwrapped[-1]), int(host_us[-1])
            return unwrapped, boots, keep
        for i in range(len(device_us)):
            found = self._one(int(device_us[i]), int(host_us[i]))
            keep[i] = found is not None
            if found is not None:
                unwrapped[i], boots[i] = found, self._boot
        return unwrapped, boots, keep

    def _one(self, device_us: int, host_us: int) -> int | None:
        """One reading unwrapped; None where it is not newer than the last."""
        now_us = device_us + self._offset_us
        if self._newest_us is not None and self._newest_us - now_us >= RESTART_MIN_US:
            wrapped_us = now_us + CLOCK_WRAP_US - self._newest_us
            if abs(wrapped_us - (host_us - self._newest_host_us)) <= WRAP_TOLERANCE_US:
                self._offset_us += CLOCK_WRAP_US
            else:
                self._boot, self._offset_us = self._boot + 1, 0
            now_us = device_us + self._offset_us
        elif self._newest_us is not None and now_us <= self._newest_us:
            return None
        self._newest_us, self._newest_host_us = now_us, host_us
        return now_us
