"""The daemon: sources, pipelines and outlets wired together on one event loop. Nothing here knows of knees.

Bytes are stamped as they arrive and handed to their machine's pipeline, which is taken on at once, so that an alert
leaves with the bytes that raised it, and again when it is due by what arrived; a ticker takes it on where nothing
arrives. The pipeline gives the same events however often it is taken on, so a replay of the byte log says what was said
live.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from edge.clock import monotonic_ns
from edge.commands import Command
from edge.events import AnyEvent, MachineState, Send
from edge.lifter import Learned
from edge.player import PlayedPipeline
from edge.sources.base import Source
from edge.sources.byte_log import Direction, LogEntry

TICK_NS = 10_000_000  # the pipeline's own grid: a finer tick would find nothing to do
HEALTH_EVERY_S = 10.0  # the message expires after 120 s, and an outage is to be seen within 10 s
CUES_MAX = 64  # cues on their way to nodes: one a rep
LEAVING_MAX = 1000  # messages on their way to nodes; a handful in truth, more only where a line takes nothing

log = logging.getLogger(__name__)


class Outlet(Protocol):
    """Where events go: MQTT, a terminal. It never blocks and never raises."""

    def tell(self, machine: str, event: AnyEvent) -> None:
        """An event of a machine, in order."""

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """A link of a machine came up (problem is None) or went down."""


class LivePipeline(PlayedPipeline, Protocol):
    """What the daemon needs of a pipeline beyond playing."""

    def counters(self) -> dict[str, dict[str, int]]:
        """Per link, what was damaged, lost or passed over."""

    def due_ns(self) -> int:
        """The next instant at which it has something to do, by what has arrived so far."""

    def told(self) -> str | None:
        """The id of the command that told who is lifting; None: nobody has, or it is over."""

    def learned(self) -> Learned | None:
        """What is known now of the body of whoever said to be lifting."""


class RawLog(Protocol):
    """Where a machine's raw bytes are kept. Writing never blocks and never raises."""

    @property
    def dropped(self) -> int:
        """How many records were lost."""

    @property
    def problem(self) -> str | None:
        """Why nothing is logged any more, or None."""

    def write(self, entry: LogEntry) -> None:
        """Append an entry."""

    def close(self) -> None:
        """Write out what waits, and end."""


class Machine:
    """One machine: its pipeline between its sources and the outlets. It is the `Sink` of its sources.

    lifting: whether it is in a set now. on_cue: called with its name and the time when a cue has left for a node.
    on_due: called when the pipeline has something to do before the next tick, with the time when.
    """

    def __init__(
        self,
        name: str,
        make_pipeline: Callable[[], LivePipeline],
        sources: Sequence[Source],
        outlets: Sequence[Outlet],
        byte_log: RawLog | None = None,
    ) -> None:
        self.name, self.sources = name, sources
        self.failures = 0
        self.lifting = False
        self.problems: dict[str, str | None] = {link: "not open yet" for source in sources for link in source.links}
        self._make_pipeline, self._outlets, self._byte_log = make_pipeline, outlets, byte_log
        self._pipeline = make_pipeline()
        self._by_link = {link: source for source in sources for link in source.links}
        self._leaving: dict[tuple[str, int], bytes] = {}
        self._told_of_log: str | None = None
        self._told_of_outlets: set[tuple[int, type[Exception]]] = set()
        self._cues: deque[tuple[str, int]] = deque(maxlen=CUES_MAX)
        self.on_cue: Callable[[str, int], None] = lambda _machine, _t_ns: None
        self.on_due: Callable[[int], None] = lambda _t_ns: None

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """See Sink."""
        self._write(LogEntry(t_ns, link, Direction.IN, data))
        self._guarded(lambda: self._pipeline.receive(link, t_ns, data))
        self.step(t_ns)
        if (due_ns := self._pipeline.due_ns()) % TICK_NS:
            self.on_due(due_ns)

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """See Sink."""
        if (link, seq) in self._cues:
            self.on_cue(self.name, t_ns)
        self._write(LogEntry(t_ns, link, Direction.OUT, self._leaving.pop((link, seq), b""), seq))
        self._guarded(lambda: self._pipeline.sent(link, t_ns, seq))

    def battery(self, link: str, t_ns: int, pct: int) -> None:
        """See Sink."""
        self._write(LogEntry(t_ns, link, Direction.BATTERY, bytes([pct])))
        self._guarded(lambda: self._pipeline.battery(link, t_ns, pct))

    def command(self, command: Command) -> None:
        """Give it a command; what becomes of it comes as an event."""
        now_ns = monotonic_ns()
        self._write(LogEntry(now_ns, "", Direction.COMMAND, msgspec.json.encode(command)))
        self._guarded(lambda: self._pipeline.command(now_ns, command))

    def learned(self) -> Learned | None:
        """What is known now of the body of whoever said to be lifting, if anything."""
        return self._pipeline.learned()

    def told(self) -> str | None:
        """The id of the command that told who is lifting; None: nobody has, or it is over."""
        return self._pipeline.told()

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """See Sink."""
        log.log(logging.WARNING if problem else logging.INFO, "%s: %s: %s", self.name, link, problem or "open")
        self.problems[link] = problem
        for outlet in self._outlets:
            outlet.tell_link(self.name, link, problem)

    def step(self, now_ns: int) -> None:
        """Take the pipeline on to now, tell what it says and send what it wants sent."""
        self._guarded(lambda: self._advance(now_ns))

    def begin(self, now_ns: int) -> None:
        """Start the pipeline's time line here; a replay of the byte log starts it here too."""
        self._mark(now_ns)

    def end(self, now_ns: int) -> None:
        """Take the pipeline on to its end, and close the byte log there: a replay ends where it did."""
        self._mark(now_ns)
        self._guarded(self._finish)
        if self._byte_log is not None:
            self._byte_log.close()

    def facts(self) -> dict[str, Any]:
        """For health: what went wrong, and what was counted on each link."""
        decoded = self._pipeline.counters()
        links = {
            link: {"problem": self.problems[link], **source.counts(link), **decoded.get(link, {})}
            for link, source in self._by_link.items()
        }
        facts: dict[str, Any] = {"failures": self.failures, "links": links}
        if self._byte_log is not None:
            facts["byte_log"] = {"dropped": self._byte_log.dropped, "problem": self._byte_log.problem}
        return facts

    def _mark(self, now_ns: int) -> None:
        self._write(LogEntry(now_ns, "", Direction.MARK, b""))
        self.step(now_ns)

    def _finish(self) -> None:
        for event in self._pipeline.end():
            self._tell(event)

    def _advance(self, now_ns: int) -> None:
        """What is to be sent goes first: a cue on its way to a buzzer waits for nobody who tells of it."""
        events, sends = self._pipeline.advance(now_ns)
        for message in sends:
            self._send(message)
        for event in events:
            if isinstance(event, MachineState):
                self.lifting = event.state == "lifting"
            self._tell(event)

    def _tell(self, event: AnyEvent) -> None:
        """A bug in one outlet costs neither the pipeline its session nor the other outlets their event. Each kind of
        its errors is logged once, since events come twenty times a second; all are counted.
        """
        for number, outlet in enumerate(self._outlets):
            try:
                outlet.tell(self.name, event)
            except Exception as error:
                self.failures += 1
                if (number, type(error)) not in self._told_of_outlets:
                    self._told_of_outlets.add((number, type(error)))
                    log.exception("%s: %s failed; please report this", self.name, type(outlet).__name__)

    def _send(self, message: Send) -> None:
        source = self._by_link.get(message.link)
        if source is None:
            return
        if message.cue:
            self._cues.append((message.link, message.seq))
        if self._byte_log is not None:
            self._leaving[message.link, message.seq] = message.data
            while len(self._leaving) > LEAVING_MAX:  # dropped on the way out: no report of them will come
                del self._leaving[next(iter(self._leaving))]
        source.send(message)

    def _write(self, entry: LogEntry) -> None:
        if self._byte_log is None:
            return
        self._byte_log.write(entry)
        if (problem := self._byte_log.problem) != self._told_of_log:
            self._told_of_log = problem
            log.error("%s: %s", self.name, problem or "recording goes on")

    def _guarded(self, call: Callable[[], None]) -> None:
        """A bug in one machine's pipeline is told loudly and costs that machine its session, not the box its life."""
        try:
            call()
        except Exception:
            self.failures += 1
            log.exception("%s: the pipeline failed and begins anew; please report this", self.name)
            self._pipeline = self._make_pipeline()


