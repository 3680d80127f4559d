"""Commands over a real broker, to a box with a hub behind a pseudo-terminal."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, Subscriber, eventually, free_port, mosquitto, subscribed
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from served import served

from edge.assembly import box_of, new_boot
from edge.config import Config
from edge.machine import MachineSettings
from edge.settings import BoxSettings, MqttSettings, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
MACHINE = "sledguard/v1/g/machine/press"


def given(**fields: Any) -> dict[str, Any]:
    """A command's payload, given now."""
    return {"ts": datetime.now(UTC).isoformat()} | fields


@contextlib.asynccontextmanager
async def box_on(port: int, folder: Path) -> AsyncIterator[PtyLine]:
    """A whole box with the demo's hub."""
    line = PtyLine(demo_hub(), folder / "hub")
    config = Config(
        box=BoxSettings(gym="g", id="box", state_dir=str(folder / "state"), remember_lifters=True),
        mqtt=MqttSettings(host=HOST, port=port),
        serial=(SerialSettings(link="hub", device=str(line.path)),),
        machines=(MachineSettings(id="press", sled_mass_kg=140.0),),
    )
    async with served(box_of(config, [], new_boot()), line):
        yield line


class Sender:
    """Gives commands and waits for their results."""

    def __init__(self, port: int, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.connect(HOST, port)
        self.client.loop_start()

    async def give(self, name: str, payload: dict[str, Any], **how: Any) -> dict[str, Any]:
        self.client.publish(f"{MACHINE}/cmd/{name}", json.dumps(payload), 1, **how)
        await self._subscriber.until(lambda: bool(self._results(name, payload["id"])))
        return self._results(name, payload["id"])[0]

    def _results(self, name: str, command_id: str) -> list[dict[str, Any]]:
        return [one for one in self._subscriber.of(f"cmd/{name}/result") if one["command_id"] == command_id]


@contextlib.asynccontextmanager
async def all_up(tmp_path: Path) -> AsyncIterator[tuple[PtyLine, Subscriber, Sender]]:
    """Broker, box, a subscriber and a sender, with the hub known."""
    port = free_port()
    async with mosquitto(tmp_path, port), subscribed(port) as subscriber, box_on(port, tmp_path) as line:
        await subscriber.until(lambda: bool(subscriber.of("sensor/sled/state")))
        sender = Sender(port, subscriber)
        try:
            yield line, subscriber, sender
        finally:
            sender.client.loop_stop()


async def test_a_button_far_away_makes_a_node_show_itself(tmp_path: Path) -> None:
    """identify goes over the broker, the box and the line to the hub, and its result comes back with its id."""
    async with all_up(tmp_path) as (line, _, sender):
        result = await sender.give("identify", given(id="i-1", role="pelvis", seconds=2))
        assert (result["ok"], result["command_id"], result["type"]) == (True, "i-1", "result")
        await eventually(lambda: line.node.identified == [2])


async def test_retained_stale_and_unknown_commands_are_refused(tmp_path: Path) -> None:
    """Fault 13: each is answered with its reason, and nothing reaches the hub."""
    async with all_up(tmp_path) as (line, _, sender):
        retained = await sender.give("identify", given(id="r", role="sled"), retain=True)
        old = (datetime.now(UTC) - timedelta(seconds=60)).isoformat()
        stale = await sender.give("identify", {"id": "s", "ts": old, "role": "sled"})
        unknown = await sender.give("explode", given(id="u"))
        mangled = await sender.give("tare", {"id": "m"})
        said = [(one["command_id"], one["ok"]) for one in (retained, unknown, mangled)]
        assert said == [("r", False), ("u", False), ("m", False)]
        assert retained["problem"].startswith("retained")
        assert unknown["problem"].startswith("unknown")
        assert "ts" in mangled["problem"]
        if stale["clock"] == "synced":
            assert stale["problem"].startswith("stale")
            assert line.node.identified == []


async def test_retained_command_of_before_is_refused_at_connect(tmp_path: Path) -> None:
    """Fault 13: what a broker kept from before the box came up is refused when it connects."""
    port = free_port()
    async with mosquitto(tmp_path, port), subscribed(port) as subscriber:
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.connect(HOST, port)
        client.publish(f"{MACHINE}/cmd/identify", json.dumps(given(id="r", role="sled")), 1, retain=True)
        client.loop_start()
        async with box_on(port, tmp_path) as line:
            await subscriber.until(lambda: bool(subscriber.of("cmd/identify/result")))
            await subscriber.until(lambda: bool(subscriber.of("sensor/sled/state")))
            assert subscriber.of("cmd/identify/result")[0]["problem"].startswith("retained")
            assert line.node.identified == []
        client.loop_stop()


async def test_answer_to_a_reply_topic(tmp_path: Path) -> None:
    """An MQTT 5 request is answered on its reply topic with its correlation; one outside of reply/ gets none there."""
    async with all_up(tmp_path) as (_, subscriber, sender):
        got: list[tuple[str, bytes]] = []
        news = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
            got.append((message.topic, message.properties.CorrelationData))  # type: ignore[union-attr]
            loop.call_soon_threadsafe(news.set)

        sender.client.on_message = on_message
        sender.client.subscribe("sledguard/v1/g/reply/#", 1)
        for number, topic in enumerate(("sledguard/v1/g/reply/phone", f"{MACHINE}/rep")):
            properties = Properties(PacketTypes.PUBLISH)
            properties.ResponseTopic, properties.CorrelationData = topic, b"c"
            await sender.give("identify", given(id=f"i-{number}", role="sled"), properties=properties)
        async with asyncio.timeout(WAIT_S):
            await news.wait()
        assert got == [("sledguard/v1/g/reply/phone", b"c")]
        assert subscriber.of("press/rep") == []


async def test_feedback_is_counted_and_kept(tmp_path: Path) -> None:
    """ "Was it right?" ends in the history and, as a share per machine and kind, in the box's health."""
    async with all_up(tmp_path) as (_, subscriber, sender):
        for number, right in enumerate((True, True, False)):
            answer = given(id=f"f-{number}", alert="01a1f8af-49a5-7350-b1c6-fde474ac0d8a", kind="lockout", right=right)
            assert (await sender.give("feedback", answer))["ok"]
        await subscriber.until(lambda: kept_answers(subscriber) == [True, True, False])
        counted = {"lockout": {"answers": 3, "right_share": 0.667}}
        await subscriber.until(
            lambda: any(told["machines"]["press"]["precision"] == counted for told in subscriber.of("box/health"))
        )


def kept_answers(subscriber: Subscriber) -> list[bool]:
    """What was said of cues, as the history has it by now."""
    return [one["feedback"]["right"] for one in subscriber.of("press/event") if one["event"] == "feedback"]
