"""The Progressor protocol: samples, replies, padding and cut packets."""

from __future__ import annotations

import math
import struct

import pytest

from edge.ingest.packets import ErrorPacket, LoadPacket, MessagePacket, Packet
from edge.ingest.progressor import TlvParser


def weight(*samples: tuple[float, int]) -> bytes:
    """A packet of samples: kg and µs."""
    value = b"".join(struct.pack("<fI", *sample) for sample in samples)
    return bytes((1, len(value))) + value


def parse(*notifications: bytes) -> list[Packet]:
    """All packets of the notifications."""
    parser = TlvParser()
    return [packet for data in notifications for packet in parser.feed(data)] + parser.finish()


TWO = weight((50.5, 12500), (-5.25, 25000))


def test_samples_become_newtons() -> None:
    """kg times 9.80665 are N, signed; the device's µs are passed on."""
    assert parse(TWO) == [LoadPacket([[50.5 * 9.80665], [-5.25 * 9.80665]], [12500, 25000])]


@pytest.mark.parametrize("cut", range(1, len(TWO)))
def test_a_packet_cut_anywhere(cut: int) -> None:
    """A packet in two notifications is the same packet, also where the cut leaves only zeros for the second."""
    assert parse(TWO[:cut], TWO[cut:]) == parse(TWO)


def test_several_packets_in_one_notification() -> None:
    """Packets that follow each other in one notification all come out."""
    assert [type(packet) for packet in parse(TWO + b"\x04\x00" + TWO)] == [LoadPacket, MessagePacket, LoadPacket]


@pytest.mark.parametrize("zeros", [1, 2, 4])
def test_padding_is_no_message(zeros: int) -> None:
    """Firmware that sends its whole buffer pads with zeros: they are nothing."""
    assert parse(TWO + bytes(zeros), TWO) == parse(TWO, TWO)


def test_a_reading_that_is_no_number() -> None:
    """NaN and infinity become NaN, and keep their place."""
    (packet,) = parse(weight((math.nan, 1), (math.inf, 2), (1.0, 3)))
    assert isinstance(packet, LoadPacket)
    assert [math.isnan(row[0]) for row in packet.force_n] == [True, True, False]
    assert packet.t_device_us == [1, 2, 3]


@pytest.mark.parametrize("length", [0, 4, 7, 9])
def test_a_length_that_holds_no_whole_samples(length: int) -> None:
    """It is an error, and the next packet stands."""
    packets = parse(bytes((1, length)) + bytes(range(1, length + 1)), TWO)
    assert [type(packet) for packet in packets] == [ErrorPacket, LoadPacket]


def test_a_cut_packet_whose_rest_never_comes() -> None:
    """It is truncated: at the end, or when a whole packet follows it, which stands."""
    cut = ErrorPacket("truncated: the packet ended after 12 bytes of 18")
    assert parse(TWO[:12]) == [cut]
    assert parse(TWO[:12], TWO) == [cut, *parse(TWO)]


def test_replies_and_warnings() -> None:
    """A reply's value is given as bytes, and as text or number where it may be one; an empty battery is a message."""
    assert parse(b"\x00\x04" + struct.pack("<I", 3850)) == [
        MessagePacket("reply", {"tag": 0, "payload": "0a0f0000", "u32": 3850})
    ]
    assert parse(b"\x00\x05" + b"1.2.3") == [
        MessagePacket("reply", {"tag": 0, "payload": "312e322e33", "text": "1.2.3"})
    ]
    assert parse(b"\x04\x00") == [MessagePacket("low_battery", {"tag": 4, "payload": ""})]
    assert parse(b"\x00\x00") == [MessagePacket("reply", {"tag": 0, "payload": ""})]
