"""Valgus: the knee falls inwards, off the line from hip to ankle, against the lifter's own neutral.

The kneecap should stay over the toes. Bow-legged and knock-kneed lifters are judged by their own neutral, learned from
the press and the reps; a fault is what departs from it.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Gate, Reading
from edge.detectors.trigger import Trigger, confidence
from edge.events import Side


class ValgusSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_mm: 0.02 of body height (35 mm) is a plain collapse; sway and wobble of sound knees stay within 24 mm."""

    alert_mm: Annotated[float, Meta(ge=10.0, le=100.0, description="inward displacement that counts as collapse, mm")] = 34.0
    clear_mm: Annotated[float, Meta(ge=5.0, le=90.0, description="displacement at which it counts as over, mm")] = 24.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="how long it must last, s")] = 0.03
    low_deg: Annotated[float, Meta(ge=0.0, le=60.0, description="least knee flexion at which it is judged, deg")] = 20.0


CLEAR_S = 0.25


class Valgus:
    """One knee. Readings: inward displacement, mm."""

    def __init__(self, side: Side, settings: ValgusSettings) -> None:
        self._side, self._settings = side, settings
        self._trigger = Trigger(settings.alert_mm, settings.clear_mm, settings.hold_s, CLEAR_S)
        self._told: tuple[int, int] | None = None

    @property
    def active(self) -> bool:
        """Whether the knee is in now."""
        return self._trigger.active

    def step(self, reading: Reading, flexion_deg: float, gate: Gate) -> Detection | None:
        """One instant; flexion_deg: the knee's flexion then (near straight the leg has no plane)."""
        moving = gate.phase in ("eccentric", "bottom", "concentric")
        if not gate.judged or not moving or flexion_deg < self._settings.low_deg:
            self._trigger.reset()
            return None
        if not self._trigger.step(reading.t_s, reading.value) or self._told == (gate.set, gate.rep):
            return None
        self._told = (gate.set, gate.rep)
        s = self._settings
        return Detection(
            kind="valgus", side=self._side, severity="S2", phase=gate.phase, set=gate.set, rep=gate.rep,
            onset_s=self._trigger.onset_s or reading.t_s, value=reading.value, threshold=s.alert_mm, unit="mm",
            confidence=confidence(reading.value, s.clear_mm, reading.sd),
            sensors=(f"{self._side}_thigh", f"{self._side}_shank"), sample_s=reading.t_s, arrival_s=reading.arrival_s,
        )  # fmt: skip
