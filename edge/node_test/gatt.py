"""A node on Bluetooth LE as a `Source`, and what its GATT table and advertisement say of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from edge.clock import monotonic_ns
from edge.events import Send
from edge.node_test.findings import Finding, Findings
from edge.node_test.introduction import Known
from edge.sources.base import Sink
from firmware_protocol import wire
from firmware_protocol.gatt import CTRL, DATA, INFO, SERVICE
from firmware_protocol.messages import TYPES, Info

SCAN_S = 10.0
SECTION = "3.2"
ATT_HEADER_SIZE = 3
MTU_MIN = 100
"""Six samples a notification; below it air time grows quickly."""


@dataclass(slots=True)
class GattFacts:
    """What was seen beside messages. info: the value of the INFO characteristic, read at the first connection."""

    advertised: tuple[str, ...] = ()
    characteristics: tuple[str, ...] = ()
    info: bytes = b""
    mtu: int = 0


class GattSource:
    """One node, found by its address. facts: fill as the connection goes on."""

    def __init__(self, address: str) -> None:
        self.links: tuple[str, ...] = (address,)
        self.facts = GattFacts()
        self._address = address
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=256)
        self._dropped = 0

    def send(self, message: Send) -> None:
        """Queues a write to CTRL; a full queue drops it."""
        if self._queue.full():
            self._dropped += 1
        else:
            self._queue.put_nowait(message.data)

    def counts(self, _link: str) -> dict[str, int]:
        """What happened so far."""
        return {"sends_dropped": self._dropped}

    async def run(self, sink: Sink) -> None:
        """Connects, and again after each loss, until cancelled."""
        while True:
            try:
                device = await self._find()
                if device is None:
                    problem = (
                        f"{self._address}: not found in {SCAN_S:.0f} s: is it on, near, and not connected elsewhere?"
                    )
                else:
                    problem = await self._serve(device, sink)
            except (BleakError, OSError, EOFError) as error:
                problem = f"{self._address}: {error or type(error).__name__}"
            sink.link_changed(self._address, monotonic_ns(), problem)
            await asyncio.sleep(0.2)

    async def _find(self) -> BLEDevice | None:
        def wanted(device: BLEDevice, advertisement: AdvertisementData) -> bool:
            if device.address.lower() != self._address.lower():
                return False
            self.facts.advertised = tuple(u.lower() for u in advertisement.service_uuids)
            return True

        return await BleakScanner.find_device_by_filter(wanted, timeout=SCAN_S)

    async def _serve(self, device: BLEDevice, sink: Sink) -> str:
        lost = asyncio.Event()
        client = BleakClient(device, disconnected_callback=lambda _client: lost.set())
        try:
            await client.connect()
            await self._look(client)

            def on_notify(_characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
                sink.receive(self._address, monotonic_ns(), bytes(data))

            for uuid in (INFO, DATA, CTRL):
                await client.start_notify(uuid, on_notify)
            sink.link_changed(self._address, monotonic_ns(), None)
            await self._write_until(client, lost, sink)
        finally:
            await client.disconnect()
        return f"{self._address}: the connection was lost"

    async def _look(self, client: BleakClient) -> None:
        service = client.services.get_service(SERVICE)
        if service is None:
            raise BleakError("it does not have the service of this protocol")
        self.facts.characteristics = tuple(c.uuid.lower() for c in service.characteristics)
        self.facts.info = bytes(await client.read_gatt_char(INFO))

    def _see_mtu(self, client: BleakClient) -> None:
        """Notes the MTU; right after connecting BlueZ says 23, whatever was agreed on a moment later."""
        ctrl = client.services.get_characteristic(CTRL)
        if ctrl:
            self.facts.mtu = max(self.facts.mtu, ctrl.max_write_without_response_size + ATT_HEADER_SIZE)

    async def _write_until(self, client: BleakClient, lost: asyncio.Event, sink: Sink) -> None:
        ended = asyncio.create_task(lost.wait())
        try:
            while not lost.is_set():
                item = asyncio.create_task(self._queue.get())
                await asyncio.wait({item, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not item.done():
                    item.cancel()
                    return
                await client.write_gatt_char(CTRL, item.result(), response=False)
                self._see_mtu(client)
                sink.sent(self._address, monotonic_ns(), 0)
        finally:
            ended.cancel()


def check_gatt(facts: GattFacts, known: Known, findings: Findings) -> None:
    """The findings of a node on Bluetooth LE beside its messages."""
    if SERVICE in facts.advertised:
        findings.add(Finding("advertising", SECTION, "PASS", "advertises the service"))
    else:
        findings.add(Finding("advertising", SECTION, "FAIL", "does not advertise the service: hosts cannot find it"))
    missing = [uuid for uuid in (INFO, DATA, CTRL) if uuid not in facts.characteristics]
    if missing:
        findings.add(Finding("gatt", SECTION, "FAIL", f"lacks characteristics {', '.join(missing)}"))
    else:
        findings.add(Finding("gatt", SECTION, "PASS", "has the characteristics INFO, DATA and CTRL"))
    _check_info_value(facts.info, known, findings)
    if facts.mtu >= MTU_MIN:
        findings.add(Finding("mtu", SECTION, "PASS", f"ATT_MTU {facts.mtu}"))
    else:
        findings.add(Finding("mtu", SECTION, "WARN", f"ATT_MTU {facts.mtu}: {MTU_MIN} or more save air time"))


def _check_info_value(value: bytes, known: Known, findings: Findings) -> None:
    """The INFO characteristic reads as the INFO message, whole, also over a small MTU (a long read)."""
    dropped: Counter[str] = Counter()
    messages = wire.cut(value, dropped)
    told = [m for m in messages if m.type == TYPES[Info]]
    if not told or dropped:
        text = f"the value of INFO ({len(value)} bytes) is not a whole INFO message"
        findings.add(Finding("info-read", SECTION, "FAIL", text))
        return
    info = wire.read(told[0])
    same = isinstance(info, Info) and known.info is not None and info.node_id == known.info.node_id
    if same:
        findings.add(Finding("info-read", SECTION, "PASS", "INFO can be read"))
    else:
        findings.add(Finding("info-read", SECTION, "FAIL", "INFO as read is not INFO as notified"))
