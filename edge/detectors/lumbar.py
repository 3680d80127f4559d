"""Lumbar lift-off: the pelvis curls back and the tailbone leaves the pad.

It happens at the bottom, where the hip has run out of range; effort cannot prevent it. Judged by the pelvis' posterior
tilt from the set-up posture.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Gate, Reading
from edge.detectors.trigger import Trigger, confidence


class LumbarSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_deg: some pelvic motion is normal (up to 9°), a plain curl is 14.5° and more; 12° is the usual line."""

    alert_deg: Annotated[float, Meta(ge=4.0, le=40.0, description="posterior tilt that counts as lift-off, deg")] = 11.7
    clear_deg: Annotated[float, Meta(ge=2.0, le=35.0, description="tilt at which it counts as over, deg")] = 8.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="how long it must last, s")] = 0.03


CLEAR_S = 0.25


class Lumbar:
    """The pelvis. Readings: posterior tilt, deg."""

    def __init__(self, settings: LumbarSettings) -> None:
        self._settings = settings
        self._trigger = Trigger(settings.alert_deg, settings.clear_deg, settings.hold_s, CLEAR_S)
        self._told: tuple[int, int] | None = None

    @property
    def active(self) -> bool:
        """Whether the pelvis is tucked now."""
        return self._trigger.active

    def step(self, reading: Reading, gate: Gate, sensors: tuple[str, ...]) -> Detection | None:
        """One instant; sensors: those that speak at present."""
        moving = gate.phase in ("eccentric", "bottom", "concentric")
        if not gate.judged or not moving:
            self._trigger.reset()
            return None
        if not self._trigger.step(reading.t_s, reading.value) or self._told == (gate.set, gate.rep):
            return None
        self._told = (gate.set, gate.rep)
        s = self._settings
        return Detection(
            kind="lumbar", side=None, severity="S2", phase=gate.phase, set=gate.set, rep=gate.rep,
            onset_s=self._trigger.onset_s or reading.t_s, value=reading.value, threshold=s.alert_deg, unit="deg",
            confidence=confidence(reading.value, s.clear_deg, reading.sd),
            sensors=sensors, sample_s=reading.t_s, arrival_s=reading.arrival_s,
        )  # fmt: skip
