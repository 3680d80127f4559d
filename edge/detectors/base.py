"""What every detector sees and says.

A detector gets one reading of its signal per grid instant and what the machine is doing then; it says when its fault
begins, once a rep. It does not know alerts: whether anything is spoken is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.detectors.trigger import Trigger, confidence
from edge.events import Kind, Phase, Severity, Side
from edge.motion.gate import Gate


class Reading:
    """One instant of a signal: when it was (s), when it reached the host (s), its value, its rate (per s), and how far
    the value can be off (one standard deviation, same unit).
    """

    __slots__ = ("arrival_s", "rate", "sd", "t_s", "value")

    def __init__(self, t_s: float, arrival_s: float, value: float, rate: float, sd: float) -> None:
        self.t_s, self.arrival_s, self.value, self.rate, self.sd = t_s, arrival_s, value, rate, sd


@dataclass(frozen=True, slots=True)
class Detection:
    """A fault that has just begun. Times in s of the host's time line; value, threshold in `unit`."""

    kind: Kind
    side: Side | None
    severity: Severity
    phase: Phase
    set: int
    rep: int
    onset_s: float
    value: float
    threshold: float
    unit: str
    confidence: float
    sensors: tuple[str, ...]
    sample_s: float
    arrival_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """A fault's lines: beyond `on` for hold_s it has begun, back within `off` for clear_s it is over. A sample is some
    tens of ms old when it is judged: until the fault has begun it is carried forward by lead_s along its rate.
    """

    on: float
    off: float
    hold_s: float
    clear_s: float
    lead_s: float
    unit: str


class Fault:
    """One fault on one side: its trigger, and that it is told once a rep. Detectors say when it is judged."""

    def __init__(self, kind: Kind, side: Side | None, line: Line) -> None:
        self._kind, self._side, self._line = kind, side, line
        self._trigger = Trigger(line.on, line.off, line.hold_s, line.clear_s)
        self._told = -1
        self.since_s = 0.0
        self.worst = line.on

    @property
    def active(self) -> bool:
        """Whether the fault is present now."""
        return self._trigger.active

    def draw(self, line: Line) -> None:
        """Other values of the same lines, from here on."""
        self._line, self._trigger.on, self._trigger.off = line, line.on, line.off

    def pass_over(self) -> None:
        """Nothing is judged at this instant."""
        self._trigger.reset()

    def judge(self, reading: Reading, gate: Gate, sensors: tuple[str, ...]) -> Detection | None:
        """One judged instant; a detection when the fault has just become certain, once an attempt."""
        lead_s = 0.0 if self.active else self._line.lead_s
        value = reading.value + lead_s * reading.rate
        began = self._trigger.step(reading.t_s, value)
        if self.active and self._told == gate.attempt:
            self.worst = (
                min(self.worst, reading.value) if self._line.on < self._line.off else max(self.worst, reading.value)
            )
        if not began or self._told == gate.attempt:
            return None
        self._told, self.since_s, self.worst = gate.attempt, reading.t_s, value
        line, onset = self._line, self._trigger.onset_s
        return Detection(
            kind=self._kind,
            side=self._side,
            severity="S2",
            phase=gate.phase,
            set=gate.set,
            rep=gate.rep,
            onset_s=reading.t_s if onset is None else onset,
            value=value,
            threshold=line.on,
            unit=line.unit,
            confidence=confidence(value, line.off, reading.sd),
            sensors=sensors,
            sample_s=reading.t_s,
            arrival_s=reading.arrival_s,
        )
