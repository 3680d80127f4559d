"""Scales that print a line per reading: SparkFun OpenScale, Arduino sketches on HX711 or NAU7802, weighing indicators
in continuous mode (ST,GS,+ 12.34kg) and MT-SICS balances (S S 125.67 kg).

kg and the other units become N by standard gravity, 9.80665 m/s². A number without a unit is taken as `default_unit`.
Such a scale averages and prints a few times a second: it serves the load on the sled, never an alert.
"""

from __future__ import annotations

import re
from typing import Final

from edge.ingest.packets import (
    STANDARD_GRAVITY_M_S2,
    ErrorPacket,
    LoadPacket,
    MessagePacket,
    Packet,
    truncated,
)

POUND_KG: Final = 0.45359237
UNITS_N: Final = {
    "n": 1.0,
    "kn": 1000.0,
    "mg": 1e-6 * STANDARD_GRAVITY_M_S2,
    "g": 0.001 * STANDARD_GRAVITY_M_S2,
    "kg": STANDARD_GRAVITY_M_S2,
    "kgf": STANDARD_GRAVITY_M_S2,
    "t": 1000.0 * STANDARD_GRAVITY_M_S2,
    "lb": POUND_KG * STANDARD_GRAVITY_M_S2,
    "lbs": POUND_KG * STANDARD_GRAVITY_M_S2,
    "lbf": POUND_KG * STANDARD_GRAVITY_M_S2,
    "oz": POUND_KG / 16 * STANDARD_GRAVITY_M_S2,
}
WORDS: Final = {"gram": "g", "kilogram": "kg", "pound": "lb", "ounce": "oz", "newton": "n"}
"""As sketches spell them, one or many."""
MAX_LINE: Final = 200  # OpenScale's longest is about 60 characters

_NUMBER: Final = r"(?P<value>[-+]?\s*(?:\d+\.?\d*|\.\d+))"
_UNIT: Final = rf"(?P<unit>(?:{'|'.join(WORDS)})s?|kgf|kg|kn|lbs|lbf|lb|oz|mg|g|n|t)"
_STABLE: Final = {"S": True, "D": False, "ST": True, "QT": True, "US": False, "?": False}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("NUMBER", _NUMBER).replace("UNIT", _UNIT), re.IGNORECASE)


_READINGS: Final = (
    _pattern(r"S[A-Z]{0,3}\s+(?P<stable>[SD])\s+NUMBER\s*UNIT"),  # MT-SICS: S S     125.67 kg
    _pattern(r"NUMBER\s*UNIT\s*(?P<stable>\?)(?:\s.*)?"),  # a balance that marks what is not settled: 192.21 g ?
    _pattern(r"(?P<stable>ST|US|QT)\s*,\s*(?:(?:GS|NT|G|N|US)\s*,\s*)?NUMBER\s*,?\s*UNIT?"),  # ST,GS,+  12.34kg
    _pattern(r"(?:(?P<ms>\d+)\s*,\s*)?NUMBER\s*,\s*UNIT\s*(?:,.*)?"),  # OpenScale: [ms,]reading,unit,[raw,][t1,][t2,]
    _pattern(r"(?P<ms>\d+)\s*,\s*(?=\S*\.)NUMBER\s*UNIT?\s*,?"),  # a sketch: millis, reading; not 12,34 for 12.34
    _pattern(
        r"(?:(?:load|force|mass|load_cell output val)\s*[:=]?\s*)?NUMBER\s*UNIT?\s*,?"
    ),  # a sketch: 12.34, 12.34 kg
    _pattern(r"(?:.*\s)?weight\s*[:=]?\s*NUMBER\s*UNIT?(?:\s.*)?"),  # NAU7802: Reading: 83886 Weight: 1.23 AvgWeight: …
    _pattern(r"(?:one )?reading\s*[:=,]\s*NUMBER\s*UNIT(?:[\s,].*)?"),  # HX711: Reading: 0.4 lbs calibration_factor: …
    _pattern(
        r"(?:one )?reading\s*[:=]\s*(?=\S*\.)NUMBER(?:\s.*)?"
    ),  # …and without a unit; whole numbers are raw counts
)
_SICS_STATUS: Final = re.compile(r"S[A-Z]{0,3}\s+(?P<status>[I+-])")
_INDICATOR_OVERLOAD: Final = re.compile(r"OL\s*,.*", re.IGNORECASE)
_STATUSES: Final = {"I": "not_ready", "+": "overload", "-": "underload"}


class LineParser:
    """Lines to packets. from_start: the first byte begins a line; otherwise all up to the first line's end is dropped,
    because half a number is a wrong number.
    """

    def __init__(self, *, default_unit: str = "kg", from_start: bool = True) -> None:
        self._default_n = UNITS_N[default_unit.lower()]
        self._buffer = bytearray()
        self._dropping = not from_start

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed."""
        packets: list[Packet] = []
        *ended, rest = re.split(rb"[\r\n\x02\x03]", data)
        for part in ended:
            packets += self._end_line(part)
        packets += self._keep(rest)
        return packets

    def finish(self) -> list[Packet]:
        """See Parser.finish. A last line without an end counts only if it shows its own: a unit, or a status."""
        line = bytes(self._buffer)
        self._buffer.clear()
        if not line.strip() or self._dropping:
            return []
        packet = self._line_packet(line)
        has_unit = line.strip()[-1:].isalpha() and isinstance(packet, LoadPacket)
        has_status = isinstance(packet, MessagePacket) and packet.name in _STATUSES.values()
        return [packet if has_unit or has_status else truncated(len(line))]

    def _end_line(self, part: bytes) -> list[Packet]:
        kept = self._keep(part)
        line = bytes(self._buffer)
        self._buffer.clear()
        dropping, self._dropping = self._dropping, False
        return kept if dropping or not line.strip() else [self._line_packet(line)]

    def _keep(self, part: bytes) -> list[Packet]:
        """Add to the line so far; a line that has no end is dropped up to the next one."""
        if self._dropping:
            return []
        self._buffer += part
        if len(self._buffer) <= MAX_LINE:
            return []
        self._buffer.clear()
        self._dropping = True
        return [ErrorPacket(f"length: a line of over {MAX_LINE} characters")]

    def _line_packet(self, line: bytes) -> Packet:
        text = line.decode("ascii", "replace").replace("\t", " ").strip()
        if not text.isprintable() or not text.isascii():
            return ErrorPacket(f"not text: {line[:24].hex(' ')}: is the baud rate right?")
        for pattern in _READINGS:
            if match := pattern.fullmatch(text):
                return self._reading(match.groupdict())
        if status := _SICS_STATUS.fullmatch(text):
            return MessagePacket(_STATUSES[status["status"]], {"text": text})
        return MessagePacket("overload" if _INDICATOR_OVERLOAD.fullmatch(text) else "text", {"text": text})

    def _reading(self, found: dict[str, str | None]) -> LoadPacket:
        value = float((found["value"] or "").replace(" ", ""))
        unit, time_ms, stable = found.get("unit"), found.get("ms"), found.get("stable")
        newtons = UNITS_N[_symbol(unit)] if unit else self._default_n
        return LoadPacket(
            [[value * newtons]],
            [int(time_ms) * 1000] if time_ms else None,
            _STABLE[stable.upper()] if stable else None,
        )


def _symbol(unit: str) -> str:
    """A unit, written out or not, to its symbol."""
    return WORDS.get(unit.lower().removesuffix("s"), unit.lower())
