"""How far the newest reps of a set are off its first ones. What one rep shows may be chance; two running agree."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Final

FIRST_REPS: Final = 2
"""The reps of a set that the later ones are held against."""


def base(seen: Sequence[float]) -> float:
    """What the set began with."""
    return fmean(seen[:FIRST_REPS])


def off(seen: Sequence[float]) -> tuple[float, float]:
    """How far the last rep but one, and the last, are off the set's first reps; 0 while these are not all seen."""
    if len(seen) < FIRST_REPS + 2:
        return 0.0, 0.0
    first = base(seen)
    return seen[-2] - first, seen[-1] - first


def moved(seen: Sequence[float], line: float) -> float:
    """How far the last is off, where the last two agree that both are by more than the line; else 0."""
    before, last = off(seen)
    return last if min(abs(last), abs(before)) > line and last * before > 0.0 else 0.0
