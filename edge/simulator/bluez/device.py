"""A node as one adapter of a bluetoothd shows it: Device1 and, once connected, its GATT."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dbus_fast import Message, Variant

from edge.clock import monotonic_ns
from edge.simulator.bluez.errors import BluezError, failed, in_progress, not_paired, out_of_slots
from edge.simulator.bluez.peripheral import Characteristic, Peripheral, Service
from edge.simulator.bluez.tree import NOTHING, Reply

if TYPE_CHECKING:
    from edge.simulator.bluez.adapter import Adapter

DEVICE = "org.bluez.Device1"
SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
MTU, SMALL_MTU, ATT_HEADER = 247, 23, 3
INVALID_HANDLE = "Operation failed with ATT error: 0x01 (Invalid Handle)"


def service_path(device_path: str, index: int) -> str:
    """The object path of the nth service; like the real one it holds the handle."""
    return f"{device_path}/service{0x40 * (index + 1):04x}"


def paths_of(device_path: str, services: tuple[Service, ...]) -> dict[str, str]:
    """UUID to object path of all characteristics, as their places in the node's table give them."""
    return {
        characteristic.uuid: f"{service_path(device_path, i)}/char{0x40 * (i + 1) + 2 * k + 2:04x}"
        for i, service in enumerate(services)
        for k, characteristic in enumerate(service.characteristics)
    }


