"""What a bought sensor's parser makes of bytes: packets in SI units, before they get a role and a clock.

A parser belongs to one device and keeps all its state in the instance. It never raises on any bytes, holds a bounded
number of them, and gives the same packets however a stream is cut (message-wise devices: at message boundaries).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

STANDARD_GRAVITY_M_S2 = 9.80665  # the conventional value: makes kg from a scale into N and g from a sensor into m/s²

Vector: TypeAlias = tuple[float, float, float]
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


@dataclass(frozen=True, slots=True)
class ImuPacket:
    """A run of IMU samples in the sensor's own axes.

    acc_m_s2 and gyr_rad_s: one vector per sample, or None where this packet carries only the other. t_device_us: one
    time per sample on the device's own clock, not unwrapped, or None where it has none. chan: which channel, where the
    device has several.
    """

    acc_m_s2: list[Vector] | None
    gyr_rad_s: list[Vector] | None
    t_device_us: list[int] | None = None
    chan: int | None = None


@dataclass(frozen=True, slots=True)
class LoadPacket:
    """A run of load samples: force_n has one row per sample and one column per cell, N as the device signs it.

    A reading that the device itself gave as no number is NaN. stable: the scale's own word, None where it says none.
    """

    force_n: list[list[float]]
    t_device_us: list[int] | None = None
    stable: bool | None = None
    chan: int | None = None


@dataclass(frozen=True, slots=True)
class MessagePacket:
    """Anything else that is well formed: a reply, a warning, a line of text. fields: what it says, ready for JSON."""

    name: str
    fields: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorPacket:
    """Bytes that cannot be what they should be, and why."""

    reason: str


Packet: TypeAlias = ImuPacket | LoadPacket | MessagePacket | ErrorPacket


class Parser(Protocol):
    """Bytes of one device to packets."""

    def feed(self, data: bytes) -> list[Packet]:
        """Take one notification or one serial read; give the packets that it completes."""

    def finish(self) -> list[Packet]:
        """Say that no more bytes come: what is left over comes out, as a packet or as an error."""


def skipped(count: int) -> ErrorPacket:
    """Count bytes that belong to no packet."""
    return ErrorPacket(f"skipped {count} byte{'s' if count > 1 else ''} that belong to no packet")


def truncated(have: int, need: int | None = None) -> ErrorPacket:
    """A packet that ended after `have` of `need` bytes."""
    return ErrorPacket(f"truncated: the packet ended after {have} bytes" + (f" of {need}" if need else ""))
