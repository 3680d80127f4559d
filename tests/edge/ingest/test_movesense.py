"""Movesense GSP: arrays one after the other, parts, and replies."""

from __future__ import annotations

import math
import struct

import pytest

from edge.ingest import movesense
from edge.ingest.movesense import GspParser
from edge.ingest.packets import ErrorPacket, ImuPacket, MessagePacket, Packet, Vector

ACC: list[Vector] = [(0.5, 1.0, 9.75), (1.0, 2.0, 3.0), (-1.5, -2.5, -3.5), (0.0, 0.25, 9.5)]
GYR_DPS: list[Vector] = [(1.0, -1.0, 0.5), (90.0, 0.0, -180.0), (0.0, 0.0, 0.0), (2000.0, -2000.0, 1.0)]
GYR = [tuple(math.radians(value) for value in vector) for vector in GYR_DPS]


def payload(time_ms: int, count: int = 4) -> bytes:
    """An IMU6 payload: all accelerations, then all angular rates."""
    values = [value for vector in ACC[:count] + GYR_DPS[:count] for value in vector]
    return struct.pack(f"<I{6 * count}f", time_ms, *values)


def parse(*notifications: bytes, lookahead: bool = False) -> list[Packet]:
    """All packets of the notifications."""
    parser = GspParser(lookahead=lookahead)
    return [packet for data in notifications for packet in parser.feed(data)] + parser.finish()


WHOLE = b"\x02\x63" + payload(12345)


def test_arrays_are_sequential() -> None:
    """n accelerations, then n angular rates; °/s become rad/s; the first time is the device's, the others follow it."""
    assert parse(WHOLE) == [ImuPacket(ACC, GYR, [12345000, 12364231, 12383462, 12402692])]


def test_one_sample_has_the_time_sent() -> None:
    """A packet of one sample carries exactly its milliseconds."""
    assert parse(b"\x02\x63" + payload(2**32 - 1, 1)) == [ImuPacket(ACC[:1], GYR[:1], [(2**32 - 1) * 1000])]


@pytest.mark.parametrize("cut", range(len(payload(0))))
def test_two_parts_cut_anywhere(cut: int) -> None:
    """Code 2 and code 3 join to the same packet, also where the first part looks whole by itself."""
    first, second = WHOLE[: 2 + cut], b"\x03\x63" + WHOLE[2 + cut :]
    assert parse(first, second, lookahead=True) == parse(WHOLE)


def test_the_sensors_own_cut_needs_no_lookahead() -> None:
    """Firmware cuts after 150 bytes of payload: the live parser joins that without waiting for a third notification."""
    values = struct.pack("<I48f", 7, *range(48))
    parser = GspParser()
    assert parser.feed(b"\x02\x63" + values[:150]) == []
    (packet,) = parser.feed(b"\x03\x63" + values[150:])
    assert isinstance(packet, ImuPacket)
    assert packet.acc_m_s2 is not None
    assert packet.acc_m_s2[7] == (21.0, 22.0, 23.0)


def test_lone_and_missing_parts() -> None:
    """A part 2 without its part 1, and a part 1 without its part 2, are errors, and cost nothing else."""
    packets = parse(b"\x03\x63" + WHOLE[50:], WHOLE, WHOLE[:50], WHOLE)
    assert [type(packet) for packet in packets] == [ErrorPacket, ImuPacket, ErrorPacket, ImuPacket]


@pytest.mark.parametrize("data", [b"\x02", b"\x02\x63", b"\x02\x63" + payload(1)[:-1], WHOLE + b"\0"])
def test_wrong_lengths(data: bytes) -> None:
    """A packet of no whole number of samples is an error."""
    assert [type(packet) for packet in parse(data)] == [ErrorPacket]


def test_replies_are_messages() -> None:
    """A command's result carries its status; other streams and codes are passed on as they are."""
    assert parse(b"\x01\x63\xc8\x00") == [
        MessagePacket("command_result", {"reference": 0x63, "status": 200, "payload": ""})
    ]
    assert parse(b"\x02\x05\x01\x02") == [MessagePacket("data", {"code": 2, "reference": 5, "payload": "0102"})]


def test_subscription() -> None:
    """The command subscribes to IMU6 under the reference that the parser expects, at a rate that exists."""
    assert movesense.subscribe(100) == b"\x01\x63/Meas/IMU6/104"
    assert movesense.unsubscribe() == b"\x02\x63"


def test_memory_is_bounded() -> None:
    """Parts that never end are dropped with an error."""
    parser = GspParser()
    errors = [packet for _ in range(50) for packet in parser.feed(b"\x02\x63" + bytes(1500))]
    assert [type(packet) for packet in errors] == [ErrorPacket] * 50
