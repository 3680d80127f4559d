"""WitMotion WT901 family: the 20-byte frames of BLE and USB-C models, and the 11-byte frames of classic serial ones.

BLE and USB-C: 55 61, nine int16 (acceleration, angular rate, angle); 55 71, register, eight int16 (a register's reply).
Neither has a time, a counter or a checksum, and their data may contain 55 61, so a frame found after damage counts
only once another begins where it ends. Classic serial: 55 and a type 50 to 5A or 5F, four int16, sum of the ten bytes
before. The angles are the device's own fusion, with a magnetometer that is useless beside steel: they are not used.

Models with a clock (WT901SDCL-BT50) send frames of 28 bytes: the same 20, then year, month, day, hour, minute, second
and u16 ms. Notifications of such frames are whole, and told by their length and by where their headers stand.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from edge.ingest.packets import (
    STANDARD_GRAVITY_M_S2,
    ErrorPacket,
    ImuPacket,
    Json,
    MessagePacket,
    Packet,
    Vector,
    skipped,
    truncated,
)

SERVICE_UUID: Final = "0000ffe5-0000-1000-8000-00805f9a34fb"  # the vendor's own base: 9a34fb, not the SIG's 9b34fb
NOTIFY_UUID: Final = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE_UUID: Final = "0000ffe9-0000-1000-8000-00805f9a34fb"
RATES_HZ: Final = {10: 0x06, 20: 0x07, 50: 0x08, 100: 0x09, 200: 0x0B}
ACC_AND_GYR_ONLY: Final = bytes.fromhex("ffaa020600")  # classic serial: of all outputs 51 and 52
UNLOCK: Final = bytes.fromhex("ffaa6988b5")  # settings are taken for 10 s after it

ACC_RANGE_G: Final = 16.0
GYR_RANGE_DPS: Final = 2000.0
ANGLE_RANGE_DEG: Final = 180.0
FULL_SCALE: Final = 32768.0

_HEADER: Final = 0x55
_DATA: Final = 0x61
_REGISTER: Final = 0x71
_FRAME: Final = 20
_DATED_FRAME: Final = 28
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SEARCH: Final = 2 * _FRAME + 2  # a frame, where another may begin inside it, and the header behind that
_SERIAL_FRAME: Final = 11
_SERIAL_NAMES: Final = {
    0x50: "time",
    0x51: "acceleration",
    0x52: "angular_rate",
    0x53: "angle",
    0x54: "magnetic_field",
    0x55: "ports",
    0x56: "pressure_height",
    0x57: "position",
    0x58: "ground_speed",
    0x59: "quaternion",
    0x5A: "satellites",
    0x5F: "register",
}


def set_rate(rate_hz: float) -> bytes:
    """The command that sets the output rate: the slowest one that is at least rate_hz."""
    code = next((code for hz, code in sorted(RATES_HZ.items()) if hz >= rate_hz), RATES_HZ[200])
    return bytes((0xFF, 0xAA, 0x03, code, 0x00))


def acceleration_m_s2(raw: tuple[int, ...]) -> Vector:
    """Three counts to m/s²."""
    x, y, z = (count / FULL_SCALE * ACC_RANGE_G * STANDARD_GRAVITY_M_S2 for count in raw)
    return x, y, z


def angular_rate_rad_s(raw: tuple[int, ...]) -> Vector:
    """Three counts to rad/s."""
    x, y, z = (math.radians(count / FULL_SCALE * GYR_RANGE_DPS) for count in raw)
    return x, y, z


def _frame_packet(frame: bytes) -> Packet:
    """One whole 20-byte frame to its packet."""
    if frame[1] == _REGISTER:
        register, *values = struct.unpack_from("<H8h", frame, 2)
        return MessagePacket("register", {"register": register, "values": list(values)})
    raw = struct.unpack_from("<9h", frame, 2)
    return ImuPacket([acceleration_m_s2(raw[:3])], [angular_rate_rad_s(raw[3:6])])


def _is_dated(data: bytes) -> bool:
    """Whether a notification is of 28-byte frames alone: each begins where it should, and no other one behind 20."""
    starts = range(0, len(data), _DATED_FRAME)
    if len(data) % _DATED_FRAME or not starts:
        return False
    return all(_is_header(data, at) and not _is_header(data, at + _FRAME) for at in starts)


def _is_header(data: bytes, at: int) -> bool:
    return data[at] == _HEADER and data[at + 1] in (_DATA, _REGISTER)


def _dated_packet(frame: bytes) -> Packet:
    """One whole 28-byte frame: its time is µs since 2000, None where its clock was never set."""
    packet = _frame_packet(frame[:_FRAME])
    year, month, day, hour, minute, second, ms = struct.unpack_from("<6BH", frame, _FRAME)
    try:
        told = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC) + timedelta(milliseconds=ms)
    except ValueError:
        return packet
    if not isinstance(packet, ImuPacket):
        return packet
    return replace(packet, t_device_us=[(told - _EPOCH) // timedelta(microseconds=1)])


def _serial_packet(frame: bytes) -> Packet:
    """One whole 11-byte frame with a right checksum to its packet."""
    raw = struct.unpack_from("<4h", frame, 2)
    if frame[1] == 0x51:
        return ImuPacket([acceleration_m_s2(raw[:3])], None)
    if frame[1] == 0x52:
        return ImuPacket(None, [angular_rate_rad_s(raw[:3])])
    fields: dict[str, Json] = {"values": list(raw)}
    if frame[1] == 0x53:
        fields["angle_deg"] = [count / FULL_SCALE * ANGLE_RANGE_DEG for count in raw[:3]]
    return MessagePacket(_SERIAL_NAMES[frame[1]], fields)


class _Stream:
    """What both framings share: a buffer that is cut from its front, and a count of the bytes cut as nothing."""

    def __init__(self, types: frozenset[int], length: int) -> None:
        self._types = types
        self._length = length
        self._buffer = bytearray()
        self._skipped = 0

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed."""
        self._buffer += data
        return self._drain(final=False)

    def finish(self) -> list[Packet]:
        """See Parser.finish."""
        packets = self._drain(final=True)
        packets += self._report_skipped()
        if self._buffer:
            packets.append(truncated(len(self._buffer), self._length))
            self._buffer.clear()
        return packets

    def _drain(self, *, final: bool) -> list[Packet]:
        raise NotImplementedError

    def _cut(self, count: int) -> bytes:
        cut = bytes(self._buffer[:count])
        del self._buffer[:count]
        return cut

    def _header(self, start: int) -> int:
        """Where the first header at or after start is; the buffer's end where there is none."""
        at = self._buffer.find(_HEADER, start)
        while at >= 0:
            if at + 1 == len(self._buffer) or self._buffer[at + 1] in self._types:
                return at
            at = self._buffer.find(_HEADER, at + 1)
        return len(self._buffer)

    def _report_skipped(self) -> list[Packet]:
        count, self._skipped = self._skipped, 0
        return [skipped(count)] if count else []


