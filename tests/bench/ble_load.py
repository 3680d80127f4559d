"""Sixty nodes at twenty notifications a second: nothing lost, nothing doubled, and what it costs.

PYTHONPATH=tests:. python -m bench.ble_load --seconds 60

The simulated BlueZ runs in a process of its own, so that the CPU time told is that of bleak and the source alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import struct
import sys
import time

import numpy as np
from rig_bluez.numbered import FILLING, NumberedFirmware, numbered_node, numbered_peripheral

from edge.clock import monotonic_ns
from edge.simulator.bluez.peripheral import Radio as SimulatedRadio
from edge.simulator.bluez.private_bus import ADDRESS_VARIABLE
from edge.simulator.bluez.rig import Rig
from edge.sources.ble import BleSource, Radio

CONNECT_MAX_S = 60.0
STAMP = struct.Struct("<IQ")


class StampedFirmware(NumberedFirmware):
    """Puts the time of sending into each notification."""

    def poll(self, t_ns: int) -> list[tuple[str, bytes]]:
        """See Firmware."""
        now_ns = monotonic_ns()
        said = super().poll(t_ns)
        return [(uuid, value[:4] + now_ns.to_bytes(8, "little") + FILLING[8:]) for uuid, value in said]


async def serve_rig(count: int, rate_hz: float) -> None:
    """The other process: tells the bus's address, and at the end of its input how much was notified on each link."""
    peripherals = [numbered_peripheral(index) for index in range(count)]
    for peripheral in peripherals:
        peripheral.firmware = StampedFirmware(rate_hz)
    radio = SimulatedRadio("hci0", slots=count, connect_s=0.001, resolve_s=0.001)
    async with Rig(peripherals, [radio]) as rig:
        sys.stdout.write(rig.bus.address + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        for peripheral in peripherals:
            assert isinstance(peripheral.firmware, StampedFirmware)
            peripheral.firmware.limit = peripheral.firmware.next_number
        sys.stdout.write(f"{rig.notified}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)


class Sink:
    """Counts, and keeps how late each notification was, ms."""

    def __init__(self) -> None:
        self.received = self.disorder = 0
        self.up: set[str] = set()
        self.late_ms: list[float] = []
        self._last: dict[str, int] = {}

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """See Sink: every number must follow the one before."""
        number, sent_ns = STAMP.unpack_from(data)
        self.disorder += number != self._last.get(link, number - 1) + 1
        self._last[link] = number
        self.received += 1
        self.late_ms.append((t_ns - sent_ns) / 1e6)

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """See Sink."""

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """See Sink."""
        self.up = self.up | {link} if problem is None else self.up - {link}


async def measure(count: int, rate_hz: float, seconds: float) -> bool:
    """Print what it came to; whether nothing was lost or doubled."""
    rig = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.ble_load", "--rig", "--nodes", str(count), "--rate", str(rate_hz)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert rig.stdin is not None
    assert rig.stdout is not None
    os.environ[ADDRESS_VARIABLE] = (await rig.stdout.readline()).decode().strip()
    radio, sink = Radio(count), Sink()
    source = BleSource([numbered_node(index) for index in range(count)], radio, seed=1)
    tasks = [asyncio.create_task(source.run(sink)), asyncio.create_task(radio.run())]
    async with asyncio.timeout(CONNECT_MAX_S):
        while len(sink.up) < count:  # noqa: ASYNC110 - once, before anything is measured
            await asyncio.sleep(0.05)
    cpu_s, began_s, had = time.process_time(), time.monotonic(), sink.received
    sink.late_ms.clear()
    await asyncio.sleep(seconds)
    cpu, rate = (
        (time.process_time() - cpu_s) / (time.monotonic() - began_s),
        (sink.received - had) / (time.monotonic() - began_s),
    )
    rig.stdin.write(b"\n")
    notified = int(await rig.stdout.readline())
    await asyncio.sleep(0.5)
    lost = notified - sink.received
    p50, p99 = np.percentile(sink.late_ms, (50, 99))
    sys.stdout.write(
        f"{count} nodes at {rate_hz:g}/s, {seconds:g} s: {rate:.0f} notifications/s; of {notified} notified "
        f"{lost} lost, {sink.disorder} doubled or out of order; client CPU {100 * cpu:.1f} % of a core; "
        f"late p50 {p50:.2f} ms, p99 {p99:.2f} ms\n"
    )
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    rig.stdin.write(b"\n")
    await rig.wait()
    return lost == 0 and sink.disorder == 0


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--nodes", type=int, default=60)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--rig", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rig:
        asyncio.run(serve_rig(arguments.nodes, arguments.rate))
    else:
        sys.exit(0 if asyncio.run(measure(arguments.nodes, arguments.rate, arguments.seconds)) else 1)


if __name__ == "__main__":
    main()
