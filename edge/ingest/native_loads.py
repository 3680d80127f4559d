"""The cells of one group put together: rows of samples that were taken at the same instant.

Each cell is a channel of its own with its own batches. A row needs every cell within half a sample period of the
others; where one cell's batch was lost, the rows it belongs to are dropped and counted, and the next complete row is
found again by the device times. Nothing is interpolated: a force that was not measured is not made up.
"""

from __future__ import annotations

from typing import Final

from edge.samples import LoadSamples, Role

WAITING_MAX: Final = 256
"""Samples of a cell that wait for the others: 3.2 s at 80 Hz, far beyond any radio's delay."""


class LoadGroup:
    """The cells of one role of one node, in column order. incomplete: samples of cells that found no partners."""

    def __init__(self, role: Role, cells: tuple[int, ...], period_us: int) -> None:
        self._role = role
        self._period_us = period_us
        self._times: dict[int, list[int]] = {chan: [] for chan in cells}
        self._forces: dict[int, list[float]] = {chan: [] for chan in cells}
        self.incomplete = 0

    def clear(self) -> None:
        """Forgets what waits: the node's clock has a new zero."""
        for chan, times in self._times.items():
            times.clear()
            self._forces[chan].clear()

    def add(self, chan: int, device_us: list[int], force_n: list[float]) -> None:
        """Samples of one cell, in order of time."""
        self._times[chan] += device_us
        self._forces[chan] += force_n
        self._drop(chan, len(self._times[chan]) - WAITING_MAX)

    def rows(self, boot: int) -> LoadSamples | None:
        """The rows that are complete now."""
        if not all(self._times.values()):
            return None
        times = list(self._times.values())
        if all(t == times[0] for t in times):
            device_us = times[0].copy()
            force_n = [[cell[i] for cell in self._forces.values()] for i in range(len(device_us))]
            self.clear()
            return LoadSamples(self._role, device_us, force_n, boot)
        return self._paired(boot)

    def _paired(self, boot: int) -> LoadSamples | None:
        """Row by row, for cells of which one is ahead or has lost a batch."""
        device_us: list[int] = []
        rows: list[list[float]] = []
        while all(self._times.values()):
            latest_us = max(t[0] for t in self._times.values())
            behind = [c for c, t in self._times.items() if latest_us - t[0] > self._period_us // 2]
            for chan in behind:
                self._drop(chan, 1)
            if not behind:
                device_us.append(sum(t.pop(0) for t in self._times.values()) // len(self._times))
                rows.append([f.pop(0) for f in self._forces.values()])
        if not rows:
            return None
        return LoadSamples(self._role, device_us, rows, boot)

    def _drop(self, chan: int, count: int) -> None:
        if count > 0:
            del self._times[chan][:count], self._forces[chan][:count]
            self.incomplete += count
