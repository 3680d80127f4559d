"""The two services that every BLE sensor should have: SIG Battery (180F) and Device Information (180A)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BATTERY_SERVICE: Final = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL: Final = "00002a19-0000-1000-8000-00805f9b34fb"
DEVICE_INFORMATION_SERVICE: Final = "0000180a-0000-1000-8000-00805f9b34fb"
MODEL: Final = "00002a24-0000-1000-8000-00805f9b34fb"
SERIAL: Final = "00002a25-0000-1000-8000-00805f9b34fb"
FIRMWARE: Final = "00002a26-0000-1000-8000-00805f9b34fb"
HARDWARE: Final = "00002a27-0000-1000-8000-00805f9b34fb"
SOFTWARE: Final = "00002a28-0000-1000-8000-00805f9b34fb"
MANUFACTURER: Final = "00002a29-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What a device says of itself; None where it has no such characteristic or an empty one."""

    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    hardware: str | None = None
    firmware: str | None = None
    software: str | None = None


def battery_pct(value: bytes) -> int | None:
    """The Battery Level characteristic: one byte, 0 to 100; None for what no battery can be."""
    return value[0] if len(value) == 1 and value[0] <= 100 else None


def text(value: bytes) -> str | None:
    """A string characteristic: UTF-8, cut at the first zero byte, that some firmware counts in; None if empty."""
    cleaned = "".join(c for c in value.split(b"\0")[0].decode("utf-8", "replace") if c.isprintable()).strip()
    return cleaned or None


def device_information(values: Mapping[str, bytes]) -> DeviceInformation:
    """The characteristics that were read, by their full lower-case UUID, to what they say."""
    found = {uuid.lower(): text(value) for uuid, value in values.items()}
    return DeviceInformation(
        found.get(MANUFACTURER),
        found.get(MODEL),
        found.get(SERIAL),
        found.get(HARDWARE),
        found.get(FIRMWARE),
        found.get(SOFTWARE),
    )
