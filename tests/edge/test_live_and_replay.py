"""The whole way, from a virtual hub behind a pseudo-terminal to events: live, replayed, damaged and unplugged.

The clocks run eight times as fast as the wall's, so that half a minute of lifting takes a few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from patient_clock import PatientClock
from served import served

from edge.daemon import Box, Machine
from edge.events import Alert, AnyEvent, MachineState, Rep, SensorState
from edge.machine import MachineSettings
from edge.pipelines import live_pipeline, logged_pipeline
from edge.player import play_bytes
from edge.replay import ReplayClock, open_replay, play
from edge.settings import LinkPlan, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry, open_log
from edge.sources.serial import SerialSource

SPEED = 8
SEED = 7
HUB = {"hub": LinkPlan()}
SETTINGS = MachineSettings(id="press", rail_angle_deg=45.0, sled_mass_kg=140.0, height_m=1.75)
ABOUT = {
    "machine": "press",
    "seed": SEED,
    "links": {"hub": {"kind": "native-serial"}},
    "settings": {"id": "press", "sled_mass_kg": 140.0, "height_m": 1.75},
}
LIMIT_S = 600.0
FOUR_REPS_NS = 29_000_000_000


class Outlet:
    """Keeps what it is told, and tells when enough has come."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.links: list[str | None] = []
        self._news = asyncio.Event()

    def tell(self, machine: str, event: AnyEvent) -> None:
        assert machine == "press"
        self.events.append(event)
        self._news.set()

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        assert (machine, link) == ("press", "hub")
        self.links.append(problem)

    def reps(self) -> list[Rep]:
        return [event for event in self.events if isinstance(event, Rep)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_rep(self, number: int) -> None:
        await self.until(lambda: len(self.reps()) >= number)


Recorded = tuple[list[AnyEvent], Path]


def hastened(patch: pytest.MonkeyPatch) -> PatientClock:
    """Source, daemon and nodes on a clock that runs SPEED times as fast."""
    return PatientClock(SPEED).put_in(patch, ("edge.sources.serial", "edge.daemon", "edge.simulator.pty_line"))


class LiveRun:
    """A machine on the demo's hub, with its byte log."""

    def __init__(self, folder: Path, clock: PatientClock) -> None:
        self.outlet, self._clock = Outlet(), clock
        self.line = PtyLine(demo_hub(), folder / "hub")
        line = SerialSettings(link="hub", device=str(self.line.path))
        source = SerialSource(line.link, line.device, line.baud)
        self.log = folder / "run.bytes"
        writer = ByteLogWriter(self.log, ABOUT)
        self.machine = Machine("press", lambda: live_pipeline(SETTINGS, HUB, SEED), [source], [self.outlet], writer)

    @contextlib.asynccontextmanager
    async def running(self) -> contextlib.AsyncIterator[LiveRun]:
        """Serve until the block ends, then stop in order."""
        async with served(Box([self.machine]), self.line), self._clock.running():
            yield self


def alerts(events: list[AnyEvent]) -> list[tuple[str, str | None, int]]:
    """Kind, side and rep of each alert."""
    return [(event.kind, event.side, event.rep) for event in events if isinstance(event, Alert)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """One live run of two reps: what was said, and the byte log."""
    patch = pytest.MonkeyPatch()
    clock = hastened(patch)

    async def go() -> Recorded:
        live = LiveRun(tmp_path_factory.mktemp("live"), clock)
        async with live.running():
            await live.outlet.until_rep(2)
        return live.outlet.events, live.log

    try:
        yield asyncio.run(go())
    finally:
        patch.undo()


def test_pipeline_says_of_the_log_what_was_said_live(recorded: Recorded) -> None:
    """The byte log through a new pipeline gives the live events, every one, equal in every field."""
    events, log = recorded
    opened = open_log(log)
    assert opened.check() is None
    replayed = [e for step in play_bytes(logged_pipeline(opened.about, log), opened.entries()) for e in step.events]
    assert replayed == events


async def test_replay_command_says_what_was_said_live(recorded: Recorded) -> None:
    """`replay` of the log tells its outlets the same."""
    events, log = recorded
    outlet = Outlet()
    await play(open_replay(log), ReplayClock(1000.0), [outlet], asyncio.Event())
    assert outlet.events == events


def test_many_arrivals_between_two_steps_change_nothing(recorded: Recorded) -> None:
    """Fed a second's arrivals at a time, each with its own time, the pipeline says the same."""
    events, log = recorded
    pipeline, said = live_pipeline(SETTINGS, HUB, SEED), list[AnyEvent]()
    entries = list(open_log(log).entries())
    due_ns = entries[0].t_ns
    said += pipeline.advance(due_ns)[0]
    for entry in entries:
        if entry.t_ns > due_ns + 1_000_000_000 or entry.direction is Direction.OUT:
            due_ns = entry.t_ns
            said += pipeline.advance(due_ns)[0]
        if entry.direction is Direction.IN:
            pipeline.receive(entry.link, entry.t_ns, entry.data)
        elif entry.direction is Direction.OUT:
            pipeline.sent(entry.link, entry.t_ns, entry.seq)
    said += pipeline.advance(entries[-1].t_ns)[0]
    assert said == events


Played = tuple[list[AnyEvent], list[LogEntry]]


@pytest.fixture(scope="module")
def played() -> Played:
    """The demo's first four reps without any clock: hub and pipeline hand each other bytes every 4 ms."""
    hub, pipeline = demo_hub(), live_pipeline(SETTINGS, HUB, SEED)
    events, entries = list[AnyEvent](), list[LogEntry]()
    for t_ns in range(0, FOUR_REPS_NS, 4_000_000):
        data = hub.advance(t_ns)
        if data:
            entries.append(LogEntry(t_ns, "hub", Direction.IN, data))
            pipeline.receive("hub", t_ns, data)
        said, sends = pipeline.advance(t_ns)
        events += said
        for message in sends:
            hub.receive(t_ns, message.data)
            entries.append(LogEntry(t_ns, "hub", Direction.OUT, message.data, message.seq))
            pipeline.sent("hub", t_ns, message.seq)
    return events, entries


def test_hub_counts_reps_and_finds_the_faults(played: Played) -> None:
    """From the hub's bytes four reps are counted and their three kinds of fault found, no other."""
    events, _ = played
    assert [event.rep for event in events if isinstance(event, Rep)] == [1, 2, 3, 4]
    assert set(alerts(events)) == {
        ("lockout", "left", 2), ("lockout", "right", 2), ("valgus", "left", 3), ("heel_lift", "right", 4),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_damaged_line_raises_no_false_alert(played: Played, seed: int) -> None:
    """Random bytes between the chunks, chunks cut short and bits turned: counted, survived, nothing invented."""
    events, entries = played
    rng = random.Random(seed)  # noqa: S311
    pipeline = live_pipeline(SETTINGS, HUB, SEED)
    said = [e for step in play_bytes(pipeline, damaged(entries, rng)) for e in step.events]
    assert set(alerts(said)) <= set(alerts(events))
    assert [e.rep for e in said if isinstance(e, Rep) and e.counted] == [1, 2, 3, 4]
    assert sum(pipeline.counters()["hub"].values()) > 0


def damaged(entries: Iterable[LogEntry], rng: random.Random) -> Iterator[LogEntry]:
    """One chunk in 150 is cut, one has a bit turned, and one is followed by noise."""
    for entry in entries:
        harm = rng.randrange(150) if entry.direction is Direction.IN and entry.data else 150
        if harm == 0:
            yield replace(entry, data=entry.data[: rng.randrange(len(entry.data))])
        elif harm == 1:
            turned = bytearray(entry.data)
            turned[rng.randrange(len(turned))] ^= 1 << rng.randrange(8)
            yield replace(entry, data=bytes(turned))
        else:
            yield entry
        if harm == 2:
            yield replace(entry, data=rng.randbytes(rng.randrange(1, 400)))


async def test_hub_unplugged_in_a_set_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unplugged mid-set: told, every verdict not assessed, no alert; plugged in again: sensors and reps come back."""
    live = LiveRun(tmp_path, hastened(monkeypatch))
    async with live.running():
        await live.outlet.until_rep(1)
        live.line.pull()
        await live.outlet.until(lambda: blind(live.outlet.events))
        told = len(live.outlet.events)
        before = len(alerts(live.outlet.events))
        await asyncio.sleep(0.2)
        assert len(alerts(live.outlet.events)) == before
        live.line.put_back()
        await live.outlet.until_rep(len(live.outlet.reps()) + 2)
    assert [bool(problem) for problem in live.outlet.links][:2] == [False, True]
    assert live.outlet.links[-1] is None
    back = {e.role for e in live.outlet.events[told:] if isinstance(e, SensorState) and e.connected}
    assert len(back) == 8
    assert live.machine.failures == 0


def blind(events: list[AnyEvent]) -> bool:
    """Whether the newest state says that no fault can be judged."""
    states = [event for event in events if isinstance(event, MachineState)]
    return bool(states) and not states[-1].assessed
