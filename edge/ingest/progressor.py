"""Tindeq Progressor and the open hardware that speaks its protocol: one load cell with a clock.

A notification is a tag, a length and a value, sometimes several in a row. Tag 1 holds samples of f32 kg and u32 µs
since the measurement began; tag 0 answers the last command without naming it; tags 2 and 3 are peaks of the rate of
force; tag 4 says that the battery is empty. kg become N by standard gravity, 9.80665 m/s².
"""

from __future__ import annotations

import math
import struct
from typing import Final

from edge.ingest.packets import (
    STANDARD_GRAVITY_M_S2,
    ErrorPacket,
    Json,
    LoadPacket,
    MessagePacket,
    Packet,
    truncated,
)

SERVICE_UUID: Final = "7e4e1701-1ea6-40c9-9dcc-13d34ffead57"
NOTIFY_UUID: Final = "7e4e1702-1ea6-40c9-9dcc-13d34ffead57"
WRITE_UUID: Final = "7e4e1703-1ea6-40c9-9dcc-13d34ffead57"
TARE: Final = b"\x64"
START: Final = b"\x65"
STOP: Final = b"\x66"
FIRMWARE: Final = b"\x6b"
SLEEP: Final = b"\x6e"
BATTERY: Final = b"\x6f"

_REPLY: Final = 0
_WEIGHT: Final = 1
_NAMES: Final = {_REPLY: "reply", 2: "rate_of_force_peak", 3: "rate_of_force_peaks", 4: "low_battery"}
_HEADER_BYTES: Final = 2
_SAMPLE_BYTES: Final = 8


def _load_packet(value: bytes) -> LoadPacket:
    force_n: list[list[float]] = []
    times_us: list[int] = []
    for mass_kg, time_us in struct.iter_unpack("<fI", value):
        force_n.append([mass_kg * STANDARD_GRAVITY_M_S2 if math.isfinite(mass_kg) else math.nan])
        times_us.append(time_us)
    return LoadPacket(force_n, times_us)


def _packet(tag: int, value: bytes) -> Packet:
    """One whole tag, length and value to its packet."""
    if tag == _WEIGHT:
        if not value or len(value) % _SAMPLE_BYTES:
            return ErrorPacket(f"length: {len(value)} bytes of samples, which are {_SAMPLE_BYTES} each")
        return _load_packet(value)
    fields: dict[str, Json] = {"tag": tag, "payload": value.hex()}
    if value and value.isascii() and value.decode("ascii").isprintable():
        fields["text"] = value.decode("ascii")
    if len(value) == 4:
        fields["u32"] = int.from_bytes(value, "little")
    return MessagePacket(_NAMES.get(tag, "unknown"), fields)


def _split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """All whole tag, length, values at the front of data, and the rest of it.

    Two zeros or more after a value are the padding of firmware that always sends its whole buffer; a single one may
    be the first half of a reply.
    """
    found: list[tuple[int, bytes]] = []
    at = 0
    while len(data) - at >= _HEADER_BYTES:
        end = at + _HEADER_BYTES + data[at + 1]
        if found and not any(data[at:]):
            return found, b""
        if end > len(data):
            break
        found.append((data[at], data[at + _HEADER_BYTES : end]))
        at = end
    return found, data[at:]


def _stands_alone(data: bytes) -> bool:
    """Whether data reads as whole packets by itself, samples first: the rest of a cut packet practically never does."""
    found, rest = _split(data)
    return (
        bool(found) and found[0][0] == _WEIGHT and len(found[0][1]) % _SAMPLE_BYTES == 0 < len(found[0][1]) and not rest
    )


class TlvParser:
    """Notifications to packets. A packet cut by a notification's end is continued by the next one, unless that one
    reads as whole packets by itself: then the rest of the cut one is lost, and said to be.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed; data is one notification."""
        packets: list[Packet] = []
        if self._rest and _stands_alone(data):
            packets += self.finish()
        found, self._rest = _split(self._rest + data)
        return packets + [_packet(tag, value) for tag, value in found]

    def finish(self) -> list[Packet]:
        """See Parser.finish."""
        rest, self._rest = self._rest, b""
        if not any(rest):
            return []
        return [truncated(len(rest), rest[1] + _HEADER_BYTES if len(rest) >= _HEADER_BYTES else None)]
