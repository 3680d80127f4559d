"""One machine as the pages know it: its messages folded into what is now, and what each session was. Pure.

A phone belongs to one session and is shown that session's record only; so records stay apart by session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dashboards.cue import STALE_S, Cue, CueBoard, Spoken
from dashboards.notice_board import NoticeBoard
from edge.events import ActiveAlerts, ActiveFault, Alert, Live, MachineState, Notice, Rep, SensorState, SetSummary, Sign
from edge.history.received import Envelope, FromMachine, Place

SESSIONS_MAX = 4
"""Records kept at hand: the present one, and those whose lifters may still be looking at their summary."""
REPS_MAX, ALERTS_MAX, SIGNS_MAX = 2000, 500, 2000
"""Bounds on what a session may make us keep; the longest of sessions has some 200 reps."""
WRONG_LEGS = "left and right sensors seem swapped: strap each to its own leg, then stand still for 2 s"
"""Why knees are not assessed, as the box words it, where somebody who has looked may say otherwise."""
SILENT_NS = 1_000_000_000
"""Live comes 20 times a second in a session: after a second without it, what is on the screen is not now."""

RepKey = tuple[int, int, float]
AlertKey = tuple[int, int, str, str | None]
SignKey = tuple[int, int, str, str | None, str]


def worth_telling(sign: Sign) -> bool:
    """Whether people are told of a sign: of all but what is for the log alone."""
    return sign.severity != "S0" or bool(sign.cue)


def alert_key(alert: Alert) -> AlertKey:
    """What makes an alert itself: one per fault and side in a rep."""
    return alert.set, alert.rep, alert.kind, alert.side


@dataclass(slots=True)
class SessionRecord:
    """What happened in one session. said_as: the message in which an alert came; confirmed: items of the set-up check
    that the lifter tapped; feedback: whether an alert was right, as the lifter says; pain: the last answer; asked: what
    sensors ask of the lifter.
    """

    id: str
    boot: str = ""
    reps: dict[RepKey, Rep] = field(default_factory=dict)
    sets: dict[int, SetSummary] = field(default_factory=dict)
    alerts: dict[AlertKey, Alert] = field(default_factory=dict)
    said_as: dict[AlertKey, str] = field(default_factory=dict)
    signs: dict[SignKey, Sign] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    feedback: dict[AlertKey, bool] = field(default_factory=dict)
    pain: str | None = None
    asked: NoticeBoard = field(default_factory=NoticeBoard)

    def reps_of(self, number: int) -> list[Rep]:
        """The attempts of a set, in order."""
        return [rep for key, rep in sorted(self.reps.items()) if rep.set == number]

    def take_rep(self, rep: Rep) -> None:
        """Note a rep, once."""
        if len(self.reps) < REPS_MAX:
            self.reps[rep.set, rep.rep, rep.start_s] = rep

    def take_set(self, summary: SetSummary) -> None:
        """Note the newest word on a set: what waited for a broker comes after what is newer."""
        known = self.sets.get(summary.set)
        if known is None or summary.t_s >= known.t_s:
            self.sets[summary.set] = summary

    def take_alert(self, alert: Alert, message: str | None = None) -> None:
        """Note an alert, once. message: the id of the one in which it came, as far as that is known."""
        if len(self.alerts) < ALERTS_MAX:
            self.alerts.setdefault(alert_key(alert), alert)
        if message is not None and alert_key(alert) in self.alerts:
            self.said_as.setdefault(alert_key(alert), message)

    def take_sign(self, sign: Sign) -> None:
        """Note a sign: one per kind, side and severity in a rep, the spoken one where what lasts comes again."""
        key = sign.set, sign.rep, sign.kind, sign.side, sign.severity
        if key in self.signs and not sign.spoken:
            return
        if key in self.signs or len(self.signs) < SIGNS_MAX:
            self.signs[key] = sign

    def signs_of(self, number: int) -> list[Sign]:
        """The signs of a set that are worth telling its lifter, as they came: all but what is for the log alone."""
        return [sign for sign in self.signs.values() if sign.set == number and worth_telling(sign)]


@dataclass(slots=True)
class SensorView:
    """A sensor's newest state. told: when; calibrated_since: from when on it has been calibrated, as far as known."""

    state: SensorState
    told: datetime
    calibrated_since: datetime | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a message changed, so that the pages are told that and no more."""

    view: bool = False
    live: bool = False
    cue: Cue | None = None
    session_began: str | None = None


class MachineView:
    """Feed `take` with every message about the machine. now_ns: the reader's own monotonic clock. lifter_said: the id
    of the command that told last who is lifting, in the session that is on or that begins.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.box: str | None = None
        self.boot: str | None = None
        self.session: str | None = None
        self.lifter_said: str | None = None
        self.state: MachineState | None = None
        self.live: Live | None = None
        self.live_ns: int | None = None
        self.active: tuple[ActiveFault, ...] = ()
        self.board = CueBoard()
        self.records: dict[str, SessionRecord] = {}
        self.sensors: dict[str, SensorView] = {}

    @property
    def record(self) -> SessionRecord | None:
        """The present session's record."""
        return self.records.get(self.session) if self.session else None

    @property
    def legs_doubted(self) -> bool:
        """Whether left and right sensors seem swapped."""
        return self.state is not None and WRONG_LEGS in self.state.not_assessed.values()

    def take(self, message: FromMachine, now_ns: int) -> Changes:
        """Fold one message in."""
        self.box = message.envelope.box
        match message.event:
            case Live() as live:
                return self._take_live(message, live, now_ns)
            case Rep() | SetSummary() | ActiveAlerts() | Notice() as event:
                return self._take_progress(message, event)
            case Alert() | Sign() as said if isinstance(said, Sign) or not message.durable:
                return self._take_spoken(message, said, now_ns)  # a sign has no topic but that of the history
            case MachineState() as state if not message.durable:
                return self._take_state(message, state)
            case SensorState() as sensor if not message.durable:
                return self._take_sensor(sensor, message.envelope)
        return Changes()

    def recorded(self, session: str, boot: str) -> SessionRecord:
        """The record of a session, begun if need be; the oldest are let go. The same id of another boot, as when a
        recording is played again, is another session.
        """
        known = self.records.get(session)
        if known is None or known.boot != boot:
            self.records.pop(session, None)
            for old in list(self.records)[: max(0, len(self.records) - SESSIONS_MAX + 1)]:
                if old != self.session:
                    del self.records[old]
            self.records[session] = SessionRecord(session, boot)
        return self.records[session]

    def is_silent(self, now_ns: int) -> bool:
        """Whether live should be coming and does not."""
        if self.state is None or self.state.session is None:
            return False
        return self.live_ns is None or now_ns - self.live_ns > SILENT_NS

    def _take_progress(self, message: FromMachine, event: Rep | SetSummary | ActiveAlerts | Notice) -> Changes:
        match event:
            case Rep():
                self.recorded(message.session, message.envelope.boot).take_rep(event)
            case SetSummary():
                self.recorded(message.session, message.envelope.boot).take_set(event)
            case ActiveAlerts():
                self.active = event.active
                self.board.take_active(event.t_s, event.active)
            case Notice() if event.session and not (message.retained or message.envelope.late):  # those are not of now
                number = self.state.set if self.state is not None and self.state.session == event.session else 0
                self.recorded(event.session, message.envelope.boot).asked.take(event, number)
        return Changes(view=True)

    def _take_live(self, message: FromMachine, live: Live, now_ns: int) -> Changes:
        self.live, self.live_ns, self.boot = live, now_ns, message.envelope.boot
        return Changes(live=True)

    def _take_spoken(self, message: FromMachine, said: Spoken, now_ns: int) -> Changes:
        record = self.recorded(message.session, message.envelope.boot)
        record.take_sign(said) if isinstance(said, Sign) else record.take_alert(said, message.envelope.id)
        if message.retained or message.envelope.late or self._is_stale(message, said):
            return Changes(view=True)
        return Changes(view=True, cue=self.board.take(said, now_ns))

    def _is_stale(self, message: FromMachine, said: Spoken) -> bool:
        """Older than what we have already seen of the same boot's time line."""
        if self.live is None or message.envelope.boot != self.boot:
            return False
        return self.live.t_s - said.t_s > STALE_S

    def _take_state(self, message: FromMachine, state: MachineState) -> Changes:
        self.state = state
        if (record := self.records.get(state.session or "")) is not None:
            record.asked.take_state(state)
        before, self.session = self.session, message.session if state.session or state.state != "idle" else None
        boot, self.boot = self.boot, message.envelope.boot
        if self.session == before and boot == self.boot:
            return Changes(view=True)
        self.active = ()
        self.board.clear()
        if before is not None:
            self.lifter_said = None
        if self.session is not None:
            self.recorded(self.session, message.envelope.boot)
        return Changes(view=True, session_began=self.session)

    def _take_sensor(self, sensor: SensorState, envelope: Envelope) -> Changes:
        before = self.sensors.get(sensor.role)
        since = envelope.ts if sensor.calibrated else None
        if before is not None and before.calibrated_since and sensor.calibrated:
            same = before.state.session == sensor.session
            since = before.calibrated_since if same else since
        self.sensors[sensor.role] = SensorView(sensor, envelope.ts, since)
        if self.record is not None:
            self.record.asked.take_sensor(sensor)
        return Changes(view=True)
