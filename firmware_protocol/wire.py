"""One message: a header of six bytes, a payload, and a tag where it is authenticated. The same on every transport."""

from __future__ import annotations

from collections import Counter
from struct import Struct
from typing import Final, NamedTuple

from firmware_protocol.errors import ProtocolError
from firmware_protocol.messages import LAYOUTS, MAJOR, TYPES, Payload

HEADER: Final = Struct("<BBBBH")
HEADER_SIZE: Final = 6
"""HEADER's, as a number that compiled code can put in place."""
TAG_SIZE: Final = 8
PAYLOAD_SIZE_MAX: Final = 255
MESSAGE_SIZE_MAX: Final = HEADER_SIZE + PAYLOAD_SIZE_MAX + TAG_SIZE
CHANNEL_MAX: Final = 31

FLAG_AUTH: Final = 0x01
_PLAIN: Final = MAJOR << 4
_TAGGED: Final = MAJOR << 4 | FLAG_AUTH
_FLAGS_UNKNOWN: Final = 0x0E
_NOTHING_BEHIND: Final = ("incompatible", "truncated")

_tuple: Final = tuple.__new__
"""Half the time of calling a named tuple's class."""

_unpack_header: Final = HEADER.unpack_from
_DECODERS: Final = {kind: layout.decode for kind, layout in LAYOUTS.items()}


class UnknownTypeError(ProtocolError):
    """A message type that this version does not know: count it and go on."""


class Message(NamedTuple):
    """A message as cut from the link, its payload not yet read. tag: 8 bytes, or empty where it has none."""

    type: int
    chan: int
    seq: int
    payload: bytes
    tag: bytes = b""

    @property
    def signed(self) -> bytes:
        """The bytes that a tag speaks for: header and payload."""
        ver_flags = _TAGGED if self.tag else _PLAIN
        return HEADER.pack(ver_flags, self.type, self.chan, len(self.payload), self.seq) + self.payload

    def encode(self) -> bytes:
        """The whole message."""
        return self.signed + self.tag


def build(payload: Payload, *, chan: int = 0, seq: int = 0) -> Message:
    """The untagged message that carries `payload`. Raises ValueError where that is longer than 255 bytes."""
    kind = TYPES[type(payload)]
    body = LAYOUTS[kind].encode(payload)
    if len(body) > PAYLOAD_SIZE_MAX:
        raise ValueError(f"{LAYOUTS[kind].name}: payload of {len(body)} bytes, {PAYLOAD_SIZE_MAX} at most")
    return Message(kind, chan, seq & 0xFFFF, body)


def encode(payload: Payload, *, chan: int = 0, seq: int = 0) -> bytes:
    """The bytes of an untagged message that carries `payload`."""
    return build(payload, chan=chan, seq=seq).encode()


def read(message: Message) -> Payload:
    """The payload as its type's tuple. Raises UnknownTypeError or MalformedError."""
    decode = _DECODERS.get(message.type)
    if decode is None:
        raise UnknownTypeError(f"type {message.type:#04x}")
    payload: Payload = decode(message.payload)
    return payload


def cut(data: bytes, dropped: Counter[str], start: int = 0, end: int | None = None) -> list[Message]:
    """The messages that follow each other in `data[start:end]`; what is none is counted in `dropped` by reason.

    version: another major version (the header is frozen, so the next message is still found). incompatible: an unknown
    flag, after which nothing in `data` can be trusted. truncated: the data ends inside a message. channel: beyond 31.
    """
    messages: list[Message] = []
    size = len(data) if end is None else end
    while start < size:
        body = start + HEADER_SIZE
        if body > size:
            dropped["truncated"] += 1
            break
        header: tuple[int, int, int, int, int] = _unpack_header(data, start)
        ver_flags, kind, chan, length, seq = header
        start = end = body + length
        if ver_flags == _PLAIN and end <= size and chan <= CHANNEL_MAX:
            messages.append(_tuple(Message, (kind, chan, seq, data[body:end], b"")))
            continue
        if ver_flags & FLAG_AUTH:
            start += TAG_SIZE
        fault = _fault(ver_flags, chan, size - start)
        if fault is None:
            messages.append(Message(kind, chan, seq, data[body:end], data[end:start]))
            continue
        dropped[fault] += 1
        if fault in _NOTHING_BEHIND:
            break
    return messages


def _fault(ver_flags: int, chan: int, bytes_left: int) -> str | None:
    """Why a message is none that can be read."""
    if ver_flags & _FLAGS_UNKNOWN:
        return "incompatible"
    if bytes_left < 0:
        return "truncated"
    if ver_flags >> 4 != MAJOR:
        return "version"
    return "channel" if chan > CHANNEL_MAX else None
