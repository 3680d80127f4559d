"""A drive that comes to a stop on its way, and one that ends in the rack after it did."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.motion.gate import Gate
from edge.motion.phases import RETURN_M
from edge.motion.series import GRID_S

MIDWAY = (0.1, 0.85)
"""Shares of the way up between which a stop is a stall: below is the turn, above the easing into the top. Before the
drive a pause is no stall, though heels that lift may move the sled's place by centimetres as the knees tell it."""


class StallSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sticking point slows a drive for some tenths of a second; half a second of hardly moving is a stall."""

    slow_m_s: Annotated[
        float, Meta(ge=0.01, le=0.2, description="Slower than this on the way up the sled hardly moves.")
    ] = 0.05
    lasts_s: Annotated[float, Meta(ge=0.1, le=5.0, description="So long, and it is a stall.")] = 0.5


class Stall:
    """Feed `step` at every grid instant with the sled. stalled: the attempt that has stalled so far, None if none."""

    def __init__(self, settings: StallSettings) -> None:
        self._settings = settings
        self.stalled: int | None = None
        self.lasted_s = 0.0
        self._attempt = -1
        self._top = self._low = 0.0
        self._open = False

    def step(self, place_m: float, speed_m_s: float, gate: Gate) -> Literal["stalled", "lost"] | None:
        """What has just become plain: the drive has stalled, or was racked without having been finished since."""
        if gate.phase in ("top", "rest"):
            self._top = place_m
            lost, self._open = self._open and gate.phase == "rest", False
            return "lost" if lost else None
        if gate.attempt != self._attempt:
            self._attempt, self.stalled, self.lasted_s, self._low = gate.attempt, None, 0.0, place_m
        self._low = min(self._low, place_m)
        if self.stalled is not None:
            return None
        up = (place_m - self._low) / max(self._top - self._low, RETURN_M)
        slow = gate.phase == "concentric" and abs(speed_m_s) < self._settings.slow_m_s and MIDWAY[0] < up < MIDWAY[1]
        self.lasted_s = self.lasted_s + GRID_S if slow else 0.0
        if self.lasted_s < self._settings.lasts_s or not gate.judged:
            return None
        self.stalled, self._open = gate.attempt, True
        return "stalled"
