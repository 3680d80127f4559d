"""The daemon's wiring, with a pipeline and sources that only tell what they were given."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest
from fake_pipeline import STEP_NS, FakePipeline

from edge.clock import monotonic_ns
from edge.daemon import Box, Machine
from edge.events import AnyEvent, Notice, Send
from edge.player import play_bytes
from edge.sources.base import Sink
from edge.sources.byte_log import ByteLogWriter, Direction, open_log

LIMIT_S = 60.0


class ScriptedSource:
    """Delivers chunks a few ms apart, then falls silent; reports each message as sent at once.

    done: a step of time has passed since the last chunk, and what the pipeline answers to a first chunk was sent.
    """

    def __init__(self, chunks: list[bytes]) -> None:
        self.links = ("hub",)
        self.seen: list[Send] = []
        self.done, self._answered = asyncio.Event(), asyncio.Event()
        self._chunks = chunks
        self._sink: Sink | None = None

    async def run(self, sink: Sink) -> None:
        self._sink = sink
        sink.link_changed("hub", monotonic_ns(), None)
        for chunk in self._chunks:
            sink.receive("hub", monotonic_ns(), chunk)
            await asyncio.sleep(0.003)
        if self._chunks:
            await self._answered.wait()
        await asyncio.sleep(2 * STEP_NS / 1e9)
        self.done.set()
        await asyncio.Event().wait()

    def send(self, message: Send) -> None:
        assert self._sink is not None
        self.seen.append(message)
        self._sink.sent("hub", monotonic_ns(), message.seq)
        self._answered.set()

    def counts(self, _link: str) -> dict[str, int]:
        return {"bytes_in": 1}


class Outlet:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.links: list[tuple[str, str | None]] = []

    def tell(self, machine: str, event: AnyEvent) -> None:
        assert machine == "press"
        self.events.append(event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        assert machine == "press"
        self.links.append((link, problem))


def texts(events: list[AnyEvent]) -> list[tuple[float, str]]:
    """Time and text of the fake pipeline's events."""
    return [(event.t_s, event.text) for event in events if isinstance(event, Notice)]


async def run_until_done(box: Box, source: ScriptedSource) -> None:
    """Run the box until the source has delivered everything."""
    stop = asyncio.Event()
    task = asyncio.create_task(box.run(stop))
    async with asyncio.timeout(LIMIT_S):
        await source.done.wait()
        stop.set()
        await task


async def test_live_and_replay_of_its_byte_log_are_the_same(tmp_path: Path) -> None:
    """Everything said live is said again by a replay of the byte log, event for event, at the same times."""
    source, outlet = ScriptedSource([os.urandom(n) for n in (5, 1, 30, 0, 7, 2, 9)]), Outlet()
    log = ByteLogWriter(tmp_path / "a.bytes", {})
    await run_until_done(Box([Machine("press", FakePipeline, [source], [outlet], log)]), source)
    assert texts(outlet.events)
    assert [m.data for m in source.seen] == [b"hello"]
    replayed = [event for step in play_bytes(FakePipeline(), open_log(log.path).entries()) for event in step.events]
    assert replayed == outlet.events


def test_an_outlet_that_fails_costs_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    """The pipeline goes on where it was, and the outlets behind the broken one are told all the same."""

    class Broken(Outlet):
        def tell(self, machine: str, event: AnyEvent) -> None:
            raise OSError(28, "no space")

    made: list[FakePipeline] = []

    def make() -> FakePipeline:
        made.append(FakePipeline())
        return made[-1]

    outlet = Outlet()
    machine = Machine("press", make, [], [Broken(), outlet])
    machine.receive("hub", STEP_NS, b"x")
    machine.step(10 * STEP_NS)
    assert outlet.events
    assert len(made) == 1
    assert machine.failures == len(outlet.events)
    assert "Broken failed" in caplog.text


def test_an_outlet_that_always_fails_is_told_once_by_kind(caplog: pytest.LogCaptureFixture) -> None:
    """However often: one traceback for each kind of error of each outlet, and all of them counted."""

    class Broken(Outlet):
        def tell(self, machine: str, event: AnyEvent) -> None:
            self.events.append(event)
            raise OSError(28, "no space") if len(self.events) % 2 else KeyError("session")

    outlets = [Broken(), Broken()]
    machine = Machine("press", FakePipeline, [], outlets)
    for i in range(1, 20):
        machine.receive("hub", i * STEP_NS, b"x")
        machine.step(i * STEP_NS)
    told = sum(len(outlet.events) for outlet in outlets)
    assert machine.failures == told > 8
    assert len([one for one in caplog.records if "Broken failed" in one.getMessage()]) == 4


