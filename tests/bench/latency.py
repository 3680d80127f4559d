"""From a byte on the serial line to the message at a subscriber, against a bare publish on the same broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
from bench.bare_client import bare_client
from broker_tools import HOST, MOSQUITTO, free_port, mosquitto
from paho.mqtt.enums import MQTTProtocolVersion
from served import served

from edge.assembly import box_of, new_boot
from edge.clock import monotonic_ns
from edge.config import Config
from edge.daemon import TICK_NS
from edge.machine import MachineSettings
from edge.publishers.embedded_broker import EmbeddedBroker
from edge.settings import MqttSettings, SerialSettings
from edge.simulator.demo import DEMO_NODE_ID, demo_scenario, second_rest
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.pty_line import PtyLine
from edge.simulator.session import simulate
from firmware_protocol.messages import Fault

PROBES = 400
APART_S = (0.02, 0.05)  # between probes: random, so that every phase of the grid is met
WARM_UP_S = 3.0
TOPIC = "bench/bare"
ALL_DONE_S = 5.0


class ProbedNode(VirtualNode):
    """The demo's hub, which reports a fault when asked."""

    def say_fault(self, text: str) -> None:
        """Queue a FAULT message."""
        self._say(Fault(0, 1, 1, 0, text))


class ProbedLine(PtyLine):
    """A line on which a probe leaves at once, with whatever else is due."""

    node: ProbedNode

    def probe(self, text: str) -> int:
        """Write a probe; when, ns."""
        self.node.say_fault(text)
        now_ns = monotonic_ns()
        self._pump()
        return now_ns


class Receiver:
    """A subscriber that stamps what it gets, in paho's own thread."""

    def __init__(self) -> None:
        self.at_ns: dict[str, int] = {}

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        """Stamp first, look after."""
        now_ns = monotonic_ns()
        payload = json.loads(message.payload)
        text = payload["probe"] if message.topic == TOPIC else payload.get("notice", {}).get("text", "")
        self.at_ns[text.rpartition(" ")[2]] = now_ns


async def measure_latency() -> list[str]:
    """Lines to print, for each broker that can be had."""
    lines = [f"serial byte in to MQTT message received, {PROBES} of each, the demo's hub streaming meanwhile:"]
    async with EmbeddedBroker() as broker:
        lines += await _on(broker.port, "amqtt, in this process")
    if MOSQUITTO is None:
        return [*lines, "  mosquitto is not installed: not measured"]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with mosquitto(Path(folder), port):
            return lines + await _on(port, "mosquitto")


async def _on(port: int, name: str) -> list[str]:
    receiver = Receiver()
    v311 = MQTTProtocolVersion.MQTTv311
    async with (
        bare_client(port, receiver, v311) as subscriber,
        bare_client(port, None, v311) as bare,
        _box(port) as line,
    ):
        subscriber.subscribe([("sledguard/+/+/machine/+/event", 1), (TOPIC, 1)])
        await asyncio.sleep(WARM_UP_S)
        sent = await _probe(line, bare)
        async with asyncio.timeout(ALL_DONE_S):
            while not sent.keys() <= receiver.at_ns.keys():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    took = {probe: (receiver.at_ns[probe] - at_ns) / 1e6 for probe, at_ns in sent.items()}
    serial, plain = ([ms for probe, ms in took.items() if probe.startswith(kind)] for kind in "sb")
    waited = [(-at_ns % TICK_NS) / 1e6 for probe, at_ns in sent.items() if probe.startswith("s")]
    return [
        f"  {name}",
        f"    serial to received        {_figures(serial)}",
        f"    of it, wait for the grid  {_figures(waited)}",
        f"    bare paho to received     {_figures(plain)}",
        f"    ratio of the medians, the wait for the grid apart: {_ratio(serial, waited, plain):.1f}",
    ]


def _figures(values_ms: list[float]) -> str:
    p50, p99 = np.percentile(values_ms, [50, 99])
    return f"p50 {p50:6.2f} ms   p99 {p99:6.2f} ms"


def _ratio(serial: list[float], waited: list[float], plain: list[float]) -> float:
    apart = np.median(np.array(serial) - np.array(waited))
    return float(apart / np.median(plain))


async def _probe(line: ProbedLine, bare: paho.Client) -> dict[str, int]:
    rng, sent = random.Random(1), dict[str, int]()  # noqa: S311
    for i in range(PROBES):
        sent[f"s{i}"] = line.probe(f"probe s{i}")
        await asyncio.sleep(rng.uniform(*APART_S))
        payload = json.dumps({"probe": f"probe b{i}", "padding": "x" * 350})
        sent[f"b{i}"] = monotonic_ns()
        bare.publish(TOPIC, payload, 1)
        await asyncio.sleep(rng.uniform(*APART_S))
    return sent


@contextlib.asynccontextmanager
async def _box(port: int) -> AsyncIterator[ProbedLine]:
    """The daemon on the demo's machine."""
    session = simulate(demo_scenario())
    node = ProbedNode(NodeSettings(DEMO_NODE_ID, clock_ppm=12.0), feeds_of(session, None, second_rest(session)))
    with tempfile.TemporaryDirectory() as folder:
        line = ProbedLine(node, Path(folder) / "hub")
        config = Config(
            mqtt=MqttSettings(host=HOST, port=port),
            serial=(SerialSettings(link="hub", device=str(line.path)),),
            machines=(MachineSettings(id="press", sled_mass_kg=140.0),),
        )
        async with served(box_of(config, [], new_boot()), line):
            yield line
