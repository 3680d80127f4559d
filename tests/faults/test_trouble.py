"""Slow brokers, full disks, clocks that step, a second box with our name, rules that forbid: seen, survived, told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from unittest.mock import patch

import msgspec
import paho.mqtt.client as paho
import pytest
from box import FaultBox, running
from broker_tools import HOST, MOSQUITTO, free_port, mosquitto, ran, subscribed
from example_events import ALERT, LIVE, REP
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.broker_access import check_access
from edge.clock import Instant, monotonic_ns, read_clock
from edge.publishers.broker_connection import V311
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.outbox_file import OutboxFile
from edge.settings import MqttSettings

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
Figures = Callable[..., None]
Limit = Callable[[float, float], None]
LIMIT_S = 60.0


class SlowLine:
    """A relay that passes so many bytes a second from the box to the broker, and answers at once."""

    def __init__(self, target: int, bytes_per_s: int) -> None:
        self.port = free_port()
        self._target, self._rate = target, bytes_per_s
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port, limit=4096)

    def close(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self._target)

        async def up() -> None:
            while data := await reader.read(256):
                far_writer.write(data)
                await asyncio.sleep(len(data) / self._rate)

        async def down() -> None:
            while data := await far_reader.read(4096):
                writer.write(data)

        with contextlib.suppress(ConnectionError):
            await asyncio.gather(up(), down())


def rss_mb() -> float:
    """Memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def test_slow_broker(tmp_path: Path, full: bool, figures: Figures, limit: Limit) -> None:  # noqa: FBT001
    """Fault 6: a broker that takes 2 kB/s costs neither memory nor the event loop's pace; nothing durable is lost."""
    port, seconds = free_port(), 60.0 if full else 4.0
    async with mosquitto(tmp_path, port):
        slow = SlowLine(port, 2_000)
        await slow.open()
        async with running(FaultBox(slow.port, tmp_path)) as box:
            await box.publisher.is_up.wait()
            for event in (REP, LIVE):  # the first of each is compiled a check for by the test itself
                for message in box.messages.of(event):
                    box.publisher.publish(message)
            before_mb, lags, end_ns = rss_mb(), list[float](), monotonic_ns() + round(seconds * 1e9)
            while (now_ns := monotonic_ns()) < end_ns:
                box.rep()
                live = msgspec.structs.replace(LIVE, t_s=now_ns / 1e9)
                for message in box.messages.of(live):
                    box.publisher.publish(message)
                due_ns = now_ns + 20_000_000
                await asyncio.sleep(0.02)
                lags.append((monotonic_ns() - due_ns) / 1e6)
            grown_mb = rss_mb() - before_mb
            p99_ms = sorted(lags)[int(0.99 * len(lags))]
            health = box.publisher.health()
            figures(
                seconds=seconds, reps=box.reps, grown_mb=round(grown_mb, 1), loop_lag_p99_ms=round(p99_ms, 2),
                depth=health["outbox"]["depth"], stream_dropped=health["stream_dropped"],
            )  # fmt: skip
            assert health["outbox"]["dropped"] == 0
        slow.close()
    assert grown_mb <= 20
    limit(p99_ms, 20)


