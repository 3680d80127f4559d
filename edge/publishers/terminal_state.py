"""What a person at the terminal is shown of one machine: the events so far, folded into a few facts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.events import (
    ActiveAlerts,
    ActiveFault,
    Alert,
    AnyEvent,
    Live,
    MachineState,
    Notice,
    Rep,
    SensorState,
    SetSummary,
    Sign,
    verdict_key,
)

CUE_SHOWN_S = 2.5  # as long as its words take to be read while pushing; a newer cue replaces it at once
LATEST_MAX = 5


@dataclass(slots=True)
class MachineView:
    """One machine as shown.

    zero_s: shown times count from here; now_s: time of the newest event; reps: counted ones of this set. What is
    counted and listed is replaced, never changed in place: the screen is drawn by another thread meanwhile.
    """

    name: str
    zero_s: float = 0.0
    now_s: float = 0.0
    state: MachineState | None = None
    live: Live | None = None
    cue: Alert | None = None
    reps: int = 0
    set: int = 0
    bells: int = 0
    active: tuple[ActiveFault, ...] = ()
    faults: Counter[str] = field(default_factory=Counter)
    sensors: Mapping[str, SensorState] = field(default_factory=dict)
    links: Mapping[str, str | None] = field(default_factory=dict)
    latest: list[str] = field(default_factory=list)
    sled_min_m: float | None = None
    sled_max_m: float | None = None

    def take(self, event: AnyEvent) -> None:
        """Fold one event in."""
        self.now_s = max(self.now_s, event.t_s)
        match event:
            case Live():
                self._take_live(event)
            case Alert():
                self._take_alert(event)
            case Rep():
                self._take_rep(event)
            case MachineState():
                self.state = event
                self._begin_set(event.set)
            case ActiveAlerts():
                self.active = event.active
            case SensorState():
                self.sensors = {**self.sensors, event.role: event}
            case Notice() | SetSummary() | Sign():
                pass
        if (line := line_of(event, self.zero_s)) is not None:
            self.latest = [*self.latest, line][-LATEST_MAX:]

    def take_link(self, link: str, problem: str | None) -> None:
        """Fold in that a link came up (problem is None) or went down."""
        self.links = {**self.links, link: problem}

    def cue_now(self) -> str | None:
        """The words that are spoken at this moment, or None."""
        if self.cue is None or self.now_s - self.cue.t_s > CUE_SHOWN_S:
            return None
        return self.cue.cue

    def sled_share(self) -> float | None:
        """Where the sled is between the lowest (0) and the highest (1) seen; None while not known."""
        position_m = self.live.sled_position_m if self.live else None
        if position_m is None or self.sled_min_m is None or self.sled_max_m is None:
            return None
        return (position_m - self.sled_min_m) / max(self.sled_max_m - self.sled_min_m, 0.05)

    def _take_live(self, live: Live) -> None:
        self.live = live
        position_m = live.sled_position_m
        if position_m is not None:
            self.sled_min_m = position_m if self.sled_min_m is None else min(self.sled_min_m, position_m)
            self.sled_max_m = position_m if self.sled_max_m is None else max(self.sled_max_m, position_m)

    def _take_alert(self, alert: Alert) -> None:
        self._begin_set(alert.set)
        self.faults = self.faults + Counter([verdict_key(alert.kind, alert.side)])
        if alert.spoken:
            self.cue = alert
            self.bells += 1

    def _take_rep(self, rep: Rep) -> None:
        self._begin_set(rep.set)
        self.reps += rep.counted

    def _begin_set(self, number: int) -> None:
        if number > self.set:
            self.set, self.reps, self.faults = number, 0, Counter()


def unseen(state: MachineState) -> list[str]:
    """What cannot be judged at present, one line for each reason."""
    by_reason: dict[str, list[str]] = {}
    for verdict, reason in state.not_assessed.items():
        by_reason.setdefault(reason, []).append(verdict)
    return [f"not assessed: {', '.join(verdicts)} ({reason})" for reason, verdicts in by_reason.items()]


def line_of(event: AnyEvent, zero_s: float = 0.0) -> str | None:
    """An event as one line of text, its time counted from zero_s; None for what comes too often or says too little."""
    match event:
        case Alert():
            side = f" {event.side}" if event.side else ""
            said = f': "{event.cue}"' if event.spoken else ", not spoken"
            seen = f"{event.value:.3g} {event.unit}, limit {event.threshold:.3g}"
            text = f"ALERT {event.kind}{side} in rep {event.rep}, {event.phase} ({seen}){said}"
        case Rep():
            text = _rep_line(event)
        case SetSummary(final=True):
            faults = ", ".join(f"{name} {count}x" for name, count in event.faults.items()) or "none"
            text = f"set {event.set} over: {event.reps} reps, faults: {faults}"
        case Notice():
            text = event.text
        case Sign():
            text = f'{event.text} "{event.cue}"' if event.spoken else event.text
        case SensorState(problem=str() as problem):
            text = f"sensor {event.role}: {problem}"
        case _:
            return None
    return f"{event.t_s - zero_s:8.2f} s  {text}"


def _rep_line(rep: Rep) -> str:
    if not rep.counted:
        return f"attempt at rep {rep.rep} does not count: {rep.reason or 'too short'}"
    parts = [f"rep {rep.rep}", f"down {rep.eccentric_s:.1f} s, up {rep.concentric_s:.1f} s"]
    if rep.rom_m is not None:
        parts.append(f"{rep.rom_m * 100:.0f} cm")
    if rep.mean_concentric_m_s is not None:
        parts.append(f"{rep.mean_concentric_m_s:.2f} m/s")
    faults = ", ".join(verdict_key(fault.kind, fault.side) for fault in rep.faults)
    return ", ".join(parts) + (f", faults: {faults}" if faults else "")
