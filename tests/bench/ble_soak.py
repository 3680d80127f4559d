"""Half an hour of everything that goes wrong with Bluetooth, at random; at its end there must be no more of anything.

PYTHONPATH=tests:. python -m bench.ble_soak --minutes 30 --seed 1

Nodes drop, vanish and return, fall silent and refuse connections; bluetoothd is killed and hangs; adapters are pulled
and switched off. Each minute it calms down and counts: open descriptors, tasks, D-Bus connections, memory, and that no
notification came twice or out of order.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from rig_bluez.harness import bus_connections, descriptors
from rig_bluez.numbered import firmware, number_of, numbered_node, numbered_peripheral

from edge.clock import monotonic_ns
from edge.simulator.bluez.errors import failed
from edge.simulator.bluez.peripheral import Peripheral
from edge.simulator.bluez.peripheral import Radio as SimulatedRadio
from edge.simulator.bluez.rig import Rig
from edge.sources.ble import BleSource, Radio

NODES, SLOTS = 7, 7
APART_S = (0.5, 4.0)  # between two mishaps
CALM_S = 45.0  # of each minute; then everything has to be up again
CALM_MAX_S = 60.0


class CountingSink:
    """Counts what comes, and what comes twice or out of order; keeps nothing else."""

    def __init__(self) -> None:
        self.received = self.out_of_order = self.openings = 0
        self.down: set[str] = set()
        self._last: dict[str, int] = {}

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """See Sink."""
        number = number_of(data)
        self.out_of_order += number <= self._last.get(link, -1)
        self._last[link] = number
        self.received += 1

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """See Sink."""

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """See Sink."""
        self.openings += problem is None
        self.down = self.down - {link} if problem is None else self.down | {link}


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is at one moment. memory_kb: resident."""

    minute: float
    descriptors: int
    tasks: int
    connections: int
    memory_kb: int


def memory_kb() -> int:
    """What this process holds in memory, kB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


class Soak:
    """The rig, the source, and what happens to them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - mishaps, no secret
        self.peripherals = [numbered_peripheral(index) for index in range(NODES)]
        radios = [SimulatedRadio("hci0", slots=SLOTS), SimulatedRadio("hci1", "00:1A:7D:DA:71:01", slots=SLOTS)]
        self.rig = Rig(self.peripherals, radios)
        self.radio = Radio(SLOTS)
        self.source = BleSource([numbered_node(index) for index in range(NODES)], self.radio, seed)
        self.sink = CountingSink()
        self.mishaps: Counter[str] = Counter()
        self._kinds: list[tuple[str, int, Callable[[], Awaitable[None]]]] = [
            ("drop", 12, self._drop),
            ("vanish", 6, self._vanish),
            ("mute", 4, self._mute),
            ("refuse", 4, self._refuse),
            ("hang", 1, self._hang),
            ("kill", 3, self._kill),
            ("freeze", 1, self._freeze),
            ("pull", 3, self._pull),
            ("switch off", 2, self._switch_off),
        ]

    async def until(self, end_ns: int) -> None:
        """Mishaps until then."""
        names, weights, calls = zip(*self._kinds, strict=True)
        while monotonic_ns() < end_ns:
            index = self.random.choices(range(len(names)), weights)[0]
            self.mishaps[names[index]] += 1
            await calls[index]()
            await asyncio.sleep(self.random.uniform(*APART_S))

    async def calm(self) -> float:
        """Wait until all links are up; how long it took, s."""
        began_ns = monotonic_ns()
        async with asyncio.timeout(CALM_MAX_S):
            while self.sink.down or not all(one.is_linked for one in self.peripherals):  # noqa: ASYNC110 - a rig
                await asyncio.sleep(0.1)
        await asyncio.sleep(3.0)
        return (monotonic_ns() - began_ns) / 1e9 - 3.0

    async def reading(self, began_ns: int) -> Reading:
        """Count."""
        gc.collect()
        for peripheral in self.peripherals:
            firmware(peripheral).first.clear()
        connections = await bus_connections()
        return Reading(
            (monotonic_ns() - began_ns) / 60e9, descriptors(), len(asyncio.all_tasks()), connections,
            memory_kb(),
        )  # fmt: skip

    def _any(self) -> Peripheral:
        return self.random.choice(self.peripherals)

    async def _drop(self) -> None:
        self.rig.drop(self._any())

    async def _vanish(self) -> None:
        one = self._any()
        self.rig.drop(one, vanish=True)
        await asyncio.sleep(self.random.uniform(0.2, 5.0))
        one.in_range = True

    async def _mute(self) -> None:
        one = self._any()
        one.faults.mute = True
        await asyncio.sleep(self.random.uniform(0.5, 4.0))
        one.faults.mute = False

    async def _refuse(self) -> None:
        one = self._any()
        one.faults.connect.append(failed("br-connection-unknown"))
        self.rig.drop(one)

    async def _hang(self) -> None:
        one = self._any()
        one.faults.connect.append("hang")
        self.rig.drop(one)

    async def _kill(self) -> None:
        await self.rig.kill()
        await asyncio.sleep(self.random.uniform(0.0, 4.0))
        await self.rig.start()

    async def _freeze(self) -> None:
        self.rig.daemon.hung = True
        await asyncio.sleep(self.random.uniform(0.5, 8.0))
        await self._kill()

    async def _pull(self) -> None:
        name = self.random.choice(list(self.rig.radios))
        self.rig.pull(name)
        await asyncio.sleep(self.random.uniform(0.1, 5.0))
        self.rig.put_back(name)

    async def _switch_off(self) -> None:
        adapter = self.rig.adapter(self.random.choice(list(self.rig.radios)))
        adapter.set_power(on=False)
        await asyncio.sleep(self.random.uniform(0.1, 3.0))
        adapter.set_power(on=True)