async def test_full_disk_and_back(tmp_path: Path, figures: Figures, limit: Limit) -> None:
    """Fault 7: with the disk full reps go on arriving, health says so within 5 s, and afterwards all is on disk."""
    port = free_port()
    write = OutboxFile.write

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async with mosquitto(tmp_path, port), subscribed(port) as subscriber:  # noqa: SIM117
        async with running(FaultBox(port, tmp_path)) as box, asyncio.timeout(LIMIT_S):
            await box.publisher.is_up.wait()
            with patch.object(OutboxFile, "write", full):
                began_ns = monotonic_ns()
                while box.publisher.health()["outbox"]["problem"] is None:
                    box.rep()
                    await asyncio.sleep(0.02)
                told_s = (monotonic_ns() - began_ns) / 1e9
                for _ in range(50):
                    box.rep()
                await subscriber.until(lambda: len(subscriber.of("m/rep")) >= box.reps)
            assert OutboxFile.write is write
            while box.outbox.newest_seq < box.reps or box.publisher.health()["outbox"]["problem"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await box.settled()
            numbers = list(range(1, box.reps + 1))
            await subscriber.until(lambda: sorted(r["seq"] for r in subscriber.of("m/rep")) == numbers)
    figures(told_s=round(told_s, 2), reps=box.reps, lost=0)
    limit(told_s, 5)


@pytest.mark.parametrize("step_s", [3600, -3600])
async def test_clock_steps(tmp_path: Path, figures: Figures, step_s: int) -> None:
    """Fault 8: UTC set an hour on or back: order by number holds, no time bends, no alert is late."""
    port, shift = free_port(), 0

    def clock() -> Instant:
        now = read_clock()
        return Instant(now.mono_ns, now.utc_ns + shift * 10**9, now.synced)

    async with mosquitto(tmp_path, port), subscribed(port, MQTTProtocolVersion.MQTTv5) as subscriber:
        box = FaultBox(port, tmp_path)
        box.publisher._clock = clock  # as if the system's clock were set
        async with running(box), asyncio.timeout(LIMIT_S):
            await box.publisher.is_up.wait()
            for _ in range(5):
                box.rep()
            await box.settled()
            shift = step_s
            for _ in range(5):
                box.rep()
            alert = msgspec.structs.replace(ALERT, t_s=monotonic_ns() / 1e9)
            box.publisher.publish(box.messages.of(alert)[0])
            await box.settled()
            await subscriber.until(lambda: len(subscriber.of("m/rep")) == 10 and bool(subscriber.of("m/alert")))
    reps = subscriber.of("m/rep")
    tempo = {round(rep["drive_s"] - rep["bottom_s"], 6) for rep in reps}
    figures(step_s=step_s, reps=len(reps), alert_late=subscriber.of("m/alert")[0]["late"])
    assert [rep["seq"] for rep in sorted(reps, key=lambda rep: rep["seq"])] == list(range(1, 11))
    assert [rep["t_s"] for rep in reps] == sorted(rep["t_s"] for rep in reps)
    assert len(tempo) == 1
    assert subscriber.of("m/alert")[0]["late"] is False
    assert not any(rep["late"] for rep in reps)


async def test_second_client_with_our_name(tmp_path: Path, full: bool, figures: Figures, limit: Limit) -> None:  # noqa: FBT001
    """Fault 11: another client that uses our id throws us out again and again: seen, told, less than once a second."""
    port, seconds = free_port(), 20.0 if full else 4.0
    async with mosquitto(tmp_path, port), running(FaultBox(port, tmp_path)) as box, asyncio.timeout(LIMIT_S):
        await box.publisher.is_up.wait()
        other = paho.Client(CallbackAPIVersion.VERSION2, "sledguard-g-box", protocol=MQTTProtocolVersion.MQTTv5)
        other.reconnect_delay_set(1, 1)
        other.connect(HOST, port)
        other.loop_start()
        before = box.publisher.connects
        await asyncio.sleep(seconds)
        rate_hz = (box.publisher.connects - before) / seconds
        while "has another box this [box] gym and id" not in str(  # noqa: ASYNC110 - nobody announces it
            box.publisher.health()["broker"]["problem"]
        ):
            await asyncio.sleep(0.1)
        other.loop_stop()
        other.disconnect()
    figures(seconds=seconds, connects=box.publisher.connects - before, rate_hz=round(rate_hz, 2))
    assert box.publisher.connects > before
    limit(rate_hz, 1)


ACL = "user box\ntopic readwrite sledguard/v1/g/#\n"


@contextlib.asynccontextmanager
async def guarded(tmp_path: Path, port: int, acl: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A mosquitto with one login and these rules."""
    users, rules = tmp_path / "users", tmp_path / "acl"
    assert await ran("mosquitto_passwd", "-b", "-c", str(users), "box", "secret") == 0
    rules.write_text(acl)
    for file in (users, rules):
        file.chmod(0o644)
    settings = ("allow_anonymous false", f"password_file {users}", f"acl_file {rules}", "user root")
    async with mosquitto(tmp_path, port, *settings) as process:
        yield process


def with_login(box: FaultBox, tmp_path: Path, port: int) -> None:
    """Give the box its login."""
    password = tmp_path / "password"
    password.write_text("secret")
    password.chmod(0o600)
    settings = MqttSettings(host=HOST, port=port, username="box", password_file=str(password))
    access = check_access(settings, "sledguard-g-box")
    box.publisher = MqttPublisher(access, box.box, box.traffic)


@pytest.mark.parametrize("version", ["5.0", "3.1.1"])
async def test_rules_that_forbid(tmp_path: Path, figures: Figures, limit: Limit, version: str) -> None:
    """Fault 12: topics denied are in health within 10 s, in both versions, and no rep is lost by it."""
    port = free_port()
    box = FaultBox(port, tmp_path)
    with_login(box, tmp_path, port)
    if version == "3.1.1":
        box.publisher._version = V311  # as with a broker that knows no other
    async with running(box), asyncio.timeout(LIMIT_S):
        async with guarded(tmp_path, port, "user box\ntopic read sledguard/v1/g/#\n") as broker:
            await box.publisher.is_up.wait()
            began_ns = monotonic_ns()
            while not (box.publisher.health()["broker"]["problem"] or ""):
                box.rep()
                await asyncio.sleep(0.05)
            told_s = (monotonic_ns() - began_ns) / 1e9
            assert box.publisher.health()["outbox"]["depth"] == box.reps
            broker.terminate()
            await broker.wait()
        async with guarded(tmp_path, port, ACL):
            await box.settled()
    figures(mqtt=version, told_s=round(told_s, 2), reps=box.reps, lost=0)
    limit(told_s, 10)


async def test_credentials_revoked(tmp_path: Path, figures: Figures, limit: Limit) -> None:
    """Fault 12: a login that is no longer taken is in health within 10 s; reps wait until it is again."""
    port = free_port()
    box = FaultBox(port, tmp_path)
    with_login(box, tmp_path, port)
    async with running(box), asyncio.timeout(LIMIT_S):
        async with guarded(tmp_path, port, ACL) as broker:
            await box.publisher.is_up.wait()
            broker.terminate()
            await broker.wait()
        users = tmp_path / "users"
        async with guarded(tmp_path, port, ACL) as broker:
            assert await ran("mosquitto_passwd", "-b", str(users), "box", "another") == 0
            os.kill(broker.pid, 1)
            began_ns = monotonic_ns()
            broker.terminate()
            await broker.wait()
        async with mosquitto(
            tmp_path,
            port,
            "allow_anonymous false",
            f"password_file {users}",
            f"acl_file {tmp_path / 'acl'}",
            "user root",
        ):
            while "refuses" not in (box.publisher.health()["broker"]["problem"] or ""):
                box.rep()
                await asyncio.sleep(0.05)
            told_s = (monotonic_ns() - began_ns) / 1e9
            (tmp_path / "password").write_text("another")
            await box.settled()
    figures(told_s=round(told_s, 2), reps=box.reps, lost=0)
    limit(told_s, 10)
