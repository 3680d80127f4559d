"""How messages travel: framed on a serial line, bare on GATT. Bytes in, messages out; no clock, no I/O.

A serial frame is COBS(messages, CRC-32 little-endian) and a zero. A receiver begins with what follows the first zero,
since it may have opened the line in the middle of a frame; a sender begins with a zero.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Protocol
from zlib import crc32

from firmware_protocol.cobs import CobsError, unstuffed
from firmware_protocol.cobs import encode as stuff
from firmware_protocol.wire import MESSAGE_SIZE_MAX, Message, cut

CRC_SIZE: Final = 4
FRAME_SIZE_MAX: Final = MESSAGE_SIZE_MAX + CRC_SIZE + 2
"""Longest frame without its zero: COBS adds a byte for each 254 begun."""

_DATA_SIZE_MIN: Final = 1 + 1 + CRC_SIZE
_DATA_SIZE_MAX: Final = 1 + MESSAGE_SIZE_MAX + CRC_SIZE
"""Unstuffed data: the zero before it, the messages, their CRC."""

_RESIDUE: Final = 0x2144DF1C
"""CRC-32 of any bytes followed by their own CRC-32, little-endian."""

_BEFORE_ZERO: Final = 0x0F6A7026
"""Begun with this, a CRC-32 over a zero byte is as if nothing had been: unstuffed data has a zero before it."""


class Decoder(Protocol):
    """Turns what a link delivers into messages. dropped: how often something was, by reason."""

    dropped: Counter[str]

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with `data`, in order."""


def frame(message: bytes) -> bytes:
    """The serial frame of an encoded message (or several, if they fit), with its closing zero."""
    return stuff(message + crc32(message).to_bytes(CRC_SIZE, "little")) + b"\0"


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
        self._skipping = "unsynchronised"
        self._overflowed = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages whose frames are complete with `data`."""
        closed = (self._open + data).split(b"\0")
        rest = closed.pop()
        messages: list[Message] = []
        for stuffed in closed:
            if self._skipping:
                self._resume(stuffed)
            elif stuffed:
                messages += self._messages(stuffed)
        self._open = rest
        if len(rest) > FRAME_SIZE_MAX:
            self._open = b""
            self._skipping = self._skipping or "too_long"
            self._overflowed = True
        return messages

    def _resume(self, stuffed: bytes) -> None:
        """A zero ends what began before the first zero, or was too long to keep."""
        self.dropped[self._skipping] += bool(stuffed) or self._overflowed
        self._skipping, self._overflowed = "", False

    def _messages(self, stuffed: bytes) -> list[Message]:
        """The messages of one frame, which is not empty."""
        if len(stuffed) > FRAME_SIZE_MAX:
            self.dropped["too_long"] += 1
            return []
        try:
            data = unstuffed(stuffed)
        except CobsError:
            self.dropped["cobs"] += 1
            return []
        size = len(data)
        if _DATA_SIZE_MIN <= size <= _DATA_SIZE_MAX and crc32(data, _BEFORE_ZERO) == _RESIDUE:
            return cut(bytes(data), self.dropped, 1, size - CRC_SIZE)
        self.dropped["too_long" if size > _DATA_SIZE_MAX else "crc"] += 1
        return []