async def run(minutes: float, seed: int) -> bool:
    """Print a line a minute; whether nothing has grown."""
    soak, readings = Soak(seed), list[Reading]()
    async with soak.rig:
        tasks = [asyncio.create_task(soak.source.run(soak.sink)), asyncio.create_task(soak.radio.run())]
        await soak.calm()
        began_ns = monotonic_ns()
        while (monotonic_ns() - began_ns) / 60e9 < minutes:
            readings.append(await soak.reading(began_ns))
            await soak.until(monotonic_ns() + round(CALM_S * 1e9))
            took_s = await soak.calm()
            sys.stdout.write(f"{readings[-1]} all up again after {took_s:.1f} s, {soak.sink.received} received\n")
            sys.stdout.flush()
        readings.append(await soak.reading(began_ns))
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    return told(soak, readings)


def told(soak: Soak, readings: list[Reading]) -> bool:
    """Print what it came to."""
    settled, last = readings[min(3, len(readings) - 1)], readings[-1]
    out = [
        f"mishaps: {dict(soak.mishaps)}, {sum(soak.mishaps.values())} in all; links opened {soak.sink.openings} times",
        f"received {soak.sink.received}, twice or out of order {soak.sink.out_of_order}",
        f"descriptors {sorted({r.descriptors for r in readings})}, tasks {sorted({r.tasks for r in readings})}, "
        f"D-Bus connections {sorted({r.connections for r in readings})}",
        f"memory {settled.memory_kb} kB after {settled.minute:.0f} min, {last.memory_kb} kB after {last.minute:.0f}",
    ]
    sys.stdout.write("\n".join([*out, ""]))
    first = readings[:3]  # a task or two come and go with what they do; none may stay
    same = (
        last.descriptors == first[0].descriptors
        and last.connections == first[0].connections
        and last.tasks <= max(reading.tasks for reading in first)
    )
    return same and soak.sink.out_of_order == 0


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sys.exit(0 if asyncio.run(run(arguments.minutes, arguments.seed)) else 1)


if __name__ == "__main__":
    main()
