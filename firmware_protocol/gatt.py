"""The protocol on Bluetooth LE: UUIDs, and what a node advertises. See PROTOCOL.md, section 3.2."""

from __future__ import annotations

import struct
from typing import NamedTuple

_BASE = "733f{:04x}-fe59-4258-9075-a7b0a768245e"
SERVICE, INFO, DATA, CTRL = (_BASE.format(short) for short in (1, 2, 3, 4))
"""INFO can be read and notifies; DATA notifies; CTRL is written, and notifies the answers."""

_LAYOUT = struct.Struct("<BBBBI")


class Advert(NamedTuple):
    """The service data of a scan response. node_id_low: the lower half of the node's id; battery_pct 255: unknown."""

    major: int
    state: int
    battery_pct: int
    placement: int
    node_id_low: int


def read_advert(data: bytes) -> Advert | None:
    """What service data say; a longer form of a later version is read as far as it is known. None: too short."""
    return Advert(*_LAYOUT.unpack_from(data)) if len(data) >= _LAYOUT.size else None


def write_advert(advert: Advert) -> bytes:
    """The service data."""
    return _LAYOUT.pack(*advert)
