"""What was found is told: faults as alerts, signs as such, and those that speak with a buzz as a cue to the nodes."""

from __future__ import annotations

from collections.abc import Iterator

from edge.alerts.manager import AlertManager, Decision
from edge.detectors.base import Detection
from edge.detectors.sign import Finding
from edge.events import Alert, AnyEvent, FaultRef, Side, Sign
from edge.motion.body import Body
from edge.session.levels import Levels
from edge.session.life import Life
from edge.session.node_commands import Cue
from edge.session.signs import sign_of
from edge.session.tally import Tally


class Telling:
    """Feed `faults` and `signs` with what detectors found; the alert manager decides which of it speaks."""

    def __init__(self, manager: AlertManager, life: Life, levels: Levels, tally: Tally) -> None:
        self._manager, self._life, self._levels, self._tally = manager, life, levels, tally
        self._cue: Cue | None = None
        self._cues = 0

    def take_cue(self) -> Cue | None:
        """What nodes are to sound, once."""
        cue, self._cue = self._cue, None
        return cue

    def faults(self, found: list[Detection], body: Body, t_ns: int) -> Iterator[AnyEvent]:
        """The alerts, and the set's summary anew where a fault came after its rep had been told."""
        for detection, decision in zip(found, self._manager.decide(found, t_ns), strict=True):
            fault = FaultRef(
                kind=detection.kind, side=detection.side, severity=decision.severity, worst_value=detection.value,
                unit=detection.unit,
            )  # fmt: skip
            summary = self._tally.fault(fault, t_ns * 1e-9)
            if summary is not None:
                yield summary
            if not decision.is_alert:
                continue
            if decision.spoken:
                self._levels.spoken(detection.kind, detection.side)
            self._sound(decision, detection.side)
            yield self._alert(detection, decision, body, t_ns)

    def signs(self, findings: list[Finding], t_ns: int) -> Iterator[Sign]:
        """The signs, spoken or not."""
        for finding, decision in zip(findings, self._manager.decide(findings, t_ns), strict=True):
            self._sound(decision, finding.side)
            yield sign_of(finding, decision, t_ns * 1e-9, self._life.session)

    def _alert(self, detection: Detection, decision: Decision, body: Body, t_ns: int) -> Alert:
        return Alert(
            t_s=t_ns * 1e-9, session=self._life.session, set=detection.set, rep=detection.rep,
            kind=detection.kind, side=detection.side, severity=decision.severity, phase=detection.phase,
            onset_s=detection.onset_s, value=detection.value, threshold=detection.threshold,
            unit=detection.unit, confidence=detection.confidence, sensors=detection.sensors,
            sample_s=detection.sample_s, cue=decision.cue,
            arrival_s=body.sensors.arrived_s(detection.sensors) or detection.arrival_s,
            spoken=decision.spoken, buzzer=decision.buzzer,
        )  # fmt: skip

    def _sound(self, decision: Decision, side: Side | None) -> None:
        if decision.spoken and decision.buzzer:
            self._cues += 1
            self._cue = Cue(self._cues, decision.priority, decision.buzzer, side)
