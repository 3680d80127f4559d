"""The shipped rules of the broker, tried against a real mosquitto: each role can do its own and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
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
        self.news, self.subscribed = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
        self.client.username_pw_set(role, f"{role}-password")
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

    async def say(self, payload: str, topics: Iterable[str] = TOPICS) -> None:
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
            await client.say(f"{role} says")
            await everything.say(f"after {role}")  # what the broker let through before is there when all of this is
            await everything.until(f"after {role}", set(TOPICS))
            await everything.until(f"{role} says", SAYS[role])
            assert everything.topics_of(f"{role} says") == SAYS[role], role
            await client.subscribe(TOPICS)
            await everything.say(f"to {role}")
            await everything.say(f"end {role}")
            await client.until(f"end {role}", HEARS[role])
            await client.until(f"to {role}", HEARS[role])
            assert client.topics_of(f"to {role}") == HEARS[role], role
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
