"""Lumbar lift-off: the pelvis curls back and the tailbone leaves the pad.

It happens at the bottom, where the hip has run out of range; effort cannot prevent it. Judged by the pelvis' posterior
tilt from the set-up posture.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Fault, Line, Reading
from edge.motion.gate import Gate


class LumbarSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_deg: some pelvic motion is normal (up to 9°), a plain curl is 14.5° and more; 12° is the usual line."""

    alert_deg: Annotated[
        float, Meta(ge=4.0, le=40.0, description="Posterior tilt of the pelvis that counts as lift-off.")
    ] = 11.7
    clear_deg: Annotated[
        float, Meta(ge=2.0, le=35.0, description="Tilt at which it counts as over; below alert_deg.")
    ] = 8.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="How long it must last.")] = 0.03

    def __post_init__(self) -> None:
        """ValueError: the fault would be over before it began."""
        if self.clear_deg >= self.alert_deg:
            raise ValueError(f"clear_deg = {self.clear_deg:g}: must be below alert_deg, {self.alert_deg:g}")


CLEAR_S = 0.25
LEAD_S = 0.03
"""What a sample is old by when judged, without the radio's rarer delays. A pelvis curls at 50 to 100°/s."""


class Lumbar:
    """The pelvis. Readings: posterior tilt, deg."""

    def __init__(self, settings: LumbarSettings) -> None:
        s = settings
        self._line = Line(s.alert_deg, s.clear_deg, s.hold_s, CLEAR_S, LEAD_S, "deg")
        self.fault = Fault("lumbar", None, self._line)

    def be_strict(self, times: float) -> None:
        """From here on both lines count times this."""
        self.fault.draw(replace(self._line, on=self._line.on * times, off=self._line.off * times))

    def step(self, reading: Reading, gate: Gate, sensors: tuple[str, ...]) -> Detection | None:
        """One instant; sensors: those that speak at present."""
        if not gate.judged or not gate.moving:
            self.fault.pass_over()
            return None
        return self.fault.judge(reading, gate, sensors)
