"""What the machine is doing, as far as it decides whether a fault may be called."""

from __future__ import annotations

from edge.events import Phase


class Gate:
    """What the machine is doing. judged: whether a fault may be called at all (loaded, and in a set's reps). attempt:
    counts every stroke, counted or not. since_top_s: time since the drive arrived at the top, 0 before.
    """

    __slots__ = ("attempt", "judged", "phase", "rep", "set", "since_top_s")

    def __init__(  # noqa: PLR0913 - a record
        self, phase: Phase, set_number: int, rep: int, attempt: int, *, judged: bool, since_top_s: float
    ) -> None:
        self.phase, self.set, self.rep, self.attempt = phase, set_number, rep, attempt
        self.judged, self.since_top_s = judged, since_top_s

    @property
    def moving(self) -> bool:
        """Whether the sled is away from the top."""
        return self.phase in ("eccentric", "bottom", "concentric")
