"""One machine, from bytes to events: the single entry, live, in replay and in tests.

Pure: no clock, no event loop, no file, no socket; its randomness is seeded. Arrivals carry their own times and are
worked off on a fixed 10 ms grid, and within a set, where a cue is not to wait for the grid, at the next 2 ms after they
came. So what comes out depends on what arrived when, not on how it was bundled or how often `advance` was called.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Final, TypeAlias

from edge.commands import Command
from edge.detectors.sign import Finding
from edge.events import AnyEvent, Kind, Notice, Send
from edge.ingest.native_types import NodeEvent, NodeReport, Problem
from edge.lifter import Learned, LifterTold
from edge.links import SERIAL_FRAMES, Links
from edge.looks import due_ns, looks_ns
from edge.machine import MachineSettings, usual_lifter
from edge.motion.body import Body, Geometry
from edge.motion.free_reps import FreeRep
from edge.motion.look_back import RepMotion
from edge.motion.plate import static_force_n
from edge.motion.series import GRID_NS
from edge.samples import ImuSamples, LoadSamples, Role, Samples, TimeExchange
from edge.session.assessment import not_assessed, with_rack
from edge.session.free_rep import free_rep
from edge.session.judges import Judges
from edge.session.levels import Levels, Present
from edge.session.life import Change, Life
from edge.session.node_commands import buzz
from edge.session.node_notices import told_by_node
from edge.session.orders import Orders, Sensors
from edge.session.placement_notices import PlacementNotices
from edge.session.rep_summary import Load
from edge.session.sensor_health import BatteryRead, SensorHealth
from edge.session.sign_assessment import signs_not_assessed
from edge.session.signal_rows import SignalRow, SignalRows
from edge.session.tally import About, Tally, looked_back_on
from edge.session.telling import Telling
from edge.session.worn_ways import WornWays
from edge.settings import LinkPlan

LEAST_N_PER_KG: Final = 1.0
"""Below it (rails under 6°) the plate's force says more of friction than of the load."""
ASSESS_EVERY: Final = 5
"""Grid steps between looks at what can be judged: sensors fall silent and come back over tenths of a second."""

Tap: TypeAlias = Callable[[int, Samples], None]
_Arrival: TypeAlias = tuple[int, str, bytes] | tuple[int, Samples | Command | BatteryRead]


