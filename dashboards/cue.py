"""Which cue is on the screens. Pure: alerts, signs, levels and the time come in.

A cue must be read, and must never be stale. It is shown at once, replaces the one before, stays long enough to be read
and goes as soon as its fault is over; a fault that nobody ends is taken off the screen after a while all the same. A
sign remarks on what was: no level tells when it is over, so it goes after that while.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

from edge.events import ActiveFault, Alert, Sign

Spoken: TypeAlias = Alert | Sign

READ_NS = 1_500_000_000
"""Four words read under load take about a second; a heel is down again sooner than that."""
SHOWN_MAX_NS = 4_000_000_000
"""About one rep: a cue older than this speaks of something else."""
STOP_SHOWN_NS = 10_000_000_000
""""Rack it" stays until it can have been done."""
STALE_S = 2.0
"""An alert that reaches us this long after its decision is of the rep before: it goes to the log, not to the screen."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue on the screen. said: whose; since_ns: shown from then on."""

    said: Spoken
    since_ns: int

    @property
    def stays_ns(self) -> int:
        """How long it may stay at most; pages take it down by themselves after that."""
        return STOP_SHOWN_NS if self.said.severity == "S3" else SHOWN_MAX_NS


class CueBoard:
    """The cue of one machine. All times are the reader's own monotonic clock, ns."""

    def __init__(self) -> None:
        self.now: Cue | None = None
        self._over = False

    def take(self, said: Spoken, now_ns: int) -> Cue | None:
        """An alert or a sign has come; the cue to show, or None where it is not one to be spoken."""
        if not said.spoken or not said.cue:
            return None
        self.now, self._over = Cue(said, now_ns), False
        return self.now

    def take_active(self, t_s: float, active: Collection[ActiveFault]) -> None:
        """Which faults are present, as of t_s on the box's clock."""
        if self.now is None or t_s < self.now.said.t_s or isinstance(self.now.said, Sign):
            return
        alert = self.now.said
        self._over = not any((fault.kind, fault.side) == (alert.kind, alert.side) for fault in active)

    def clear(self) -> bool:
        """Take down whatever is shown; whether there was anything."""
        had, self.now = self.now is not None, None
        return had

    def step(self, now_ns: int) -> bool:
        """Take the cue down if its time has come; whether that happened now."""
        if self.now is None:
            return False
        age_ns = now_ns - self.now.since_ns
        is_stop = self.now.said.severity == "S3"
        if age_ns >= self.now.stays_ns or (self._over and not is_stop and age_ns >= READ_NS):
            return self.clear()
        return False
