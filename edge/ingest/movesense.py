"""Movesense over its GATT SensorData Protocol (GSP), subscribed to /Meas/IMU6.

A notification is a response code, the reference that the client chose, and a payload. Code 2 is data, code 3 the rest
of data that did not fit into one notification. The IMU6 payload is the device's milliseconds at the first sample
(u32), then all accelerations (f32[3], m/s²), then all angular rates (f32[3], °/s): two arrays, not interleaved.
"""

from __future__ import annotations

import math
import struct
from typing import Final

from edge.ingest.packets import ErrorPacket, ImuPacket, MessagePacket, Packet, Vector, truncated

SERVICE_UUID: Final = "34802252-7185-4d5d-b431-630e7050e8f0"
WRITE_UUID: Final = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY_UUID: Final = "34800002-7185-4d5d-b431-630e7050e8f0"
IMU6_REFERENCE: Final = 0x63
RATES_HZ: Final = (13, 26, 52, 104, 208, 416, 833)
PACKETS_PER_S: Final = 13  # at every rate it gathers samples into this many packets: 1 at 13 Hz, 8 at 104 Hz

_COMMAND_RESULT: Final = 1
_DATA: Final = 2
_DATA_PART_2: Final = 3
_TIME_BYTES: Final = 4
_SAMPLE_BYTES: Final = 24
_MAX_PAYLOAD: Final = 1024  # 833 Hz gathers 64 samples, 1540 bytes, which no two notifications hold: it is refused


def subscribe(rate_hz: float) -> bytes:
    """The command that starts IMU6 at the slowest rate that is at least rate_hz."""
    rate = next((hz for hz in RATES_HZ if hz >= rate_hz), RATES_HZ[-1])
    return bytes((1, IMU6_REFERENCE)) + f"/Meas/IMU6/{rate}".encode()


def unsubscribe() -> bytes:
    """The command that stops it."""
    return bytes((2, IMU6_REFERENCE))


def _vectors(values: tuple[float, ...]) -> list[Vector]:
    return [(values[at], values[at + 1], values[at + 2]) for at in range(0, len(values), 3)]


def _is_whole(payload: bytes) -> bool:
    return len(payload) > _TIME_BYTES and (len(payload) - _TIME_BYTES) % _SAMPLE_BYTES == 0


def _imu_packet(payload: bytes) -> ImuPacket:
    """A whole IMU6 payload. Only the first sample's time is the device's; the others follow at its nominal rate."""
    count = (len(payload) - _TIME_BYTES) // _SAMPLE_BYTES
    time_ms, *values = struct.unpack(f"<I{6 * count}f", payload)
    period_us = 1e6 / (PACKETS_PER_S * count)
    return ImuPacket(
        _vectors(tuple(values[: 3 * count])),
        _vectors(tuple(math.radians(value) for value in values[3 * count :])),
        [time_ms * 1000 + round(index * period_us) for index in range(count)],
    )


class GspParser:
    """Notifications to packets; keeps one packet's first part.

    lookahead: hold also a payload that seems whole until the next notification, which may be its second part. Real
    sensors cut after 150 bytes of payload, never between two samples, so a live link does without.
    """

    def __init__(self, *, lookahead: bool = False) -> None:
        self._lookahead = lookahead
        self._pending: bytes | None = None

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed; data is one notification."""
        if len(data) < 2:
            return [*self.finish(), truncated(len(data), 2)]
        code, reference, payload = data[0], data[1], data[2:]
        if code == _DATA_PART_2 and reference == IMU6_REFERENCE:
            return self._second_part(payload)
        if code == _DATA and reference == IMU6_REFERENCE:
            return [*self.finish(), *self._first_part(payload)]
        return [*self.finish(), _message(code, reference, payload)]

    def finish(self) -> list[Packet]:
        """See Parser.finish."""
        pending, self._pending = self._pending, None
        if pending is None:
            return []
        return [_imu_packet(pending) if _is_whole(pending) else truncated(len(pending) + 2)]

    def _first_part(self, payload: bytes) -> list[Packet]:
        self._pending = payload
        return self._settle()

    def _second_part(self, payload: bytes) -> list[Packet]:
        if self._pending is None:
            return [ErrorPacket("part 2 of a packet whose part 1 was lost")]
        self._pending += payload
        return self._settle()

    def _settle(self) -> list[Packet]:
        if self._pending is not None and len(self._pending) > _MAX_PAYLOAD:
            self._pending = None
            return [ErrorPacket(f"length: over {_MAX_PAYLOAD} bytes in one packet")]
        if self._pending is not None and _is_whole(self._pending) and not self._lookahead:
            return self.finish()
        return []


def _message(code: int, reference: int, payload: bytes) -> MessagePacket:
    """Everything that is not IMU6 data."""
    if code == _COMMAND_RESULT and len(payload) >= 2:
        status = int.from_bytes(payload[:2], "little")
        return MessagePacket("command_result", {"reference": reference, "status": status, "payload": payload[2:].hex()})
    name = {_DATA: "data", _DATA_PART_2: "data_part_2"}.get(code, "unknown")
    return MessagePacket(name, {"code": code, "reference": reference, "payload": payload.hex()})
