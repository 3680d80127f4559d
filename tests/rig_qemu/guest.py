"""Runs in the machine: six nodes by bumble on /dev/vhci, the real kernel and bluetoothd, and the source on top."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import subprocess
import sys
import time
from collections.abc import Callable

from bumble import hci
from bumble.controller import Controller
from bumble.core import AdvertisingData, PhysicalTransport
from bumble.device import Device
from bumble.gatt import Characteristic, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport import open_transport
from bumble.transport.common import AsyncPipeSink
from rig_bluez.harness import bus_connections, descriptors
from rig_bluez.numbered import CTRL, DATA, SERVICE, address_of, number_of, numbered_node

from edge.sources.ble import BleSource, Radio

NODES, RATE_HZ, BYTES = 6, 5.0, 100  # emulated, on one loop with the nodes: more only queues
WAIT_S = 180.0  # emulated, a second takes several
STREAM_S = 10.0
BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"


class SteadyLink(LocalLink):
    """Linux gives its adapter a new random address for each scan; data go on under the address of their link."""

    def send_acl_data(
        self, sender_controller: Controller, destination_address: hci.Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        """See LocalLink."""
        receiver = self.find_le_controller(destination_address)
        connection = sender_controller.le_connections.get(destination_address)
        if receiver is None or connection is None:
            return
        source = connection.self_address
        asyncio.get_running_loop().call_soon(lambda: receiver.on_link_acl_data(source, transport, data))


class Node:
    """One bumble device that notifies running numbers."""

    def __init__(self, index: int, link: LocalLink) -> None:
        self.controller = Controller(f"node{index}", link=link)
        host = Host(self.controller, AsyncPipeSink(self.controller))
        self.device = Device(f"node {index}", address=hci.Address(address_of(index)), host=host)
        read, write = Characteristic.Permissions.READABLE, Characteristic.Permissions.WRITEABLE
        self.data = Characteristic(DATA, Characteristic.Properties.NOTIFY, read, bytes(4))
        kinds = Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        self.device.add_service(Service(SERVICE, [self.data, Characteristic(CTRL, kinds, write, b"")]))
        self.next_number = 0

    async def run(self) -> None:
        """Advertise, and notify whoever has subscribed."""
        await self.device.power_on()
        name = bytes(AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, self.device.name.encode())]))
        await self.device.start_advertising(auto_restart=True, advertising_data=name)
        while True:
            await asyncio.sleep(1 / RATE_HZ)
            if self.device.connections:
                value = struct.pack("<I", self.next_number) + bytes(BYTES)
                self.next_number += 1
                with contextlib.suppress(Exception):
                    await self.device.notify_subscribers(self.data, value)

    async def drop(self) -> None:
        """End the link from the node's side."""
        for connection in list(self.device.connections.values()):
            await connection.disconnect()


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
    tell(f"{what} after {time.monotonic() - began:.1f} s")


async def main() -> None:
    """Six nodes, a stream, and the faults."""
    link = SteadyLink()
    transport = await open_transport("vhci")
    Controller("adapter", transport.source, transport.sink, link, "00:1A:7D:DA:71:00")
    daemon = subprocess.Popen([BLUETOOTHD, "-n"])  # noqa: ASYNC220 - it starts in a moment
    nodes = [Node(index, link) for index in range(NODES)]
    tasks = [asyncio.create_task(node.run()) for node in nodes]
    radio, sink = Radio(NODES), Sink()
    source = BleSource([numbered_node(index) for index in range(NODES)], radio, seed=1)
    tasks += [asyncio.create_task(source.run(sink)), asyncio.create_task(radio.run())]

    def all_up() -> bool:
        return len(sink.up) == NODES

    await until("adapter seen", lambda: any(radio.bluez.state.adapters.values()) or power_on(radio))
    await until(f"{NODES} nodes up", all_up)
    received, began = sink.received, time.monotonic()
    await asyncio.sleep(STREAM_S)
    rate = (sink.received - received) / (time.monotonic() - began)
    tell(f"streaming: {rate:.0f} notifications/s of {NODES * RATE_HZ:.0f}, {sink.gaps} lost, {sink.disorder} doubled")
    before = await bus_connections(), descriptors()
    for turn in range(3):
        await nodes[turn].drop()
        await until("a drop seen", lambda turn=turn: f"n{turn}" not in sink.up)  # type: ignore[misc]
        await until("back after a drop", all_up)
    daemon.kill()
    daemon.wait()
    await until("the death of bluetoothd seen", lambda: not sink.up)
    daemon = subprocess.Popen([BLUETOOTHD, "-n"])  # noqa: ASYNC220
    await until("back after its death", all_up)
    await asyncio.sleep(5.0)
    after = await bus_connections(), descriptors()
    tell(f"D-Bus connections and descriptors before {before}, after {after}; doubled {sink.disorder}, lost {sink.gaps}")
    if before == after and not sink.disorder:
        sys.stdout.write("sledguard: tier 2 passed\n")
        sys.stdout.flush()
    daemon.terminate()
    for task in tasks:
        task.cancel()


def power_on(radio: Radio) -> bool:
    """An adapter that bluetoothd leaves off, as some versions do with new ones, is switched on."""
    for on in radio.bluez.state.adapters.values():
        if not on:
            subprocess.run(["bluetoothctl", "power", "on"], check=False, timeout=20)
    return False


asyncio.run(main())
