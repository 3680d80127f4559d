"""The historian: what comes is on disk before it is acknowledged, whatever breaks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, eventually, free_port, mosquitto
from example_events import ALERT, EVERY, REP
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from published import PLACE, live, messages, state
from sqlalchemy.exc import OperationalError

from edge.broker_access import check_access
from edge.history.historian import Batch, Historian, Sorter
from edge.history.queries import Queries
from edge.history.store import Store, sqlite_url
from edge.history.subscription import Arrival, Subscription
from edge.settings import MqttSettings


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(sqlite_url(tmp_path / "history.sqlite"))


class Acknowledged:
    """Counts what was acknowledged, from any thread."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self.count += 1


def test_what_was_put_is_kept_and_acknowledged_by_the_end(store: Store) -> None:
    """Reps, alerts and the stream; damaged messages are acknowledged too, or they would come for ever."""
    historian, done = Historian(store), Acknowledged()
    historian.start()
    historian.put(Arrival(f"{PLACE.topic}/rep", b"{", False, done))  # noqa: FBT003
    sent = [(t, p) for event in (state("s-7f3a"), *(live(t_s=58.0 + i / 20, session="s-7f3a") for i in range(90)), REP)
            for t, p in messages(event)]  # fmt: skip
    for topic, payload in sent:
        historian.put(Arrival(topic, payload, False, done))  # noqa: FBT003
    historian.stop()
    assert done.count == len(sent) + 1
    assert historian.sorter.unreadable == 1
    row = Queries(store).rep(1)
    assert row is not None
    curves = Queries(store).curves(row)
    assert curves is not None
    assert len(curves.t_s) > 80
    assert curves.limits == {"left_knee_flexion_deg": 6.0}


def test_nothing_is_acknowledged_while_the_disk_takes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, tries again, and acknowledges once it is kept."""
    broken, done = threading.Event(), Acknowledged()
    broken.set()
    write = store.write

    def sometimes(*args: object) -> None:
        if broken.is_set():
            raise OperationalError("insert", {}, Exception("database or disk is full"))
        write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "write", sometimes)
    monkeypatch.setattr("edge.history.historian.RETRY_S", 0.01)
    historian = Historian(store)
    historian.start()
    for topic, payload in messages(REP):
        historian.put(Arrival(topic, payload, False, done))  # noqa: FBT003
    wait = threading.Event()
    while historian.problem is None:
        wait.wait(0.01)
    assert "disk is full" in historian.problem
    assert done.count == 0
    broken.clear()
    historian.stop()
    assert done.count == 1
    assert historian.problem is None
    assert Queries(store).rep(1) is not None


def test_what_is_not_kept_at_the_end_is_not_acknowledged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop with a full disk loses nothing: the broker sends it again."""

    def never(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk I/O error"))

    monkeypatch.setattr(store, "write", never)
    historian, done = Historian(store), Acknowledged()
    historian.start()
    historian.put(Arrival(*messages(REP)[0], False, done))  # noqa: FBT003
    historian.stop()
    assert done.count == 0


def test_the_sorter_keeps_what_belongs_in_the_history() -> None:
    """Levels and the stream's rows are no messages of the history; all else is."""
    sorter, batch = Sorter(), Batch()
    for event in EVERY:
        for topic, payload in messages(event):
            sorter.take(Arrival(topic, payload, False, lambda: None), batch)  # noqa: FBT003
    kept = {(type(m.event).__name__, m.durable) for m in batch.messages}
    assert {("Rep", False), ("SetSummary", False), ("Alert", True), ("Notice", True)} <= kept
    assert not any(name == "Live" for name, _ in kept)


@pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto here")
async def test_reps_sent_while_nobody_is_here_are_kept_later(store: Store, tmp_path: Path) -> None:
    """The broker keeps them for the historian that comes back; each is there once."""
    port = free_port()
    async with mosquitto(tmp_path, port):
        async with keeping(store, port):
            await asyncio.to_thread(publish, port, range(5))
            await eventually(lambda: reps(store) == 5)
        await asyncio.to_thread(publish, port, range(5, 12))
        async with keeping(store, port):
            await asyncio.to_thread(publish, port, range(12, 14))
            await eventually(lambda: reps(store) == 14)


@contextlib.asynccontextmanager
async def keeping(store: Store, port: int) -> AsyncIterator[None]:
    """A historian that keeps, subscribed."""
    access = check_access(MqttSettings(host=HOST, port=port), "historian-test")
    historian, up, loop = Historian(store), asyncio.Event(), asyncio.get_running_loop()
    historian.start()
    subscription = Subscription(access, historian.put, lambda _: loop.call_soon_threadsafe(up.set), durable=True)
    subscription.start()
    async with asyncio.timeout(WAIT_S):
        await up.wait()
    yield
    await asyncio.to_thread(subscription.stop)
    await asyncio.to_thread(historian.stop)


def reps(store: Store) -> int:
    return sum(row.reps for row in Queries(store).sessions())


def rep_number(i: int) -> tuple[str, bytes]:
    rep = msgspec.structs.replace(REP, rep=i, start_s=60.0 + 5 * i, t_s=64.0 + 5 * i)
    topic, payload = messages(rep)[0]
    return topic, msgspec.json.encode(msgspec.json.decode(payload) | {"id": f"id-{i}"})


def publish(port: int, numbers: range) -> None:
    """Publish reps, and wait until the broker has all."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
    client.connect(HOST, port)
    client.loop_start()
    for number in numbers:
        client.publish(*rep_number(number), qos=1).wait_for_publish(WAIT_S)
    client.disconnect()
    client.loop_stop()


def test_an_alert_of_a_live_topic_alone_is_no_row(store: Store) -> None:
    """Live alerts are for screens; the durable copy is what counts."""
    historian = Historian(store)
    historian.start()
    historian.put(Arrival(*messages(ALERT)[0], False, lambda: None))  # noqa: FBT003
    historian.stop()
    assert Queries(store).sessions() == []
