"""Native messages as packets: INFO first, SI by its scales, hubs, and damaged frames."""

from __future__ import annotations

import struct

import pytest

from edge.ingest.native_packets import BareParser, FramedParser
from edge.ingest.packets import ErrorPacket, ImuPacket, LoadPacket, MessagePacket, Packet, Parser
from firmware_protocol import messages as m
from firmware_protocol.framing import frame
from firmware_protocol.wire import encode

IMU = m.Channel(1, 1, 3, 0, 10**7, 4_788_403, 1_065_264)
LOAD = m.Channel(2, 2, 1, 0, 12_500_000, 1_000_000, 0)
RAW = m.Channel(3, 2, 1, 1, 12_500_000, 0, 0)


def info(*channels: m.Channel) -> bytes:
    """INFO of a node with these channels."""
    return encode(m.Info(1, 0, 0, 7, 1, 1, 244, 0, bytes(8), channels))


BATCH = encode(m.ImuBatch(1000, 10**7, 0, 0, struct.pack("<12h", *range(12)), None), chan=1)


def parse(parser: Parser, *chunks: bytes) -> list[Packet]:
    """All packets of the chunks."""
    return [packet for chunk in chunks for packet in parser.feed(chunk)] + parser.finish()


def test_imu_and_load_by_the_scales_of_info() -> None:
    """Counts become m/s², rad/s and N by the channel's scales; times are t0 + k·dt."""
    load = encode(m.LoadBatch(5, 12_500_000, 0, 0, struct.pack("<2i", 2500, -3)), chan=2)
    _, imu, force = parse(BareParser(), info(IMU, LOAD), BATCH + load)
    assert isinstance(imu, ImuPacket)
    assert imu.acc_m_s2 is not None
    assert imu.gyr_rad_s is not None
    assert imu.acc_m_s2[1] == pytest.approx([0.004788403 * count for count in (6, 7, 8)])
    assert imu.gyr_rad_s[1] == pytest.approx([0.001065264 * count for count in (9, 10, 11)])
    assert imu.t_device_us == [1000, 11000]
    assert force == LoadPacket([[2.5], [pytest.approx(-0.003)]], [5, 12505])


def test_samples_need_their_info() -> None:
    """Without INFO, or with one that describes the channel otherwise, samples are an error."""
    assert [type(packet) for packet in parse(BareParser(), BATCH)] == [ErrorPacket]
    other = m.Channel(1, 2, 1, 0, 10**7, 1, 0)
    assert [type(packet) for packet in parse(BareParser(), info(other), BATCH)] == [MessagePacket, ErrorPacket]


def test_raw_counts_are_no_force() -> None:
    """A load cell that sends raw counts gives them as a message: only its calibration makes them N."""
    load = encode(m.LoadOne(7, struct.pack("<i", 2500)), chan=3)
    assert parse(BareParser(), info(RAW), load)[1] == MessagePacket("load_counts", {"chan": 3, "counts": [2500]})


def test_several_channels_of_a_kind_are_told_apart() -> None:
    """The channel's number is given where the node has several, and only there."""
    packets = parse(BareParser(), info(IMU, IMU._replace(chan=4)), BATCH)
    assert isinstance(packets[1], ImuPacket)
    assert packets[1].chan == 1


def test_nodes_behind_a_hub() -> None:
    """Each relayed node has its own INFO; another's does not serve it."""

    def relay(sub: int, inner: bytes) -> bytes:
        return encode(m.Relay(sub, inner))

    packets = parse(BareParser(), relay(1, info(IMU)), relay(1, BATCH), relay(2, BATCH), BATCH)
    assert [type(packet) for packet in packets] == [MessagePacket, ImuPacket, ErrorPacket, ErrorPacket]


def test_other_messages() -> None:
    """A message carries its name and fields; an unknown type is a message too, a short payload an error."""
    time_rsp = parse(BareParser(), bytes.fromhex("1005000e0a00 efbe 8967452301000000 fa000000"))
    assert time_rsp == [
        MessagePacket("time_rsp", {"chan": 0, "seq": 10, "token": 48879, "rx_us": 4886718345, "hold_us": 250})
    ]
    unknown, short = parse(BareParser(), bytes.fromhex("107e0001 0000 aa"), bytes.fromhex("10050001 0000 aa"))
    assert isinstance(unknown, MessagePacket)
    assert isinstance(short, ErrorPacket)


@pytest.mark.parametrize("cut", range(1, len(BATCH)))
def test_a_message_cut_by_a_notification(cut: int) -> None:
    """It is continued by the next one."""
    assert parse(BareParser(), info(IMU), BATCH[:cut], BATCH[cut:]) == parse(BareParser(), info(IMU), BATCH)


def test_a_cut_message_whose_rest_never_comes() -> None:
    """It is truncated, and the whole message behind it stands."""
    packets = parse(BareParser(), info(IMU), BATCH[:20], BATCH)
    assert [type(packet) for packet in packets] == [MessagePacket, ErrorPacket, ImuPacket]


@pytest.mark.parametrize("closed", [True, False])
def test_serial_frames(closed: bool) -> None:  # noqa: FBT001
    """Frames in any chunks are the same messages; the last one's closing zero may be missing."""
    line = frame(info(IMU)) + frame(BATCH)
    whole = parse(FramedParser(), line if closed else line[:-1])
    assert whole == parse(BareParser(), info(IMU), BATCH)
    assert parse(FramedParser(), *(line[at : at + 1] for at in range(len(line)))) == whole


def test_damaged_frames() -> None:
    """A flipped bit is an error, a cut-off frame is truncated, the frames beside them stand."""
    hurt = bytearray(frame(BATCH))
    hurt[20] ^= 0x40
    packets = parse(FramedParser(), frame(info(IMU)) + bytes(hurt) + frame(BATCH) + frame(BATCH)[:-9])
    assert [type(packet) for packet in packets] == [MessagePacket, ErrorPacket, ImuPacket, ErrorPacket]
    assert isinstance(packets[3], ErrorPacket)
    assert packets[3].reason.startswith("truncated")
