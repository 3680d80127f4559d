"""Authentication: what a session accepts, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import wire
from firmware_protocol.auth import WINDOW, Direction, Session, Verdict
from firmware_protocol.messages import TimeReq
from firmware_protocol.wire import Message

KEY, NONCE = bytes(range(16)), b"nodenonc"


def _pair(key: bytes = KEY, host_nonce: int = 5, node_nonce: bytes = NONCE) -> tuple[Session, Session]:
    """A host's session with KEY, and a node's with what may be other values."""
    return Session(KEY, 5, NONCE), Session(key, host_nonce, node_nonce, Direction.TO_HOST)


def _message(seq: int, chan: int = 1) -> Message:
    return wire.build(TimeReq(7), chan=chan, seq=seq)


def test_each_accepts_what_the_other_sealed() -> None:
    """Host and node with one key take each other's messages, and a message keeps its bytes but for flag and tag."""
    host, node = _pair()
    sealed = node.seal(_message(3))
    assert host.judge(sealed) is Verdict.GOOD
    assert node.judge(host.seal(_message(3))) is Verdict.GOOD
    assert sealed.signed[1:] == _message(3).signed[1:]


@pytest.mark.parametrize(
    "other",
    [{"key": bytes(16)}, {"host_nonce": 6}, {"node_nonce": b"nodenond"}],
    ids=["wrong key", "another HELLO", "another start of the node"],
)
def test_another_key_or_session_is_refused(other: dict[str, bytes]) -> None:
    """A tag made with another key, for another HELLO or before a restart is bad."""
    host, node = _pair(**other)
    assert host.judge(node.seal(_message(3))) is Verdict.BAD


def test_a_message_comes_once() -> None:
    """The same message again is a replay, however good its tag."""
    host, node = _pair()
    sealed = node.seal(_message(3))
    assert [host.judge(sealed) for _ in range(3)] == [Verdict.GOOD, Verdict.REPLAYED, Verdict.REPLAYED]


def test_a_message_cannot_come_back_from_the_other_side() -> None:
    """What the host said, sent back to it, is bad: the direction is part of the tag."""
    host, _ = _pair()
    assert host.judge(host.seal(_message(3))) is Verdict.BAD


def test_an_untagged_message_is_said_so() -> None:
    """Without a tag there is no verdict on its truth: what to do is the policy's."""
    assert _pair()[0].judge(_message(3)) is Verdict.MISSING


@pytest.mark.parametrize(("behind", "verdict"), [(WINDOW - 1, Verdict.GOOD), (WINDOW, Verdict.REPLAYED)])
def test_the_window_reaches_64_back(behind: int, verdict: Verdict) -> None:
    """A message overtaken by 63 is taken once, by 64 no more."""
    host, node = _pair()
    late, newest = node.seal(_message(100)), node.seal(_message(100 + behind))
    host.judge(newest)
    assert host.judge(late) is verdict


def test_channels_are_numbered_apart() -> None:
    """The same number on two channels is no replay; a message moved to another channel is bad."""
    host, node = _pair()
    one, two = node.seal(_message(3, 1)), node.seal(_message(3, 2))
    assert [host.judge(one), host.judge(two)] == [Verdict.GOOD, Verdict.GOOD]
    assert host.judge(one._replace(chan=3)) is Verdict.BAD


def test_the_epoch_rises_as_the_number_wraps() -> None:
    """Over the wrap of seq both ends count on, and a message of the epoch before is no more taken."""
    host, node = _pair()
    first = node.seal(_message(10))
    assert host.judge(first) is Verdict.GOOD
    verdicts = {host.judge(node.seal(_message(seq & 0xFFFF))) for seq in range(2000, 70_000, 1000)}
    assert verdicts == {Verdict.GOOD}
    assert host.judge(first) is not Verdict.GOOD


def test_a_repeated_command_has_the_same_tag() -> None:
    """A command sent again, also after a later one, is the same bytes: the node knows it for a repetition."""
    host, _ = _pair()
    first = host.seal(_message(5))
    host.seal(_message(6))
    assert host.seal(_message(5)) == first


def test_a_key_has_sixteen_bytes() -> None:
    """Any other length is refused before it is used."""
    with pytest.raises(ValueError, match="16 bytes, not 15"):
        Session(bytes(15), 1, NONCE)


@given(st.integers(0, 13 * 8 + 8 * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    """Whichever bit of type, channel, number, payload or tag changes, the message is not taken."""
    host, node = _pair()
    data = bytearray(node.seal(_message(3)).encode())
    at = bit // 8 % len(data)
    data[at] ^= 1 << bit % 8
    if at in (0, 3):
        return
    changed = Message(data[1], data[2], int.from_bytes(data[4:6], "little"), bytes(data[6:8]), bytes(data[8:]))
    assert host.judge(changed) is Verdict.BAD
