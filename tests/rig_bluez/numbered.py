"""A node that notifies a running number and counts what it is told."""

from __future__ import annotations

import struct

from edge.simulator.bluez.peripheral import Advert, Characteristic, Peripheral, Service
from edge.sources.ble import BleNode, GattLayout, GattProfile

SERVICE = "5a1ed000-0000-4000-8000-000000000001"
DATA = "5a1ed000-0000-4000-8000-000000000002"
CTRL = "5a1ed000-0000-4000-8000-000000000003"
ID_SERVICE = "5a1ed000-0000-4000-8000-0000000000ff"
LAYOUT = GattLayout(SERVICE, (DATA,), CTRL)
SERVICES = (
    Service(SERVICE, (
        Characteristic(DATA, ("notify",)),
        Characteristic(CTRL, ("read", "write", "write-without-response")),
    )),
)  # fmt: skip
FILLING = bytes(200)


def told_id(service_data: object) -> str | None:
    """The node's short id, from its advertisement."""
    assert isinstance(service_data, dict)
    value = service_data.get(ID_SERVICE)
    return value.decode() if value else None


PROFILE = GattProfile("numbered", (LAYOUT,), numbered=True, node_id=told_id)


class NumberedFirmware:
    """Notifies 0, 1, 2, … at rate_hz while linked, 204 bytes each. written: what came in; first: of each link.

    limit: the number that it stops before, None: none.
    """

    def __init__(self, rate_hz: float = 20.0) -> None:
        self.period_ns = round(1e9 / rate_hz)
        self.next_number = 0
        self.written: list[bytes] = []
        self.first: list[int] = []
        self.limit: int | None = None
        self._due_ns: int | None = None

    def linked(self, t_ns: int) -> None:
        self._due_ns = t_ns + 20_000_000
        self.first.append(self.next_number)

    def unlinked(self, t_ns: int) -> None:
        self._due_ns = None

    def write(self, t_ns: int, uuid: str, data: bytes) -> None:
        assert uuid == CTRL
        self.written.append(data)

    def read(self, uuid: str) -> bytes:
        return b"secret" if uuid == CTRL else b""

    def poll(self, t_ns: int) -> list[tuple[str, bytes]]:
        said = []
        if self.next_number == self.limit and self._due_ns is not None:
            self._due_ns = t_ns + self.period_ns
        while self._due_ns is not None and t_ns >= self._due_ns and self.next_number != self.limit:
            said.append((DATA, struct.pack("<I", self.next_number) + FILLING))
            self.next_number += 1
            self._due_ns += self.period_ns
        return said


def address_of(index: int) -> str:
    """The address of the nth node."""
    return f"C0:98:E5:00:00:{index:02X}"


def numbered_peripheral(index: int, rate_hz: float = 20.0) -> Peripheral:
    """The nth node in the air."""
    advert = Advert(f"node {index}", (SERVICE,), {ID_SERVICE: f"{index:08x}".encode()})
    return Peripheral(address_of(index), advert, SERVICES, NumberedFirmware(rate_hz))


def firmware(peripheral: Peripheral) -> NumberedFirmware:
    """What runs on a node."""
    assert isinstance(peripheral.firmware, NumberedFirmware)
    return peripheral.firmware


def numbered_node(index: int, **fields: str | None) -> BleNode:
    """The nth node as configured: by its address, unless fields say otherwise."""
    return BleNode(f"n{index}", PROFILE, **({"address": address_of(index)} | fields))  # type: ignore[arg-type]


def number_of(data: bytes) -> int:
    """The number in a notification."""
    return int(struct.unpack_from("<I", data)[0])
