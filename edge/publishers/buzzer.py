"""Buzzers on the box itself: a Raspberry Pi's pin, or whatever plays sound. They need no broker, disk or network.

`buzz` is called with the alert before it goes anywhere else, and only wakes a thread; what that thread does, or fails
to do, holds nobody up. A cue that could not begin in time is left out: a late buzz corrects the wrong movement.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from edge.clock import monotonic_ns
from edge.events import Alert, AnyEvent, Buzz, Live, Sign

BEGIN_WITHIN_S = 0.4  # as for a node: after this the lifter is elsewhere in the rep
RAMP_FROM = 0.2  # nearness at which the ramp begins to tick: earlier it would tick through every rep
RAMP_ON_MS = 30
RAMP_GAP_SLOW_MS, RAMP_GAP_QUICK_MS = 500, 60
NEAR_FOR_NS = 300_000_000  # six Lives: after that nobody knows where the sled is, and ticking on would be a lie
RAMP_INTENSITY_PCT = 40  # below any cue's, so that the cue is told from it

log = logging.getLogger(__name__)


class Sounder(Protocol):
    """Something that can be loud or silent."""

    def play(self, pattern: tuple[Buzz, ...], cut: Callable[[float], bool]) -> None:
        """Sound the pattern and return when it is over; cut(s) waits so long and says whether to stop at once."""

    def close(self) -> None:
        """Silent, for good."""


class BoxBuzzer:
    """One buzzer of one machine, or of all (machine None). ramp: tick faster the nearer a limit is, as when parking."""

    def __init__(self, sounder: Sounder, machine: str | None = None, *, ramp: bool = False) -> None:
        self._sounder, self._machine, self._ramp = sounder, machine, ramp
        self._changed = threading.Condition()
        self._next: tuple[tuple[Buzz, ...], int] | None = None
        self._nearness: float | None = None
        self._heard_ns = 0
        self._closing = False
        self.failures = 0
        self.played = 0
        self._thread = threading.Thread(target=self._work, name="buzzer", daemon=True)
        self._thread.start()

    def buzz(self, machine: str, alert: Alert | Sign) -> bool:
        """Sound what is spoken; a newer one replaces what plays. Whether it is one for this buzzer."""
        if self._machine not in (None, machine) or not alert.spoken or not alert.buzzer:
            return False
        until_ns = round((alert.t_s + BEGIN_WITHIN_S) * 1e9)
        with self._changed:
            self._next = (alert.buzzer, until_ns)
            self._changed.notify()
        return True

    def tell(self, machine: str, event: AnyEvent) -> None:
        """Hear how near the limits are."""
        if not self._ramp or self._machine not in (None, machine) or not isinstance(event, Live):
            return
        known = [n for n in (event.lockout_nearness, event.depth_nearness) if n is not None]
        nearness = max(known) if known and event.phase in ("eccentric", "concentric") else None
        with self._changed:
            self._nearness, self._heard_ns = nearness, monotonic_ns()
            self._changed.notify()

    def close(self) -> None:
        """Silence, for good."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(2.0)
        self._sounder.close()

    # In the thread:

    def _work(self) -> None:
        while (pattern := self._await()) is not None:
            try:
                self._sounder.play(pattern, self._cut)
                self.played += 1
            except Exception:
                self.failures += 1
                if self.failures == 1:
                    log.exception("buzzer: it does not sound; check its wiring and settings")

    def _await(self) -> tuple[Buzz, ...] | None:
        """What to play next: a cue in time, else a tick of the ramp; None at the end."""
        with self._changed:
            while True:
                if self._closing:
                    return None
                if self._next is not None:
                    (pattern, until_ns), self._next = self._next, None
                    if monotonic_ns() <= until_ns:
                        return pattern
                elif (tick := ramp_tick(self._near())) is not None:
                    return (tick,)
                else:
                    self._changed.wait()

    def _near(self) -> float | None:
        """The nearness, as long as it is that of now."""
        return self._nearness if monotonic_ns() - self._heard_ns <= NEAR_FOR_NS else None

    def _cut(self, wait_s: float) -> bool:
        """Wait, unless a cue comes or it is the end."""
        with self._changed:
            return self._changed.wait_for(lambda: self._next is not None or self._closing, wait_s)


def ramp_tick(nearness: float | None) -> Buzz | None:
    """The tick for this nearness to a limit (0 far, 1 reached) with the silence behind it; None: far enough."""
    if nearness is None or nearness < RAMP_FROM:
        return None
    share = (min(nearness, 1.0) - RAMP_FROM) / (1.0 - RAMP_FROM)
    gap_ms = RAMP_GAP_SLOW_MS + (RAMP_GAP_QUICK_MS - RAMP_GAP_SLOW_MS) * share
    return Buzz(RAMP_INTENSITY_PCT, RAMP_ON_MS, round(gap_ms / 10) * 10)
