"""Where in a rep is the sled: top, eccentric, bottom, concentric; and which strokes make a rep.

A phase begins and ends where the sled's speed crosses 0.03 m/s. From the top the sled goes down (eccentric), may pause
(bottom), is driven up (concentric) and arrives (top). A drive that stops on its way may be a sticking point, so
arriving needs most of the stroke or a lasting stop; one that sinks again is a failed attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from edge.events import Phase
from edge.motion.series import GRID_S

MOVING_M_S: Final = 0.03
"""Slower is a pause: sensor drift stays below it, and no lifter moves a sled on purpose so slowly."""
STROKE_SHARE: Final = 0.8
"""A rep counts when its drive covers at least this share of the median stroke of the set's reps so far."""
UNSURE_SHARE: Final = 0.6
"""The same of a length that drift may have spoilt, by a third at worst; a half rep covers less than half."""
SETTLE_S: Final = 0.12
"""The sled must stay slow so long before the drive is called over: a sticking point passes, and a rep is told early."""
STUCK_S: Final = 1.5
"""A drive that stands still so long below the top has ended there, whatever it covers."""
RETURN_M: Final = 0.03
"""The sled must leave the top by this much before it is a rep: sinking knees and re-gripping move it by less."""
PRESS_M: Final = 0.05
"""The sled must rise by this much from the rack before it counts as pressed out."""

NEAR_RACK_M: Final = 0.04
"""What is known of the sled's place drifts by so much over a set at most, but for a strap that slips."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One attempt: grid indices where it leaves the top, arrives at and leaves the bottom, arrives at the top."""

    set: int
    rep: int
    start: int
    bottom: int
    drive: int
    top: int
    counted: bool = True
    reason: str | None = None


class Phases:
    """Feed `step` with the sled's motion; a finished `Stroke` comes back when its drive has ended."""

    def __init__(self) -> None:
        self.phase: Phase = "rest"
        self.set = 0
        self.rep = 0
        self.attempt = 0
        self._strokes: list[float] = []
        self._rough: list[float] = []
        self._low = 0.0
        self._top = 0.0
        self._start = self._bottom = self._drive = self._arrived = 0
        self._down_from: int | None = None
        self._rack_place: float | None = None
        self.press_start = 0
        self.arrived = 0

    @property
    def in_rep(self) -> bool:
        """Whether an attempt is under way: the sled has left the top and not come back."""
        return self.phase in ("eccentric", "bottom", "concentric")

    @property
    def current_rep(self) -> int:
        """The number of the attempt under way, or of the last one."""
        return self.rep + 1 if self.in_rep else self.rep

    @property
    def descent(self) -> tuple[int, int]:
        """Grid indices between which the attempt under way last went down."""
        return self._start, self._bottom

    def rack(self) -> None:
        """The sled is in its rack or the feet are off: what was under way was no rep."""
        self.phase = "rest"
        self._down_from = self._rack_place = None

    def step(self, k: int, place_m: float, speed_m_s: float) -> Stroke | None:
        """One grid instant of the loaded sled."""
        if self.phase == "rest":
            self._from_rest(k, place_m, speed_m_s)
            return None
        if self.phase == "top":
            self._from_top(k, place_m, speed_m_s)
            return None
        if self.phase != "concentric" and speed_m_s == 0.0 and place_m > self._top - RETURN_M:
            return self._back(k, place_m)
        if self.phase == "eccentric":
            if speed_m_s > -MOVING_M_S:
                self.phase, self._bottom, self._low = "bottom", k, min(self._low, place_m)
            return None
        if self.phase == "bottom":
            self._from_bottom(k, place_m, speed_m_s)
            return None
        return self._from_drive(k, place_m, speed_m_s)

    def near_rack(self, place_m: float) -> bool:
        """Whether the sled is about where it was pressed out from, as far as that was seen."""
        return self._rack_place is None or abs(place_m - self._rack_place) < NEAR_RACK_M

    def begin_set(self, place_m: float) -> None:
        """The sled has been pressed out and stands at the top, at place_m."""
        self.set += 1
        self.rep = 0
        self.phase, self._top = "top", place_m
        self._strokes, self._rough, self._down_from = [], [], None

    def _from_rest(self, k: int, place: float, speed: float) -> None:
        """Pressed out of the rack: at rest higher up, or already on the way down again."""
        if self._rack_place is None:
            self._rack_place, self.press_start = place, k
        higher = place > self._rack_place + PRESS_M
        if higher and (speed == 0.0 or speed < -MOVING_M_S):
            self.begin_set(place)
        elif speed == 0.0:
            self._rack_place, self.press_start = place, k

    def _from_top(self, k: int, place: float, speed: float) -> None:
        if speed < -MOVING_M_S:
            if self._down_from is None:
                self._down_from = k
            if place < self._top - RETURN_M:
                self.phase, self._start = "eccentric", self._down_from
                self.attempt += 1
                self._down_from, self._low = None, place
        else:
            self._down_from = None
            self._top = place if speed > MOVING_M_S else self._top + 0.05 * (place - self._top)

    def _from_bottom(self, k: int, place: float, speed: float) -> None:
        if speed > MOVING_M_S:
            self.phase, self._drive = "concentric", k
        elif speed < -MOVING_M_S:
            self.phase = "eccentric"
        self._low = min(self._low, place)

    def _from_drive(self, k: int, place: float, speed: float) -> Stroke | None:
        if speed > MOVING_M_S:
            self._arrived = 0
            return None
        if not self._arrived:
            self._arrived = k
        up = place - self._low
        down = self._top - self._low
        waited = (k - self._arrived) * GRID_S
        home = up >= STROKE_SHARE * down
        if home and (waited >= SETTLE_S or speed < -MOVING_M_S):
            return self._finish(place)
        if speed == 0.0 and up < RETURN_M:
            # At rest where it was: a bang, or hips that moved, has shaken a sled that is not driven yet.
            self.phase, self._arrived = "bottom", 0
        elif speed < -MOVING_M_S:
            self.phase, self._arrived = ("bottom" if up < RETURN_M else "eccentric"), 0
        elif not home and waited >= STUCK_S:
            self._arrived = 0
            self.phase = "bottom"
        return None

    def _back(self, k: int, place: float) -> Stroke | None:
        """At rest at the top, without having been seen to arrive: the end of its drive was not heard, or it never left
        and what had shown a way down was drift.
        """
        if self._drive > self._start and self._top - self._low > RETURN_M:
            self._arrived = k
            return self._finish(place)
        self.phase, self._down_from = "top", None
        return None

    def count(self, stroke: Stroke, drive_m: float, *, sure: bool) -> Stroke:
        """The stroke judged by its drive's length as measured afterwards: a rep, or a partial one. sure: whether the
        length is known but for millimetres; one that drift may have spoilt is no measure for those that are.
        """
        earlier = self._strokes if sure or self._strokes else self._rough
        if earlier and drive_m < (STROKE_SHARE if sure else UNSURE_SHARE) * median(earlier):
            return replace(stroke, counted=False, reason="partial")
        self.rep += 1
        (self._strokes if sure else self._rough).append(drive_m)
        return stroke

    def _finish(self, place: float) -> Stroke:
        self.arrived = self._arrived
        stroke = Stroke(self.set, self.rep + 1, self._start, self._bottom, self._drive, self._arrived)
        self.phase, self._top, self._arrived, self._down_from = "top", place, 0, None
        return stroke
