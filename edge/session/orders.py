"""Commands to one machine: carried out here, or passed on to nodes and answered when they have answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from edge.alerts.manager import AlertManager
from edge.commands import (
    Calibrate,
    Command,
    EndSession,
    Identify,
    Mute,
    SetLoad,
    StartSession,
    Tare,
    TrustLegs,
    name_of,
)
from edge.detectors.near_max import NearMax
from edge.events import CommandResult
from edge.ingest.driver_link import DriverLink
from edge.ingest.native import NativeLink
from edge.ingest.native_report import name_of as said_of
from edge.ingest.single_cells import CellGroup
from edge.lifter import LifterTold
from edge.motion.body import Body
from edge.samples import LOAD_ROLES, Role
from edge.session.life import QUIET_END_S, Change, Life
from edge.session.node_commands import Place, nodes_of, places_of
from edge.session.rep_summary import Load
from firmware_protocol.commands import Outcome
from firmware_protocol.messages import Identify as IdentifyMessage
from firmware_protocol.messages import Payload
from firmware_protocol.messages import Tare as TareMessage
from firmware_protocol.registries import AckCode

TARE_SAMPLES = 32
"""A third of a second at 100 Hz: sway of the frame averages out, and nobody need stand back for long."""

ANSWER_MAX_NS = 5_000_000_000
"""Eight cells tared one after the other take four seconds; a node that is away answers never."""


class Refused(Exception):  # noqa: N818
    """A command that cannot be carried out now; the text says why."""


@dataclass(slots=True)
class _Waiting:
    """A command that nodes were asked to carry out. left: (node, ticket) still to be answered."""

    command: Command
    left: set[tuple[int, int]]
    until_ns: int
    noise: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sensors:
    """Whom commands are passed on to. groups: bought load cells that play a role together."""

    links: Mapping[str, NativeLink | DriverLink]
    groups: Mapping[Role, CellGroup]


class Orders:
    """Feed `take` with a command and `step` at every grid instant. load: what is on the sled, as last said; lifter: who
    is lifting, as said for this session or the one about to begin, None where nobody has said.
    """

    def __init__(self, sensors: Sensors, life: Life, manager: AlertManager, load: Load, near_max: NearMax) -> None:
        self._links, self._groups, self._life, self._manager = sensors.links, sensors.groups, life, manager
        self._near_max = near_max
        self.load = self._said_beforehand = load
        self.lifter: LifterTold | None = None
        self._lifter_ns = 0
        self._waiting: list[_Waiting] = []
        self._results: list[CommandResult] = []

    def take(self, command: Command, body: Body, t_ns: int) -> Change | None:
        """Carry a command out, or begin to. What became of the session by it, if anything."""
        before = self._life.session
        try:
            if not self._pass_on(command, body, t_ns):
                self._carry_out(command, body, t_ns)
                self._answer(command, t_ns)
        except Refused as refused:
            self._answer(command, t_ns, str(refused))
        if self._life.session == before:
            return None
        if self._life.session is None:
            return "ended"
        return "began" if before is None else "taken_over"

    def end_session(self) -> None:
        """What was said of the load, and of who is lifting, is over with the lifter who said it."""
        self.load, self.lifter = self._said_beforehand, None
        self._near_max.say(None)

    def step(self, t_ns: int) -> list[CommandResult]:
        """The commands that have ended. Who said that they were lifting and then, for so long, did not, has left."""
        if self.lifter is not None and self._life.session is None and t_ns - self._lifter_ns > QUIET_END_S * 1e9:
            self.lifter = None
        if self._waiting:
            for place in nodes_of(self._links):
                for outcome in place.node.commands.outcomes():
                    self._note(id(place.node), outcome)
            for done in [one for one in self._waiting if not one.left or t_ns >= one.until_ns]:
                self._waiting.remove(done)
                if done.left:
                    done.problems.append("a node did not answer")
                detail = {"noise": done.noise} if isinstance(done.command, Tare) else {}
                self._answer(done.command, t_ns, "; ".join(done.problems) or None, detail)
        results, self._results = self._results, []
        return results

    def _carry_out(self, command: Command, body: Body, t_ns: int) -> None:
        match command:
            case StartSession() | EndSession() | Calibrate():
                self._change_session(command, body, t_ns)
            case TrustLegs():
                if not body.trust_legs():
                    raise Refused("left and right are not doubted")
            case SetLoad():
                self._set_load(command, body)
            case LifterTold():
                _between_sets(body)
                self.lifter, self._lifter_ns = command, t_ns
            case Tare(role=role):
                self._tare_here(role, body)
            case Mute(kinds=kinds, muted=muted):
                self._manager.mute(kinds, muted=muted)
            case _:
                raise Refused(f"this machine cannot {name_of(type(command))}")

    def _change_session(self, command: StartSession | EndSession | Calibrate, body: Body, t_ns: int) -> None:
        match command:
            case StartSession():
                self._life.end(body)
                self._life.begin(body, t_ns)
            case EndSession():
                if self._life.session is None:
                    raise Refused("there is no session")
                self._life.end(body)
            case Calibrate():
                _between_sets(body)
                self._life.calibrate(body)

    def _set_load(self, command: SetLoad, body: Body) -> None:
        kg = command.load_kg
        self.load = replace(self.load, kg=kg, source="commanded" if kg is not None else None)
        body.carry(kg)
        if command.one_rep_max_kg is not None:
            self._near_max.say(command.one_rep_max_kg)

    def _tare_here(self, role: Role, body: Body) -> None:
        _between_sets(body)
        if (problem := self._groups[role].tare()) is not None:
            raise Refused(problem)

    def _pass_on(self, command: Command, body: Body, t_ns: int) -> bool:
        """Whether it is one for nodes; then it is queued for them."""
        match command:
            case Identify():
                left = self._ask(self._named(command, body), IdentifyMessage(command.seconds))
            case Tare(role=role) if role not in LOAD_ROLES:
                raise Refused(f"{role} has no load cells; only {' and '.join(LOAD_ROLES)} can be tared")
            case Tare(role=role) if role not in self._groups:
                _between_sets(body)
                left = self._ask(places_of(self._links, role), TareMessage(TARE_SAMPLES, 0))
            case _:
                return False
        self._waiting.append(_Waiting(command, left, t_ns + ANSWER_MAX_NS))
        return True

    def _named(self, command: Identify, body: Body) -> list[Place]:
        """By role: the node of the sensor that sits there, whatever it is called."""
        if command.node is not None:
            return [place for place in nodes_of(self._links) if place.node.node_id == command.node]
        if command.role is None:
            raise Refused("say which: role or node")
        places = places_of(self._links, body.sensors.named(command.role))
        return [Place(place.link, place.node, 0) for place in places[:1]]

    def _ask(self, places: Iterable[Place], payload: Payload) -> set[tuple[int, int]]:
        """Queue a message for each; (node, ticket) of the answers to come."""
        left = {(id(p.node), p.node.commands.submit(payload, chan=p.chan)) for p in places}
        if not left:
            raise Refused("no node here plays that part at present")
        return left

    def _note(self, node: int, outcome: Outcome) -> None:
        for waiting in self._waiting:
            if (node, outcome.ticket) not in waiting.left:
                continue
            waiting.left.remove((node, outcome.ticket))
            if outcome.ack is None:
                waiting.problems.append("a node did not answer")
            elif outcome.ack.code != AckCode.OK:
                waiting.problems.append(f"a node refuses: {said_of(AckCode, outcome.ack.code).replace('_', ' ')}")
            else:
                waiting.noise = max(waiting.noise, outcome.ack.detail)

    def _answer(
        self, command: Command, t_ns: int, problem: str | None = None, detail: Mapping[str, int] | None = None
    ) -> None:
        self._results.append(
            CommandResult(
                t_s=t_ns * 1e-9,
                session=self._life.session,
                command=name_of(type(command)),
                command_id=command.id,
                ok=problem is None,
                problem=problem,
                detail=dict(detail or {}) if problem is None else {},
            )
        )


def _between_sets(body: Body) -> None:
    if body.gate().phase != "rest":
        raise Refused("not during a set")
