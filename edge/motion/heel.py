"""A heel's share of its foot's force against the foot's own flat share.

Where the foot stands on the plate decides the flat share (0.35 to 0.65), so it is learned: first from the press out of
the rack, then slowly from all time in which the foot is plainly flat.
"""

from __future__ import annotations

from statistics import median
from typing import Final

from edge.motion.series import GRID_S

FIRST_S: Final = 0.6
"""Loaded time before the flat share is given: half a second of the press."""
FOLLOW_TAU_S: Final = 15.0
"""Three to four reps: a foot that slides is followed, a heel that lifts in every rep is not."""
PLAINLY_FLAT = (0.75, 1.3)
"""Ratios to the flat share that still teach it: natural sway is ±15 %, a lifting heel falls below 0.6."""
USUAL = (0.3, 0.75)
"""Flat shares of feet on plates; what is found is kept within."""


class FlatShare:
    """Learns one foot's flat share. Feed `step` with every loaded instant."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self.share: float | None = None

    def step(self, heel_share: float) -> float | None:
        """The heel's share over the flat share, None until that is known."""
        if self.share is None:
            self._first.append(heel_share)
            if len(self._first) * GRID_S < FIRST_S:
                return None
            self.share = min(max(median(self._first), USUAL[0]), USUAL[1])
        ratio = heel_share / self.share
        if PLAINLY_FLAT[0] < ratio < PLAINLY_FLAT[1]:
            self.share += GRID_S / FOLLOW_TAU_S * (heel_share - self.share)
        return ratio
