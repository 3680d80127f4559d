"""Bought sensors on the simulated Bluetooth: their makers' services, and the battery that most of them offer."""

from __future__ import annotations

from edge.simulator.bluez.peripheral import Advert, Characteristic, Peripheral, Service
from edge.simulator.bought import BoughtSensor, Progressor, WitMotion

BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
BATTERY = Service("0000180f-0000-1000-8000-00805f9b34fb", (Characteristic(BATTERY_LEVEL, ("read", "notify")),))
WRITABLE = ("write", "write-without-response")
WITMOTION = Service("0000ffe5-0000-1000-8000-00805f9a34fb", (
    Characteristic("0000ffe4-0000-1000-8000-00805f9a34fb", ("notify",)),
    Characteristic("0000ffe9-0000-1000-8000-00805f9a34fb", WRITABLE),
))  # fmt: skip
PROGRESSOR = Service("7e4e1701-1ea6-40c9-9dcc-13d34ffead57", (
    Characteristic("7e4e1702-1ea6-40c9-9dcc-13d34ffead57", ("notify",)),
    Characteristic("7e4e1703-1ea6-40c9-9dcc-13d34ffead57", WRITABLE),
))  # fmt: skip


class BoughtFirmware:
    """A bought sensor behind GATT. battery_pct: what its Battery Level reads."""

    def __init__(self, sensor: BoughtSensor, notify: str, battery_pct: int) -> None:
        self.sensor, self.battery_pct = sensor, battery_pct
        self._notify = notify

    def linked(self, t_ns: int) -> None:
        """See Firmware."""

    def unlinked(self, t_ns: int) -> None:
        """See Firmware."""

    def write(self, t_ns: int, uuid: str, data: bytes) -> None:
        """See Firmware: the one characteristic that can be written takes commands."""
        self.sensor.receive(t_ns, data)

    def read(self, uuid: str) -> bytes:
        """See Firmware."""
        return bytes([self.battery_pct]) if uuid == BATTERY_LEVEL else b""

    def poll(self, t_ns: int) -> list[tuple[str, bytes]]:
        """See Firmware."""
        return [(self._notify, message) for message in self.sensor.advance_messages(t_ns)]


def witmotion_in_the_air(sensor: WitMotion, address: str, battery_pct: int = 80) -> Peripheral:
    """A WitMotion with a battery service."""
    firmware = BoughtFirmware(sensor, WITMOTION.characteristics[0].uuid, battery_pct)
    return Peripheral(address, Advert("WT901BLE68"), (WITMOTION, BATTERY), firmware)


def progressor_in_the_air(sensor: Progressor, address: str, battery_pct: int = 80) -> Peripheral:
    """A Progressor, which advertises its own service."""
    firmware = BoughtFirmware(sensor, PROGRESSOR.characteristics[0].uuid, battery_pct)
    return Peripheral(address, Advert("Progressor_7125", (PROGRESSOR.uuid,)), (PROGRESSOR, BATTERY), firmware)
