"""Nodes and radios as they are in the air, whether or not a bluetoothd looks at them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from edge.simulator.bluez.errors import BluezError

ADVERT_EVERY_NS = 100_000_000  # usual for a node that waits for its host

ConnectFault: TypeAlias = BluezError | Literal["hang"]


class Firmware(Protocol):
    """What runs on a node."""

    def linked(self, t_ns: int) -> None:
        """A host has connected."""

    def unlinked(self, t_ns: int) -> None:
        """The link is gone."""

    def write(self, t_ns: int, uuid: str, data: bytes) -> None:
        """The host wrote a characteristic."""

    def read(self, uuid: str) -> bytes:
        """The value of a characteristic."""

    def poll(self, t_ns: int) -> list[tuple[str, bytes]]:
        """What is to be notified by now: characteristic and value, in order. Asked also while there is no link."""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """encrypted: reading, writing and subscribing need a bond."""

    uuid: str
    flags: tuple[str, ...]
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service and what is in it."""

    uuid: str
    characteristics: tuple[Characteristic, ...]


@dataclass(frozen=True, slots=True)
class Advert:
    """What a node advertises."""

    name: str
    service_uuids: tuple[str, ...] = ()
    service_data: dict[str, bytes] = field(default_factory=dict)
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Faults:
    """What a node or its link does wrong, for as long as it is set.

    connect: one for each coming attempt. lose: asked for each notification whether it is lost. double: each comes
    twice. mute: connected, but nothing comes. small_mtu: tells an MTU of 23 for as long. pair_lies: Pair succeeds
    without a bond. compares: bonding needs the user to compare this number.
    """

    connect: deque[ConnectFault] = field(default_factory=deque)
    lose: Callable[[], bool] | None = None
    double: bool = False
    mute: bool = False
    small_mtu: bool = False
    pair_lies: bool = False
    compares: int | None = None


class Peripheral:
    """One node in the air. in_range False: neither heard nor reachable; a link to it breaks."""

    def __init__(
        self, address: str, advert: Advert, services: tuple[Service, ...], firmware: Firmware, rssi: int = -55
    ) -> None:
        self.address, self.advert, self.services, self.firmware, self.rssi = address, advert, services, firmware, rssi
        self.in_range = True
        self.faults = Faults()
        self.is_linked = False
        self.connects = 0
        self.advert_due_ns = 0

    def link(self, t_ns: int) -> None:
        """A host has connected."""
        self.is_linked = True
        self.connects += 1
        self.firmware.linked(t_ns)

    def unlink(self, t_ns: int) -> None:
        """The link has ended, whoever ended it."""
        if self.is_linked:
            self.is_linked = False
            self.firmware.unlinked(t_ns)

    def advertises(self, t_ns: int) -> bool:
        """Whether an advertisement is due; the next one is one interval later."""
        if self.is_linked or not self.in_range or t_ns < self.advert_due_ns:
            return False
        self.advert_due_ns = t_ns + ADVERT_EVERY_NS
        return True

    def characteristic(self, uuid: str) -> Characteristic | None:
        """What the node's firmware has under this UUID."""
        return next((c for service in self.services for c in service.characteristics if c.uuid == uuid), None)


@dataclass(slots=True)
class Radio:
    """One adapter as hardware. plugged: in its socket; slots: links it can hold; deaf: scans find nothing.

    refuses_scans: none can be begun. power_cycle_cures: both end with the power. connect_s, resolve_s: time to connect
    and to discover services.
    """

    name: str
    address: str = "00:1A:7D:DA:71:00"
    slots: int = 7
    plugged: bool = True
    deaf: bool = False
    refuses_scans: bool = False
    power_cycle_cures: bool = True
    connect_s: float = 0.005
    resolve_s: float = 0.005