def test_a_recording_that_stops_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line when a log takes nothing more, however much is lost after it, and another where it goes on."""
    log = ByteLogWriter(tmp_path / "a.bytes", {})
    machine = Machine("press", FakePipeline, [], [], log)
    for problem in (None, "disk full; nothing more is logged", "disk full; nothing more is logged", None):
        log.problem = problem
        machine.receive("hub", monotonic_ns(), b"x")
    log.close()
    assert [one.getMessage() for one in caplog.records] == [
        "press: disk full; nothing more is logged",
        "press: recording goes on",
    ]


async def test_byte_log_holds_both_directions(tmp_path: Path) -> None:
    """What came in and what went out stand in the log, with the bytes and the number of what was sent."""
    source = ScriptedSource([b"abc"])
    log = ByteLogWriter(tmp_path / "a.bytes", {})
    await run_until_done(Box([Machine("press", FakePipeline, [source], [], log)]), source)
    entries = list(open_log(log.path).entries())
    assert [(e.direction, e.data, e.seq) for e in entries] == [
        (Direction.MARK, b"", 0), (Direction.IN, b"abc", 0), (Direction.OUT, b"hello", 1), (Direction.MARK, b"", 0),
    ]  # fmt: skip


async def test_ticker_takes_the_pipeline_on_in_silence() -> None:
    """With nothing arriving, time still passes for the pipeline."""
    source, outlet = ScriptedSource([]), Outlet()
    made: list[FakePipeline] = []

    def make() -> FakePipeline:
        made.append(FakePipeline())
        return made[-1]

    stop = asyncio.Event()
    task = asyncio.create_task(Box([Machine("press", make, [source], [outlet])]).run(stop))
    rows: list[tuple[float, ...]] = []
    async with asyncio.timeout(LIMIT_S):
        while len(rows) < 4:  # the first is of the start, the others can only be the ticker's
            await asyncio.sleep(STEP_NS / 1e9)
            rows += made[0].take_signals()
    stop.set()
    await task
    assert outlet.links == [("hub", None)]


async def test_failing_pipeline_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    """A bug in a pipeline is logged and counted, and the next bytes find a new pipeline."""

    class Failing(FakePipeline):
        def receive(self, link: str, t_ns: int, data: bytes) -> None:
            if data == b"bad":
                raise ZeroDivisionError
            super().receive(link, t_ns, data)

    source, outlet = ScriptedSource([b"one", b"bad", b"two"]), Outlet()
    machine = Machine("press", Failing, [source], [outlet])
    await run_until_done(Box([machine]), source)
    assert machine.failures == 1
    assert [text for _, text in texts(outlet.events) if " in " in text][-1] == "hub in " + b"two".hex()
    assert "begins anew" in caplog.text


async def test_health_is_told_at_the_start_and_names_the_links() -> None:
    """Health carries uptime, lag of the loop, and each machine's links with what source and pipeline counted."""
    source, facts = ScriptedSource([b"x"]), list[dict[str, object]]()
    await run_until_done(Box([Machine("press", FakePipeline, [source], [])], health=facts.append), source)
    assert facts[0]["machines"] == {
        "press": {"failures": 0, "links": {"hub": {"problem": None, "bytes_in": 1, "damaged": 2}}}
    }
    assert {"uptime_s", "loop_lag_ms_max"} <= facts[0].keys()


async def test_services_end_after_the_outlets_have_finished() -> None:
    """At the stop the finish runs while the services still serve, and then they end."""
    order: list[str] = []

    async def service() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            order.append("service ended")

    async def finish() -> None:
        await asyncio.sleep(0)
        order.append("finished")

    source = ScriptedSource([])
    await run_until_done(Box([Machine("press", FakePipeline, [source], [])], [service], finish=finish), source)
    assert order == ["finished", "service ended"]


async def test_service_that_fails_ends_the_box_with_its_error() -> None:
    """An error in a service is not swallowed."""

    async def service() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"), contextlib.suppress(asyncio.CancelledError):
        await Box([], [service]).run(asyncio.Event())
