"""One swing of a segment, down and back: where it begins, turns and ends, in an angle that may drift."""

from __future__ import annotations

import numpy as np

from edge.motion.series import GRID_S
from edge.samples import FloatArray

MARK = 2
"""Grid steps (20 ms) between the instants kept."""
MOVING_DEG_S = 12.0
"""A knee that bends or stretches slower pauses."""
HOME = 0.75
"""Back by so much of the way, and slow, the repetition has ended."""
TURNED_BACK = 0.6
"""Back by so much, it has also ended where the knee rests or the next one begins: many stand on soft knees between."""
TURNS_DEG = 5.0
"""A movement that comes back by more has turned round."""
ARRIVED = 0.9
"""Back by so much when a recording or a sensor ends, it was done: nobody goes down again from there."""
SLOW = 0.5
"""Share of the way back's highest speed below which it is arriving."""
AT_BOTTOM = 0.08
"""Within this share of the swing from its deepest point the knee is at the bottom."""
DRIFT_DEG_S = 3.0
"""What stands may seem to sink as fast as this: knees that soften, and a gyro whose bias is not known yet."""
STOOD = 10
"""Marks (0.2 s) of a slow knee that are a pause."""


class OneSwing:
    """The first swing of at least due_deg in way (N,) deg; ended: nothing comes after it. bottom: the mark where it is
    deepest so far, None without a swing; home: whether it is back; start, bottom_from, bottom_to, top: marks where it
    leaves and arrives.
    """

    def __init__(self, way: FloatArray, due_deg: float, *, ended: bool = False) -> None:
        self.bottom: int | None = None
        self.home = False
        deep = np.flatnonzero(way - np.minimum.accumulate(way) >= due_deg)
        if not len(deep):
            return
        first = int(deep[0])
        rises = DRIFT_DEG_S * MARK * GRID_S * np.arange(first + 1)
        stretched = float((way[: first + 1] - rises).min() + rises[-1])
        share = self._back(way, first, stretched)
        self.home = bool(share > ARRIVED if ended else share > TURNED_BACK and self._arrived(way, share))
        self._ends(way, stretched)

    def _back(self, way: FloatArray, first: int, stretched: float) -> float:
        """From the first mark that is deep enough on: how deep it goes, and what share of that it comes back."""
        bottom = first
        at = first
        for i in range(first, len(way)):
            if way[i] > way[bottom]:
                bottom, at = i, i
            elif way[i] < way[at]:
                at = i
            if way[i] - way[at] > TURNS_DEG and self._returned(way, bottom, at, stretched) > TURNED_BACK:
                break
        self.bottom, self.swing_deg = bottom, float(way[bottom]) - stretched
        self.top = at
        return self._returned(way, bottom, at, stretched)

    def _arrived(self, way: FloatArray, share: float) -> bool:
        """Whether the way back is over: the next one has begun, or the knee rests or comes to rest."""
        turned = self.top < len(way) - 1 and way[-1] - way[self.top] > TURNS_DEG
        rests = len(way) > STOOD and float(np.ptp(way[-STOOD:])) < MOVING_DEG_S * MARK * GRID_S * STOOD
        return turned or rests or (share > HOME and self._slow(way))

    def _returned(self, way: FloatArray, bottom: int, at: int, stretched: float) -> float:
        return float(way[bottom] - way[at]) / max(float(way[bottom]) - stretched, 1e-9)

    def _slow(self, way: FloatArray) -> bool:
        """Whether the way back is slow at its end."""
        assert self.bottom is not None  # noqa: S101 - set by the caller
        back = -np.diff(way[max(self.bottom - 1, 0) : self.top + 1])
        return len(back) > 3 and float(back[-3:].mean()) < SLOW * float(back.max())

    def _ends(self, way: FloatArray, stretched: float) -> None:
        """Where it leaves the stretched knee, arrives at the bottom and leaves it: by the speed."""
        speed = np.gradient(way) / (MARK * GRID_S)
        assert self.bottom is not None  # noqa: S101 - set by the caller
        down = np.flatnonzero(speed[: self.bottom + 1] < MOVING_DEG_S)
        deep = way > stretched + 0.5 * self.swing_deg
        before = down[~deep[down]]
        self.start = int(before[-1]) if len(before) else 0
        low = np.flatnonzero(way[self.start : self.top + 1] > way[self.bottom] - AT_BOTTOM * self.swing_deg)
        self.bottom_from, self.bottom_to = self.start + int(low[0]), self.start + int(low[-1])
