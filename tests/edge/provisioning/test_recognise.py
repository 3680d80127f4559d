"""What an advertisement is to us, and the table that shows it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from edge.ingest.drivers import DRIVERS
from edge.provisioning.recognise import BTHOME, Heard, Recognised, bthome_battery, recognise
from edge.provisioning.scan_table import STALE_NS, ScanTable, draw, signal
from edge.settings import BleSettings
from firmware_protocol import gatt
from firmware_protocol.registries import Placement

ADDRESS = "C0:98:E5:51:ED:03"


def native(
    placement: int = Placement.LEFT_SHANK, battery_pct: int = 93, address: str = ADDRESS, rssi: int = -50
) -> Heard:
    told = gatt.write_advert(gatt.Advert(1, 0, battery_pct, placement, 0x00000103))
    return Heard(address, "left shank", rssi, (gatt.SERVICE,), {gatt.SERVICE: told})


def test_a_native_node_says_what_it_is() -> None:
    """Place, battery and id come from its service data."""
    assert recognise(native()) == Recognised("native", "left shank", 93, "00000103")


def test_a_native_node_without_place_or_battery() -> None:
    """What it does not know is not guessed."""
    assert recognise(native(Placement.UNKNOWN, 255)) == Recognised("native", "any place", None, "00000103")


def test_an_idle_node_tells_its_battery_as_bthome() -> None:
    """BTHome beside our service UUID: the battery is read from there."""
    heard = Heard(ADDRESS, "x", -50, (gatt.SERVICE,), {BTHOME: bytes.fromhex("4000070155")})
    assert recognise(heard) == Recognised("native", "any place", 0x55, None)


@pytest.mark.parametrize(
    ("data", "pct"), [("400155", 0x55), ("40000701ff", None), ("4000", None), ("", None), ("4002aa01", None)]
)
def test_bthome_batteries(data: str, pct: int | None) -> None:
    """Only a battery that stands in front, and that can be one, is believed."""
    assert bthome_battery(bytes.fromhex(data)) == pct


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (Heard(ADDRESS, "WT901BLE68"), "witmotion"),
        (Heard(ADDRESS, None, -50, (DRIVERS["witmotion"].gatt.service,)), "witmotion"),  # type: ignore[union-attr]
        (Heard(ADDRESS, "Movesense 174230000123"), "movesense"),
        (Heard(ADDRESS, "Progressor_1234"), "progressor"),
        (Heard(ADDRESS, "bridge", -50, ("6E400001-B5A3-F393-E0A9-E50E24DCCA9E",)), "native-serial"),
        (Heard(ADDRESS, "Anna's headphones"), None),
        (Heard(ADDRESS), None),
    ],
)
def test_kinds(heard: Heard, kind: str | None) -> None:
    """By service where it is told, else by name."""
    assert recognise(heard).kind == kind


def test_rows_stand_still_and_keep_names() -> None:
    """Sensors before the rest, loud before faint, and within that by address; a name told once is kept."""
    table = ScanTable([BleSettings(link="knee", node="51ed6a2d00000103")])
    table.heard(Heard("00:00:00:00:00:09", "radio", -30), 0)
    table.heard(native(address="00:00:00:00:00:03", rssi=-90), 0)
    table.heard(native(address="00:00:00:00:00:02", rssi=-41), 0)
    table.heard(native(address="00:00:00:00:00:01", rssi=-55), 0)
    table.heard(Heard("00:00:00:00:00:01", None, -44, (gatt.SERVICE,), {}), 1)
    rows = table.rows(STALE_NS + 1, everything=True)
    assert [row.heard.address[-1] for row in rows] == ["1", "2", "3", "9"]
    assert (rows[0].heard.name, rows[0].stale, rows[1].stale) == ("left shank", False, True)
    assert [row.in_config for row in rows] == [None, "knee", "knee", None]
    assert (len(table.rows(0)), table.others()) == (3, 1)


def test_a_node_that_is_configured_by_its_address() -> None:
    """The configured link is shown beside it."""
    table = ScanTable([BleSettings(link="hip", address=ADDRESS)])
    table.heard(Heard(ADDRESS, "WT901BLE68", -50), 0)
    assert table.rows(0)[0].in_config == "hip"


def test_the_table_as_drawn() -> None:
    """Every column is there, with what to do next below; a connected device says so in place of a signal."""
    table = ScanTable()
    table.heard(native(battery_pct=12), 0)
    table.heard(Heard("E0:12:34:56:78:9A", "WT901BLE68", None), 0)
    out = io.StringIO()
    Console(file=out, width=130).print(draw(table.rows(0), 2))
    text = out.getvalue()
    for wanted in (
        ADDRESS,
        "left shank",
        "▂▄▆█",
        "-50 dBm",
        "12 %",
        "connected",
        "2 other device(s)",
        "sledguard pair",
    ):
        assert wanted in text


@pytest.mark.parametrize(("rssi", "bars"), [(-60, "▂▄▆█"), (-61, "▂▄▆ "), (-72, "▂▄▆ "), (-82, "▂▄  "), (-83, "▂   ")])
def test_bars(rssi: int, bars: str) -> None:
    """The bars change where they are said to."""
    assert signal(rssi).plain.startswith(bars + " ")


def test_nothing_heard_says_what_to_look_at() -> None:
    """An empty table is no dead end."""
    assert "charged" in str(draw([], 0).caption)
