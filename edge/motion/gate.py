"""What the machine is doing, as far as it decides whether a fault may be called."""

from __future__ import annotations

from typing import NamedTuple

from edge.events import Phase


class Gate(NamedTuple):
    """What the machine is doing. judged: whether a fault may be called at all (loaded, and in a set's reps). attempt:
    counts every stroke, counted or not. since_top_s: time since the drive arrived at the top, 0 before.
    """

    phase: Phase
    set: int
    rep: int
    attempt: int
    judged: bool
    since_top_s: float

    @property
    def moving(self) -> bool:
        """Whether the sled is away from the top."""
        return self.phase in ("eccentric", "bottom", "concentric")
