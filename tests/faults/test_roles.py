"""The shipped rules of the broker, tried against a real mosquitto: each role can do its own and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, free_port, mosquitto, ran
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
ACL = Path(__file__).parents[2] / "config/mosquitto/acl"
M, B = "sledguard/v1/g/machine/m", "sledguard/v1/g/box/b"
ROLES = ("box", "dashboards", "integrator", "historian", "homeassistant")
TOPICS = (
    f"{M}/rep", f"{M}/set", f"{M}/alert", f"{M}/alert/active", f"{M}/event", f"{M}/state", f"{M}/sensor/pelvis/state",
    f"{M}/live", f"{M}/cmd/tare", f"{M}/cmd/identify", f"{M}/cmd/tare/result", f"{B}/status", f"{B}/health",
    f"{B}/replay", f"{B}/cmd/replay", f"{B}/cmd/replay/result", f"{B}/confirm", f"{B}/echo", "sledguard/v1/g/reply/p",
    "homeassistant/button/sledguard/x/config", "homeassistant/status", "something/else",
)  # fmt: skip
BOX_SAYS = {t for t in TOPICS if t.startswith((M, B)) and "/cmd/" not in t} - {f"{B}/confirm"}
BOX_SAYS |= {f"{M}/cmd/tare/result", f"{B}/cmd/replay/result", "sledguard/v1/g/reply/p"}
BOX_SAYS |= {"homeassistant/button/sledguard/x/config"}
ALL_OURS = {t for t in TOPICS if t.startswith((M, B))}
COMMANDS = {f"{M}/cmd/tare", f"{M}/cmd/identify"}
SAYS = {
    "box": BOX_SAYS,
    "dashboards": COMMANDS | {f"{B}/cmd/replay"},
    "integrator": set[str](),
    "historian": {f"{B}/cmd/replay", f"{B}/confirm"},
    "homeassistant": {f"{M}/cmd/identify", "homeassistant/status"},
}
HEARS = {
    "box": COMMANDS | {f"{B}/cmd/replay", f"{B}/confirm", f"{B}/echo", "homeassistant/status"},
    "dashboards": ALL_OURS | {"sledguard/v1/g/reply/p"},
    "integrator": {t for t in TOPICS if t.startswith(M)} | {f"{B}/status", f"{B}/health"},
    "historian": ALL_OURS,
    "homeassistant": ALL_OURS | {"homeassistant/button/sledguard/x/config", "homeassistant/status"},
}


class Client:
    """A client of a role; `heard` is what reached it, by topic."""

    def __init__(self, port: int, role: str, version: MQTTProtocolVersion) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
        self.client.username_pw_set(role, f"{role}-password")
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self._loop.call_soon_threadsafe(self.news.set)
        self.client.connect(HOST, port)
        self.client.loop_start()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._keep, (message.topic, message.payload))

    def _keep(self, got: tuple[str, bytes]) -> None:
        self.heard.append(got)
        self.news.set()

    async def subscribe(self, topics: tuple[str, ...]) -> None:
        self.news.clear()
        self.client.subscribe([(topic, 1) for topic in topics])
        await asyncio.wait_for(self.news.wait(), WAIT_S)

    async def until(self, topic: str, payload: bytes) -> set[str]:
        """Wait for this message; the topics of all that came before it."""
        async with asyncio.timeout(WAIT_S):
            while (topic, payload) not in self.heard:
                self.news.clear()
                await self.news.wait()
        return {topic for topic, _ in self.heard[: self.heard.index((topic, payload))]}


@contextlib.asynccontextmanager
async def broker(tmp_path: Path) -> AsyncIterator[int]:
    """A mosquitto with the shipped rules, and one more login that may do everything."""
    users, acl, port = tmp_path / "users", tmp_path / "acl", free_port()
    for first, role in enumerate((*ROLES, "all")):
        flags = ("-b", "-c") if first == 0 else ("-b",)
        assert await ran("mosquitto_passwd", *flags, str(users), role, f"{role}-password") == 0
    acl.write_text(ACL.read_text() + "\nuser all\ntopic readwrite #\n")
    for file in (users, acl):
        file.chmod(0o644)
    settings = ("allow_anonymous false", f"password_file {users}", f"acl_file {acl}", "user root")
    async with mosquitto(tmp_path, port, *settings):
        yield port


@pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311], ids=["5", "3.1.1"])
async def test_each_role_says_and_hears_its_own_and_nothing_else(tmp_path: Path, version: MQTTProtocolVersion) -> None:
    """Of every topic of the contract and two others, exactly what a role may say arrives, and what it may hear does."""
    async with broker(tmp_path) as port:
        everything = Client(port, "all", version)
        await everything.subscribe(("#",))
        for role in ROLES:
            client = Client(port, role, version)
            for topic in TOPICS:
                client.client.publish(topic, f"{role} says", 1)
            last = sorted(SAYS[role])[-1] if SAYS[role] else None
            if last is not None:
                client.client.publish(last, f"{role} ends", 1)
                await everything.until(last, f"{role} ends".encode())
            else:
                await asyncio.to_thread(client.client.publish(TOPICS[0], "x", 1).wait_for_publish, WAIT_S)
            said = {topic for topic, payload in everything.heard if payload == f"{role} says".encode()}
            assert said == SAYS[role], role
            await client.subscribe(TOPICS)
            client.heard.clear()
            for topic in TOPICS:
                everything.client.publish(topic, f"to {role}", 1)
            end = sorted(HEARS[role])[-1]
            everything.client.publish(end, f"end {role}", 1)
            await client.until(end, f"end {role}".encode())
            heard = {topic for topic, payload in client.heard if payload == f"to {role}".encode()}
            assert heard == HEARS[role], role
            client.client.disconnect()
            client.client.loop_stop()
        everything.client.loop_stop()


async def test_nobody_without_a_login(tmp_path: Path) -> None:
    """No name, or a wrong password, is no connection."""
    loop = asyncio.get_running_loop()
    async with broker(tmp_path) as port:
        for name, password in ((None, None), ("box", "wrong")):
            client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
            if name:
                client.username_pw_set(name, password)
            refused = asyncio.Event()

            def on_connect(*facts: object, refused: asyncio.Event = refused) -> None:
                if facts[3].is_failure:  # type: ignore[attr-defined]
                    loop.call_soon_threadsafe(refused.set)

            client.on_connect = on_connect
            client.connect(HOST, port)
            client.loop_start()
            await asyncio.wait_for(refused.wait(), WAIT_S)
            client.loop_stop()
