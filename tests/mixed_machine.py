"""One session on two machines: with nodes of the open protocol alone, and with bought sensors among them.

Both hear the same movements through the same kind of air: each link has its own connection interval, its own phase and
its own delays. What arrives is logged as bytes, and is replayed from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

from edge.events import Alert, AnyEvent, Rep
from edge.machine import MachineSettings
from edge.pipelines import live_pipeline, logged_pipeline
from edge.player import play_bytes
from edge.samples import CELL_ROLES, FOOTPLATE_CELLS, Cell, Role
from edge.settings import LinkPlan
from edge.simulator.bought import AsciiScale, Progressor, WitMotion
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, Stage, VirtualNode
from edge.simulator.session import Session, Stream
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry, open_log

STEP_NS = 10_000_000
START_NS = 1_000_000_000_000
LEAD_S = 4.0  # until all have been told to stream; the session's end is played whole
INTERVAL_NS = 15_000_000
HELD_UP = 0.01  # of messages: they are repeated for up to five more connection events
FOUR_CELLS: dict[Cell, tuple[int, ...]] = {cell: (index,) for index, cell in enumerate(FOOTPLATE_CELLS)}
WORN: tuple[Role, ...] = ("pelvis", "left_thigh", "left_shank", "right_thigh", "right_shank")


class Node(Protocol):
    """What plays its part of a session."""

    def receive(self, t_ns: int, data: bytes) -> None: ...

    def advance_messages(self, t_ns: int) -> list[bytes]: ...


@dataclass
class Air:
    """One link: messages wait for its next connection event, now and then for several, and stay in order."""

    node: Node
    random: np.random.Generator
    under_way: list[tuple[int, bytes]] = field(default_factory=list)
    last_ns: int = 0

    def __post_init__(self) -> None:
        self.phase_ns = int(self.random.integers(INTERVAL_NS))

    def step(self, t_ns: int) -> list[tuple[int, bytes]]:
        for message in self.node.advance_messages(t_ns):
            events = 1 + int(self.random.random() < HELD_UP) * int(self.random.integers(1, 6))
            due_ns = (t_ns - self.phase_ns) // INTERVAL_NS * INTERVAL_NS + self.phase_ns + events * INTERVAL_NS
            self.last_ns = max(self.last_ns, due_ns + int(self.random.exponential(800_000)))
            self.under_way.append((self.last_ns, message))
        arrived = [one for one in self.under_way if one[0] <= t_ns]
        del self.under_way[: len(arrived)]
        return arrived


@dataclass
class Machine:
    """Links and who is at their other end."""

    plans: dict[str, LinkPlan] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)

    def add(self, link: str, plan: LinkPlan, node: Node) -> None:
        self.plans[link], self.nodes[link] = plan, node


def native_node(session: Session, role: Role, stage: Stage) -> VirtualNode:
    number = list(session.streams).index(role)
    return VirtualNode(NodeSettings(0x100 + number, framed=False, max_msg=244), feeds_of(session, (role,)), stage)


def all_native(session: Session) -> Machine:
    """Every sensor a node of its own."""
    roles = [role for role in session.streams if role != "backpad"]
    machine, stage = Machine(), Stage(len(roles))
    for role in roles:
        machine.add(role.replace("_", "-"), LinkPlan(kind="native"), native_node(session, role, stage))
    return machine


def mixed(session: Session, cells: Mapping[Cell, tuple[int, ...]] = FOUR_CELLS, cell_hz: float = 80.0) -> Machine:
    """WitMotions on the lifter, Progressors under the feet, a native sled. cells: the columns that each bears."""
    machine, stage = Machine(), Stage(1 + len(WORN) + len(cells))
    machine.add("sled", LinkPlan(kind="native"), native_node(session, "sled", stage))
    for number, role in enumerate(WORN):
        node = WitMotion(session.streams[role], number, stage)
        machine.add(role.replace("_", "-"), LinkPlan(kind="witmotion", role=role), node)
    for number, (cell, columns) in enumerate(cells.items()):
        stream = cell_stream(session.streams["footplate"], columns, number, cell_hz)
        plan = LinkPlan(kind="progressor", role=CELL_ROLES[cell], cell=cell)
        machine.add(cell.replace("_", "-"), plan, Progressor(stream, 0, 50 + number, stage))
    return machine


def with_a_scale(session: Session) -> Machine:
    """The mixed machine, with one printing scale on a serial line under the whole plate."""
    machine, stage = Machine(), Stage(1 + len(WORN))
    machine.add("sled", LinkPlan(kind="native"), native_node(session, "sled", stage))
    for number, role in enumerate(WORN):
        node = WitMotion(session.streams[role], number, stage)
        machine.add(role.replace("_", "-"), LinkPlan(kind="witmotion", role=role), node)
    scale = AsciiScale(session.streams["footplate"], 50, stage)
    machine.add("scale", LinkPlan(kind="ascii", role="footplate", cell="plate"), scale)
    return machine


def cell_stream(plate: Stream, columns: tuple[int, ...], number: int, rate_hz: float) -> Stream:
    """What one cell of its own would read: at its own rate and phase, on its own clock, (M, 1) N."""
    true_hz, ppm, zero_us = rate_hz * (1 + 0.002 * (number - 1.5)), 40.0 * (number - 1.5), 977_000_000 * (number + 1)
    true_s = np.arange(plate.true_s[0] + 0.003 * number, plate.true_s[-1], 1 / true_hz)
    forces = np.interp(true_s, plate.true_s, plate.values[:, list(columns)].sum(axis=1))
    device_us = np.round(zero_us + true_s * (1e6 + ppm)).astype(np.int64)
    return replace(
        plate, rate_hz=rate_hz, true_s=true_s, values=forces[:, None], device_us=device_us, host_us=device_us,
        boot=np.zeros(len(true_s), dtype=np.int64), number=np.arange(len(true_s)),
    )  # fmt: skip


def play(session: Session, machine: Machine, settings: MachineSettings, log: Path, seed: int = 5) -> list[AnyEvent]:
    """Live, in the session's own time: what is said. Every byte goes into the log."""
    about: dict[str, Any] = {"seed": seed, "links": msgspec.to_builtins(machine.plans)}
    writer = ByteLogWriter(log, about | {"settings": msgspec.to_builtins(settings)})
    pipeline = live_pipeline(settings, machine.plans, seed)
    air = {link: Air(node, np.random.default_rng([seed, i])) for i, (link, node) in enumerate(machine.nodes.items())}
    said: list[AnyEvent] = []
    for t_ns in range(START_NS, START_NS + round((session.duration_s + LEAD_S) * 1e9), STEP_NS):
        arrived = [(at_ns, link, data) for link, one in air.items() for at_ns, data in one.step(t_ns)]
        arrived.sort(key=lambda one: one[0])  # and otherwise as they came: a link keeps its order
        for at_ns, link, data in arrived:
            writer.write(LogEntry(at_ns, link, Direction.IN, data))
            pipeline.receive(link, at_ns, data)
        events, sends = pipeline.advance(t_ns)
        said += events
        for send in sends:
            air[send.link].node.receive(t_ns, send.data)
            writer.write(LogEntry(t_ns, send.link, Direction.OUT, send.data, send.seq))
            pipeline.sent(send.link, t_ns, send.seq)
    writer.write(LogEntry(t_ns, "", Direction.MARK, b""))
    writer.close()
    return said


def replayed(log: Path) -> list[AnyEvent]:
    """What the byte log says when it is played again."""
    opened = open_log(log)
    assert opened.check() is None
    return [event for step in play_bytes(logged_pipeline(opened.about, log), opened.entries()) for event in step.events]


def faults_of(events: list[AnyEvent]) -> set[tuple[int, str, str | None]]:
    """Rep, kind and side of every fault that a counted rep was found to have."""
    return {(rep.rep, fault.kind, fault.side) for rep in reps_of(events) for fault in rep.faults}


def alerts_of(events: list[AnyEvent]) -> set[tuple[int, str, str | None]]:
    """Rep, kind and side of every alert."""
    return {(event.rep, event.kind, event.side) for event in events if isinstance(event, Alert)}


def reps_of(events: list[AnyEvent]) -> list[Rep]:
    """The counted reps."""
    return [event for event in events if isinstance(event, Rep) and event.counted]
