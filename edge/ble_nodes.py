"""Nodes on Bluetooth as configured, in the terms of the source: who may be connected, and by which characteristics."""

from __future__ import annotations

from collections.abc import Mapping

from edge.ingest.drivers import DRIVERS
from edge.ingest.sig import BATTERY_LEVEL
from edge.settings import BOUGHT, BleSettings, LinkKind
from edge.sources.ble import BleNode, GattLayout, GattProfile
from firmware_protocol import gatt


def native_id(service_data: Mapping[str, bytes]) -> str | None:
    """The lower half of a node's id, eight hex digits, from its advertisement."""
    advert = gatt.read_advert(service_data.get(gatt.SERVICE, b""))
    return None if advert is None else f"{advert.node_id_low:08x}"


UART_BRIDGES = (
    GattLayout(
        "6e400001-b5a3-f393-e0a9-e50e24dcca9e",
        ("6e400003-b5a3-f393-e0a9-e50e24dcca9e",),
        "6e400002-b5a3-f393-e0a9-e50e24dcca9e",
    ),
    GattLayout(
        "0000ffe0-0000-1000-8000-00805f9b34fb",
        ("0000ffe1-0000-1000-8000-00805f9b34fb",),
        "0000ffe1-0000-1000-8000-00805f9b34fb",
    ),
)
"""What carries a UART: Nordic's service, and the one of most cheap modules."""


def _bought(kind: LinkKind) -> GattProfile | None:
    place = DRIVERS[kind].gatt
    layout = GattLayout(place.service, (place.notify,), place.write) if place else None
    return GattProfile(kind, (layout,), battery=BATTERY_LEVEL) if layout else None


PROFILES: dict[str, GattProfile] = {
    "native": GattProfile(
        "native",
        (GattLayout(gatt.SERVICE, (gatt.INFO, gatt.CTRL, gatt.DATA), gatt.CTRL),),
        numbered=True,
        node_id=native_id,
    ),
    "native-serial": GattProfile("native-serial", UART_BRIDGES),
    **{kind: profile for kind in BOUGHT if (profile := _bought(kind))},
}
"""Every kind that can be used on Bluetooth."""


def ble_node(settings: BleSettings) -> BleNode:
    """A configured node. The id counts before the address, which some nodes change."""
    return BleNode(
        settings.link,
        PROFILES[settings.kind],
        address=None if settings.node else settings.address,
        node_id=settings.node,
        adapter=settings.adapter,
    )
