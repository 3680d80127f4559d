"""Lumbar lift-off: the pelvis curls back and the tailbone leaves the pad.

It happens at the bottom, where the hip has run out of range; effort cannot prevent it. Judged by the pelvis' posterior
tilt from the set-up posture.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Fault, Line, Reading
from edge.motion.body import Gate


class LumbarSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_deg: some pelvic motion is normal (up to 9°), a plain curl is 14.5° and more; 12° is the usual line."""

    alert_deg: Annotated[float, Meta(ge=4.0, le=40.0, description="posterior tilt that counts as lift-off, deg")] = 11.7
    clear_deg: Annotated[float, Meta(ge=2.0, le=35.0, description="tilt at which it counts as over, deg")] = 8.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="how long it must last, s")] = 0.03


CLEAR_S = 0.25


class Lumbar:
    """The pelvis. Readings: posterior tilt, deg."""

    def __init__(self, settings: LumbarSettings) -> None:
        s = settings
        self.fault = Fault("lumbar", None, Line(s.alert_deg, s.clear_deg, s.hold_s, CLEAR_S, "deg"))

    def step(self, reading: Reading, gate: Gate, sensors: tuple[str, ...]) -> Detection | None:
        """One instant; sensors: those that speak at present."""
        if not gate.judged or not gate.moving:
            self.fault.pass_over()
            return None
        return self.fault.judge(reading, gate, sensors)
