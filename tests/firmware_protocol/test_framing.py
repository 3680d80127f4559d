"""Serial framing: against the `cobs` package and a second CRC, in any chunks, with every reason for a drop."""

from __future__ import annotations

from collections import Counter

import crcmod.predefined
import pytest
from cobs import cobs as reference_cobs
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_protocol import cobs, wire
from firmware_protocol.framing import FRAME_SIZE_MAX, BareDecoder, FramedDecoder, frame
from firmware_protocol.messages import ImuBatch, Status, TimeReq

STATUS = wire.encode(Status(3600, 3012, 87, 1, 2450, 3, 4), seq=9)
BATCH = wire.encode(ImuBatch(4294963200, 10_000_000, 1000, 0, bytes(range(48)), None), chan=1)
_reference_crc = crcmod.predefined.mkCrcFun("crc-32")


@example(b"\x02" * 299 + b"\x01")  # a last byte that looks like the code of an empty block
@given(st.binary(max_size=700) | st.binary(min_size=250, max_size=520).map(lambda b: b.replace(b"\0", b"\1")))
def test_cobs_agrees_with_the_reference(data: bytes) -> None:
    """Our COBS frames equal those of an independent package, and come back as they were."""
    stuffed = cobs.encode(data)
    assert stuffed == reference_cobs.encode(data)
    assert cobs.decode(stuffed) == data


@given(st.binary(min_size=1, max_size=300).map(lambda b: b.replace(b"\0", b"\1")))
def test_cobs_refuses_what_the_reference_refuses(stuffed: bytes) -> None:
    """Any bytes without a zero decode as in the reference, or are refused by both."""
    try:
        expected = reference_cobs.decode(stuffed)
    except reference_cobs.DecodeError:
        with pytest.raises(cobs.CobsError):
            cobs.decode(stuffed)
    else:
        assert cobs.decode(stuffed) == expected


@given(st.binary(max_size=269))
def test_crc_agrees_with_a_second_implementation(data: bytes) -> None:
    """The four bytes behind the message are its IEEE CRC-32, little-endian."""
    assert reference_cobs.decode(frame(data)[:-1])[-4:] == _reference_crc(data).to_bytes(4, "little")


def test_the_longest_message_fits_the_longest_frame() -> None:
    """A message of the greatest length, without a zero in it, makes a frame of exactly FRAME_SIZE_MAX."""
    assert len(frame(b"\x01" * (wire.MESSAGE_SIZE_MAX))) - 1 == FRAME_SIZE_MAX


def _decode(chunks: list[bytes]) -> tuple[list[wire.Message], Counter[str]]:
    decoder = FramedDecoder()
    return [message for chunk in chunks for message in decoder.feed(chunk)], +decoder.dropped


@given(
    st.lists(
        st.sampled_from([frame(STATUS), frame(BATCH), frame(STATUS)[:-3], b"\0", b"\xff\0"]) | st.binary(), max_size=9
    ),
    st.integers(1, 40),
    st.sampled_from([b"", b"\x05" * 400 + b"\0" + frame(STATUS)]),
)
def test_any_chunks_give_the_same(pieces: list[bytes], size: int, end: bytes) -> None:
    """A line gives the same messages and counts whole, byte by byte, and in chunks."""
    line = b"".join(pieces) + end
    whole = _decode([line])
    assert _decode([line[i : i + 1] for i in range(len(line))]) == whole
    assert _decode([line[i : i + size] for i in range(0, len(line), size)]) == whole


def test_a_receiver_starts_at_the_first_zero() -> None:
    """The rest of a frame that was under way when the line was opened is counted and not read."""
    messages, dropped = _decode([frame(STATUS)[5:], frame(STATUS)])
    assert [m.encode() for m in messages] == [STATUS]
    assert dropped == {"unsynchronised": 1}


def test_a_long_stretch_before_the_first_zero_is_one_drop() -> None:
    """Bytes beyond any frame's length before the first zero count once, as unsynchronised, in one read or in many."""
    stretch = b"\x05" * (FRAME_SIZE_MAX + 1)
    for chunks in ([stretch + b"\0" + frame(STATUS)], [stretch, b"\0", frame(STATUS)]):
        messages, dropped = _decode(chunks)
        assert [m.encode() for m in messages] == [STATUS]
        assert dropped == {"unsynchronised": 1}


@pytest.mark.parametrize("size", [253, 254, 255, 256])
def test_a_full_block_needs_a_frame_that_can_hold_it(size: int) -> None:
    """Around the length where a full block begins to fit, data without and with zeros come back as they were."""
    for data in (b"\x01" * size, b"\xff" * (size - 1) + b"\0", b"\0" + b"\xff" * (size - 1)):
        assert cobs.decode(cobs.encode(data)) == data
    with pytest.raises(cobs.CobsError):
        cobs.decode(b"\xff" + b"\x01" * 252)


def test_empty_frames_are_nothing() -> None:
    """Zeros in a row are no error: a sender may begin with one."""
    assert _decode([b"\0\0\0", frame(STATUS), b"\0"])[1] == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\x05\x01\0", "cobs"),
        (frame(STATUS)[:5] + bytes([frame(STATUS)[5] ^ 0x40]) + frame(STATUS)[6:], "crc"),
        (b"\x05" * (FRAME_SIZE_MAX + 1) + b"\0", "too_long"),
        (frame(STATUS[:5]), "truncated"),
    ],
)
def test_damage_is_counted_and_the_next_frame_read(line: bytes, reason: str) -> None:
    """A damaged frame is dropped under its reason, and the frame behind it arrives."""
    messages, dropped = _decode([b"\0", line, frame(STATUS)])
    assert [m.encode() for m in messages] == [STATUS]
    assert dropped == {reason: 1}


def test_memory_is_bounded_without_a_zero() -> None:
    """A line that never sends a zero leaves no more than one frame in memory."""
    decoder = FramedDecoder()
    for _ in range(1000):
        decoder.feed(b"\x55" * 100)
        assert len(decoder._open) <= FRAME_SIZE_MAX


def test_every_single_bit_flip_of_a_frame_is_seen() -> None:
    """No flip of one bit on the line makes a frame that is taken for another message."""
    good = frame(BATCH)
    for bit in range(8 * (len(good) - 1)):
        damaged = bytearray(good)
        damaged[bit // 8] ^= 1 << bit % 8
        messages, _ = _decode([b"\0", bytes(damaged)])
        assert messages == []


def test_a_frame_may_hold_several_messages() -> None:
    """Length delimits messages within a frame as within a notification."""
    messages, _ = _decode([b"\0", frame(STATUS + wire.encode(TimeReq(7)))])
    assert [m.type for m in messages] == [0x03, 0x04]


def test_bare_decoder_cuts_each_notification_by_itself() -> None:
    """On GATT a message that ends in the middle of a notification is dropped, and the next notification is whole."""
    decoder = BareDecoder()
    assert decoder.feed(STATUS[:10]) == []
    assert [m.encode() for m in decoder.feed(STATUS)] == [STATUS]
    assert decoder.dropped == {"truncated": 1}