class Pipeline:
    """Feed `receive`, `accept`, `sent` as things happen; `advance` gives what is to be told and sent.

    keep_signals: whether the live estimates are kept for `take_signals`. keys: node id to its key, told to nobody.
    """

    def __init__(
        self,
        settings: MachineSettings,
        *,
        seed: int = 0,
        keep_signals: bool = False,
        keys: Mapping[str, bytes] | None = None,
    ) -> None:
        self._body = Body(
            Geometry(
                settings.rail_angle_deg, settings.sled_mass_kg, settings.stack_kg, settings.height_m, settings.tape_m
            )
        )
        self._usual = usual_lifter(settings)
        self._told: LifterTold | None = None
        self._judges = Judges(self._usual)
        self._watch, self._coach = self._judges.watch, self._judges.coach
        self._health = SensorHealth()
        self._links = Links(settings, seed=seed, keys=keys or {})
        self._arrivals: deque[_Arrival] = deque()
        self._at_ns: int | None = None
        self._looked_ns = -GRID_NS
        self._life = Life(seed)
        self._levels = Levels(self._life, self._watch, self._health, self._links.parts_heels)
        self._tally = Tally()
        self._telling = Telling(self._judges.manager, self._life, self._levels, self._tally)
        self._worn_ways, self._placement = WornWays(), PlacementNotices()
        self._not_assessed: dict[str, str] = {}
        self._blind: frozenset[str] = frozenset()
        self._signs_not_assessed: dict[str, str] = {}
        self._assess_ns = 0
        self._rows = SignalRows() if keep_signals else None
        sensors = Sensors(self._links.nodes, self._links.groups)
        self._orders = Orders(sensors, self._life, self._judges.manager, _load(settings), self._judges.near_max)
        self._events: list[AnyEvent] = []
        self._tap: Tap | None = None

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """Bytes of a link that arrived at t_ns."""
        self._wait((t_ns, link, data))

    def accept(self, t_ns: int, samples: Samples) -> None:
        """Samples (of a recording) that arrived at t_ns."""
        self._wait((t_ns, samples))

    def battery(self, link: str, t_ns: int, pct: int) -> None:
        """A bought sensor's battery as it was read at t_ns, percent."""
        self._wait((t_ns, BatteryRead(link, pct)))

    def command(self, t_ns: int, command: Command) -> None:
        """A command that was given at t_ns; its result comes as an event."""
        self._wait((t_ns, command))

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """A `Send` with this seq left at t_ns."""
        self._links.sent(link, t_ns, seq)

    def open_link(self, link: str, plan: LinkPlan = SERIAL_FRAMES) -> None:
        """A link exists: what is on it is greeted from the next step on."""
        self._links.open(link, plan)

    def counters(self) -> dict[str, dict[str, int]]:
        """Per link: what was dropped, and why."""
        return self._links.counters()

    def advance(self, t_ns: int) -> tuple[list[AnyEvent], list[Send]]:
        """Work off every instant up to t_ns: each of the grid, and in a set those at which something has arrived."""
        sends: list[Send] = []
        self._events = []
        if self._at_ns is None:
            first = self._arrivals[0][0] if self._arrivals else t_ns
            self._at_ns = min(first, t_ns) // GRID_NS * GRID_NS
        while (at_ns := due_ns(self._at_ns, at_look_ns := self._looks_ns())) <= t_ns:
            self._at_ns = at_ns
            look = at_ns >= at_look_ns
            if look:
                self._take_arrivals(at_ns)
                self._gather_cells(at_ns)
            if at_ns % GRID_NS == 0:
                sends += self._links.step(at_ns)
            if look:
                self._look(at_ns)
            if at_ns % GRID_NS == 0:
                self._step(at_ns)
            if (cue := self._telling.take_cue()) is not None:
                told = buzz(self._links.nodes, cue, at_ns, self._body.worn_at)
                sends += [send for one in told for send in one.step(at_ns)]
        return self._events, sends

    def end(self) -> list[AnyEvent]:
        """Nothing comes any more, as at a recording's end: what was as good as done is told."""
        self._events = []
        if (at_ns := self._at_ns) is not None and self._body.end():
            self._live(at_ns)
            for one in self._body.free_finished:
                self._finish_free(one, at_ns)
            self._step(at_ns)
        return self._events

    def due_ns(self) -> int:
        """The next instant at which there is something to do, by what has arrived so far; 0 before the first."""
        return due_ns(self._at_ns, self._looks_ns())

    def _looks_ns(self) -> int:
        waits = self._arrivals and self._body.phases.phase != "rest"
        return looks_ns(self._looked_ns, self._arrivals[0][0] if waits else None)

    def tap(self, told: Tap) -> None:
        """From here on, told is told of all samples, and when they reached the host, as motion gets them."""
        self._tap = told

    def learned(self) -> Learned | None:
        """What is known now of the body of whoever said to be lifting; None: nobody said so, or there is nothing."""
        told = self._told
        body = self._body.known() if told is not None else None
        return Learned(command_id=told.id, body=body) if told is not None and body is not None else None

    def told(self) -> str | None:
        """The id of the command that told who is lifting; None: nobody has, or it is over."""
        return self._told.id if self._told is not None else None

    def take_signals(self) -> list[SignalRow]:
        """The rows that have become final: t_s, then the columns of signals.csv, NaN where not known."""
        return self._rows.take() if self._rows is not None else []

    def _wait(self, arrival: _Arrival) -> None:
        """Queue what arrived until its time has come; what is told late goes before what came after it."""
        if self._arrivals and arrival[0] < self._arrivals[-1][0]:
            insort(self._arrivals, arrival, key=itemgetter(0))
        else:
            self._arrivals.append(arrival)

    def _take_arrivals(self, step_ns: int) -> None:
        while self._arrivals and self._arrivals[0][0] <= step_ns:
            arrival = self._arrivals.popleft()
            if len(arrival) == 3:
                self._decode(arrival[1], arrival[0], arrival[2])
            elif isinstance(arrival[1], Command):
                self._obey(arrival[1], step_ns)
            elif isinstance(arrival[1], BatteryRead):
                self._note_battery(arrival[1])
            else:
                self._feed(arrival[0], arrival[1])

    def _decode(self, link: str, t_ns: int, data: bytes) -> None:
        for item in self._links.receive(link, t_ns, data):
            if isinstance(item, (ImuSamples, LoadSamples)):
                self._feed(t_ns, item)
            elif isinstance(item, TimeExchange):
                self._body.sensors.exchange(item)
            elif isinstance(item, NodeReport):
                self._health.report(item)
            elif isinstance(item, NodeEvent):
                self._heed(item, t_ns)
            elif isinstance(item, Problem):
                self._tell(
                    Notice(
                        t_s=t_ns * 1e-9, session=self._life.session, what=item.kind, severity="S1",
                        text=f"{item.link}: {item.text}", role=item.role,
                    )
                )  # fmt: skip

    def _note_battery(self, read: BatteryRead) -> None:
        role = self._links.bought(read.link)
        if role is not None:
            self._health.battery(role, read)

    def _gather_cells(self, step_ns: int) -> None:
        """What the single cells make together, on the host's own clock."""
        for item in self._links.gather(step_ns):
            if isinstance(item, TimeExchange):
                self._body.sensors.exchange(item)
            else:
                self._feed(step_ns, item)

    def _feed(self, t_ns: int, samples: Samples) -> None:
        if self._tap is not None:
            self._tap(t_ns, samples)
        self._body.sensors.accept(t_ns, samples)

    def _heed(self, event: NodeEvent, t_ns: int) -> None:
        if event.kind == "strap_off":
            self._health.taken_off(event.roles, self._body)
        notice = told_by_node(event, t_ns * 1e-9, self._life.session)
        if notice is not None:
            self._tell(notice)

    def _obey(self, command: Command, t_ns: int) -> None:
        if (change := self._orders.take(command, self._body, t_ns)) is not None:
            self._change_session(change, t_ns)
        self._suit(t_ns)

    def _suit(self, t_ns: int) -> None:
        """Whoever is said to be lifting, if anybody, is judged by their own values and seen with their own legs."""
        told = self._orders.lifter
        if told is self._told:
            return
        self._close_set(t_ns)
        self._told = told
        lifter = told.lifter if told is not None else self._usual
        self._judges.suit(lifter)
        self._body.know(lifter.body, height_m=lifter.height_m, tape_m=lifter.tape_m)

    def _refusal(self, role: Role, kind: Kind) -> str | None:
        """Why a sensor may not serve a fault: it was taken off, or is a bought one that cannot; None where it may."""
        if self._health.is_off(role, self._body):
            return f"{role.replace('_', ' ')} sensor taken off: strap it on and stand still for 2 s"
        return self._links.refusal(role, self._body.sensors.named(role), kind)

    def _tell(self, event: AnyEvent) -> None:
        self._events.append(event)

    def _step(self, t_ns: int) -> None:
        """At a grid instant: what holds until it changes."""
        body = self._body
        self._remark(self._coach.step(body, self._watch, t_ns), t_ns)
        if body.gate().phase == "rest":
            self._close_set(t_ns)
        load_kg, coach = self._orders.load.kg, self._coach
        near_max = self._judges.nearness(load_kg, moving=body.gate().moving)
        known = (self._told.lifter if self._told is not None else self._usual).is_known
        unseen = with_rack(self._not_assessed, body)
        now = Present(unseen, self._signs_not_assessed, load_kg, coach.nearness, near_max, known)
        for event in self._levels.step(body, t_ns, now):
            self._tell(event)
        for notice in self._worn_ways.step(body, t_ns * 1e-9, self._life.session):
            self._tell(notice)
        for result in self._orders.step(t_ns):
            self._tell(result)
        self._suit(t_ns)
        if self._rows is not None:
            self._rows.step(body, t_ns // GRID_NS)

    def _look(self, t_ns: int) -> None:
        """Take what has come into the body, and judge what is new."""
        body = self._body
        self._looked_ns = t_ns
        body.step(t_ns)
        self._live(t_ns)
        if t_ns >= self._assess_ns:
            self._assess_ns = t_ns + ASSESS_EVERY * GRID_NS
            self._not_assessed = not_assessed(body, t_ns, self._refusal)
            self._blind = frozenset(self._not_assessed)
            self._signs_not_assessed = signs_not_assessed(body, t_ns, self._not_assessed)
        self._tally.watch(body.gate(), self._not_assessed, self._signs_not_assessed)
        for notice in self._placement.step(body, t_ns * 1e-9, self._life.session):
            self._tell(notice)
        if found := self._watch.step(body, t_ns, self._blind):
            self._events += self._telling.faults(found, body, t_ns)
        for motion in body.finished:
            self._finish(motion, t_ns)
        for one in body.free_finished:
            self._finish_free(one, t_ns)

    def _live(self, t_ns: int) -> None:
        if (change := self._life.step(self._body, t_ns)) is not None:
            self._change_session(change, t_ns)

    def _change_session(self, change: Change, t_ns: int) -> None:
        """What belongs to a lifter begins anew; what is said while no session is on is said of the one that begins."""
        self._close_set(t_ns)
        self._judges.begin_session()
        if change != "began":
            self._orders.end_session()
            self._body.carry(self._orders.load.kg)
            self._suit(t_ns)

    def _finish(self, motion: RepMotion, t_ns: int) -> None:
        if self._tally.reps and self._tally.reps[-1].set != motion.stroke.set:
            self._close_set(t_ns)
        self._coach.learn(self._body, motion)
        worst = {(kind, side): fault.worst for kind, side, fault in self._watch.faults()}
        about = About(self._life.session, self._load_of(motion), self._health.firmware(), self._coach.limit, worst)
        rep = self._tally.finish(motion, t_ns * 1e-9, about)
        self._judges.near_max.note(rep)
        self._tell(rep)
        self._remark(self._coach.remark(looked_back_on(rep), motion, self._tally.reps), t_ns)
        self._tell(self._tally.count(rep, t_ns * 1e-9))

    def _load_of(self, motion: RepMotion) -> Load:
        """What is on the sled: as said, else by a scale under the plate, which the body does not see."""
        said, plate = self._orders.load, self._links.groups.get("footplate")
        if said.kg is not None or not said.newton_per_kg or plate is None:
            return said
        mean_n = plate.mean_n(motion.start_s, motion.top_s)
        return Load(mean_n / said.newton_per_kg, "footplate", None) if mean_n is not None else said

    def _finish_free(self, one: FreeRep, t_ns: int) -> None:
        """A repetition without a machine: counted, with its times; of its form nothing is said."""
        if self._tally.reps and self._tally.reps[-1].set != one.set:
            self._close_set(t_ns)
        rep = free_rep(one, t_ns * 1e-9, self._life.session, self._health.firmware())
        self._tell(rep)
        self._tell(self._tally.count(rep, t_ns * 1e-9))

    def _remark(self, findings: list[Finding], t_ns: int) -> None:
        if findings:
            self._events += self._telling.signs(findings, t_ns)

    def _close_set(self, t_ns: int) -> None:
        reps = self._tally.reps
        summary = self._tally.close(t_ns * 1e-9)
        if summary is not None:
            self._judges.near_max.end_set()
            self._tell(summary)
            self._remark(self._coach.close(reps), t_ns)


def _load(settings: MachineSettings) -> Load:
    """What is said of the load beforehand; a stack's share cannot be told from the plate's force alone."""
    per_kg = static_force_n(1.0, settings.rail_angle_deg, 0.0)
    known = settings.sled_mass_kg is not None
    return Load(
        settings.sled_mass_kg,
        "configured" if known else None,
        per_kg if per_kg > LEAST_N_PER_KG and not settings.stack_kg else None,
    )
