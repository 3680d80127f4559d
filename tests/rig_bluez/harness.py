"""A rig, a radio and a source that serve each other, and a sink that waits for what a test wants to see."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus
from rig_bluez.numbered import number_of, numbered_node, numbered_peripheral

from edge.simulator.bluez.peripheral import Peripheral
from edge.simulator.bluez.peripheral import Radio as SimulatedRadio
from edge.simulator.bluez.private_bus import has_dbus_daemon
from edge.simulator.bluez.rig import Rig
from edge.sources.ble import BleNode, BleSource, Radio
from edge.sources.ble.policy import BleTimings

WAIT_S = 60.0  # only a failure waits so long; a machine that is busy elsewhere may stand still for seconds
QUICK = BleTimings(
    silence_s=0.4, idle_silence_s=0.8, connect_s=3.0, subscribe_s=2.0, write_s=0.6, close_s=0.6, answer_s=1.0,
    unseen_s=0.6, scan_restart_s=0.8, scan_power_s=1.6, rescan_s=0.1, back_off_first_s=0.02, back_off_max_s=0.3,
    held_s=0.2,
)  # fmt: skip
"""Everything a few times faster than in the field, so that a test need not wait."""

STEADY = replace(
    QUICK, silence_s=300.0, idle_silence_s=300.0, connect_s=30.0, subscribe_s=30.0, write_s=30.0, close_s=2.0,
    answer_s=10.0,
)  # fmt: skip
"""As quick where nothing is wrong, and no limit ever ends a link: for tests whose subject is not a limit."""

needs_dbus = pytest.mark.skipif(not has_dbus_daemon(), reason="no dbus-daemon here")


class Sink:
    """Keeps what a source tells, per link."""

    def __init__(self) -> None:
        self.data: defaultdict[str, list[bytes]] = defaultdict(list)
        self.stamps_ns: defaultdict[str, list[int]] = defaultdict(list)
        self.sent_seqs: defaultdict[str, list[int]] = defaultdict(list)
        self.changes: defaultdict[str, list[str | None]] = defaultdict(list)
        self._news = asyncio.Event()

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        self.data[link].append(data)
        self.stamps_ns[link].append(t_ns)
        self._news.set()

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        self.sent_seqs[link].append(seq)
        self._news.set()

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        self.changes[link].append(problem)
        self._news.set()

    def numbers(self, link: str = "n0") -> list[int]:
        """The running numbers that came on a link."""
        return [number_of(data) for data in self.data[link]]

    def ups(self, link: str = "n0") -> int:
        """How often the link came up."""
        return self.changes[link].count(None)

    def problem(self, link: str = "n0") -> str:
        """What is told of the link now; empty while it is up."""
        return (self.changes[link] or ["nothing told yet"])[-1] or ""

    async def until(self, condition: Callable[[], bool], limit_s: float = WAIT_S) -> None:
        """Wait until something that happens makes the condition true."""
        async with asyncio.timeout(limit_s):
            while not condition():
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.05)  # some conditions are of the rig, not of the sink

    async def numbers_flow(self, link: str = "n0", more: int = 3) -> None:
        """Wait for some more notifications."""
        have = len(self.data[link])
        await self.until(lambda: len(self.data[link]) >= have + more)


@dataclass
class Served:
    """Everything of one test."""

    rig: Rig
    radio: Radio
    source: BleSource
    sink: Sink
    peripherals: list[Peripheral]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """As the daemon starts."""
        self.tasks = [asyncio.create_task(self.source.run(self.sink)), asyncio.create_task(self.radio.run())]

    async def all_up(self, limit_s: float = WAIT_S) -> None:
        """Wait until every link is up."""
        await self.sink.until(lambda: all(self.sink.problem(link) == "" for link in self.source.links), limit_s)

    async def stop(self) -> None:
        """As the daemon stops: the source first, then the radio."""
        for task in self.tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.tasks.clear()


@contextlib.asynccontextmanager
async def served(
    nodes: Sequence[BleNode] = (),
    peripherals: Sequence[Peripheral] = (),
    radios: Sequence[SimulatedRadio] = (),
    *,
    slots: int = 7,
    timings: BleTimings = STEADY,
) -> AsyncIterator[Served]:
    """A source that serves nodes over a rig; one of each where none are named."""
    peripherals = list(peripherals) or [numbered_peripheral(0)]
    async with Rig(peripherals, radios) as rig:
        radio = Radio(slots, timings=timings)
        source, sink = BleSource(list(nodes) or [numbered_node(0)], radio, seed=1), Sink()
        all_of_it = Served(rig, radio, source, sink, peripherals)
        all_of_it.start()
        try:
            yield all_of_it
        finally:
            await all_of_it.stop()


Counts = tuple[int, int, int]


async def counts() -> Counts:
    """D-Bus connections, descriptors and tasks of now."""
    gc.collect()
    return await bus_connections(), descriptors(), len(asyncio.all_tasks())


async def comes_down_to(before: Counts) -> None:
    """Wait until there is no more of anything than there was. What leaks never comes down."""
    now = await counts()
    try:
        async with asyncio.timeout(WAIT_S):
            while any(have > had for have, had in zip(now, before, strict=True)):
                await asyncio.sleep(0.1)
                now = await counts()
    except TimeoutError:
        pytest.fail(f"D-Bus connections, descriptors and tasks stay at {now}; there were {before}")


async def bus_connections() -> int:
    """How many programs and clients are on the bus, without the one that asks."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    names = await bus.call(
        Message("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ListNames")
    )
    bus.disconnect()
    await bus.wait_for_disconnect()
    assert names is not None
    return sum(name.startswith(":") for name in names.body[0]) - 1


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))
