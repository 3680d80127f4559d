"""A mosquitto with the shipped rules, and clients that are logged in to it by role."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import paho.mqtt.client as paho
from broker_tools import HOST, WAIT_S, free_port, mosquitto, ran
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

ACL = Path(__file__).parents[2] / "config/mosquitto/acl"
ROLES = ("box", "dashboards", "integrator", "historian", "homeassistant")


def password_of(role: str) -> str:
    """What the role logs in with."""
    return f"{role}-password"


@contextlib.asynccontextmanager
async def role_broker(tmp_path: Path) -> AsyncIterator[int]:
    """A mosquitto with the shipped rules, and one more login, `all`, that may do everything; its port."""
    users, acl, port = tmp_path / "users", tmp_path / "acl", free_port()
    for first, role in enumerate((*ROLES, "all")):
        flags = ("-b", "-c") if first == 0 else ("-b",)
        assert await ran("mosquitto_passwd", *flags, str(users), role, password_of(role)) == 0
    acl.write_text(ACL.read_text() + "\nuser all\ntopic readwrite #\n")
    for file in (users, acl):
        file.chmod(0o644)
    settings = ("allow_anonymous false", f"password_file {users}", f"acl_file {acl}", "user root")
    async with mosquitto(tmp_path, port, *settings):
        yield port


class RoleClient:
    """A client of a role; `heard` is what reached it, by topic."""

    def __init__(self, port: int, role: str, version: MQTTProtocolVersion) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.news, self.subscribed = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
        self.client.username_pw_set(role, password_of(role))
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self._loop.call_soon_threadsafe(self.subscribed.set)
        self.client.connect(HOST, port)
        self.client.loop_start()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._keep, (message.topic, message.payload))

    def _keep(self, got: tuple[str, bytes]) -> None:
        self.heard.append(got)
        self.news.set()

    async def subscribe(self, topics: tuple[str, ...]) -> None:
        self.subscribed.clear()
        self.client.subscribe([(topic, 1) for topic in topics])
        await asyncio.wait_for(self.subscribed.wait(), WAIT_S)

    async def say(self, payload: str | bytes, topics: Iterable[str]) -> None:
        """Publish it on each topic, and wait until the broker has dealt with all."""
        for told in [self.client.publish(topic, payload, 1) for topic in topics]:
            await asyncio.to_thread(told.wait_for_publish, WAIT_S)

    async def until(self, payload: str, wanted: set[str]) -> None:
        """Wait until this has come on all these topics."""
        async with asyncio.timeout(WAIT_S):
            while not wanted <= self.topics_of(payload):
                self.news.clear()
                await self.news.wait()

    def topics_of(self, payload: str) -> set[str]:
        """Where this has come."""
        return {topic for topic, said in self.heard if said == payload.encode()}
