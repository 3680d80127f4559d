"""Knee lockout: the knee is driven straight at the top, and the load rests on the joint instead of the muscle.

Coaches and therapists ask for a soft bend, about 95 % of the lifter's own full straightening. Flexion is measured from
the lifter's own straight knee, so an own straight of 6° is nobody's fault.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Gate, Reading
from edge.detectors.trigger import Trigger, confidence
from edge.events import Side


class LockoutSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_deg: a soft bend holds 9° or more, a locked knee 3.5° or less; the line lies midway, since the
    measurement errs by 1 to 2° either way. 5° is where a knee is called locked; the sensor's lag eats the rest.
    """

    alert_deg: Annotated[float, Meta(ge=0.0, le=15.0, description="knee flexion at which the knee counts as locked, deg")] = 6.0
    clear_deg: Annotated[float, Meta(ge=1.0, le=25.0, description="flexion at which it counts as bent again, deg")] = 8.0
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="how long it must last, s")] = 0.02


WINDOW_S = 1.0
"""A drive that locks the knee does so as it arrives; later, at rest, knees only sink."""
CLEAR_S = 0.2


class Lockout:
    """One knee. Readings: knee flexion, deg."""

    def __init__(self, side: Side, settings: LockoutSettings) -> None:
        self._side, self._settings = side, settings
        self._trigger = Trigger(settings.alert_deg, settings.clear_deg, settings.hold_s, CLEAR_S)
        self._told: tuple[int, int] | None = None

    @property
    def active(self) -> bool:
        """Whether the knee is locked now."""
        return self._trigger.active

    def step(self, reading: Reading, gate: Gate) -> Detection | None:
        """One instant; the detection at the instant it is certain, once a rep."""
        driving = gate.phase == "concentric" or (gate.phase == "top" and gate.since_top_s < WINDOW_S)
        if not gate.judged or not (driving or self._trigger.active):
            self._trigger.reset()
            return None
        if not self._trigger.step(reading.t_s, reading.value) or self._told == (gate.set, gate.rep):
            return None
        self._told = (gate.set, gate.rep)
        s = self._settings
        return Detection(
            kind="lockout", side=self._side, severity="S2", phase=gate.phase, set=gate.set, rep=gate.rep,
            onset_s=self._trigger.onset_s or reading.t_s, value=reading.value, threshold=s.alert_deg, unit="deg",
            confidence=confidence(reading.value, s.clear_deg, reading.sd),
            sensors=(f"{self._side}_thigh", f"{self._side}_shank"), sample_s=reading.t_s, arrival_s=reading.arrival_s,
        )  # fmt: skip