@dataclass
class Box:
    """All that runs. services: what runs beside the machines until the end; health: called now and then."""

    machines: Sequence[Machine]
    services: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    health: Callable[[dict[str, Any]], None] = lambda _facts: None
    finish: Callable[[], Awaitable[None]] | None = None
    loop_lag_ms: float = field(default=0.0, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until stop is set; then stop the sources, let the outlets finish, and end."""
        began_ns = monotonic_ns()
        for machine in self.machines:
            machine.on_due = Look(machine).at
            machine.begin(began_ns)
        services = [asyncio.create_task(service()) for service in self.services]
        work = [asyncio.create_task(source.run(m)) for m in self.machines for source in m.sources]
        work += [asyncio.create_task(self._tick()), asyncio.create_task(self._tell_health(began_ns))]
        try:
            await _first_of(asyncio.create_task(stop.wait()), *work, *services)
        finally:
            await _cancel(work)
            for machine in self.machines:
                machine.end(monotonic_ns())
            if self.finish is not None:
                await self.finish()
            await _cancel(services)

    async def _tick(self) -> None:
        while True:
            now_ns = monotonic_ns()
            due_ns = now_ns - now_ns % TICK_NS + TICK_NS
            await asyncio.sleep((due_ns - now_ns) / 1e9)
            now_ns = monotonic_ns()
            self.loop_lag_ms = max(self.loop_lag_ms, (now_ns - due_ns) / 1e6)
            for machine in self.machines:
                machine.step(now_ns)

    async def _tell_health(self, began_ns: int) -> None:
        while True:
            facts = {
                "uptime_s": round((monotonic_ns() - began_ns) / 1e9, 1),
                "loop_lag_ms_max": round(self.loop_lag_ms, 1),
                "machines": {machine.name: machine.facts() for machine in self.machines},
            }
            self.loop_lag_ms = 0.0
            self.health(facts)
            await asyncio.sleep(HEALTH_EVERY_S)


class Look:
    """Takes a machine's pipeline on at the instants at which it is due between ticks. Needs a running event loop."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._due_ns = machine, 0

    def at(self, due_ns: int) -> None:
        """At this time, once, however often it is asked for."""
        if due_ns != self._due_ns:
            self._due_ns = due_ns
            asyncio.get_running_loop().call_later((due_ns - monotonic_ns()) / 1e9, self._look)

    def _look(self) -> None:
        self._machine.step(monotonic_ns())


async def _first_of(*tasks: asyncio.Task[Any]) -> None:
    """Wait until one ends; an error in it is raised."""
    stop = tasks[0]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await _cancel([stop])


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
