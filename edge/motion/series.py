"""Values on the 10 ms grid: one entry per instant, None where nothing is known, the last minutes kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

from edge.samples import FloatArray

GRID_NS = 10_000_000
GRID_S = 0.01
KEEP = 12_000
"""Two minutes: longer than any rep with its rests. What must be kept longer is condensed elsewhere."""

T = TypeVar("T")


class Series(Generic[T]):
    """Append-only; index k stands for the instant k · 10 ms of the host's time line."""

    __slots__ = ("_base", "_values")

    def __init__(self) -> None:
        self._base = 0
        self._values: list[T | None] = []

    @property
    def end(self) -> int:
        """The first index that has no entry yet."""
        return self._base + len(self._values)

    @property
    def start(self) -> int:
        """The first index still kept."""
        return self._base

    def put(self, k: int, value: T | None) -> None:
        """Set the entry at k ≥ end; skipped instants become None. An earlier k is ignored: the past stays."""
        values = self._values
        if not values:
            self._base = k
        gap = k - self.end
        if gap < 0:
            return
        if gap > KEEP:
            values.clear()
            self._base, gap = k, 0
        if gap:
            values.extend([None] * gap)
        values.append(value)
        if len(values) > KEEP + 3000:
            del values[: len(values) - KEEP]
            self._base = k + 1 - KEEP

    def at(self, k: int) -> T | None:
        """The entry at k, None where there is none."""
        i = k - self._base
        return self._values[i] if 0 <= i < len(self._values) else None

    def last(self) -> T | None:
        """The newest entry."""
        return self._values[-1] if self._values else None

    def span(self, begin: int, end: int) -> list[T | None]:
        """The entries of begin ≤ k < end; None where there is none."""
        lo, hi = max(begin, self._base), min(end, self.end)
        if hi <= lo:
            return [None] * max(end - begin, 0)
        inside = self._values[lo - self._base : hi - self._base]
        return [None] * (lo - begin) + inside + [None] * (end - hi)


def columns(entries: Sequence[tuple[float, ...] | None], width: int) -> FloatArray:
    """(N, width) array of the entries, NaN rows where None."""
    nothing = (np.nan,) * width
    return np.array([nothing if e is None else e for e in entries], dtype=float).reshape(len(entries), width)
