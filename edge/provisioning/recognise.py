"""From an advertisement to what a device is to us: which kind, and where on the machine it can be put. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge.ble_nodes import UART_BRIDGES
from edge.ingest.drivers import DRIVERS
from edge.ingest.native_layout import PLACEMENT_ROLES
from edge.ingest.sig import battery_pct
from firmware_protocol import gatt

UART_SERVICES = tuple(layout.service for layout in UART_BRIDGES)
BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"
BTHOME_PACKET_ID, BTHOME_BATTERY = 0x00, 0x01
NAMES = {"wt901": "witmotion", "wt9011": "witmotion", "movesense": "movesense", "progressor": "progressor"}
"""How the names of devices begin that do not always advertise their service."""

ANY_LIMB = "sled, pelvis, thigh or shank"
CAN_BE = {
    "native": "any place",
    "native-serial": "a node behind a UART bridge",
    "witmotion": ANY_LIMB,
    "movesense": ANY_LIMB,
    "progressor": "one load cell",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertisement. services: full UUIDs in lower case; rssi_dbm None: of a device that is connected."""

    address: str
    name: str | None = None
    rssi_dbm: int | None = None
    services: Sequence[str] = ()
    service_data: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recognised:
    """kind: as in a configuration, None where it is nothing to us; node_low: lower half of a native node's id, hex."""

    kind: str | None
    can_be: str = ""
    battery_pct: int | None = None
    node_low: str | None = None


def recognise(heard: Heard) -> Recognised:
    """What a device is to us."""
    kind = _kind(heard)
    if kind is None:
        return Recognised(None)
    told = gatt.read_advert(heard.service_data.get(gatt.SERVICE, b"")) if kind == "native" else None
    if told is None:
        return Recognised(kind, CAN_BE[kind], bthome_battery(heard.service_data.get(BTHOME, b"")))
    role = PLACEMENT_ROLES.get(told.placement)
    return Recognised(
        kind,
        role.replace("_", " ") if role else CAN_BE[kind],
        battery_pct(bytes([told.battery_pct])),
        f"{told.node_id_low:08x}",
    )


def bthome_battery(data: bytes) -> int | None:
    """The battery in BTHome service data, where it stands before anything else but the packet's number."""
    rest = data[1:]
    if rest[:1] == bytes([BTHOME_PACKET_ID]):
        rest = rest[2:]
    return battery_pct(rest[1:2]) if rest[:1] == bytes([BTHOME_BATTERY]) else None


def _kind(heard: Heard) -> str | None:
    services = {uuid.lower() for uuid in (*heard.services, *heard.service_data)}
    if gatt.SERVICE in services:
        return "native"
    for name, spec in DRIVERS.items():
        if spec.gatt is not None and spec.gatt.service in services:
            return name
    called = (heard.name or "").lower()
    by_name = next((kind for start, kind in NAMES.items() if called.startswith(start)), None)
    return by_name or ("native-serial" if services.intersection(UART_SERVICES) else None)
