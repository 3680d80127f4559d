"""WitMotion frames: the vendor's published examples, scales at their ends, and getting back in step."""

from __future__ import annotations

import math
import struct

import pytest

from edge.ingest import witmotion
from edge.ingest.packets import ErrorPacket, ImuPacket, MessagePacket, Packet, Parser
from edge.ingest.witmotion import FrameParser, NotificationParser, SerialParser


def frame(*values: int) -> bytes:
    """A 55 61 frame of nine counts."""
    return b"\x55\x61" + struct.pack("<9h", *values)


def serial(kind: int, *values: int) -> bytes:
    """A classic frame of four counts with its checksum."""
    body = bytes((0x55, kind)) + struct.pack("<4h", *values)
    return body + bytes((sum(body) & 0xFF,))


def parse(parser: Parser, *chunks: bytes) -> list[Packet]:
    """All packets of the chunks."""
    return [packet for chunk in chunks for packet in parser.feed(chunk)] + parser.finish()


LEVEL = frame(0, 0, 2048, 0, 0, 0, 0, 0, 0)
TRICKY = b"\x55\x61" + b"\x55\x61" * 9
TURNING = frame(-32768, 32767, 1, 16384, -32768, -1, 100, 200, 300)


def test_one_g_and_full_scale() -> None:
    """2048 counts are 1 g of 9.80665 m/s², 32768 are 16 g and 2000 °/s; the angles are not passed on."""
    level, turning = parse(FrameParser(), LEVEL + TURNING)
    assert level == ImuPacket([(0.0, 0.0, 9.80665)], [(0.0, 0.0, 0.0)], None)
    assert isinstance(turning, ImuPacket)
    assert turning.acc_m_s2 == [(-16 * 9.80665, 32767 / 32768 * 16 * 9.80665, 1 / 32768 * 16 * 9.80665)]
    assert turning.gyr_rad_s == [(math.radians(1000), math.radians(-2000), math.radians(-1 / 32768 * 2000))]


def test_published_register_reply() -> None:
    """The data sheet's example reply to FF AA 27 3A 00 reads as magnetic field 360, 105, 122."""
    reply = bytes.fromhex("55 71 3A 00 68 01 69 00 7A 00 00 00 00 00 00 00 00 00 00 00")
    assert parse(FrameParser(), reply) == [
        MessagePacket("register", {"register": 0x3A, "values": [360, 105, 122, 0, 0, 0, 0, 0]})
    ]


DATE = bytes((25, 6, 30, 13, 45, 59)) + struct.pack("<H", 987)
DATE_US = ((((9312 * 24 + 13) * 60 + 45) * 60) + 59) * 1_000_000 + 987_000  # days from 2000-01-01 to 2025-06-30


def test_frames_with_a_date_are_whole_notifications() -> None:
    """28 bytes: the same sample, and its time in µs since 2000; several in one notification, and odd dates none."""
    (dated,) = parse(NotificationParser(lookahead=True), LEVEL + DATE)
    assert dated == ImuPacket([(0.0, 0.0, 9.80665)], [(0.0, 0.0, 0.0)], [DATE_US])
    two = parse(NotificationParser(), LEVEL + DATE + TURNING + DATE)
    assert [packet.t_device_us for packet in two if isinstance(packet, ImuPacket)] == [[DATE_US], [DATE_US]]
    (unset,) = parse(NotificationParser(), LEVEL + bytes(8))
    assert unset == ImuPacket([(0.0, 0.0, 9.80665)], [(0.0, 0.0, 0.0)], None)


def test_frames_without_a_date_are_not_taken_for_dated_ones() -> None:
    """Seven frames of 20 bytes are as long as five of 28."""
    packets = parse(FrameParser(), TRICKY * 7)
    assert len(packets) == 7
    assert all(isinstance(packet, ImuPacket) and packet.t_device_us is None for packet in packets)


def test_rate_commands() -> None:
    """The rate is set as the data sheet says, and never below what was asked."""
    assert witmotion.set_rate(100) == bytes.fromhex("ffaa030900")
    assert witmotion.set_rate(101) == witmotion.set_rate(200) == witmotion.set_rate(500) == bytes.fromhex("ffaa030b00")


