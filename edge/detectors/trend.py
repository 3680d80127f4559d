"""Whether a knee falls in more from rep to rep: a sign of fatigue or of too much load, before it is a fault."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edge.detectors.grades import GradeSettings, inward_mm
from edge.detectors.sign import Finding, RepFacts, certainty
from edge.events import Side, verdict_key
from edge.motion.leg import SIDES

LEAST_REPS = 5
"""A slope through fewer reps is chance."""
PLAIN = 4.0
"""The slope must be so many times what the reps' scatter makes of none."""
SCATTER_MM = 2.0
"""Of a rep's largest displacement at least: nobody repeats it better."""


class Trend:
    """Fits a line through the largest displacement of each of a set's reps, and tells once a set and side."""

    def __init__(self, settings: GradeSettings) -> None:
        self._line_mm = settings.trend_mm
        self._set = 0
        self._worst: dict[Side, list[float]] = {}
        self._told: set[Side] = set()

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The sign of one finished rep."""
        rep = facts.rep
        if rep.set != self._set:
            self._set, self._worst, self._told = rep.set, {side: [] for side in SIDES}, set()
        for side in SIDES:
            if not rep.counted or verdict_key("valgus", side) not in rep.assessed or side in self._told:
                continue
            worst = inward_mm(facts, side)
            if worst is None:
                continue
            self._worst[side].append(max(worst, 0.0))
            slope, sd = slope_of(self._worst[side])
            if slope < self._line_mm or slope < PLAIN * sd:
                continue
            self._told.add(side)
            yield Finding(
                kind="valgus_trend", severity="S0", set=rep.set, rep=rep.rep, side=side, seen_in="concentric",
                value=slope, threshold=self._line_mm, unit="mm/rep", confidence=certainty(slope - self._line_mm, sd),
                text=f"The {side} knee falls in by {slope:.1f} mm more every rep.",
            )  # fmt: skip


def slope_of(values: list[float]) -> tuple[float, float]:
    """Growth per rep of the line through the values, and its standard deviation; too few make (0, inf)."""
    n = len(values)
    if n < LEAST_REPS:
        return 0.0, float("inf")
    x, y = np.arange(n) - 0.5 * (n - 1), np.array(values)
    spread = float(x @ x)
    slope = float(x @ y) / spread
    off = y - y.mean() - slope * x
    return slope, float(np.sqrt(max(off @ off / (n - 2), SCATTER_MM**2) / spread))
