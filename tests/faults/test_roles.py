"""The shipped rules of the broker, tried against a real mosquitto: each role can do its own and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from role_tools import ROLES, RoleClient, role_broker

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
M, B = "sledguard/v1/g/machine/m", "sledguard/v1/g/box/b"
TOPICS = (
    f"{M}/rep", f"{M}/set", f"{M}/alert", f"{M}/alert/active", f"{M}/event", f"{M}/state", f"{M}/sensor/pelvis/state",
    f"{M}/live", f"{M}/cmd/tare", f"{M}/cmd/identify", f"{M}/cmd/set_load", f"{M}/cmd/trust_legs",
    f"{M}/cmd/set_lifter", f"{M}/cmd/forget_lifter",
    f"{M}/cmd/tare/result",
    f"{B}/status", f"{B}/health",
    f"{B}/replay", f"{B}/cmd/replay", f"{B}/cmd/replay/result", f"{B}/confirm", f"{B}/echo", "sledguard/v1/g/reply/p",
    f"{M}/assistance",
    "homeassistant/button/sledguard/x/config", "homeassistant/status", "something/else",
)  # fmt: skip
BOX_SAYS = {t for t in TOPICS if t.startswith((M, B)) and "/cmd/" not in t} - {f"{B}/confirm", f"{M}/assistance"}
BOX_SAYS |= {f"{M}/cmd/tare/result", f"{B}/cmd/replay/result", "sledguard/v1/g/reply/p"}
BOX_SAYS |= {"homeassistant/button/sledguard/x/config"}
ALL_OURS = {t for t in TOPICS if t.startswith((M, B))}
OF_WHOM = {f"{M}/cmd/set_lifter", f"{M}/cmd/forget_lifter"}
"""Says who is lifting, and how tall: to the box, and to nobody else."""
COMMANDS = {f"{M}/cmd/{name}" for name in ("tare", "identify", "set_load", "trust_legs")} | OF_WHOM
SAYS = {
    "box": BOX_SAYS,
    "dashboards": COMMANDS | {f"{B}/cmd/replay", f"{B}/confirm", f"{M}/assistance"},
    "integrator": set[str](),
    "historian": {f"{B}/cmd/replay", f"{B}/confirm"},
    "homeassistant": {f"{M}/cmd/identify", f"{M}/cmd/set_load", "homeassistant/status"},
}
HEARS = {
    "box": COMMANDS
    | {
        f"{B}/cmd/replay",
        f"{B}/confirm",
        f"{B}/echo",
        f"{B}/status",
        f"{M}/sensor/pelvis/state",
        "homeassistant/status",
    },
    "dashboards": ALL_OURS | {"sledguard/v1/g/reply/p"},
    "integrator": {t for t in TOPICS if t.startswith(M)} - OF_WHOM | {f"{B}/status", f"{B}/health"},
    "historian": ALL_OURS - OF_WHOM,
    "homeassistant": ALL_OURS - OF_WHOM | {"homeassistant/button/sledguard/x/config", "homeassistant/status"},
}


@pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311], ids=["5", "3.1.1"])
async def test_each_role_says_and_hears_its_own_and_nothing_else(tmp_path: Path, version: MQTTProtocolVersion) -> None:
    """Of every topic of the contract and two others, exactly what a role may say arrives, and what it may hear does."""
    async with role_broker(tmp_path) as port:
        everything = RoleClient(port, "all", version)
        await everything.subscribe(("#",))
        for role in ROLES:
            client = RoleClient(port, role, version)
            await client.say(f"{role} says", TOPICS)
            await everything.say(
                f"after {role}", TOPICS
            )  # what the broker let through before is there when all of this is
            await everything.until(f"after {role}", set(TOPICS))
            await everything.until(f"{role} says", SAYS[role])
            assert everything.topics_of(f"{role} says") == SAYS[role], role
            await client.subscribe(TOPICS)
            await everything.say(f"to {role}", TOPICS)
            await everything.say(f"end {role}", TOPICS)
            await client.until(f"end {role}", HEARS[role])
            await client.until(f"to {role}", HEARS[role])
            assert client.topics_of(f"to {role}") == HEARS[role], role
            client.client.disconnect()
            client.client.loop_stop()
        everything.client.loop_stop()


async def test_nobody_without_a_login(tmp_path: Path) -> None:
    """No name, or a wrong password, is no connection."""
    loop = asyncio.get_running_loop()
    async with role_broker(tmp_path) as port:
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
