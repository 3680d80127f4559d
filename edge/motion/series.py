"""Values on the 10 ms grid: one entry per instant, None where nothing is known, the last minutes kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from edge.samples import FloatArray

GRID_NS: Final = 10_000_000
GRID_S: Final = 0.01
KEEP: Final = 12_000
"""Two minutes: longer than any rep with its rests. What must be kept longer is condensed elsewhere."""
SPARE: Final = 3000
"""So much more gathers before what is older than KEEP is dropped at once."""

T = TypeVar("T")


class Series(Generic[T]):
    """Append-only; index k stands for the instant k · 10 ms of the host's time line.

    start: the first index still kept; end: the first index that has no entry yet. Both are for reading only.
    """

    __slots__ = ("_values", "end", "start")

    def __init__(self) -> None:
        self.start = self.end = 0
        self._values: list[T | None] = []

    def put(self, k: int, value: T | None) -> None:
        """Set the entry at k ≥ end; skipped instants become None. An earlier k is ignored: the past stays."""
        if k != self.end:
            if k < self.end and self._values:
                return
            self._skip_to(k)
        self._values.append(value)
        self.end = k + 1
        if k - self.start >= KEEP + SPARE:
            del self._values[: k + 1 - KEEP - self.start]
            self.start = k + 1 - KEEP

    def put_run(self, k: int, values: Sequence[T]) -> None:
        """`put` the values at k and the instants after it."""
        if k == self.end and k - self.start + len(values) < KEEP + SPARE:
            self._values += values
            self.end = k + len(values)
        else:
            for i, value in enumerate(values):
                self.put(k + i, value)

    def amend(self, k: int, values: Sequence[T]) -> None:
        """Others in the place of the entries at k and after it, which must be there: the one change of the past."""
        at = k - self.start
        if at < 0 or k + len(values) > self.end:
            raise IndexError(f"{k} to {k + len(values)}: only {self.start} to {self.end} are there")
        self._values[at : at + len(values)] = values

    def at(self, k: int) -> T | None:
        """The entry at k, None where there is none."""
        return self._values[k - self.start] if self.start <= k < self.end else None

    def last(self) -> T | None:
        """The newest entry."""
        return self._values[-1] if self._values else None

    def span(self, begin: int, end: int) -> list[T | None]:
        """The entries of begin ≤ k < end; None where there is none."""
        lo, hi = max(begin, self.start), min(end, self.end)
        if hi <= lo:
            return [None] * max(end - begin, 0)
        inside = self._values[lo - self.start : hi - self.start]
        return [None] * (lo - begin) + inside + [None] * (end - hi)

    def _skip_to(self, k: int) -> None:
        """Leave a hole up to k, or begin there."""
        if not self._values or k - self.end > KEEP:
            self._values.clear()
            self.start = k
        else:
            self._values.extend([None] * (k - self.end))


def columns(entries: Sequence[tuple[float, ...] | None], width: int) -> FloatArray:
    """(N, width) array of the entries, NaN rows where None."""
    nothing = (np.nan,) * width
    return np.array([nothing if e is None else e for e in entries], dtype=float).reshape(len(entries), width)


def mean_known(rows: FloatArray) -> FloatArray:
    """(S, N) to the mean (N,) of those that are known, NaN where none is."""
    known = np.isfinite(rows)
    total = np.where(known, rows, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
