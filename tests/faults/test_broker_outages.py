"""The broker stops, dies, hangs or forgets: no rep is lost. Against a real mosquitto."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from box import FaultBox, running
from broker_tools import MOSQUITTO, Proxy, free_port, mosquitto, subscribed
from historian_client import historian

from edge.clock import monotonic_ns
from edge.history.numbers import ASK_AFTER_S
from edge.publishers.durable_outbox import CHUNK

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
Figures = Callable[..., None]
Limit = Callable[[float, float], None]

RATE_HZ = 50.0
LIMIT_S = 60.0


async def reps_for(box: FaultBox, seconds: float) -> None:
    """Make reps for so long."""
    end_ns = monotonic_ns() + round(seconds * 1e9)
    await box.make(RATE_HZ, lambda: monotonic_ns() >= end_ns)


def since_s(began_ns: int) -> float:
    return round((monotonic_ns() - began_ns) / 1e9, 2)


async def test_broker_stopped_and_started(tmp_path: Path, full: bool, figures: Figures, limit: Limit) -> None:  # noqa: FBT001
    """Fault 1: a broker that is stopped in order and comes back gets every rep within 10 s."""
    port, outage_s = free_port(), 20.0 if full else 1.5
    async with running(FaultBox(port, tmp_path)) as box:
        async with mosquitto(tmp_path, port) as broker:
            await box.publisher.is_up.wait()
            await reps_for(box, 0.5)
            await box.settled()
            broker.terminate()
            await broker.wait()
        made = box.reps
        await reps_for(box, outage_s)
        async with mosquitto(tmp_path, port), asyncio.timeout(LIMIT_S):
            began_ns = monotonic_ns()
            async with subscribed(port) as subscriber:
                await box.settled()
                settled_s = since_s(began_ns)
                wanted = set(range(made + 1, box.reps + 1))
                await subscriber.until(lambda: wanted <= {r["rep"] for r in subscriber.of("m/rep")})
                got = subscriber.of("m/rep")
    ids = {rep["id"] for rep in got}
    figures(outage_s=outage_s, reps=box.reps - made, lost=0, duplicates=len(got) - len(ids), settled_s=settled_s)
    assert {rep["rep"] for rep in got} >= wanted
    limit(settled_s, 10)


async def test_broker_killed(tmp_path: Path, full: bool, figures: Figures) -> None:  # noqa: FBT001
    """Fault 2: a broker that keeps nothing is killed with reps in its hands; the historian gets them all."""
    port, outage_s = free_port(), 20.0 if full else 1.5
    async with running(FaultBox(port, tmp_path)) as box:
        async with mosquitto(tmp_path, port) as broker:
            await box.publisher.is_up.wait()
            await reps_for(box, 0.5)  # acknowledged, and the historian is not there yet
            await box.settled()
            broker.kill()
            await broker.wait()
        await reps_for(box, outage_s)
        async with mosquitto(tmp_path, port), historian(port) as reader, asyncio.timeout(LIMIT_S):
            desk = replays(box)
            began_ns = monotonic_ns()
            try:
                while len(reader.store.seqs()) < box.reps:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            finally:
                desk.cancel()
            complete_s = since_s(began_ns)
    figures(outage_s=outage_s, reps=box.reps, lost=0, complete_s=complete_s, replays=reader.asked)
    assert reader.store.seqs() == list(range(1, box.reps + 1))
    assert reader.asked >= 1


def replays(box: FaultBox) -> asyncio.Task[None]:
    """Let the box answer cmd/replay; before it connects."""
    return asyncio.create_task(box.replays.run())


async def test_line_that_swallows_everything(tmp_path: Path, figures: Figures, limit: Limit) -> None:
    """Fault 5: a connection that takes bytes and brings none is found within 20 s, and holds up nothing in the box."""
    port = free_port()
    async with mosquitto(tmp_path, port), subscribed(port) as subscriber:
        proxy = Proxy(port)
        await proxy.mend()
        async with running(FaultBox(proxy.port, tmp_path, keepalive_s=3)) as box, asyncio.timeout(LIMIT_S):
            await box.publisher.is_up.wait()
            box.rep()
            await box.settled()
            proxy.stall()
            began_ns = monotonic_ns()
            lags = asyncio.create_task(loop_lags())
            while box.publisher.is_up.is_set():
                box.rep()
                await asyncio.sleep(0.02)
            found_s = since_s(began_ns)
            lags.cancel()
            worst_ms = await lags
            await proxy.cut()
            await proxy.mend()
            await box.settled()
            await subscriber.until(lambda: len({r["id"] for r in subscriber.of("m/rep")}) == box.reps)
            await proxy.cut()
    figures(keepalive_s=3, found_s=found_s, reps=box.reps, lost=0, loop_lag_p99_ms=worst_ms)
    limit(found_s, 20)


async def loop_lags() -> float:
    """The 99th percentile of how late the event loop wakes, ms, until cancelled."""
    lags: list[float] = []
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            due_ns = monotonic_ns() + 10_000_000
            await asyncio.sleep(0.01)
            lags.append((monotonic_ns() - due_ns) / 1e6)
    return round(sorted(lags)[int(0.99 * len(lags))], 2)


async def test_back_log_holds_up_no_live_rep(tmp_path: Path, full: bool, figures: Figures, limit: Limit) -> None:  # noqa: FBT001
    """Fault 14: while a large back-log drains, a rep made now is at the subscriber in under half a second (p99)."""
    rows, port = 50_000 if full else 10 * CHUNK, free_port()
    async with mosquitto(tmp_path, port), subscribed(port) as subscriber:
        async with running(FaultBox(free_port(), tmp_path)) as before:
            for _ in range(rows):
                before.rep()
            while before.outbox.newest_seq < rows:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        began_ns = monotonic_ns()
        async with running(FaultBox(port, tmp_path)) as box, asyncio.timeout(10 * LIMIT_S):
            up_s = since_s(began_ns)
            box.reps = rows
            await box.publisher.is_up.wait()
            live = 0
            while len(box.outbox) > live:
                box.rep()
                live += 1
                await asyncio.sleep(0.02)
            await box.settled()
            drained_s = since_s(began_ns)
            await subscriber.until(lambda: len({r["seq"] for r in subscriber.of("m/rep")}) == rows + live)
    delays = sorted(r["got_s"] - r["t_s"] for r in subscriber.timed("m/rep") if r["seq"] > rows)
    p50_ms, p99_ms = (round(delays[int(q * (len(delays) - 1))] * 1e3, 1) for q in (0.5, 0.99))
    got = [r["seq"] for r in subscriber.of("m/rep")]
    figures(rows=rows, live=live, p50_ms=p50_ms, p99_ms=p99_ms, drained_s=drained_s, up_s=up_s, lost=0)
    assert sorted(set(got)) == list(range(1, rows + live + 1))
    assert [seq for seq in got if seq <= rows] == sorted(seq for seq in got if seq <= rows)
    assert live > 10
    assert min(place for place, seq in enumerate(got) if seq > rows) < rows // 2  # they did not wait for all of it
    limit(p99_ms, 500)


async def test_consumer_that_lost_its_session(tmp_path: Path, figures: Figures, limit: Limit) -> None:
    """Fault 15: a consumer that was away sees the hole in the numbers, asks, and is complete within 30 s."""
    port = free_port()
    async with mosquitto(tmp_path, port), running(FaultBox(port, tmp_path)) as box, asyncio.timeout(LIMIT_S):
        desk = replays(box)
        await box.publisher.is_up.wait()
        path = tmp_path / "history.sqlite"
        async with historian(port, path) as reader:
            while not reader.store.seqs():
                box.rep()
                await asyncio.sleep(0.1)
        await reps_for(box, 1.0)
        await box.settled()
        async with historian(port, path) as reader:
            began_ns = monotonic_ns()
            while len(reader.store.seqs()) < box.reps or len(reader.store.seqs()) < 2:
                if box.reps < 100:
                    box.rep()
                await asyncio.sleep(0.1)
            complete_s = since_s(began_ns)
        desk.cancel()
    figures(reps=box.reps, lost=0, complete_s=complete_s, replays=reader.asked)
    assert reader.store.seqs() == list(range(1, box.reps + 1))
    assert reader.asked >= 1
    assert complete_s >= ASK_AFTER_S
    limit(complete_s, 30)