class Device:
    """One node on one adapter. notifying: path of a characteristic -> the clients that subscribed.

    answers_writes: while cleared, writes get no answer. stuck: its controller never ends the link, so that
    disconnecting is never answered. clings: nor is removing it.
    """

    def __init__(self, adapter: Adapter, peripheral: Peripheral) -> None:
        self.adapter, self.peripheral = adapter, peripheral
        self.path = f"{adapter.path}/dev_{peripheral.address.replace(':', '_')}"
        self.connected = False
        self.stuck = self.clings = False
        self.answers_writes = asyncio.Event()
        self.answers_writes.set()
        self.paired = peripheral.address in adapter.bonds
        self.notifying: dict[str, set[str]] = {}
        self._paths: dict[str, str] = {}
        self._connecting: asyncio.Future[None] | None = None
        self._tree = adapter.tree
        adapter.tree.add(self.path, {DEVICE: self._props()}, {
            (DEVICE, "Connect"): self._connect,
            (DEVICE, "Disconnect"): self._disconnect,
            (DEVICE, "Pair"): self._pair,
        })  # fmt: skip

    def seen(self) -> None:
        """An advertisement was heard."""
        before = self._tree.objects[self.path][DEVICE].get("RSSI")
        rssi = self.peripheral.rssi + (1 if before is not None and before.value == self.peripheral.rssi else 0)
        self._tree.change(self.path, DEVICE, RSSI=Variant("n", rssi))

    def drop(self) -> None:
        """The link ended."""
        self.peripheral.unlink(monotonic_ns())
        if not self.connected:
            return
        self.connected = False
        self.notifying.clear()
        for path in self._paths.values():
            self._tree.objects[path][CHARACTERISTIC]["Notifying"] = Variant("b", False)
        self._change(ServicesResolved=Variant("b", False))
        self._change(Connected=Variant("b", False))

    def notify(self, uuid: str, value: bytes) -> bool:
        """The node notified; told to whoever subscribed, if anybody did."""
        path = self._paths.get(uuid)
        if path is None or not self.notifying.get(path):
            return False
        self._tree.change(path, CHARACTERISTIC, Value=Variant("ay", value))
        return True

    def forget_client(self, client: str) -> None:
        """A program has left the bus: what it subscribed to ends, the link stays."""
        for clients in self.notifying.values():
            clients.discard(client)

    def _props(self) -> dict[str, Variant]:
        advert, address = self.peripheral.advert, self.peripheral.address
        return {
            "Address": Variant("s", address),
            "AddressType": Variant("s", "random"),
            "Name": Variant("s", advert.name),
            "Alias": Variant("s", advert.name),
            "Adapter": Variant("o", self.adapter.path),
            "Paired": Variant("b", self.paired),
            "Bonded": Variant("b", self.paired),
            "Trusted": Variant("b", False),
            "Blocked": Variant("b", False),
            "LegacyPairing": Variant("b", False),
            "Connected": Variant("b", False),
            "ServicesResolved": Variant("b", False),
            "UUIDs": Variant("as", list(advert.service_uuids)),
            "ServiceData": Variant("a{sv}", {k: Variant("ay", v) for k, v in advert.service_data.items()}),
            "ManufacturerData": Variant("a{qv}", {k: Variant("ay", v) for k, v in advert.manufacturer_data.items()}),
            "RSSI": Variant("n", self.peripheral.rssi),
        }

    def _change(self, **props: Variant) -> None:
        if self.path in self._tree.objects:
            self._tree.change(self.path, DEVICE, **props)

    async def _connect(self, _call: Message) -> Reply:
        if self.connected:
            return NOTHING
        if self._connecting is not None:
            raise in_progress()
        self._connecting = asyncio.get_running_loop().create_future()
        try:
            with self.adapter.one_more_connecting():
                await self._reach()
        finally:
            self._connecting = None
        return NOTHING

    async def _reach(self) -> None:
        """Until the link is up, or the caller gives up by Disconnect."""
        assert self._connecting is not None  # noqa: S101
        faults = self.peripheral.faults.connect
        fault = faults.popleft() if faults else None
        await asyncio.sleep(self.adapter.radio.connect_s)
        if isinstance(fault, BluezError):
            raise fault
        while fault == "hang" or not self.peripheral.in_range:
            done, _ = await asyncio.wait([self._connecting], timeout=0.05)
            if done:
                raise failed("br-connection-canceled")
        if self.adapter.links() >= self.adapter.radio.slots:
            self._change(Connected=Variant("b", True))
            self._change(Connected=Variant("b", False))
            raise out_of_slots()
        self.link_up()

    def link_up(self) -> None:
        """The link is there; whose it is, nobody asks."""
        self.connected = True
        self.peripheral.link(monotonic_ns())
        self._change(Connected=Variant("b", True))
        self.adapter.spawn(self._resolve())

    async def _resolve(self) -> None:
        """Discover services; what was discovered before is taken from the cache, be it right or wrong."""
        await asyncio.sleep(self.adapter.radio.resolve_s)
        if not self.connected or self.path not in self._tree.objects:
            return
        if not self._paths or not all(path in self._tree.objects for path in self._paths.values()):
            self._paths = paths_of(self.path, self.peripheral.services)
            self._show_services()
        uuids = [service.uuid for service in self.peripheral.services]
        mtu = SMALL_MTU if self.peripheral.faults.small_mtu else MTU
        for path in self._paths.values():
            self._tree.objects[path][CHARACTERISTIC]["MTU"] = Variant("q", mtu)
        self._change(UUIDs=Variant("as", uuids))
        self._change(ServicesResolved=Variant("b", True))

    def set_bonded(self, *, bonded: bool) -> None:
        """Bonded at some earlier time, or not."""
        self.paired = bonded
        self._change(Paired=Variant("b", bonded), Bonded=Variant("b", bonded))

    def set_mtu(self, mtu: int) -> None:
        """The MTU was agreed only now."""
        for path in self._paths.values():
            self._tree.change(path, CHARACTERISTIC, MTU=Variant("q", mtu))

    def _show_services(self) -> None:
        for index, service in enumerate(self.peripheral.services):
            base = service_path(self.path, index)
            self._tree.add(base, {SERVICE: {
                "UUID": Variant("s", service.uuid), "Device": Variant("o", self.path), "Primary": Variant("b", True),
            }})  # fmt: skip
            for characteristic in service.characteristics:
                self._show_characteristic(base, self._paths[characteristic.uuid], characteristic)

    def _show_characteristic(self, service_path: str, path: str, characteristic: Characteristic) -> None:
        props = {
            "UUID": Variant("s", characteristic.uuid), "Service": Variant("o", service_path),
            "Value": Variant("ay", b""), "Notifying": Variant("b", False),
            "Flags": Variant("as", list(characteristic.flags)), "MTU": Variant("q", SMALL_MTU),
        }  # fmt: skip
        uuid = characteristic.uuid

        async def read(_call: Message) -> Reply:
            self._allowed(uuid)
            return "ay", [self.peripheral.firmware.read(uuid)]

        async def write(call: Message) -> Reply:
            self._allowed(uuid)
            data, kind = bytes(call.body[0]), call.body[1]["type"].value
            self.adapter.writes[kind] += 1
            await self.answers_writes.wait()
            if kind == "request" or len(data) <= props["MTU"].value - ATT_HEADER:
                self.peripheral.firmware.write(monotonic_ns(), uuid, data)
            return NOTHING  # a command that is too long is lost without a word

        async def start(call: Message) -> Reply:
            self._allowed(uuid)
            self.notifying.setdefault(path, set()).add(call.sender or "")
            self._tree.change(path, CHARACTERISTIC, Notifying=Variant("b", True))
            return NOTHING

        async def stop(call: Message) -> Reply:
            clients = self.notifying.get(path, set())
            if call.sender not in clients:
                raise failed("No notify session started")
            clients.discard(call.sender)
            self.adapter.stops += 1
            self._tree.change(path, CHARACTERISTIC, Notifying=Variant("b", bool(clients)))
            return NOTHING

        async def acquire(_call: Message) -> Reply:
            self.adapter.acquires += 1
            raise BluezError("org.bluez.Error.NotSupported", "Operation is not supported")

        self._tree.add(path, {CHARACTERISTIC: props}, {
            (CHARACTERISTIC, "ReadValue"): read, (CHARACTERISTIC, "WriteValue"): write,
            (CHARACTERISTIC, "StartNotify"): start, (CHARACTERISTIC, "StopNotify"): stop,
            (CHARACTERISTIC, "AcquireNotify"): acquire,
        })  # fmt: skip

    def _allowed(self, uuid: str) -> None:
        if not self.connected:
            raise failed("Not connected")
        real = self.peripheral.characteristic(uuid)
        if real is None or paths_of(self.path, self.peripheral.services)[uuid] != self._paths[uuid]:
            raise failed(INVALID_HANDLE)
        if real.encrypted and not self.paired:
            raise not_paired()

    async def _disconnect(self, _call: Message) -> Reply:
        if self._connecting is not None and not self._connecting.done():
            self._connecting.set_result(None)
            return NOTHING
        if not self.connected:
            raise BluezError("org.bluez.Error.NotConnected", "Not Connected")
        if self.stuck:
            await asyncio.get_running_loop().create_future()  # a kernel whose controller does not answer it
        self.adapter.disconnects_while_notifying += any(self.notifying.values())
        if self.adapter.bluetoothd.swallow_disconnects:
            return NOTHING
        self.drop()
        return NOTHING

    async def _pair(self, _call: Message) -> Reply:
        if self.paired:
            raise BluezError("org.bluez.Error.AlreadyExists", "Already Exists")
        faults, bluetoothd = self.peripheral.faults, self.adapter.bluetoothd
        if faults.compares is not None:
            question = ("RequestConfirmation", "ou", [self.path, faults.compares])
            if not await bluetoothd.ask_agent(*question):
                raise BluezError("org.bluez.Error.AuthenticationFailed", "Authentication Failed")
        if bluetoothd.agents and not faults.pair_lies:
            self.paired = True
            self.adapter.bonds.add(self.peripheral.address)
            self._change(Paired=Variant("b", True), Bonded=Variant("b", True))
        return NOTHING
