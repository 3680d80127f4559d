"""One rep looked back upon: the sled's path between its dead points, with the drift taken out.

The sled stands still at the top, at the bottom and at the top again. Between two such instants its speed is the
integral of its acceleration; whatever is left over at the second is drift and is taken out evenly. Dead points are
found in the knees' rates where they are known (they do not drift), else in the sled's speed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.motion.phases import MOVING_M_S
from edge.motion.series import GRID_S
from edge.samples import FloatArray

SLOW_DEG_S = 6.0
"""The knee turns slower than this only near a dead point: at 0.03 m/s it turns by 6 to 30°/s."""


NEAR = 15
"""Entries (0.15 s) about the drive's rough start in which the bottom is looked for: a bounce has no slow run."""
BANG = 15
"""Entries (0.15 s) at a press's start that are left out: the rack's bang rings so long."""


@dataclass(frozen=True, slots=True)
class Path:
    """The sled over one attempt. `begin` is the grid index of the first entry; place_m (N,), from the first dead point,
    and speed_m_s (N,); dead: indices into them of the top before, the bottom, the top after.
    """

    begin: int
    place_m: FloatArray
    speed_m_s: FloatArray
    dead: tuple[int, int, int]

    @property
    def rom_m(self) -> float:
        """The drive's length, between its dead points."""
        return float(self.place_m[self.dead[2]] - self.place_m[self.dead[1]])

    def crossing_s(self, begin: int, end: int, *, last: bool, rising: bool) -> float:
        """Host time (s) where the speed crosses 0.03 m/s away from or back to rest between two entries."""
        speed = np.abs(self.speed_m_s[begin : end + 1])
        fast = np.flatnonzero(speed > MOVING_M_S)
        if not len(fast):
            return (self.begin + (begin if rising else end)) * GRID_S
        i = int(fast[-1] if last else fast[0])
        j = i - 1 if rising else i + 1
        if not 0 <= j < len(speed) or speed[i] == speed[j]:
            return (self.begin + begin + i) * GRID_S
        share = (MOVING_M_S - speed[j]) / (speed[i] - speed[j])
        return float((self.begin + begin + j + share * (i - j)) * GRID_S)


def dead_points(start: int, drive: int, top: int, turning: FloatArray) -> tuple[int, int, int]:
    """Entries of the three dead points. turning: (N,) |rate| of the knees, deg/s, or the sled's speed scaled alike;
    start, drive, top: entries where the rough phases begin.
    """
    before = _middle_of_slow(turning, 0, start + 1, start)
    bottom = _middle_of_slow(turning, max(start + 5, drive - NEAR), min(top - 4, drive + NEAR), drive)
    after = _middle_of_slow(turning, top - 4, len(turning), min(top + 3, len(turning) - 1))
    return before, max(bottom, before + 2), max(after, bottom + 2)


def press_span(turning: FloatArray) -> tuple[int, int]:
    """Entries of the dead points on either side of the fastest turning of a press out of the rack."""
    peak = int(np.argmax(turning))
    before = np.flatnonzero(turning[:peak] < SLOW_DEG_S)
    after = np.flatnonzero(turning[peak:] < SLOW_DEG_S)
    begin = min((int(before[-1]) if len(before) else 0) + BANG, max(peak - 5, 0))
    return begin, peak + int(after[0]) if len(after) else len(turning) - 1


def _middle_of_slow(turning: FloatArray, begin: int, end: int, near: int) -> int:
    """The middle of the slow run that holds or is next to `near`; the slowest entry about it where none is slow."""
    begin, end = max(begin, 0), min(end, len(turning))
    if end - begin < 2:
        return min(max(near, 0), len(turning) - 1)
    window = turning[begin:end]
    slow = np.flatnonzero(window < SLOW_DEG_S)
    if not len(slow):
        return begin + int(np.argmin(window))
    lo = hi = begin + int(slow[np.argmin(np.abs(slow - (near - begin)))])
    while lo > 0 and turning[lo - 1] < SLOW_DEG_S:
        lo -= 1
    while hi + 1 < len(turning) and turning[hi + 1] < SLOW_DEG_S:
        hi += 1
    return (lo + hi) // 2


def integrate_back(begin: int, acc_m_s2: FloatArray, span: tuple[int, int]) -> Path:
    """Path of the press, from its end: at the top the sled rests, at its start the rack may have banged."""
    acc = np.nan_to_num(acc_m_s2)
    speed = np.zeros(len(acc))
    speed[1:] = np.cumsum(0.5 * (acc[1:] + acc[:-1])) * GRID_S
    speed -= speed[span[1]]
    place = np.zeros(len(acc))
    place[1:] = np.cumsum(0.5 * (speed[1:] + speed[:-1])) * GRID_S
    return Path(begin, place - place[span[0]], speed, (span[0], span[0], span[1]))


def integrate(begin: int, acc_m_s2: FloatArray, dead: tuple[int, int, int]) -> Path:
    """Path from the acceleration along the rail (N,), drift taken out between the dead points."""
    acc = np.nan_to_num(acc_m_s2)
    speed = np.zeros(len(acc))
    speed[1:] = np.cumsum(0.5 * (acc[1:] + acc[:-1])) * GRID_S
    a, b, c = dead
    clean = np.zeros(len(acc))
    for i, j in ((a, b), (b, c)):
        clean[i : j + 1] = speed[i : j + 1] - np.linspace(speed[i], speed[j], j - i + 1)
    clean[c:] = speed[c:] - speed[c]
    place = np.zeros(len(acc))
    place[1:] = np.cumsum(0.5 * (clean[1:] + clean[:-1])) * GRID_S
    return Path(begin, place - place[a], clean, dead)
