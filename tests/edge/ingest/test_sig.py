"""SIG Battery and Device Information."""

from __future__ import annotations

import pytest

from edge.ingest import sig


@pytest.mark.parametrize(
    ("value", "pct"),
    [(b"\x00", 0), (b"\x57", 87), (b"\x64", 100), (b"\x65", None), (b"\xff", None), (b"", None), (b"\x57\0", None)],
)
def test_battery_level(value: bytes, pct: int | None) -> None:
    """One byte up to 100 is a percentage; anything else is unknown, never a guess."""
    assert sig.battery_pct(value) == pct


def test_device_information() -> None:
    """Strings are read, zero bytes and control characters cut, missing ones None; UUIDs in any case."""
    found = sig.device_information(
        {
            sig.MANUFACTURER.upper(): b"Movesense\0\0",
            sig.FIRMWARE: b" 2.3.1\r\n",
            sig.MODEL: b"\0",
            sig.SERIAL: b"A\xff1",
        }
    )
    assert found == sig.DeviceInformation(manufacturer="Movesense", firmware="2.3.1", serial="A\ufffd1")
