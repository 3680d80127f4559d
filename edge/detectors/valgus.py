"""Valgus: the knee falls inwards, off the line from hip to ankle, against the lifter's own neutral.

The kneecap should stay over the toes. Bow-legged and knock-kneed lifters are judged by their own neutral, learned from
the press and the reps; a fault is what departs from it.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Fault, Line, Reading
from edge.events import Side
from edge.motion.gate import Gate


class ValgusSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_mm: 0.02 of body height (35 mm) is a plain collapse, of which the estimate shows some mm less while
    a lifter's neutral follows a knee that gives in every rep; sway and wobble of sound knees stay within 24 mm.
    """

    alert_mm: Annotated[
        float, Meta(ge=10.0, le=100.0, description="Inward displacement of the knee that counts as collapse.")
    ] = 31.0
    clear_mm: Annotated[
        float, Meta(ge=5.0, le=90.0, description="Displacement at which it counts as over; below alert_mm.")
    ] = 24.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="How long it must last.")] = 0.03
    low_deg: Annotated[float, Meta(ge=0.0, le=60.0, description="Least knee flexion at which it is judged.")] = 20.0

    def __post_init__(self) -> None:
        """ValueError: the fault would be over before it began."""
        if self.clear_mm >= self.alert_mm:
            raise ValueError(f"clear_mm = {self.clear_mm:g}: must be below alert_mm, {self.alert_mm:g}")


CLEAR_S = 0.25
LEAD_S = 0.03
"""What a sample is old by when judged, without the radio's rarer delays. A knee that gives moves at 300 to 500 mm/s."""


class Valgus:
    """One knee. Readings: inward displacement, mm."""

    def __init__(self, side: Side, settings: ValgusSettings) -> None:
        s = settings
        self.fault = Fault("valgus", side, Line(s.alert_mm, s.clear_mm, s.hold_s, CLEAR_S, LEAD_S, "mm"))
        self._low_deg = s.low_deg
        self._sensors = (f"{side}_thigh", f"{side}_shank")

    def step(self, reading: Reading, flexion_deg: float, gate: Gate) -> Detection | None:
        """One instant; flexion_deg: the knee's flexion then (near straight the leg has no plane)."""
        if not gate.judged or not gate.moving or flexion_deg < self._low_deg:
            self.fault.pass_over()
            return None
        return self.fault.judge(reading, gate, self._sensors)
