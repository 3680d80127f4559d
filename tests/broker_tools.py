"""A subscriber and a mosquitto for tests against real brokers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.clock import monotonic_ns

WAIT_S = 60.0  # far above what anything here takes: a busy machine is no failure
HOST = "127.0.0.1"
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@dataclass(frozen=True)
class Received:
    """One message as a subscriber got it."""

    topic: str
    payload: dict[str, Any]
    qos: int
    retain: bool
    expiry_s: int | None
    got_s: float = 0.0


class Subscriber:
    """Subscribed to everything; keeps what it gets."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        expiry = getattr(message.properties, "MessageExpiryInterval", None)
        got = Received(
            message.topic, json.loads(message.payload), message.qos, message.retain, expiry, monotonic_ns() / 1e9
        )
        self._loop.call_soon_threadsafe(self._keep, got)

    def _keep(self, got: Received) -> None:
        self.received.append(got)
        self.news.set()

    def of(self, suffix: str) -> list[dict[str, Any]]:
        """Payloads of a topic, by the end of its name."""
        return [got.payload for got in self.received if got.topic.endswith("/" + suffix)]

    def timed(self, suffix: str) -> list[dict[str, Any]]:
        """The same, with `got_s`: when each arrived, on the monotonic clock."""
        return [got.payload | {"got_s": got.got_s} for got in self.received if got.topic.endswith("/" + suffix)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self.news.clear()
                await self.news.wait()


@contextlib.asynccontextmanager
async def subscribed(
    port: int, version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
) -> AsyncIterator[Subscriber]:
    """A subscriber to `sledguard/#` on a broker, once the broker has acknowledged the subscription."""
    subscriber, ready = Subscriber(), asyncio.Event()
    loop = asyncio.get_running_loop()
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
    client.on_message = subscriber.on_message
    client.on_connect = lambda *_: client.subscribe("sledguard/#", qos=1)
    client.on_subscribe = lambda *_: loop.call_soon_threadsafe(ready.set)
    await asyncio.to_thread(client.connect, HOST, port)
    client.loop_start()
    try:
        async with asyncio.timeout(WAIT_S):
            await ready.wait()
        yield subscriber
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def mosquitto(folder: Path, port: int, *settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A mosquitto on loopback with these further lines of settings; killed at the end if it still runs."""
    assert MOSQUITTO is not None
    lines = [f"listener {port} {HOST}", *(settings or ["allow_anonymous true"])]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    process = await asyncio.create_subprocess_exec(
        MOSQUITTO, "-c", str(folder / "mosquitto.conf"), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listening(port)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Proxy:
    """A TCP relay to a broker that can be cut and mended: an outage without stopping the broker."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._flows = asyncio.Event()
        self._flows.set()

    async def mend(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_server(self._serve, HOST, self.port)

    def stall(self) -> None:
        """Take bytes and pass none on, in either direction, with the connections open."""
        self._flows.clear()

    async def cut(self) -> None:
        """Drop all connections and refuse new ones."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
        self._writers += [writer, far_writer]
        await asyncio.gather(_copy(reader, far_writer, self._flows), _copy(far_reader, writer, self._flows))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            await flows.wait()
            writer.write(data)
            await writer.drain()
    writer.close()


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what no event announces."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def ran(*command: str) -> int:
    """Run a program; its exit code."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, port)
                writer.close()
                return
            await asyncio.sleep(0.02)