@pytest.mark.parametrize("cut", range(1, 40))
def test_two_frames_cut_anywhere(cut: int) -> None:
    """Two frames in two notifications are two samples, wherever the cut is."""
    stream = LEVEL + TURNING
    assert parse(FrameParser(), stream[:cut], stream[cut:]) == parse(FrameParser(), stream)


@pytest.mark.parametrize("lookahead", [False, True])
def test_data_that_looks_like_headers(lookahead: bool) -> None:  # noqa: FBT001
    """A frame full of 55 61 is one sample, and so are its neighbours."""
    packets = parse(FrameParser(lookahead=lookahead), LEVEL + TRICKY + TRICKY + LEVEL)
    assert [type(packet) for packet in packets] == [ImuPacket] * 4
    assert packets[0] == packets[3]


def test_joining_in_the_middle_of_a_tricky_frame() -> None:
    """A stream that begins inside a frame full of 55 61 gives no sample before the first true frame."""
    packets = parse(FrameParser(lookahead=True), TURNING[3:] + LEVEL + TURNING)
    assert packets == [ErrorPacket("skipped 17 bytes that belong to no packet"), *parse(FrameParser(), LEVEL + TURNING)]


def test_a_lost_byte_costs_one_frame() -> None:
    """With lookahead a frame that lost a byte is no sample: it is skipped and said, and the next ones are right."""
    packets = parse(FrameParser(lookahead=True), LEVEL + TURNING[:10] + TURNING[11:] + LEVEL + TURNING)
    assert packets[1] == ErrorPacket("skipped 19 bytes that belong to no packet")
    assert [packets[0], *packets[2:]] == parse(FrameParser(), LEVEL + LEVEL + TURNING)


def test_garbage_around_a_frame() -> None:
    """Noise before and behind a frame is an error each, and the frame is found."""
    kinds = [type(packet) for packet in parse(FrameParser(lookahead=True), b"\0\xff\x12" + LEVEL + b"\xaa\xbb")]
    assert kinds == [ErrorPacket, ImuPacket, ErrorPacket]


def test_a_frame_cut_off_at_the_end() -> None:
    """What is left at the end is said to be truncated."""
    assert parse(FrameParser(), LEVEL + LEVEL[:7])[1:] == [
        ErrorPacket("truncated: the packet ended after 7 bytes of 20")
    ]


def test_serial_frames() -> None:
    """Acceleration and angular rate come alone, each with the other absent; angle and field are messages."""
    stream = serial(0x51, 0, 0, 2048, 2500) + serial(0x52, 16384, 0, 0, 0) + serial(0x53, 8192, -16384, 0, 0)
    acc, gyr, angle = parse(SerialParser(), stream)
    assert acc == ImuPacket([(0.0, 0.0, 9.80665)], None, None)
    assert gyr == ImuPacket(None, [(math.radians(1000), 0.0, 0.0)], None)
    assert angle == MessagePacket("angle", {"values": [8192, -16384, 0, 0], "angle_deg": [45.0, -90.0, 0.0]})


def test_serial_checksum() -> None:
    """A damaged frame is one error; frames before and behind it stand."""
    good, hurt = serial(0x51, 1, 2, 3, 4), bytearray(serial(0x52, 5, 6, 7, 8))
    hurt[4] ^= 0x01
    packets = parse(SerialParser(), good + bytes(hurt) + good)
    assert [type(packet) for packet in packets] == [ImuPacket, ErrorPacket, ImuPacket]
    assert isinstance(packets[1], ErrorPacket)
    assert packets[1].reason.startswith("checksum")


def test_serial_lost_byte_and_noise() -> None:
    """A frame that lost a byte, and noise, are one error each; no neighbour is lost."""
    good = serial(0x51, 1, 2, 3, 4)
    packets = parse(SerialParser(), good + good[:5] + good[6:] + good + b"\0\xff\x12" + good + b"\xaa\xbb")
    kinds = [type(packet) for packet in packets]
    assert kinds == [ImuPacket, ErrorPacket, ImuPacket, ErrorPacket, ImuPacket, ErrorPacket]


def test_a_last_serial_frame_with_a_wrong_checksum() -> None:
    """It is an error also where nothing follows it."""
    hurt = serial(0x51, 1, 2, 3, 4)[:-1] + b"\x00"
    assert [type(packet) for packet in parse(SerialParser(), hurt)] == [ErrorPacket]
