"""The pages' own historian through the death of a broker that kept nothing: the history is whole all the same."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from box import FaultBox
from broker_tools import HOST, MOSQUITTO, WAIT_S, eventually, free_port, mosquitto

from edge.broker_access import check_access
from edge.history.historian import Historian
from edge.history.queries import Queries
from edge.history.store import Store, sqlite_url
from edge.history.subscription import Subscription
from edge.settings import MqttSettings

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


@contextlib.asynccontextmanager
async def keeping(store: Store, port: int) -> AsyncIterator[None]:
    """A historian as the pages run it."""
    access = check_access(MqttSettings(host=HOST, port=port), "historian-test")

    def send(topic: str, payload: bytes) -> None:
        subscription.publish(topic, payload)

    historian = Historian(store, send=send, confirms=True)
    subscription = Subscription(access, historian.put, lambda _problem: None, durable=True)
    historian.start()
    subscription.start()
    try:
        yield
    finally:
        await asyncio.to_thread(subscription.stop)
        await asyncio.to_thread(historian.stop)


def kept(store: Store) -> int:
    """Reps in the history."""
    return sum(row.reps for row in Queries(store).sessions())


async def test_reps_that_only_a_dead_broker_had_are_asked_for(tmp_path: Path) -> None:
    """Acknowledged by a broker that then died with the historian away, they come from the box, and are confirmed."""
    port, store = free_port(), Store(sqlite_url(tmp_path / "history.sqlite"))
    box = FaultBox(port, tmp_path)
    running, desk = asyncio.create_task(box.publisher.run()), asyncio.create_task(box.replays.run())
    try:
        async with mosquitto(tmp_path, port):
            async with asyncio.timeout(WAIT_S):
                await box.publisher.is_up.wait()
            for _ in range(20):
                box.rep()
            async with asyncio.timeout(WAIT_S):
                await box.settled()
        async with mosquitto(tmp_path, port), keeping(store, port):

            def whole() -> bool:
                if box.reps < 60:
                    box.rep()
                return kept(store) == box.reps == 60

            await eventually(whole)
            await eventually(lambda: store.complete() == {("g", "box"): (60, box.outbox.id)})
    finally:
        for task in (running, desk):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(box.outbox.close)
