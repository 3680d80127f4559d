"""Resting on straight knees: the load stands on the joints for as long as the lifter pauses."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.sign import Finding
from edge.events import Side
from edge.motion.gate import Gate
from edge.motion.leg import SIDES


class RestingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """after_s: a lockout that is passed through lasts some tenths. again_s: for as long as the rest goes on."""

    after_s: Annotated[float, Meta(ge=0.2, le=10.0, description="A knee locked for so long is being rested on.")] = 1.0
    again_s: Annotated[float, Meta(ge=1.0, le=60.0, description="While it lasts it is remarked on again so often.")] = (
        3.0
    )


class Resting:
    """Feed `step` at every grid instant at which a lockout lasts, `clear` at the others. At the top it is a rest."""

    def __init__(self, settings: RestingSettings) -> None:
        self._settings = settings
        self._next_s: float | None = None
        self._since_s: dict[Side, float] = {}

    def clear(self) -> None:
        """No knee is locked."""
        self._next_s = None
        self._since_s.clear()

    def step(self, t_s: float, locked: Collection[Side], gate: Gate) -> Iterator[Finding]:
        """locked: the knees that are beyond the lockout's line now."""
        for side in SIDES:
            if side not in locked:
                self._since_s.pop(side, None)
            else:
                self._since_s.setdefault(side, t_s)
        if not self._since_s or gate.phase != "top":
            return
        side = min(self._since_s, key=lambda one: self._since_s[one])
        lasts = t_s - self._since_s[side]
        if lasts < self._settings.after_s or (self._next_s is not None and t_s < self._next_s):
            return
        self._next_s = t_s + self._settings.again_s
        yield Finding(
            kind="resting_locked", severity="S2", set=gate.set, rep=gate.rep, side=side, phase=gate.phase,
            value=lasts, threshold=self._settings.after_s, unit="s",
            text=f"Resting on a straight {side} knee for {lasts:.0f} s." if len(locked) == 1 else
            f"Resting on straight knees for {lasts:.0f} s.",
        )  # fmt: skip
