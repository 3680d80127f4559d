"""The MQTT publisher against real brokers: the embedded one always, mosquitto where it is installed."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, Proxy, eventually, free_port, mosquitto, ran, subscribed
from example_events import ALERT, EVERY, LIVE, REP, STATE
from paho.mqtt.enums import MQTTProtocolVersion

from edge.broker_access import check_access
from edge.clock import monotonic_ns
from edge.errors import ConfigError
from edge.events import AnyEvent
from edge.publishers.embedded_broker import EmbeddedBroker
from edge.publishers.envelope import Origin
from edge.publishers.messages import BoxMessages, MachineMessages
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.outbox import MemoryOutbox
from edge.publishers.traffic import Traffic
from edge.settings import MqttSettings

needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


def publisher_to(settings: MqttSettings) -> MqttPublisher:
    """A publisher of box `box` in gym `g`."""
    traffic = Traffic(Origin("box", "boot-1"), MemoryOutbox(), bytes_of)
    return MqttPublisher(check_access(settings, "sledguard-g-box"), BoxMessages("g", "box"), traffic)


_count = 0


def bytes_of(length: int) -> bytes:
    """Different bytes at every call, the same in every run."""
    global _count  # noqa: PLW0603
    _count += 1
    return _count.to_bytes(length, "big")


@contextlib.asynccontextmanager
async def running(publisher: MqttPublisher) -> AsyncIterator[MqttPublisher]:
    """A publisher that runs."""
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def up(publisher: MqttPublisher) -> None:
    """Wait until it is connected."""
    async with asyncio.timeout(WAIT_S):
        await publisher.is_up.wait()


def problem(publisher: MqttPublisher) -> str:
    """What health says of the broker."""
    return publisher.health()["broker"]["problem"] or ""


def say(publisher: MqttPublisher, machine: MachineMessages, event: AnyEvent) -> None:
    """Publish all messages of an event that is decided now."""
    now = msgspec.structs.replace(event, t_s=monotonic_ns() / 1e9)
    for message in machine.of(now):
        publisher.publish(message)


async def test_every_message_reaches_a_3_1_1_broker() -> None:
    """A broker that knows only MQTT 3.1.1 gets every message, with envelope, and health names the version."""
    async with EmbeddedBroker() as broker, subscribed(broker.port) as subscriber:
        publisher = publisher_to(MqttSettings(host=HOST, port=broker.port))
        machine = MachineMessages("g", "m")
        wanted = {
            m.topic.removeprefix("sledguard/v1/g/") for event in EVERY for m in MachineMessages("g", "m").of(event)
        }
        async with running(publisher):
            await up(publisher)
            for event in EVERY:
                say(publisher, machine, event)
            wanted.add("box/box/status")
            await subscriber.until(
                lambda: wanted <= {got.topic.removeprefix("sledguard/v1/g/") for got in subscriber.received}
            )
            assert publisher.health()["broker"]["mqtt"] == "3.1.1"
        rep = subscriber.of("m/rep")[0]
        assert rep["rep"] == 3
        assert rep["late"] is False
        assert rep["box"] == "box"
        assert {"v", "id", "boot", "seq", "ts", "clock", "sent_s"} <= rep.keys()
        assert subscriber.of("box/status")[0]["status"] == "online"


async def test_state_is_retained_and_stop_is_told() -> None:
    """Who subscribes later gets the state; a stop in order says stopping, then offline, and loses nothing."""
    async with EmbeddedBroker() as broker, subscribed(broker.port) as early:
        publisher = publisher_to(MqttSettings(host=HOST, port=broker.port))
        async with running(publisher):
            await up(publisher)
            say(publisher, MachineMessages("g", "m"), STATE)
            await early.until(lambda: bool(early.of("m/state")))
            async with subscribed(broker.port) as late:
                await late.until(lambda: bool(late.of("m/state")))
                assert late.of("m/state")[0]["state"] == "lifting"
                assert late.of("m/rep") == []
            say(publisher, MachineMessages("g", "m"), REP)
            await publisher.stop()
        await early.until(lambda: [s["status"] for s in early.of("box/status")] == ["online", "stopping", "offline"])
        await early.until(lambda: len(early.of("m/rep")) == 1)


async def test_nothing_fails_without_a_broker() -> None:
    """With no broker at all publishing goes on, reps wait, and health says why."""
    publisher = publisher_to(MqttSettings(host=HOST, port=free_port()))
    async with running(publisher):
        machine = MachineMessages("g", "m")
        for event in (REP, ALERT, LIVE, STATE):
            say(publisher, machine, event)
        await eventually(lambda: "cannot be reached" in problem(publisher))
        await publisher.stop()
        health = publisher.health()
        assert health["broker"]["connected"] is False
        assert health["outbox"]["depth"] == 3


async def test_outage_loses_no_rep_and_brings_no_old_alert() -> None:
    """Reps made while the broker is away arrive once it is back, in order; an alert of six seconds ago does not."""
    async with EmbeddedBroker() as broker, subscribed(broker.port) as subscriber:
        proxy = Proxy(broker.port)
        await proxy.mend()
        publisher, machine = publisher_to(MqttSettings(host=HOST, port=proxy.port)), MachineMessages("g", "m")
        async with running(publisher):
            await up(publisher)
            await proxy.cut()
            await eventually(lambda: not publisher.is_up.is_set())
            old = msgspec.structs.replace(ALERT, t_s=monotonic_ns() / 1e9 - 6)
            publisher.publish(machine.of(old)[0])
            for rep in range(50):
                say(publisher, machine, msgspec.structs.replace(REP, rep=rep))
            await proxy.mend()
            await subscriber.until(lambda: len(subscriber.of("m/rep")) == 50)
            reps = subscriber.of("m/rep")
            assert [r["rep"] for r in reps] == list(range(50))
            assert [r["seq"] for r in reps] == list(range(1, 51))
            assert len({r["id"] for r in reps}) == 50
            say(publisher, machine, ALERT)
            await subscriber.until(lambda: bool(subscriber.of("m/alert")))
            assert len(subscriber.of("m/alert")) == 1
            assert publisher.health()["alerts_too_old"] == 1
            assert publisher.health()["broker"]["connects"] == 2
            await proxy.cut()


@needs_mosquitto
async def test_mqtt_5_expiry_and_will(tmp_path: Path) -> None:
    """Mosquitto is spoken to in MQTT 5: an alert expires in five seconds, and a box that falls silent is offline."""
    port = free_port()
    async with mosquitto(tmp_path, port), subscribed(port, MQTTProtocolVersion.MQTTv5) as subscriber:
        publisher = publisher_to(MqttSettings(host=HOST, port=port))
        async with running(publisher):
            await up(publisher)
            say(publisher, MachineMessages("g", "m"), ALERT)
            await subscriber.until(lambda: bool(subscriber.of("m/alert")))
            assert publisher.health()["broker"]["mqtt"] == "5.0"
        alert = next(got for got in subscriber.received if got.topic.endswith("m/alert"))
        assert alert.expiry_s in {4, 5}
        assert alert.qos == 1
        await subscriber.until(lambda: [s["status"] for s in subscriber.of("box/status")] == ["online", "offline"])


@needs_mosquitto
async def test_login(tmp_path: Path) -> None:
    """A wrong password is told in health and tried again; with the right one in the file the box comes up."""
    users, password = tmp_path / "users", tmp_path / "password"
    assert await ran("mosquitto_passwd", "-b", "-c", str(users), "box", "right") == 0
    users.chmod(0o644)
    password.write_text("wrong\n")
    password.chmod(0o600)
    port = free_port()
    settings = MqttSettings(host=HOST, port=port, username="box", password_file=str(password))
    async with mosquitto(tmp_path, port, "allow_anonymous false", f"password_file {users}", "user root"):
        publisher = publisher_to(settings)
        async with running(publisher):
            await eventually(lambda: "refuses" in problem(publisher))
            password.write_text("right\n")
            await up(publisher)


@needs_mosquitto
async def test_tls(tmp_path: Path) -> None:
    """With TLS the broker's certificate is checked: its own authority is accepted, the system's are not enough."""
    ca, key = tmp_path / "ca.pem", tmp_path / "key.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(ca), *names)
    if shutil.which("openssl") is None or await ran("openssl", *made):
        pytest.skip("openssl cannot make a certificate here")
    port = free_port()
    async with mosquitto(tmp_path, port, "allow_anonymous true", f"certfile {ca}", f"keyfile {key}", "user root"):
        trusting = publisher_to(MqttSettings(host=HOST, port=port, tls=True, ca_file=str(ca)))
        async with running(trusting):
            await up(trusting)
        wary = publisher_to(MqttSettings(host=HOST, port=port, tls=True))
        async with running(wary):
            await eventually(lambda: "certificate" in problem(wary))


def test_password_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A password that others can read is refused with the command that mends it; so is a missing file."""
    password = tmp_path / "password"
    password.write_text("secret")
    password.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        check_access(MqttSettings(username="u", password_file=str(password)), "id")
    password.chmod(0o600)
    check_access(MqttSettings(username="u", password_file=str(password)), "id")
    password.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        check_access(MqttSettings(username="u", password_file=str(password)), "id")


def test_unusable_certificate_is_refused(tmp_path: Path) -> None:
    """A file that is no certificate is refused at start, by name."""
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        check_access(MqttSettings(tls=True, ca_file=str(tmp_path / "ca.pem")), "id")


@pytest.mark.parametrize(
    ("host", "tls", "encrypted"),
    [("127.0.0.1", None, False), ("localhost", None, False), ("broker.gym.lan", None, True),
     ("broker.gym.lan", False, False), ("127.0.0.1", True, True)],
)  # fmt: skip
def test_encrypted_unless_on_this_box(host: str, tls: bool | None, encrypted: bool) -> None:  # noqa: FBT001
    """Whoever says nothing gets TLS to any broker but the one on this very box."""
    assert (check_access(MqttSettings(host=host, tls=tls), "id").context is not None) is encrypted
