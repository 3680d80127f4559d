"""Takes one sensor in: found, connected, bonded where it asks, proved, and made to show itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import cast

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from edge.ble_nodes import PROFILES
from edge.errors import SledguardError, TransientError
from edge.ingest import sig
from edge.ingest.native_layout import PLACEMENT_ROLES
from edge.ingest.native_report import firmware_text
from edge.provisioning.agent import Ask, registered
from edge.provisioning.air import bluez, connected, find
from edge.provisioning.recognise import recognise
from edge.samples import Role
from edge.settings import LinkKind
from edge.sources.ble.deadline import Deadline
from edge.sources.ble.node_link import UNBONDED
from edge.sources.ble.profile import Endpoints
from firmware_protocol import gatt, wire
from firmware_protocol.errors import ProtocolError
from firmware_protocol.messages import TYPES, Ack, Identify, Info
from firmware_protocol.registries import ChannelKind

READ_S = 5.0
PAIR_S = 60.0  # a passkey must be read and typed
SHOW_S = 5
SHOW_SEQ = 0xFFF0  # far from the daemon's own numbers, so that the node takes it for no repetition of one of those


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What was learnt of the sensor. node: a native one's id; places: its channels' roles by its own hint."""

    address: str
    kind: LinkKind
    name: str
    node: str | None
    places: dict[int, Role | None]
    inertial: tuple[int, ...]
    firmware: str | None
    battery_pct: int | None
    bonded: bool


async def take_in(address: str, seconds: float, ask: Ask, say: Callable[[str], None]) -> TakenIn:
    """All of it, told step by step. SledguardError: what went wrong and what to do."""
    async with bluez() as watch:
        device, heard = await find(watch, address, seconds)
        what = recognise(heard)
        if what.kind is None or what.kind not in PROFILES:
            raise SledguardError(
                f"{address} ({heard.name or 'no name'}) is {what.kind or 'no sensor that is known'}: "
                "it cannot be used on Bluetooth"
            )
        kind = cast(LinkKind, what.kind)
        say(f"found {heard.name or address}, {heard.rssi_dbm} dBm, {kind}")
        async with connected(device) as client:
            say("connected")
            endpoints = PROFILES[kind].find(client.services)
            if endpoints is None:
                raise SledguardError(
                    f"{address} has not the services of {kind}: its firmware may be too old, or still starting"
                )
            bonded = await _bond(client, device, endpoints, ask, say)
            taken = await _learn(client, device, heard.name or address, kind, bonded=bonded)
            if kind == "native":
                await _show(client, say)
            return taken


async def _bond(
    client: BleakClient, device: BLEDevice, endpoints: Endpoints, ask: Ask, say: Callable[[str], None]
) -> bool:
    """Bond where the node asks for it, and see that what it refused before is given now."""
    refused = await _refused(client, endpoints)
    if not refused:
        say("asks for no bond")
        return False
    async with registered(device.details["path"], ask):
        try:
            async with Deadline(PAIR_S):
                await client.pair()
        except (BleakError, TimeoutError) as error:
            raise TransientError(
                f"{device.address} could not be bonded ({error or 'no answer'}): bring it nearer, put it into pairing "
                "mode and try again"
            ) from error
        still = await _refused(client, endpoints)
    if still:
        raise SledguardError(
            f"{device.address}: bluetoothd says that it is bonded, but it refuses to be read all the same; "
            f"bluetoothctl remove {device.address}, put the sensor into pairing mode and try again"
        )
    say(f"bonded, and proved by reading {len(refused)} characteristic(s) that were refused before")
    return True


async def _refused(client: BleakClient, endpoints: Endpoints) -> list[str]:
    """The characteristics that ask for a bond: read where they can be read, else subscribed to."""
    refused = []
    for characteristic in {one.uuid: one for one in (*endpoints.notify, endpoints.write)}.values():
        try:
            async with Deadline(READ_S):
                if "read" in characteristic.properties:
                    await client.read_gatt_char(characteristic)
                elif "notify" in characteristic.properties:
                    await client.start_notify(characteristic, lambda _c, _d: None)
                    await client.stop_notify(characteristic)
        except (BleakError, TimeoutError) as error:
            if not _asks_for_a_bond(error):
                raise TransientError(
                    f"{characteristic.uuid} cannot be read ({error or 'no answer'}): bring the sensor nearer"
                ) from error
            refused.append(characteristic.uuid)
    return refused


def _asks_for_a_bond(error: BaseException) -> bool:
    if isinstance(error, BleakGATTProtocolError):
        return error.code in UNBONDED
    return isinstance(error, BleakDBusError) and error.dbus_error_details == "Not paired"


async def _learn(client: BleakClient, device: BLEDevice, name: str, kind: LinkKind, *, bonded: bool) -> TakenIn:
    battery = await _value(client, sig.BATTERY_LEVEL)
    firmware = await _value(client, sig.FIRMWARE)
    told = await _info(client) if kind == "native" else None
    return TakenIn(
        address=device.address.upper(),
        kind=kind,
        name=name,
        node=f"{told.node_id:016x}" if told else None,
        places={c.chan: PLACEMENT_ROLES.get(c.placement) for c in told.channels} if told else {},
        inertial=tuple(c.chan for c in told.channels if c.kind != ChannelKind.LOAD) if told else (),
        firmware=firmware_text(told.fw) if told else sig.text(firmware or b""),
        battery_pct=sig.battery_pct(battery) if battery is not None else None,
        bonded=bonded,
    )


async def _value(client: BleakClient, uuid: str) -> bytes | None:
    """The value of a characteristic; None: there is none, or it is not given."""
    characteristic = client.services.get_characteristic(uuid)
    if characteristic is None:
        return None
    with contextlib.suppress(BleakError, TimeoutError):
        async with Deadline(READ_S):
            return bytes(await client.read_gatt_char(characteristic))
    return None


async def _info(client: BleakClient) -> Info:
    """The node's INFO, read from its characteristic."""
    value = await _value(client, gatt.INFO)
    for message in wire.cut(value or b"", Counter()):
        with contextlib.suppress(ProtocolError):
            info = wire.read(message)
            if isinstance(info, Info):
                return info
    raise SledguardError("its INFO characteristic holds no INFO: hold it against the protocol with sledguard node-test")


async def _show(client: BleakClient, say: Callable[[str], None]) -> None:
    """Have the node blink and buzz, so that whoever holds it sees that it is the right one."""
    async with _answers(client) as answered:
        message = wire.encode(Identify(SHOW_S), seq=SHOW_SEQ)
        with contextlib.suppress(BleakError, TimeoutError):
            async with Deadline(READ_S):
                await client.write_gatt_char(gatt.CTRL, message, response=True)
                await answered.wait()
                say(f"blinks and buzzes for {SHOW_S} s")
                return
    say("does not blink or buzz")


@contextlib.asynccontextmanager
async def _answers(client: BleakClient) -> AsyncIterator[asyncio.Event]:
    """An event for the node's ACK of IDENTIFY."""
    answered = asyncio.Event()

    def on_data(_characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
        for message in wire.cut(bytes(value), Counter()):
            with contextlib.suppress(ProtocolError):
                ack = wire.read(message)
                if isinstance(ack, Ack) and (ack.req_type, ack.req_seq) == (TYPES[Identify], SHOW_SEQ) and not ack.code:
                    answered.set()

    await client.start_notify(gatt.CTRL, on_data)
    try:
        yield answered
    finally:
        with contextlib.suppress(BleakError):
            await client.stop_notify(gatt.CTRL)
