"""Runs in the machine: six nodes by bumble on /dev/vhci, the real kernel and bluetoothd, and the source on top.

The fault list: a link that an earlier program left behind, nodes that drop, a node that stays connected and says
nothing, the adapter switched off and on, bluetoothd killed and started again at once, and killed and away for a while.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bumble.transport import open_transport
from dbus_fast import BusType, Message, Variant
from dbus_fast.aio import MessageBus
from rig_bluez.harness import bus_connections, descriptors
from rig_bluez.numbered import address_of, number_of, numbered_node
from rig_qemu.air import Adapter, Node, SteadyLink

from edge.sources.ble import BleSource, Radio
from edge.sources.ble.bluez import ADAPTER, DEVICE, OBJECTS

NODES, RATE_HZ, BYTES = 6, 10.0, 100
"""Emulated, on one loop with the nodes and on one slow processor: twice the rate is more than it can do."""
WAIT_S = 240.0  # emulated, a second takes several
STREAM_S = 15.0
AWAY_S = 5.0
BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"


class Sink:
    """Counts, and keeps what is told."""

    def __init__(self) -> None:
        self.up: set[str] = set()
        self.received = self.disorder = self.gaps = 0
        self._last: dict[str, int] = {}

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """See Sink."""
        number, last = number_of(data), self._last.get(link)
        self.received += 1
        if last is not None:
            self.disorder += number <= last
            self.gaps += max(number - last - 1, 0) if link in self.up else 0
        self._last[link] = number

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """See Sink."""

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """See Sink."""
        tell(f"{link}: {problem or 'open'}")
        self.up = self.up | {link} if problem is None else self.up - {link}
        self._last.pop(link, None)


def tell(text: str) -> None:
    """A line on the console."""
    sys.stdout.write(f"{time.monotonic():8.1f}  {text}\n")
    sys.stdout.flush()


async def until(what: str, condition: Callable[[], bool]) -> None:
    """Wait for it, and tell how long it took."""
    began = time.monotonic()
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - the state of another stack
            await asyncio.sleep(0.05)
    tell(f"= {what} after {time.monotonic() - began:.1f} s")


async def bluetoothctl(*words: str) -> None:
    """One command to bluetoothd by its own tool, as another program would give it."""
    process = await asyncio.create_subprocess_exec("bluetoothctl", *words, stdout=subprocess.DEVNULL)
    await asyncio.wait_for(process.wait(), WAIT_S)


async def leave_a_link(address: str) -> None:
    """What a program that crashed leaves: a link that bluetoothd holds for nobody."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()

    async def ask(path: str, interface: str, member: str, signature: str = "", *body: object) -> Any:
        call = Message("org.bluez", path, interface, member, signature=signature, body=list(body))
        return (await bus.call(call)).body

    await ask("/org/bluez/hci0", ADAPTER, "SetDiscoveryFilter", "a{sv}", {"Transport": Variant("s", "le")})
    await ask("/org/bluez/hci0", ADAPTER, "StartDiscovery")
    path = f"/org/bluez/hci0/dev_{address.replace(':', '_')}"
    while path not in (await ask("/", OBJECTS, "GetManagedObjects"))[0]:  # noqa: ASYNC110 - the state of another stack
        await asyncio.sleep(0.2)
    await ask("/org/bluez/hci0", ADAPTER, "StopDiscovery")
    await ask(path, DEVICE, "Connect")
    bus.disconnect()


class Rig:
    """The nodes, bluetoothd, and our source above it."""

    def __init__(self) -> None:
        self.link = SteadyLink()
        self.nodes = [Node(index, self.link, RATE_HZ, BYTES) for index in range(NODES)]
        self.radio, self.sink = Radio(NODES), Sink()
        self.source = BleSource([numbered_node(index) for index in range(NODES)], self.radio, seed=1)
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """An adapter, its bluetoothd, and a link that nobody serves; only then the source."""
        transport = await open_transport("vhci")
        Adapter("adapter", transport.source, transport.sink, self.link, "00:1A:7D:DA:71:00")
        self.start_daemon()
        self.tasks += [asyncio.create_task(node.run()) for node in self.nodes]
        self.tasks.append(asyncio.create_task(self.radio.run()))
        await until("adapter seen", lambda: bool(self.radio.bluez.state.adapters))
        await bluetoothctl("power", "on")
        await until("adapter on", lambda: any(self.radio.bluez.state.adapters.values()))
        async with asyncio.timeout(WAIT_S):
            await leave_a_link(address_of(0))
        await until("a link left behind by another program", lambda: bool(self.nodes[0].device.connections))
        self.tasks.append(asyncio.create_task(self.source.run(self.sink)))
        await self.all_up(f"{NODES} nodes up, one of them freed")

    def start_daemon(self) -> None:
        """Start bluetoothd."""
        self.daemon = subprocess.Popen([BLUETOOTHD, "-n"])

    def kill_daemon(self) -> None:
        """As a crash would."""
        self.daemon.kill()
        self.daemon.wait()

    async def all_up(self, what: str) -> None:
        """Wait until all nodes are served."""
        await until(what, lambda: len(self.sink.up) == NODES)

    async def stream(self) -> bool:
        """Count for a while; whether all came, once."""
        received, sent = self.sink.received, sum(node.next_number for node in self.nodes)
        began = time.monotonic()
        await asyncio.sleep(STREAM_S)
        took = time.monotonic() - began
        came, went = self.sink.received - received, sum(node.next_number for node in self.nodes) - sent
        tell(
            f"= streaming: {came / took:.0f} notifications/s of {went / took:.0f} sent; "
            f"{self.sink.gaps} lost, {self.sink.disorder} doubled"
        )
        return came > 0.9 * went and not self.sink.gaps and not self.sink.disorder

    async def faults(self) -> None:
        """All of them, one after the other."""
        for turn in range(3):
            await self.nodes[turn].drop()
            await self._down_and_up(f"drop {turn + 1}", lambda turn=turn: f"n{turn}" not in self.sink.up)
        self.nodes[3].mute = True
        await until("a silent node seen", lambda: "n3" not in self.sink.up)
        self.nodes[3].mute = False
        await self.all_up("back after the silence")
        await bluetoothctl("power", "off")
        await until("the adapter's end seen", lambda: not self.sink.up)
        await bluetoothctl("power", "on")
        await self.all_up("back after the adapter's end")
        for away_s in (0.0, AWAY_S):
            self.kill_daemon()
            await until("the death of bluetoothd seen", lambda: not self.sink.up)
            await asyncio.sleep(away_s)
            self.start_daemon()
            await self.all_up(f"back after its death, {away_s:.0f} s away")

    async def _down_and_up(self, what: str, is_down: Callable[[], bool]) -> None:
        await until(f"{what} seen", is_down)
        await self.all_up(f"back after {what}")


async def counted() -> tuple[int, int]:
    """D-Bus connections and descriptors of ours, once what bluetoothctl leaves has gone."""
    await asyncio.sleep(3.0)
    return await bus_connections(), descriptors()


async def main() -> None:
    """Six nodes, a stream, and the faults."""
    rig = Rig()
    await rig.start()
    whole = await rig.stream()
    before = await counted()
    await rig.faults()
    whole = await rig.stream() and whole
    await rig.all_up("all still up")
    after = await counted()
    tell(f"= D-Bus connections and descriptors before {before}, after {after}")
    if before == after and whole:
        sys.stdout.write("sledguard: tier 2 passed\n")
        sys.stdout.flush()
    rig.daemon.terminate()
    for task in rig.tasks:
        task.cancel()


asyncio.run(main())
