"""The lifter's own neutral: where the leg's plane stands when the knee does not give.

Bow legs, turned-out toes and the sensor's seat all turn the leg's plane by some degrees, more or less with flexion. A
fault is what departs from that: the neutral is a line over flexion, fitted robustly to the reps so far, so that the
short excursions of a faulty rep hardly move it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from edge.samples import FloatArray

STROKES: Final = 18
"""The last nine reps: people sway slowly, and a mean over many reps follows that less."""
POINTS: Final = 16
LOW_DEG: Final = 12.0
HIGH_DEG: Final = 125.0
"""Below 12° of flexion the leg is a line and has no plane."""
TURN_SD_DEG: Final = 1.0
"""Sway of the plane in clean reps; what lies beyond twice this pulls less and less."""
SLOPE_SD: Final = 0.05
"""Prior of the slope, deg per deg: 4.5° over a rep, as soft tissue twists thigh and shank."""


class Neutral:
    """One leg's neutral turn (deg) over flexion (deg): level at 60° and slope."""

    def __init__(self) -> None:
        self._strokes: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=STROKES)
        self.level_deg = 0.0
        self.slope = 0.0

    @property
    def known(self) -> bool:
        """Whether any stroke has been seen."""
        return bool(self._strokes)

    def forget(self) -> None:
        """A sensor moved on its segment."""
        self._strokes.clear()

    def at(self, flexion_deg: float) -> float:
        """The neutral turn at a flexion."""
        return self.level_deg + self.slope * (min(max(flexion_deg, LOW_DEG), HIGH_DEG) - 60.0)

    def add(self, flexion_deg: FloatArray, turn_deg: FloatArray) -> None:
        """Take a stroke: (N,) flexion and (N,) turn; evenly thinned over flexion."""
        ok = np.flatnonzero((flexion_deg > LOW_DEG) & (flexion_deg < HIGH_DEG))
        if len(ok) < POINTS:
            return
        order = ok[np.argsort(flexion_deg[ok])]
        even = np.linspace(flexion_deg[order[0]], flexion_deg[order[-1]], POINTS)
        pick = order[np.clip(np.searchsorted(flexion_deg[order], even), 0, len(order) - 1)]
        self._strokes.append((flexion_deg[pick], turn_deg[pick]))
        self._fit()

    def _fit(self) -> None:
        flexion = np.concatenate([f for f, _ in self._strokes]) - 60.0
        turn = np.concatenate([t for _, t in self._strokes])
        level, slope = float(np.median(turn)), 0.0
        for _ in range(12):
            off = np.abs(turn - level - slope * flexion) / TURN_SD_DEG
            weight = 1.0 / (1.0 + (off / 2.0) ** 4)
            sw, sf, st = weight.sum(), (weight * flexion).sum(), (weight * turn).sum()
            sff, sft = (weight * flexion**2).sum() + (TURN_SD_DEG / SLOPE_SD) ** 2, (weight * flexion * turn).sum()
            det = sw * sff - sf * sf
            level, slope = float((sff * st - sf * sft) / det), float((sw * sft - sf * st) / det)
        self.level_deg, self.slope = level, slope