class FrameParser(_Stream):
    """The 20-byte frames.

    lookahead: wait until the next frame's header is seen before a frame is believed, also in step: one frame of delay,
    and a frame that lost a byte is not mistaken for a sample. Without it, only a frame found after damage waits.
    """

    def __init__(self, *, lookahead: bool = False) -> None:
        super().__init__(frozenset((_DATA, _REGISTER)), _FRAME)
        self._lookahead = lookahead
        self._in_step = True

    def _drain(self, *, final: bool) -> list[Packet]:
        packets: list[Packet] = []
        while self._buffer and (count := self._verdict(final=final)):
            if count > 0:
                packets += self._report_skipped()
                packets.append(_frame_packet(self._cut(_FRAME)))
                self._in_step = True
            else:
                self._skipped += len(self._cut(-count))
                self._in_step = False
        return packets

    def _verdict(self, *, final: bool) -> int:
        """Bytes at the front: 20 to take as a frame, a negative number to skip, 0 to wait for more."""
        start = self._header(0)
        if start:
            return -start
        if len(self._buffer) < _FRAME:
            return 0
        if self._in_step and not self._lookahead:
            return _FRAME
        follows = self._follows(_FRAME, final=final)
        if follows is None:
            return 0
        return _FRAME if follows else self._misaligned(final=final)

    def _misaligned(self, *, final: bool) -> int:
        """No frame begins where the one at the front ends: is there a better one that begins inside it?"""
        start = self._header(1)
        while start <= _FRAME and start < len(self._buffer):
            follows = self._follows(start + _FRAME, final=final)
            if follows is None:
                return 0
            if follows:
                return -start
            start = self._header(start + 1)
        if self._in_step or final:
            return _FRAME  # there is nothing better, and at the end no second header to wait for
        return 0 if len(self._buffer) < _SEARCH else -1

    def _follows(self, at: int, *, final: bool) -> bool | None:
        """Whether a header stands at `at`, or the stream ends there; None: not known yet."""
        have = len(self._buffer) - at
        if have < 0:
            return False if final else None
        if have == 0:
            return True if final else None
        if self._buffer[at] != _HEADER:
            return False
        if have == 1:
            return True if final else None
        return self._buffer[at + 1] in self._types


class NotificationParser(FrameParser):
    """The 20-byte frames, and the 28-byte ones, which are known only by the notification that they fill."""

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed."""
        if not self._buffer and _is_dated(data):
            return [_dated_packet(data[at : at + _DATED_FRAME]) for at in range(0, len(data), _DATED_FRAME)]
        return super().feed(data)


class SerialParser(_Stream):
    """The 11-byte frames with a checksum. A damaged frame is one error; after it the stream is searched anew."""

    def __init__(self) -> None:
        super().__init__(frozenset(_SERIAL_NAMES), _SERIAL_FRAME)
        self._damaged = False

    def _drain(self, *, final: bool) -> list[Packet]:
        packets: list[Packet] = []
        while self._buffer:
            start = self._header(0)
            if start:
                self._skip(start)
            elif len(self._buffer) < _SERIAL_FRAME:
                break
            elif sum(self._buffer[: _SERIAL_FRAME - 1]) & 0xFF == self._buffer[_SERIAL_FRAME - 1]:
                packets += self._report_skipped()
                packets.append(_serial_packet(self._cut(_SERIAL_FRAME)))
                self._damaged = False
            elif len(self._buffer) < _SERIAL_FRAME + 2 and not final:
                break
            else:
                packets += self._bad_checksum()
        return packets

    def _bad_checksum(self) -> list[Packet]:
        packets = self._report_skipped()
        if not self._damaged:
            packets.append(ErrorPacket(f"checksum: {bytes(self._buffer[:_SERIAL_FRAME]).hex(' ')}"))
        if self._header(_SERIAL_FRAME) == _SERIAL_FRAME:
            self._cut(_SERIAL_FRAME)  # the next frame begins on time: only bytes within this one were hurt
        else:
            self._damaged = True
            self._cut(1)
        return packets

    def _skip(self, count: int) -> None:
        self._cut(count)
        if not self._damaged:
            self._skipped += count
