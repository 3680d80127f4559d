"""All of it together: a private bus, radios and nodes in the air, and a bluetoothd that can die and come back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType

from edge.clock import monotonic_ns
from edge.simulator.bluez.adapter import Adapter
from edge.simulator.bluez.bluetoothd import Bluetoothd
from edge.simulator.bluez.device import Device
from edge.simulator.bluez.peripheral import Peripheral, Radio
from edge.simulator.bluez.private_bus import PrivateBus

STEP_S = 0.005  # how often nodes are asked: well below a connection interval


class Rig:
    """Enter it to have BlueZ.

    radios: the adapters, one if none is named. peripherals: the nodes; more may be added at any time. notified: how
    many notifications went out in all to somebody who had subscribed, lost ones left out, doubled ones counted once.
    running: time goes on by itself; else `step` is called.
    """

    def __init__(
        self, peripherals: Sequence[Peripheral], radios: Sequence[Radio] = (), *, running: bool = True
    ) -> None:
        self.peripherals = list(peripherals)
        self.radios = {radio.name: radio for radio in radios or (Radio("hci0"),)}
        self.notified = 0
        self._running = running
        self._air: asyncio.Task[None] | None = None
        self._bonds: dict[str, set[str]] = {}
        self._daemon: Bluetoothd | None = None

    async def __aenter__(self) -> Rig:
        self._stack = AsyncExitStack()
        self.bus = await self._stack.enter_async_context(PrivateBus())
        await self.start()
        if self._running:
            self._air = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._air is not None:
            self._air.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._air
        await self.kill()
        await self._stack.aclose()

    @property
    def daemon(self) -> Bluetoothd:
        """The bluetoothd that runs now."""
        assert self._daemon is not None, "bluetoothd is dead"  # noqa: S101
        return self._daemon

    async def start(self) -> None:
        """A bluetoothd begins."""
        self._daemon = Bluetoothd(self._bonds)
        await self._daemon.start(self.radios.values())

    async def kill(self) -> None:
        """The bluetoothd dies; its links with it."""
        if self._daemon is not None:
            daemon, self._daemon = self._daemon, None
            await daemon.kill()

    def adapter(self, name: str = "hci0") -> Adapter:
        """An adapter as the bluetoothd shows it."""
        return self.daemon.adapters[name]

    def pull(self, name: str = "hci0") -> None:
        """The adapter is pulled out."""
        self.radios[name].plugged = False
        self.daemon.unplug(name)

    def put_back(self, name: str = "hci0") -> None:
        """The adapter is put back."""
        self.radios[name].plugged = True
        if self._daemon is not None:
            self._daemon.plug(self.radios[name])

    def device(self, peripheral: Peripheral) -> Device | None:
        """The device of a node on the adapter that holds its link, or on one that has heard it."""
        devices = [a.devices[peripheral.address] for a in self._adapters() if peripheral.address in a.devices]
        return next((d for d in devices if d.connected), devices[0] if devices else None)

    def drop(self, peripheral: Peripheral, *, vanish: bool = False) -> None:
        """The node's link breaks. vanish: and it is out of range from now on."""
        peripheral.in_range = not vanish
        device = self.device(peripheral)
        if device is not None:
            device.drop()

    def _adapters(self) -> list[Adapter]:
        return list(self._daemon.adapters.values()) if self._daemon is not None else []

    async def _run(self) -> None:
        while True:
            self.step(monotonic_ns())
            await asyncio.sleep(STEP_S)

    def step(self, t_ns: int) -> None:
        """What happens in the air up to t_ns, where nothing runs by itself."""
        calling = [peripheral for peripheral in self.peripherals if peripheral.advertises(t_ns)]
        for adapter in self._adapters():
            adapter.hear(calling)
        for peripheral in self.peripherals:
            self._serve(peripheral, t_ns)
        if self._daemon is not None:
            self._daemon.flush()

    def _serve(self, peripheral: Peripheral, t_ns: int) -> None:
        """What a node says, as far as there is a link; the rest is lost."""
        said = peripheral.firmware.poll(t_ns)
        if not said or not peripheral.is_linked:
            return
        device, faults = self.device(peripheral), peripheral.faults
        if device is None or faults.mute:
            return
        for uuid, value in said:
            if faults.lose is not None and faults.lose():
                continue
            self.notified += device.notify(uuid, value)
            if faults.double:
                device.notify(uuid, value)
