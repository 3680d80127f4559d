"""An adapter as a bluetoothd shows it: Adapter1, with the devices that it has heard."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, Variant

from edge.simulator.bluez.device import Device
from edge.simulator.bluez.errors import BluezError, failed, in_progress, not_ready
from edge.simulator.bluez.peripheral import Peripheral, Radio
from edge.simulator.bluez.tree import NOTHING, Reply

if TYPE_CHECKING:
    from edge.simulator.bluez.bluetoothd import Bluetoothd

ADAPTER = "org.bluez.Adapter1"


class Adapter:
    """One radio under one bluetoothd. What was asked of it is counted for tests.

    scans: how often a scan was started; connecting_max: most connection attempts at one time; stops: StopNotify calls;
    acquires: AcquireNotify calls; disconnects_while_notifying: Disconnect calls before StopNotify; writes: by kind,
    "request" (answered) or "command".
    """

    def __init__(self, bluetoothd: Bluetoothd, radio: Radio, bonds: set[str]) -> None:
        self.bluetoothd, self.radio, self.bonds = bluetoothd, radio, bonds
        self.tree = bluetoothd.tree
        self.path = f"/org/bluez/{radio.name}"
        self.powered = True
        self.devices: dict[str, Device] = {}
        self.scanners: set[str] = set()
        self.scans = self.stops = self.acquires = self.disconnects_while_notifying = 0
        self.power_cycles = self.connecting = self.connecting_max = self.removals = self.scanners_max = 0
        self.writes: Counter[str] = Counter()
        self.tree.add(self.path, {ADAPTER: self._props()}, {
            (ADAPTER, "StartDiscovery"): self._start,
            (ADAPTER, "StopDiscovery"): self._stop,
            (ADAPTER, "SetDiscoveryFilter"): self._filter,
            (ADAPTER, "RemoveDevice"): self._remove_device,
        })  # fmt: skip

    def links(self) -> int:
        """Links that are up."""
        return sum(device.connected for device in self.devices.values())

    def hear(self, calling: Iterable[Peripheral]) -> None:
        """These nodes advertise now; a scan finds them."""
        if not self.scanners or not self.powered or self.radio.deaf:
            return
        for peripheral in calling:
            device = self.devices.get(peripheral.address)
            if device is None:
                self.devices[peripheral.address] = Device(self, peripheral)
            else:
                device.seen()

    def set_power(self, *, on: bool) -> None:
        """Switch the radio; links and scans end with the power."""
        if on and not self.powered:
            self.power_cycles += 1
            self.radio.deaf = self.radio.deaf and not self.radio.power_cycle_cures
            self.radio.refuses_scans = self.radio.refuses_scans and not self.radio.power_cycle_cures
        self.powered = on
        if not on:
            self.end_links()
            self.scanners.clear()
            self.tree.change(self.path, ADAPTER, Discovering=Variant("b", False))
        self.tree.change(self.path, ADAPTER, Powered=Variant("b", on))

    def end_links(self) -> None:
        """All links break."""
        for device in self.devices.values():
            device.drop()

    def forget(self, device: Device) -> None:
        """As RemoveDevice: link, bond and cache of services are gone."""
        device.drop()
        self.bonds.discard(device.peripheral.address)
        del self.devices[device.peripheral.address]
        self.removals += 1
        self.tree.remove(device.path)

    def forget_client(self, client: str) -> None:
        """A program has left the bus."""
        if client in self.scanners:
            self.scanners.discard(client)
            self._tell_discovering()
        for device in self.devices.values():
            device.forget_client(client)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something after the answer."""
        self.bluetoothd.spawn(work)

    @contextmanager
    def one_more_connecting(self) -> Iterator[None]:
        """Count an attempt to connect; a second one at the same time fails, as it does on real controllers."""
        self.connecting += 1
        self.connecting_max = max(self.connecting, self.connecting_max)
        try:
            if not self.powered:
                raise not_ready()
            if self.connecting > 1:
                raise in_progress()
            yield
        finally:
            self.connecting -= 1

    def _props(self) -> dict[str, Variant]:
        return {
            "Address": Variant("s", self.radio.address),
            "AddressType": Variant("s", "public"),
            "Name": Variant("s", self.radio.name),
            "Alias": Variant("s", self.radio.name),
            "Powered": Variant("b", self.powered),
            "Discovering": Variant("b", False),
            "Roles": Variant("as", ["central", "peripheral"]),
            "UUIDs": Variant("as", []),
        }

    def _tell_discovering(self) -> None:
        self.tree.change(self.path, ADAPTER, Discovering=Variant("b", bool(self.scanners)))

    async def _start(self, call: Message) -> Reply:
        if not self.powered:
            raise not_ready()
        if call.sender in self.scanners or self.radio.refuses_scans:
            raise in_progress()
        self.scanners.add(call.sender or "")
        self.scans += 1
        self.scanners_max = max(self.scanners_max, len(self.scanners))
        self._tell_discovering()
        return NOTHING

    async def _stop(self, call: Message) -> Reply:
        if call.sender not in self.scanners:
            raise failed("No discovery started")
        self.scanners.discard(call.sender)
        self._tell_discovering()
        return NOTHING

    async def _filter(self, _call: Message) -> Reply:
        return NOTHING

    async def _remove_device(self, call: Message) -> Reply:
        device = next((d for d in self.devices.values() if d.path == call.body[0]), None)
        if device is None:
            raise BluezError("org.bluez.Error.DoesNotExist", "Does Not Exist")
        if device.clings:
            await asyncio.get_running_loop().create_future()
        self.forget(device)
        return NOTHING
