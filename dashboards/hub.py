"""The machines' views and who looks at them. One event loop; nothing here waits.

Messages come in by `arrive`, screens register by `join`; what a message changes is worded once for each kind of page,
session and language, and put to every screen that shows it. `step`, ten times a second, does what time alone does: a
cue goes, a stream falls silent, a beat tells the pages that they are connected and whether what they show is now.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from dashboards.cue import Cue
from dashboards.frames import Frame, cue_frame, kiosk_live_frame, live_frame, view_frame
from dashboards.machine_view import MachineView, SessionRecord
from dashboards.words import words_of
from edge.clock import monotonic_ns
from edge.commands import SetLifter, name_of
from edge.events import CommandResult, Live
from edge.history.queries import SessionPage
from edge.history.received import Body, FromBox, FromMachine, Place, Unreadable, forgotten, read
from edge.history.subscription import Arrival

STEP_S = 0.1
BEAT_EVERY = 4
"""Steps between beats: a page that hears nothing for a second says so, and two beats may be late before that."""
PHONE_LIVE_EVERY = 4
"""Of 20 live messages a second a phone gets 5: what it draws from them is a phase and how near two limits are."""
MACHINES_MAX = 1000
"""Of all gyms on this broker; beyond that somebody invents topics."""

Kind = Literal["phone", "kiosk"]
Signal = Literal["ok", "broker", "box", "machine"]

log = logging.getLogger(__name__)


class Screen(Protocol):
    """One open page. session: whose record it shows; empty while it waits for the next session to begin."""

    kind: Kind
    place: Place
    session: str
    language: str

    def put(self, text: str, slot: str | None = None) -> None:
        """Take a frame; one in a slot replaces the one that still waits there. Never blocks."""

    def session_began(self, session: str) -> None:
        """A session began on the machine."""


@dataclass(slots=True)
class BoxView:
    """An edge box. told: when it last told its health; clock: synced, unsynced, or not told yet."""

    status: str = "unknown"
    clock: str = "–"
    health: Body = field(default_factory=dict)
    told: datetime | None = None


class Hub:
    """now_ns: the monotonic clock, to be replaced in tests."""

    def __init__(self, now_ns: Callable[[], int] = monotonic_ns) -> None:
        self.machines: dict[Place, MachineView] = {}
        self.boxes: dict[tuple[str, str], BoxView] = {}
        self.broker_problem: str | None = "not connected yet"
        self.unreadable = 0
        self.ended_ns: dict[str, int] = {}
        self.help_asked: dict[Place, datetime] = {}
        self.on_session: Callable[[Place, str], None] = lambda _place, _session: None
        self.on_result: Callable[[CommandResult], None] = lambda _result: None
        self.now_ns = now_ns
        self._screens: dict[Place, list[Screen]] = {}
        self._told: dict[int, str] = {}
        self._steps = 0
        self._lives: dict[Place, int] = {}

    def broker_changed(self, problem: str | None) -> None:
        """The connection to the broker came (None) or went."""
        if problem != self.broker_problem:
            log.log(logging.WARNING if problem else logging.INFO, "broker: %s", problem or "connected")
        self.broker_problem = problem
        if problem is not None:
            for view in self.machines.values():
                self._take_cue_down(view, gone=view.board.clear())
        self._beat()

    def arrive(self, arrival: Arrival) -> None:
        """A message of the broker; an empty one has it forget a machine or a box that is gone."""
        if not arrival.payload:
            self._forget(forgotten(arrival.topic))
            return
        try:
            message = read(arrival.topic, arrival.payload, retained=arrival.retained)
        except Unreadable as error:
            self.unreadable += 1
            log.debug("%s", error)
            return
        if isinstance(message, FromBox):
            self._take_box(message)
        elif message is not None and isinstance(message.event, CommandResult):
            self._note_lifter(message.place, message.event)
            self.on_result(message.event)
        elif message is not None:
            self.take(message)

    def take(self, message: FromMachine) -> None:
        """A message about a machine."""
        view = self.machine(message.place)
        if view is None:
            return
        before = view.session
        changes = view.take(message, self.now_ns())
        if before is not None and view.session != before:
            self.ended_ns[before] = self.now_ns()
        if changes.cue is not None:
            self._show_cue(view, changes.cue)
        if changes.session_began is not None:
            for screen in self._screens.get(view.place, ()):
                screen.session_began(changes.session_began)
            self.on_session(view.place, changes.session_began)
        if changes.view:
            self.tell_view(view.place)
        if changes.live and isinstance(message.event, Live):
            self._tell_live(view.place, message.event)

    def recall(self, place: Place, session: str, past: SessionPage) -> None:
        """What the history knows of a session that was on before this process was."""
        view = self.machines.get(place)
        record = view.records.get(session) if view else None
        if view is None or record is None:
            return
        for row in past.reps:
            record.take_rep(row.rep)
            for alert in row.alerts:
                record.take_alert(alert)
            for sign in row.signs:
                record.take_sign(sign)
            record.feedback.update(row.right)
        for summary in past.sets.values():
            record.take_set(summary)
        _recall_asked(view, record, past)
        self.tell_view(place)

    def machine(self, place: Place) -> MachineView | None:
        """The machine's view, begun if need be; None where there are too many."""
        if place not in self.machines:
            if len(self.machines) >= MACHINES_MAX:
                return None
            self.machines[place] = MachineView(place)
        return self.machines[place]

    def join(self, screen: Screen) -> None:
        """A page opened: it is told everything at once."""
        self._screens.setdefault(screen.place, []).append(screen)
        view = self.machine(screen.place)
        if view is None:
            return
        self._tell_one(view, screen)
        if view.board.now is not None and self._shows_present(view, screen):
            frame = cue_frame(view.board.now, words_of(screen.language), self.now_ns())
            screen.put(encode(frame))
        screen.put(encode(self._beat_frame(view)), "beat")

    def leave(self, screen: Screen) -> None:
        """A page closed."""
        screens = self._screens.get(screen.place, [])
        if screen in screens:
            screens.remove(screen)
        self._told.pop(id(screen), None)

    def count(self, session: str) -> int:
        """How many phones show this session."""
        return sum(s.session == session and s.kind == "phone" for screens in self._screens.values() for s in screens)

    def step(self) -> None:
        """To be called every STEP_S."""
        self._steps += 1
        now_ns = self.now_ns()
        for view in self.machines.values():
            self._take_cue_down(view, gone=view.board.step(now_ns))
        if self._steps % BEAT_EVERY == 0:
            self._beat()

    def tell_view(self, place: Place) -> None:
        """Something about a machine or a session's record changed."""
        view = self.machines.get(place)
        if view is None:
            return
        worded: dict[tuple[str, str, str], str] = {}
        for screen in self._screens.get(place, ()):
            self._tell_one(view, screen, worded)

    def signal_of(self, view: MachineView) -> Signal:
        """Whether what is known of a machine is now, and if not, where it is cut off."""
        if self.broker_problem is not None:
            return "broker"
        if view.box is not None and self.boxes.get((view.place.gym, view.box), BoxView()).status != "online":
            return "box"
        return "machine" if view.is_silent(self.now_ns()) else "ok"

    def _tell_one(
        self, view: MachineView, screen: Screen, worded: dict[tuple[str, str, str], str] | None = None
    ) -> None:
        """Put the view to a screen, unless it is what the screen was told last."""
        worded = {} if worded is None else worded
        key = (screen.kind, screen.session, screen.language)
        if key not in worded:
            is_kiosk = screen.kind == "kiosk"
            session = view.session if is_kiosk else screen.session
            worded[key] = encode(view_frame(view, session, words_of(screen.language), is_kiosk=is_kiosk))
        if self._told.get(id(screen)) != worded[key]:
            self._told[id(screen)] = worded[key]
            screen.put(worded[key], "view")

    def _tell_live(self, place: Place, live: Live) -> None:
        screens = self._screens.get(place)
        if not screens:
            return
        self._lives[place] = count = self._lives.get(place, 0) + 1
        view, texts = self.machines[place], dict[str, str]()
        for screen in screens:
            if screen.kind == "phone" and (count % PHONE_LIVE_EVERY or screen.session != view.session):
                continue
            if screen.kind not in texts:
                texts[screen.kind] = encode(kiosk_live_frame(live) if screen.kind == "kiosk" else live_frame(live))
            screen.put(texts[screen.kind], "live")

    def _show_cue(self, view: MachineView, cue: Cue) -> None:
        for screen in self._screens.get(view.place, ()):
            if self._shows_present(view, screen):
                screen.put(encode(cue_frame(cue, words_of(screen.language), self.now_ns())))

    def _take_cue_down(self, view: MachineView, *, gone: bool) -> None:
        if gone:
            for screen in self._screens.get(view.place, ()):
                screen.put(encode({"t": "cue_over"}))

    def _shows_present(self, view: MachineView, screen: Screen) -> bool:
        return screen.kind == "kiosk" or screen.session == view.session

    def _beat(self) -> None:
        for place, screens in self._screens.items():
            view = self.machines.get(place)
            if view is None:
                continue
            if view.state is not None and view.state.state == "setup":  # the check's measured items follow the body
                self.tell_view(place)
            text = encode(self._beat_frame(view))
            for screen in screens:
                screen.put(text, "beat")

    def _beat_frame(self, view: MachineView) -> Frame:
        return {"t": "beat", "signal": self.signal_of(view)}

    def _note_lifter(self, place: Place, result: CommandResult) -> None:
        """Whoever said who is lifting, be it another page, another tool or the box itself, is gone by from here on."""
        view = self.machine(place)
        if view is not None and result.ok and result.command == name_of(SetLifter):
            view.lifter_said = result.command_id
            self.tell_view(place)

    def _forget(self, gone: Place | tuple[str, str] | None) -> None:
        if isinstance(gone, Place):
            self.machines.pop(gone, None)
            self.help_asked.pop(gone, None)
        elif gone is not None:
            self.boxes.pop(gone, None)

    def _take_box(self, message: FromBox) -> None:
        if len(self.boxes) >= MACHINES_MAX and (message.gym, message.box) not in self.boxes:
            return
        box = self.boxes.setdefault((message.gym, message.box), BoxView())
        box.clock = message.envelope.clock
        if message.status is not None:
            box.status = message.status
        if message.health is not None:
            box.health, box.told = message.health, message.envelope.ts
        self._beat()


def _recall_asked(view: MachineView, record: SessionRecord, past: SessionPage) -> None:
    """What sensors asked in a session that was on before, as far as neither a later set nor they have ended it."""
    begun = [(row.rep.start_s, row.rep.set) for row in past.reps]
    for row in past.notices:
        record.asked.recall(row.notice, max((of for at_s, of in begun if at_s <= row.notice.t_s), default=0))
    record.asked.begin_set(max((of for _, of in begun), default=0))
    if record is not view.record:
        return
    if view.state is not None:
        record.asked.take_state(view.state)
    for sensor in view.sensors.values():
        record.asked.take_sensor(sensor.state)


def encode(frame: Frame) -> str:
    """A frame as it is sent."""
    return msgspec.json.encode(frame).decode()
