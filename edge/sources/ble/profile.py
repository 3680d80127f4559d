"""What the BLE source must know of a node: who it is in the air, and where in its GATT bytes come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.service import BleakGATTServiceCollection


@dataclass(frozen=True, slots=True)
class GattLayout:
    """Full UUIDs in lower case. notify: in the order in which they are subscribed to."""

    service: str
    notify: tuple[str, ...]
    write: str


@dataclass(frozen=True, slots=True)
class GattProfile:
    """A kind of node.

    layouts: the first that the node has is used. numbered: every message carries a number, so two equal notifications
    in a row are one that came twice. node_id: from the service data of an advertisement to the last eight hex digits
    of the node's id, None where it tells none. battery: the characteristic to read it from now and then, for kinds
    whose own messages do not tell it.
    """

    kind: str
    layouts: tuple[GattLayout, ...]
    numbered: bool = False
    node_id: Callable[[Mapping[str, bytes]], str | None] = lambda _data: None
    battery: str | None = None

    def find(self, services: BleakGATTServiceCollection) -> Endpoints | None:
        """The characteristics to use; None: the node has none of the layouts in full."""
        for layout in self.layouts:
            service = services.get_service(layout.service)
            if service is None:
                continue
            notify = [service.get_characteristic(uuid) for uuid in layout.notify]
            write = service.get_characteristic(layout.write)
            if write is not None and all(notify):
                battery = services.get_characteristic(self.battery) if self.battery is not None else None
                return Endpoints(tuple(one for one in notify if one is not None), write, battery)
        return None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The characteristics of one connected node; battery: None where it has none."""

    notify: tuple[BleakGATTCharacteristic, ...]
    write: BleakGATTCharacteristic
    battery: BleakGATTCharacteristic | None = None


@dataclass(frozen=True, slots=True)
class BleNode:
    """One node that may be connected to; nothing else ever is.

    address: of the radio, or None where node_id (16 hex digits) tells who it is: nodes with changing addresses keep
    their id. adapter: the only one to use, None: whichever hears it best.
    """

    link: str
    profile: GattProfile
    address: str | None = None
    node_id: str | None = None
    adapter: str | None = None

    def is_in(self, address: str, service_data: Mapping[str, bytes]) -> bool:
        """Whether an advertisement is this node's."""
        if self.address is not None:
            return address.upper() == self.address.upper()
        told = self.profile.node_id(service_data)
        return self.node_id is not None and told is not None and self.node_id[-8:] == told
