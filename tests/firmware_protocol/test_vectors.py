"""The vectors that every codec must pass: lines with damage, and tags."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import wire
from firmware_protocol.auth import Direction, session_of, tag_of
from firmware_protocol.errors import MalformedError
from firmware_protocol.framing import BareDecoder, FramedDecoder

FOLDER = Path(wire.__file__).parent / "vectors"
LINES = json.loads((FOLDER / "lines.json").read_text(encoding="utf-8"))["lines"]
AUTH = json.loads((FOLDER / "auth.json").read_text(encoding="utf-8"))


def _outcome(vector: dict[str, Any], step: int) -> tuple[list[str], Counter[str]]:
    decoder = FramedDecoder() if vector["transport"] == "serial" else BareDecoder()
    data = bytes.fromhex(vector["bytes"])
    messages = []
    for at in range(0, len(data), step):
        for message in decoder.feed(data[at : at + step]):
            try:
                wire.read(message)
            except wire.UnknownTypeError:
                decoder.dropped["unknown_type"] += 1
            except MalformedError:
                decoder.dropped["malformed"] += 1
            else:
                messages.append(message.encode().hex())
    return messages, +decoder.dropped


@pytest.mark.parametrize("vector", LINES, ids=lambda v: v["name"])
def test_a_line_gives_its_messages_and_counts(vector: dict[str, Any]) -> None:
    """Exactly the expected messages come out and exactly the expected reasons are counted, in any chunks on serial."""
    steps = (4096, 1, 7) if vector["transport"] == "serial" else (4096,)
    for step in steps:
        assert _outcome(vector, step) == (vector["messages"], vector["dropped"])


def test_every_reason_for_a_drop_has_a_vector() -> None:
    """No reason to drop something is left without a vector that a maker can try."""
    reasons = {reason for vector in LINES for reason in vector["dropped"]}
    expected = {"truncated", "version", "incompatible", "channel", "malformed", "unknown_type"}
    assert reasons == expected | {"cobs", "crc", "too_long", "unsynchronised"}


def test_the_session_is_derived_from_key_and_nonces() -> None:
    """The session of the vectors comes out of their key and nonces."""
    key, host, node = (bytes.fromhex(AUTH[name]) for name in ("key", "host_nonce", "node_nonce"))
    assert session_of(key, int.from_bytes(host, "little"), node).hex() == AUTH["session"]


@pytest.mark.parametrize(
    "vector",
    [AUTH["fixed_session"], *({"session": AUTH["session"], **v} for v in AUTH["tagged"])],
    ids=lambda v: v.get("name", "fixed-session"),
)
def test_a_tag_is_reproduced(vector: dict[str, Any]) -> None:
    """The tag of each authenticated vector comes out of key, session, direction, epoch and message."""
    (message,) = wire.cut(bytes.fromhex(vector["bytes"]), Counter())
    session = bytes.fromhex(vector["session"])
    tag = tag_of(bytes.fromhex(AUTH["key"]), session, Direction(vector["direction"]), vector["epoch"], message.signed)
    assert tag == message.tag
