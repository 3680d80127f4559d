"""Consistent Overhead Byte Stuffing: a frame without zero bytes, so that a zero can end it.

A block is a code byte and code − 1 bytes that are not zero; behind each block stands a zero that is not sent, save
behind a full block (code 255) and the last one.
"""

from __future__ import annotations

from typing import Final

from firmware_protocol.errors import ProtocolError

_FULL: Final = 255


class CobsError(ProtocolError):
    """A code byte points beyond the frame."""


def encode(data: bytes) -> bytes:
    """The frame of `data`, without its closing zero."""
    out = bytearray()
    for run in data.split(b"\0"):
        full, rest = divmod(len(run), _FULL - 1)
        for start in range(0, full * (_FULL - 1), _FULL - 1):
            out.append(_FULL)
            out += run[start : start + _FULL - 1]
        out.append(rest + 1)
        out += run[len(run) - rest :]
    ends_full = bool(run) and rest == 0
    return bytes(out[:-1] if ends_full else out)


def decode(frame: bytes) -> bytes:
    """The data of a frame that holds no zero byte. Raises CobsError."""
    return bytes(unstuffed(frame)[1:])


def unstuffed(frame: bytes) -> bytearray:
    """As `decode`, with a zero before the data: each code byte is where the zero before its block belongs.

    So the codes are overwritten in place. Raises CobsError.
    """
    data = bytearray(frame)
    size, at = len(data), 0
    if size >= _FULL:
        return _unstuffed_long(data)
    try:
        while at != size:
            code = frame[at]
            data[at] = 0
            at += code
    except IndexError:
        raise CobsError(f"a block of {size} bytes ends at {at}") from None
    if not size:
        raise CobsError("no bytes")
    return data


def _unstuffed_long(data: bytearray) -> bytearray:
    """As `unstuffed`, for a frame that may hold a full block, behind which no zero stands."""
    size, at = len(data), 0
    no_zero: list[int] = []
    while at < size:
        code = data[at]
        data[at] = 0
        at += code
        if code == _FULL:
            no_zero.append(at)
    if at != size:
        raise CobsError(f"a block of {size} bytes ends at {at}")
    for position in reversed(no_zero):
        del data[position : position + 1]
    return data
