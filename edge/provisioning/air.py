"""What the commands do over the air: listen on all adapters, find one device, connect to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from bleak_retry_connector import establish_connection

from edge.errors import SledguardError, TransientError
from edge.provisioning.recognise import Heard
from edge.sources.ble import words
from edge.sources.ble.bluez import Bluez
from edge.sources.ble.deadline import Deadline
from edge.sources.ble.session import FAILURES

READY_S = 20.0  # for bluetoothd to be asked: it answers within ms, on a box that is busy elsewhere within seconds
CONNECT_S = 25.0  # one attempt and a second one
DISCONNECT_S = 3.0


@contextlib.asynccontextmanager
async def bluez() -> AsyncIterator[Bluez]:
    """bluetoothd, looked at. SledguardError: there is none, or no adapter that is on."""
    watch = Bluez(lambda: None, READY_S)
    running = asyncio.create_task(watch.run())
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * READY_S):
                await watch.looked.wait()
        problem = trouble(watch) if watch.looked.is_set() else words.NOT_ANSWERING
        if problem:
            raise SledguardError(problem)
        yield watch
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def trouble(watch: Bluez) -> str | None:
    """Why nothing can be done over the air at all; None: it can."""
    state = watch.state
    if not state.bus:
        return words.NO_BUS
    if not state.up:
        return words.NO_BLUETOOTHD
    if not state.adapters:
        return words.DENIED if state.denied else words.NO_ADAPTER
    return None if any(state.adapters.values()) else words.adapter_off(next(iter(state.adapters)))


@contextlib.asynccontextmanager
async def listening(watch: Bluez, heard: Callable[[Heard, BLEDevice], None]) -> AsyncIterator[None]:
    """Scan on every adapter that is on. TransientError: none of them can."""

    def on_advert(device: BLEDevice, advert: AdvertisementData) -> None:
        _, props = advert.platform_data
        rssi = None if props.get("Connected") else advert.rssi
        services = tuple(uuid.lower() for uuid in advert.service_uuids)
        heard(Heard(device.address, advert.local_name, rssi, services, advert.service_data), device)

    async with contextlib.AsyncExitStack() as stack:
        problems = []
        for name in [name for name, on in watch.state.adapters.items() if on]:
            try:
                await stack.enter_async_context(BleakScanner(on_advert, bluez={"adapter": name}))
            except BleakError as error:
                problems.append(words.no_scan(name, str(error)))
        if len(problems) == len([on for on in watch.state.adapters.values() if on]):
            raise TransientError("; ".join(problems))
        yield


async def find(watch: Bluez, address: str, seconds: float) -> tuple[BLEDevice, Heard]:
    """The device with this address. TransientError: not heard, or held by another program."""
    found: asyncio.Future[tuple[BLEDevice, Heard]] = asyncio.get_running_loop().create_future()

    def on_heard(heard: Heard, device: BLEDevice) -> None:
        if device.address.upper() == address.upper() and heard.rssi_dbm is not None and not found.done():
            found.set_result((device, heard))

    for held in await watch.holdings():
        if held.connected and held.address.upper() == address.upper():
            raise TransientError(
                f"{address} is connected already: stop what serves it first (sudo systemctl stop sledguard)"
            )
    async with listening(watch, on_heard):
        try:
            return await asyncio.wait_for(found, seconds)
        except TimeoutError:
            raise TransientError(
                f"{address} was not heard in {seconds:g} s: is it charged, switched on and near?"
            ) from None


@contextlib.asynccontextmanager
async def connected(device: BLEDevice) -> AsyncIterator[BleakClient]:
    """The device, connected; always disconnected at the end. TransientError: it cannot be connected."""
    try:
        async with Deadline(CONNECT_S):
            client = await establish_connection(
                BleakClient, device, device.address, max_attempts=2, use_services_cache=False
            )
    except FAILURES as error:
        raise TransientError(
            f"{device.address} cannot be connected ({str(error) or 'no answer in time'}): bring it nearer and try again"
        ) from error
    try:
        yield client
    finally:
        with contextlib.suppress(*FAILURES):
            async with Deadline(DISCONNECT_S):
                await client.disconnect()
