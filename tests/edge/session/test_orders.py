"""Commands to one machine through the pipeline, with a virtual hub at the other end of the line. No clock."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import pytest

from edge.commands import (
    Calibrate,
    Command,
    EndSession,
    Identify,
    Mute,
    SetLoad,
    StartSession,
    Tare,
)
from edge.events import Alert, AnyEvent, CommandResult, MachineState, Rep, SetSummary
from edge.ingest.driver_link import DriverLink
from edge.ingest.native import NativeLink
from edge.machine import MachineSettings
from edge.pipelines import live_pipeline
from edge.samples import FOOTPLATE_CELLS, Role
from edge.session.node_commands import Place, places_of
from edge.settings import LinkPlan
from edge.simulator.demo import DEMO_NODE_ID, demo_hub

SETTINGS = MachineSettings(id="press", rail_angle_deg=45.0, sled_mass_kg=140.0, height_m=1.75)
STEP_NS = 4_000_000
TS = "2026-01-31T12:00:00Z"
IN_SET_S, FIRST_REP_S, SECOND_REP_S = 15.0, 18.5, 21.5


class Line:
    """The demo's hub and a pipeline that hand each other bytes every 4 ms."""

    def __init__(self) -> None:
        self.t_ns = 0
        self.hub = demo_hub()
        self.pipeline = live_pipeline(SETTINGS, {"hub": LinkPlan()}, 7)
        self.events: list[AnyEvent] = []

    def run_to(self, t_s: float) -> None:
        while self.t_ns < t_s * 1e9:
            self.t_ns += STEP_NS
            if data := self.hub.advance(self.t_ns):
                self.pipeline.receive("hub", self.t_ns, data)
            said, sends = self.pipeline.advance(self.t_ns)
            self.events += said
            for message in sends:
                self.hub.receive(self.t_ns, message.data)
                self.pipeline.sent("hub", self.t_ns, message.seq)

    def give(self, command: Command, wait_s: float = 0.1) -> CommandResult:
        """Give a command, wait, and take its only result."""
        self.pipeline.command(self.t_ns, command)
        self.run_to(self.t_ns / 1e9 + wait_s)
        (result,) = [e for e in self.events if isinstance(e, CommandResult) and e.command_id == command.id]
        return result

    def state(self) -> MachineState:
        return [e for e in self.events if isinstance(e, MachineState)][-1]

    def of(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def line() -> Line:
    """A line half a second after its start: the hub is known and streams."""
    made = Line()
    made.run_to(0.5)
    return made


def test_identify_by_role_and_by_node(line: Line) -> None:
    """The node that plays a role, or has an id, shows itself; what nobody is, is refused."""
    assert line.give(Identify(id="1", ts=TS, role="pelvis", seconds=3)).ok
    assert line.give(Identify(id="2", ts=TS, node=f"{DEMO_NODE_ID:016x}")).ok
    assert line.hub.identified == [3, 5]
    for number, command in enumerate((Identify(id="3", ts=TS, node="0" * 16), Identify(id="4", ts=TS)), start=3):
        result = line.give(command)
        assert (result.ok, result.command_id) == (False, str(number))
    assert len(line.hub.identified) == 2


def test_identify_goes_by_where_a_sensor_sits(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two carry each other's names, it is the one that sits there that shows itself."""
    asked: list[Role] = []

    def noted(links: Mapping[str, NativeLink | DriverLink], role: Role) -> list[Place]:
        asked.append(role)
        return places_of(links, role)

    monkeypatch.setattr("edge.session.orders.places_of", noted)
    line.pipeline._body.sensors.interchange("left_thigh", "left_shank")
    assert line.give(Identify(id="1", ts=TS, role="left_thigh")).ok
    assert line.give(Identify(id="2", ts=TS, role="pelvis")).ok
    assert asked == ["left_shank", "pelvis"]


def test_tare_is_answered_by_the_node(line: Line) -> None:
    """A tare of the footplate asks its four cells and is done when all have answered."""
    line.pipeline.command(line.t_ns, Tare(id="t", ts=TS))
    line.run_to(line.t_ns / 1e9 + 0.05)
    assert line.of(CommandResult) == []
    result = line.give(Calibrate(id="c", ts=TS), wait_s=2.5)
    assert result.ok
    (tared,) = [e for e in line.events if isinstance(e, CommandResult) and e.command == "tare"]
    assert tared.ok
    assert "noise" in tared.detail


def test_node_that_does_not_answer_is_told(line: Line) -> None:
    """An unplugged hub leaves the command without an answer; that is its result, and it is given up."""
    line.hub.unplug()
    result = line.give(Identify(id="1", ts=TS, role="sled"), wait_s=5.5)
    assert result.problem == "a node did not answer"


def test_what_would_disturb_a_set_is_refused_in_it() -> None:
    """No tare and no calibration while the sled is at work."""
    line = Line()
    line.run_to(IN_SET_S)
    assert line.state().state == "lifting"
    for command in (Tare(id="1", ts=TS), Calibrate(id="2", ts=TS)):
        assert line.give(command).problem == "not during a set"


def test_only_load_cells_are_tared() -> None:
    """A tare of anything else is refused before a node is asked, and says what can be tared."""
    problem = Line().give(Tare(id="1", ts=TS, role="left_shank")).problem
    assert problem == "left_shank has no load cells; only footplate and backpad can be tared"


def test_load_is_as_last_said() -> None:
    """A commanded load stands in the state and in the next rep, and is gone with its lifter."""
    line = Line()
    line.run_to(IN_SET_S)
    assert line.give(SetLoad(id="1", ts=TS, load_kg=155.0)).ok
    assert line.state().load_kg == 155.0
    line.run_to(FIRST_REP_S)
    rep = line.of(Rep)[-1]
    assert isinstance(rep, Rep)
    assert (rep.load_kg, rep.load_source) == (155.0, "commanded")
    line.give(EndSession(id="2", ts=TS))
    assert line.state().load_kg == 140.0


def test_session_by_command() -> None:
    """A session ends by command, with the set summed up, and another begins with an id of its own."""
    line = Line()
    line.run_to(FIRST_REP_S)
    first = line.state().session
    assert first is not None
    assert line.give(EndSession(id="1", ts=TS)).ok
    assert line.state().session is None
    assert line.state().state == "idle"
    summary = line.of(SetSummary)[-1]
    assert isinstance(summary, SetSummary)
    assert summary.final
    assert line.give(EndSession(id="2", ts=TS)).problem == "there is no session"
    assert line.give(StartSession(id="3", ts=TS)).ok
    assert line.state().session not in (None, first)


def test_muted_kind_is_silent_for_this_session() -> None:
    """The demo's lockout in rep 2 is published and not spoken, and no buzzer hears of it."""
    line = Line()
    line.run_to(IN_SET_S)
    assert line.give(Mute(id="1", ts=TS, kinds=("lockout", "fast_lowering"))).ok
    line.run_to(SECOND_REP_S)
    alerts = [event for event in line.events if isinstance(event, Alert)]
    assert {alert.kind for alert in alerts} == {"lockout"}
    assert not any(alert.spoken for alert in alerts)
    assert line.hub.buzzed == []


def test_bought_cells_are_tared_here() -> None:
    """Sensors that take no such command are set to zero by the box; without a word from them it is refused."""
    plans = {cell: LinkPlan(kind="progressor", role="footplate", cell=cell) for cell in FOOTPLATE_CELLS}
    pipeline = live_pipeline(SETTINGS, plans, 1)
    said: list[AnyEvent] = []
    pipeline.command(10_000_000, Tare(id="early", ts=TS))
    for t_ns in range(10_000_000, 3_000_000_000, 10_000_000):
        sample = struct.pack("<fI", 4.0, t_ns // 1000)
        for link in plans:
            pipeline.receive(link, t_ns, bytes((1, len(sample))) + sample)
        if t_ns == 2_500_000_000:
            pipeline.command(t_ns, Tare(id="late", ts=TS))
        said += pipeline.advance(t_ns)[0]
    results = {event.command_id: event for event in said if isinstance(event, CommandResult)}
    assert results["early"].problem == "left heel cell silent: check its battery and cable"
    assert results["late"].ok
