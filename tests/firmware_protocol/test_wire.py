"""Messages: the golden vectors both ways, versions, flags, and hostile bytes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages, wire
from firmware_protocol.errors import MalformedError, ProtocolError
from firmware_protocol.messages import LAYOUTS, TYPES, Channel, ImuBatch, Payload, Pulse, Status

GOLDEN = json.loads(
    (Path(wire.__file__).parent / "vectors" / "golden.json").read_text(encoding="utf-8")
)["messages"]  # fmt: skip
CLASSES = {LAYOUTS[kind].name: cls for cls, kind in TYPES.items()}


def _expected(vector: dict[str, Any]) -> Payload:
    cls = CLASSES[vector["type"]]
    return cls(**{name: _value(name, value) for name, value in vector["fields"].items()})


def _value(name: str, value: Any) -> Any:
    if name == "channels":
        return tuple(Channel(*row) for row in value)
    if name == "pulses":
        return tuple(Pulse(*row) for row in value)
    if isinstance(value, str) and name != "line":
        return bytes.fromhex(value)
    return value


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda v: v["name"])
def test_golden_message_reads_as_its_fields(vector: dict[str, Any]) -> None:
    """A golden message is cut whole and reads as the vector's fields, channel and sequence number."""
    dropped: Counter[str] = Counter()
    (message,) = wire.cut(bytes.fromhex(vector["bytes"]), dropped)
    assert (message.chan, message.seq, wire.read(message)) == (vector["chan"], vector["seq"], _expected(vector))
    assert not dropped


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda v: v["name"])
def test_golden_fields_encode_to_their_bytes(vector: dict[str, Any]) -> None:
    """The vector's fields encode to the golden bytes."""
    encoded = wire.encode(_expected(vector), chan=vector["chan"], seq=vector["seq"])
    assert encoded == bytes.fromhex(vector["bytes"])


def test_several_messages_follow_each_other() -> None:
    """All golden messages in one notification come out in order."""
    data = b"".join(bytes.fromhex(v["bytes"]) for v in GOLDEN)
    assert [m.encode() for m in wire.cut(data, Counter())] == [bytes.fromhex(v["bytes"]) for v in GOLDEN]


def test_a_longer_payload_is_read_and_its_tail_ignored() -> None:
    """What a later minor version appends does not disturb this one."""
    status = Status(1, 2, 3, 1, 5, 6, 7)
    payload = LAYOUTS[0x03].encode(status) + b"new"
    assert wire.read(wire.Message(0x03, 0, 0, payload)) == status


@pytest.mark.parametrize("kind", sorted(LAYOUTS), ids=lambda kind: LAYOUTS[kind].name)
def test_a_shorter_payload_is_malformed(kind: int) -> None:
    """Every type that has a payload refuses an empty one, by name."""
    with pytest.raises(MalformedError, match=LAYOUTS[kind].name):
        wire.read(wire.Message(kind, 0, 0, b""))


def test_an_unknown_type_is_said_so() -> None:
    """A type that this version does not know raises UnknownTypeError."""
    with pytest.raises(wire.UnknownTypeError):
        wire.read(wire.Message(0x7F, 0, 0, b""))


def test_a_batch_without_samples_is_malformed() -> None:
    """A batch must hold at least one sample."""
    with pytest.raises(MalformedError):
        wire.read(wire.Message(0x10, 1, 0, bytes(12)))


def test_orientation_and_its_flag_go_together() -> None:
    """A batch with an orientation but no flag, or the reverse, cannot be encoded."""
    for flags, orientation in ((0, bytes(8)), (32, None)):
        with pytest.raises(ValueError, match="go together"):
            wire.encode(ImuBatch(0, 0, 0, flags, bytes(12), orientation))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("20 04 00 02 0000 0000", "version"),
        ("12 04 00 02 0000 0000", "incompatible"),
        ("10 04 20 02 0000 0000", "channel"),
        ("10 04 00 03 0000 0000", "truncated"),
        ("10 04 00 02 00", "truncated"),
        ("11 04 00 02 0000 0000 00000000000000", "truncated"),
    ],
)
def test_what_is_dropped_is_counted_by_reason(header: str, reason: str) -> None:
    """A header that cannot be served is dropped under its own reason, alone."""
    dropped: Counter[str] = Counter()
    assert wire.cut(bytes.fromhex(header), dropped) == []
    assert dropped == {reason: 1}


def test_another_major_version_does_not_hide_the_next_message() -> None:
    """The header is frozen, so a message of a later major is stepped over."""
    data = bytes.fromhex("200400020000 0000") + bytes.fromhex(GOLDEN[0]["bytes"])
    dropped: Counter[str] = Counter()
    assert [m.type for m in wire.cut(data, dropped)] == [0x01]
    assert dropped == {"version": 1}


def test_a_tag_is_cut_off_and_kept() -> None:
    """The eight bytes behind an authenticated payload are its tag, and the message encodes back to itself."""
    data = bytes.fromhex("111001180700 00f0ffff80969800e8030100 0000ffff000864009cffff7f 7cb3542d5f321e9a")
    (message,) = wire.cut(data, Counter())
    assert (message.tag.hex(), message.encode()) == ("7cb3542d5f321e9a", data)


@given(st.binary(max_size=600))
def test_random_bytes_never_raise(data: bytes) -> None:
    """Random bytes give messages or counts; reading them gives payloads or protocol errors, nothing else."""
    for message in wire.cut(data, Counter()):
        try:
            wire.read(message)
        except ProtocolError:
            continue


def test_a_payload_beyond_255_bytes_is_refused() -> None:
    """The length byte cannot say more than 255."""
    with pytest.raises(ValueError, match="255 at most"):
        wire.encode(messages.Log(1, 0, "x" * 251))


BYTE, NUMBER = st.integers(0, 0xFF), st.integers(0, 0xFFFF)


@given(BYTE, st.integers(0, wire.CHANNEL_MAX), NUMBER, st.binary(max_size=255), st.sampled_from([b"", bytes(range(8))]))
def test_what_is_cut_is_what_was_packed(kind: int, chan: int, seq: int, payload: bytes, tag: bytes) -> None:
    """The header is cut by hand, for speed, just as it is packed: every field from where the other puts it."""
    assert wire.HEADER.size == wire.HEADER_SIZE
    message, dropped = wire.Message(kind, chan, seq, payload, tag), Counter[str]()
    assert wire.cut(message.encode() * 2, dropped) == [message, message]
    assert not dropped
