"""Knee lockout: the knee is driven straight at the top, and the load rests on the joint instead of the muscle.

Coaches and therapists ask for a soft bend, about 95 % of the lifter's own full straightening. Flexion is measured from
the lifter's own straight knee, so an own straight of 6° is nobody's fault.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Fault, Line, Reading
from edge.events import Side
from edge.motion.gate import Gate


class LockoutSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_deg: a soft bend holds 9° or more, a locked knee 3.5° or less; the line lies midway, since the
    measurement errs by 1 to 2° either way. 5° is where a knee is called locked; the sensor's lag eats the rest.
    """

    alert_deg: Annotated[
        float, Meta(ge=0.0, le=15.0, description="Knee flexion at and below which the knee counts as locked.")
    ] = 6.0
    clear_deg: Annotated[
        float, Meta(ge=1.0, le=25.0, description="Flexion at which it counts as bent again; above alert_deg.")
    ] = 8.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="How long it must last.")] = 0.02

    def __post_init__(self) -> None:
        """ValueError: the fault would be over before it began."""
        if self.clear_deg <= self.alert_deg:
            raise ValueError(f"clear_deg = {self.clear_deg:g}: must be above alert_deg, {self.alert_deg:g}")


WINDOW_S = 1.0
"""A drive that locks the knee does so as it arrives; later, at rest, knees mostly sink."""
PLAIN_DEG = 1.5
"""A knee that straightens at rest, as when the lifter settles on one leg, must pass the line by so much: the pelvis
rocks under hands that grip anew, and near straight 3 mm of it are 9° of knee."""
CLEAR_S = 0.2
LEAD_S = 0.02
"""Half of what a sample is old by when judged: as it arrives the knee slows down, and more would overshoot."""


class Lockout:
    """One knee. Readings: knee flexion, deg."""

    def __init__(self, side: Side, settings: LockoutSettings) -> None:
        s = settings
        self.fault = Fault("lockout", side, Line(s.alert_deg, s.clear_deg, s.hold_s, CLEAR_S, LEAD_S, "deg"))
        self._plain_deg = s.alert_deg - PLAIN_DEG
        self._sensors = (f"{side}_thigh", f"{side}_shank")

    def step(self, reading: Reading, gate: Gate) -> Detection | None:
        """One instant; judged in the drive and as it arrives, later where plain, and on while the knee stays locked."""
        arriving = gate.phase == "concentric" or (gate.phase == "top" and gate.since_top_s < WINDOW_S)
        plain = gate.phase == "top" and reading.value <= self._plain_deg
        if not gate.judged or not (arriving or plain or self.fault.active):
            self.fault.pass_over()
            return None
        return self.fault.judge(reading, gate, self._sensors)
