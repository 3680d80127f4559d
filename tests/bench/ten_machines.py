"""One box with ten machines against its promises: how late is a cue, and how late a message. See README.md.

The box is `sledguard run` in a process of its own, the hubs are another, the broker is mosquitto. All clocks are the
one monotonic clock of this machine, so that the times in a message can be compared with when it was received.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
from bench.bare_client import bare_client
from broker_tools import MOSQUITTO, free_port, mosquitto
from paho.mqtt.enums import MQTTProtocolVersion

from edge.clock import monotonic_ns

TOPIC = "bench/bare"
BARE_APART_S = (0.05, 0.15)
WARM_UP_S = 20.0  # the lifters stand, sit down and are calibrated
KEEPS = ("persistence true", "autosave_on_changes true", "autosave_interval 1")
OPEN = "allow_anonymous true"
NODELAY = "set_tcp_nodelay true"
HUBS = Path(__file__).with_name("ten_hubs.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{HUBS.parents[2]}:{HUBS.parents[1]}"}


class Receiver:
    """A subscriber that stamps what it gets, in paho's own thread. ms: by what was measured."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = defaultdict(list)

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        """Stamp first, look after."""
        now_ns = monotonic_ns()
        payload = json.loads(message.payload)
        if message.topic == TOPIC:
            self._note("bare paho publish, to received", now_ns - payload["sent_ns"])
        elif message.topic.endswith("/alert"):
            arrived_ns = payload["arrival_s"] * 1e9
            self._note("last byte in, to the alert received", now_ns - arrived_ns)
            if payload["buzzed_s"] is not None:
                self._note("last byte in, to the buzzer command out", payload["buzzed_s"] * 1e9 - arrived_ns)
        elif (text := payload.get("notice", {}).get("text", "")) and "probe " in text:
            self._note("probe on the line, to the durable event received", now_ns - int(text.rpartition(" ")[2]))

    def _note(self, what: str, ns: float) -> None:
        self.ms[what].append(ns / 1e6)


def config(folder: Path, port: int, box: int, machines: range) -> Path:
    """The configuration of a box, as a gym would write it."""
    lines = ["[box]", 'gym = "bench"', f'id = "box-{box}"', f'state_dir = "{folder / f"state-{box}"}"']
    lines += ["[mqtt]", f"port = {port}"]
    for number in machines:
        lines += ["[[serial]]", f'link = "hub-{number}"', f'device = "{folder / f"hub-{number}"}"']
        lines += ["[[machines]]", f'id = "press-{number}"', f'links = ["hub-{number}"]', "sled_mass_kg = 140.0"]
    path = folder / f"box-{box}.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


@contextlib.asynccontextmanager
async def boxes(folder: Path, port: int, count: int, machines: int) -> AsyncIterator[list[int]]:
    """So many boxes that share the machines; their process ids."""
    async with contextlib.AsyncExitStack() as stack:
        pids = []
        for box in range(count):
            path = config(folder, port, box, range(box, machines, count))
            running = await stack.enter_async_context(process("-m", "edge.cli", "run", "--config", str(path)))
            pids.append(running.pid)
        yield pids


@contextlib.asynccontextmanager
async def process(*command: str, stdout: int = asyncio.subprocess.DEVNULL) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of this Python, ended at the end."""
    nowhere = asyncio.subprocess.DEVNULL
    running = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=ENVIRONMENT, stdout=stdout, stderr=nowhere
    )
    try:
        yield running
    finally:
        running.terminate()
        await running.wait()


def cpu_s(pid: int) -> float:
    """CPU time of a process so far, s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(asked: argparse.Namespace) -> list[str]:
    """Lines to print."""
    receiver, timer, port = Receiver(), Timer(), free_port()
    v5 = MQTTProtocolVersion.MQTTv5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = [OPEN, *KEEPS, f"persistence_location {name}/", "user root"]
        settings += [] if asked.no_nodelay else [NODELAY]
        far_side = process(str(HUBS), name, str(asked.machines), stdout=asyncio.subprocess.PIPE)
        async with mosquitto(folder, port, *settings) as broker, far_side as hubs:
            assert hubs.stdout is not None
            await hubs.stdout.readline()
            async with (
                boxes(folder, port, asked.boxes, asked.machines) as pids,
                bare_client(port, receiver, v5) as subscriber,
                bare_client(port, None, v5) as bare,
            ):
                subscriber.subscribe([("sledguard/v1/bench/machine/#", 1), (TOPIC, 1)])
                await asyncio.sleep(WARM_UP_S)
                timer.start()
                if asked.realtime:
                    before_others([hubs.pid], [broker.pid], pids, [os.getpid()])
                before_s = sum(map(cpu_s, pids))
                receiver.ms.clear()
                await publish_bare(bare, asked.seconds)
                timer.ended.set()
                share = (sum(map(cpu_s, pids)) - before_s) / asked.seconds
    return [
        f"{asked.machines} machines, {asked.boxes} boxes, {asked.seconds:.0f} s, {os.cpu_count()} cores:",
        f"load {os.getloadavg()[0]:.1f}, of it the boxes {share:.2f}",
        *table(receiver.ms | {"a sleep of 2 ms, too late by": timer.late_ms}),
    ]


def before_others(*ranks: list[int]) -> None:
    """Let these processes and their threads run before all else on this machine, the first rank before the second."""
    for rank, pids in enumerate(ranks):
        for thread in [thread for pid in pids for thread in Path(f"/proc/{pid}/task").iterdir()]:
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(20 - rank))


class Timer(threading.Thread):
    """Sleeps 2 ms again and again: how late this machine wakes anybody at all. late_ms: each time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.late_ms: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        """Until ended."""
        while not self.ended.is_set():
            due_ns = monotonic_ns() + 2_000_000
            time.sleep(0.002)
            self.late_ms.append((monotonic_ns() - due_ns) / 1e6)


async def publish_bare(bare: paho.Client, seconds: float) -> None:
    """Messages of an alert's size, straight to the broker."""
    rng, end_ns = random.Random(1), monotonic_ns() + round(seconds * 1e9)  # noqa: S311
    while monotonic_ns() < end_ns:
        bare.publish(TOPIC, json.dumps({"sent_ns": monotonic_ns(), "padding": "x" * 700}), 1)
        await asyncio.sleep(rng.uniform(*BARE_APART_S))


def table(ms: dict[str, list[float]]) -> list[str]:
    """One line for each thing measured; ratio: of its median to the bare publish's."""
    bare = float(np.median(ms["bare paho publish, to received"]))
    lines = [f"  {'ms':<50}{'n':>6}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}{'ratio':>8}"]
    for what, values in sorted(ms.items()):
        p50, p95, p99 = np.percentile(values, [50, 95, 99])
        lines.append(
            f"  {what:<50}{len(values):>6}{p50:>8.2f}{p95:>8.2f}{p99:>8.2f}{max(values):>8.2f}{p50 / bare:>8.1f}"
        )
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=10)
    parser.add_argument("--boxes", type=int, default=2, help="processes that share the machines: one a core")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--no-nodelay", action="store_true", help="mosquitto's default instead of set_tcp_nodelay")
    parser.add_argument("--realtime", action="store_true", help="as root: run before whatever else runs here")
    asked = parser.parse_args()
    if MOSQUITTO is None:
        sys.exit("mosquitto is not installed: it is needed here")
    sys.stdout.write("\n".join(asyncio.run(measure(asked))) + "\n")


if __name__ == "__main__":
    main()
