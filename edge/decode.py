"""`sledguard decode`: captured bytes of a sensor, each message as one line of JSON.

The integrator's debugging tool, and the proof that a driver reads what other projects captured. What cannot be read is
an error object and exit code 1; nothing is guessed or passed over in silence.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Final

import typer

from edge.ingest.ascii_scale import LineParser
from edge.ingest.movesense import GspParser
from edge.ingest.native_packets import BareParser, FramedParser
from edge.ingest.packets import ErrorPacket, ImuPacket, LoadPacket, MessagePacket, Packet, Parser
from edge.ingest.progressor import TlvParser
from edge.ingest.witmotion import NotificationParser, SerialParser

PARSERS: Final[dict[str, Callable[[], Parser]]] = {
    "native": BareParser,
    "native-serial": FramedParser,
    "witmotion": lambda: NotificationParser(lookahead=True),
    "witmotion-serial": SerialParser,
    "movesense": lambda: GspParser(lookahead=True),
    "progressor": TlvParser,
    "ascii": LineParser,
}
_PREFIXES: Final = re.compile(r"(?:\\x|0x)", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s:,;_-]+")


def parse_hex(text: str) -> bytes | None:
    """Bytes as people and tools write them: 5561, "55 61", 55:61, 0x55,0x61, \\x55\\x61; None where it is no hex."""
    digits = _SEPARATORS.sub("", _PREFIXES.sub(" ", text))
    if len(digits) % 2 or not re.fullmatch(r"[0-9a-fA-F]*", digits):
        return None
    return bytes.fromhex(digits)


def _plain(value: Any) -> Any:
    """Without what JSON cannot say: a number that is none becomes null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def to_json(packet: Packet) -> dict[str, Any]:
    """The object that is printed for one packet. chan is there only where a device has several of a kind."""
    chan = {"chan": packet.chan} if isinstance(packet, ImuPacket | LoadPacket) and packet.chan is not None else {}
    if isinstance(packet, ImuPacket):
        acc, gyr, times = _plain(packet.acc_m_s2), _plain(packet.gyr_rad_s), packet.t_device_us
        return {"kind": "imu", "acc_m_s2": acc, "gyr_rad_s": gyr, "t_device_us": times, **chan}
    if isinstance(packet, LoadPacket):
        force, times = _plain(packet.force_n), packet.t_device_us
        return {"kind": "load", "force_n": force, "t_device_us": times, "stable": packet.stable, **chan}
    if isinstance(packet, MessagePacket):
        return {"kind": "message", "name": packet.name, "fields": packet.fields}
    return {"kind": "error", "reason": packet.reason}


def decode(driver: str, notifications: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The messages in consecutive notifications, given as hex, as objects for JSON. Never raises.

    driver: a name of PARSERS.
    """
    for packet in _packets(driver, notifications):
        yield to_json(packet)


def _packets(driver: str, notifications: Iterable[str]) -> Iterator[Packet]:
    if driver not in PARSERS:
        yield ErrorPacket(f"unknown driver {driver!r}: there are {', '.join(PARSERS)}")
        return
    parser = PARSERS[driver]()
    for number, text in enumerate(notifications, 1):
        data = parse_hex(text)
        if data is None:
            yield ErrorPacket(f"notification {number} is no whole number of bytes in hexadecimal: {text[:40]!r}")
        elif not data:
            yield ErrorPacket(f"length: notification {number} is empty")
        else:
            yield from parser.feed(data)
    yield from parser.finish()


def decode_command(
    driver: Annotated[str, typer.Argument(help=f"One of: {', '.join(PARSERS)}.")],
    notifications: Annotated[
        list[str],
        typer.Argument(
            metavar="HEX...", help="Consecutive notifications or serial reads in hex; separators and 0x are fine."
        ),
    ],
) -> None:
    """Decode captured sensor bytes: one JSON object per message, exit code 1 if anything is wrong with them.

    Example: sledguard decode progressor 0108000080407c150000
    """
    failed = False
    for message in decode(driver, notifications):
        failed |= message["kind"] == "error"
        sys.stdout.write(json.dumps(message, allow_nan=False) + "\n")
    if failed:
        raise typer.Exit(1)
