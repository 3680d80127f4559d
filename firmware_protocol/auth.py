"""Who said a message: keyed BLAKE2s tags of 64 bits, bound to direction, session, channel and number.

A session begins with each HELLO: both ends derive it from the key and the two nonces. A message is numbered by 32 bits
per direction and channel, of which `seq` is the lower half; the upper half, the epoch, is never sent: both count it.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from hashlib import blake2s
from hmac import compare_digest

from firmware_protocol.wire import TAG_SIZE, Message

KEY_SIZE = 16
WINDOW = 64
"""Messages that may overtake each other; commands are repeated within fewer."""


class Direction(IntEnum):
    """Who speaks, as the tag says it."""

    TO_NODE = 0
    TO_HOST = 1


class Verdict(Enum):
    """What a tag is worth."""

    GOOD = "good"
    BAD = "bad_tag"
    REPLAYED = "replayed"
    MISSING = "untagged"


def session_of(key: bytes, host_nonce: int, node_nonce: bytes) -> bytes:
    """The 8 bytes that bind all tags to one HELLO and one start of the node."""
    return blake2s(host_nonce.to_bytes(8, "little") + node_nonce, digest_size=8, key=key).digest()


def tag_of(key: bytes, session: bytes, direction: Direction, epoch: int, signed: bytes) -> bytes:
    """The tag over header and payload; the header's AUTH flag is set."""
    prefix = bytes([direction]) + session + epoch.to_bytes(2, "little")
    return blake2s(prefix + signed, digest_size=TAG_SIZE, key=key).digest()


class _Counter:
    """The 32-bit numbers of one channel in one direction. top: the highest so far, None before the first."""

    def __init__(self) -> None:
        self.top: int | None = None
        self._seen = 0

    def full(self, seq: int) -> int:
        """The 32-bit number that is nearest to the highest so far; negative: before the session began."""
        if self.top is None:
            return seq
        ahead = (seq - self.top) & 0xFFFF
        return self.top + (ahead if ahead < 0x8000 else ahead - 0x10000)

    def is_new(self, number: int) -> bool:
        """Whether a number was not used yet, as far back as the window reaches."""
        if self.top is None or number > self.top:
            return True
        behind = self.top - number
        return behind < WINDOW and not self._seen >> behind & 1

    def use(self, number: int) -> None:
        """Marks a number as used."""
        if self.top is None or number > self.top:
            self._seen = self._seen << min(number - (self.top or 0), WINDOW) | 1
            self.top = number
        else:
            self._seen |= 1 << self.top - number
        self._seen &= (1 << WINDOW) - 1


class Session:
    """Tags what is sent and judges what is received, from one HELLO to the next. me: the direction of what is sent."""

    def __init__(self, key: bytes, host_nonce: int, node_nonce: bytes, me: Direction = Direction.TO_NODE) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes, not {len(key)}")
        self._key = key
        self._session = session_of(key, host_nonce, node_nonce)
        self._me = me
        self._sent: dict[int, _Counter] = {}
        self._received: dict[int, _Counter] = {}

    def seal(self, message: Message) -> Message:
        """The message with its tag; sending the same message again gives the same tag."""
        counter = self._sent.setdefault(message.chan, _Counter())
        number = counter.full(message.seq)
        if counter.is_new(number):
            counter.use(number)
        flagged = message._replace(tag=bytes(TAG_SIZE))
        return message._replace(tag=tag_of(self._key, self._session, self._me, number >> 16 & 0xFFFF, flagged.signed))

    def judge(self, message: Message) -> Verdict:
        """What the message's tag is worth; a good one counts as used."""
        if not message.tag:
            return Verdict.MISSING
        counter = self._received.setdefault(message.chan, _Counter())
        number = counter.full(message.seq)
        them = Direction.TO_HOST if self._me is Direction.TO_NODE else Direction.TO_NODE
        expected = tag_of(self._key, self._session, them, number >> 16 & 0xFFFF, message.signed)
        if number < 0 or not compare_digest(expected, message.tag):
            return Verdict.BAD
        if not counter.is_new(number):
            return Verdict.REPLAYED
        counter.use(number)
        return Verdict.GOOD
