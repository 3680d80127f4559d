"""How messages travel: framed on a serial line, bare on GATT. Bytes in, messages out; no clock, no I/O.

A serial frame is COBS(messages, CRC-32 little-endian) and a zero. A receiver begins with what follows the first zero,
since it may have opened the line in the middle of a frame; a sender begins with a zero.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol
from zlib import crc32

from firmware_protocol import cobs
from firmware_protocol.wire import MESSAGE_SIZE_MAX, Message, cut

CRC_SIZE = 4
FRAME_SIZE_MAX = MESSAGE_SIZE_MAX + CRC_SIZE + 2
"""Longest frame without its zero: COBS adds a byte for each 254 begun."""

_RESIDUE = 0x2144DF1C
"""CRC-32 of any bytes followed by their own CRC-32, little-endian."""


class Decoder(Protocol):
    """Turns what a link delivers into messages. dropped: how often something was, by reason."""

    dropped: Counter[str]

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with `data`, in order."""


def frame(message: bytes) -> bytes:
    """The serial frame of an encoded message (or several, if they fit), with its closing zero."""
    return cobs.encode(message + crc32(message).to_bytes(CRC_SIZE, "little")) + b"\0"


class BareDecoder:
    """For GATT: each notification or write holds whole messages."""

    def __init__(self, dropped: Counter[str] | None = None) -> None:
        self.dropped: Counter[str] = Counter() if dropped is None else dropped

    def feed(self, data: bytes) -> list[Message]:
        """The messages of one notification."""
        return cut(data, self.dropped)


class FramedDecoder:
    """For serial: any chunks of the line. Holds at most one unfinished frame.

    dropped, beside the reasons of `cut`: unsynchronised (bytes before the first zero), too_long, cobs, crc.
    """

    def __init__(self, dropped: Counter[str] | None = None) -> None:
        self.dropped: Counter[str] = Counter() if dropped is None else dropped
        self._open = b""
        self._synchronised = False
        self._overflowed = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages whose frames are complete with `data`."""
        *closed, rest = data.split(b"\0")
        messages: list[Message] = []
        for part in closed:
            stuffed, self._open = self._open + part, b""
            if self._usable(stuffed):
                messages += self._message(stuffed)
        self._open += rest
        if len(self._open) > FRAME_SIZE_MAX:
            self._open = b""
            self._overflowed = True
        return messages

    def _usable(self, stuffed: bytes) -> bool:
        """Whether what a zero has just closed can be a frame; settles the states that end with a zero."""
        overflowed, self._overflowed = self._overflowed or len(stuffed) > FRAME_SIZE_MAX, False
        if not self._synchronised:
            self._synchronised = True
            self.dropped["unsynchronised"] += bool(stuffed) or overflowed
            return False
        if overflowed:
            self.dropped["too_long"] += 1
            return False
        return bool(stuffed)

    def _message(self, stuffed: bytes) -> list[Message]:
        try:
            data = cobs.decode(stuffed)
        except cobs.CobsError:
            self.dropped["cobs"] += 1
            return []
        if len(data) > MESSAGE_SIZE_MAX + CRC_SIZE:
            self.dropped["too_long"] += 1
            return []
        if len(data) <= CRC_SIZE or crc32(data) != _RESIDUE:
            self.dropped["crc"] += 1
            return []
        return cut(data[:-CRC_SIZE], self.dropped)
