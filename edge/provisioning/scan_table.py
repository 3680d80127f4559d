"""The table of `scan`: who was heard, how loud, and what it can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from edge.provisioning.recognise import Heard, Recognised, recognise
from edge.settings import BleSettings

STALE_NS = 15_000_000_000  # a scan tells an unchanged device once in 10 s
BARS = ((-60, "▂▄▆█", "green"), (-72, "▂▄▆ ", "green"), (-82, "▂▄  ", "yellow"), (-200, "▂   ", "red"))
"""From how many dBm on, the bars, their colour: at -82 notifications begin to be repeated, at -90 links break."""

LOW_BATTERY_PCT = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One device. in_config: the link's name where it is configured."""

    heard: Heard
    what: Recognised
    in_config: str | None
    stale: bool


class ScanTable:
    """Hears advertisements; rows come out, what is of use first, then by bars of loudness, so that none dances."""

    def __init__(self, configured: Sequence[BleSettings] = ()) -> None:
        self._configured = configured
        self._heard: dict[str, tuple[Heard, int]] = {}

    def heard(self, heard: Heard, t_ns: int) -> None:
        """An advertisement, or a device that is connected. A name that was told once is kept."""
        before = self._heard.get(heard.address)
        if heard.name is None and before is not None:
            heard = Heard(heard.address, before[0].name, heard.rssi_dbm, heard.services, heard.service_data)
        self._heard[heard.address] = (heard, t_ns)

    def rows(self, t_ns: int, *, everything: bool = False) -> list[Row]:
        """The table's rows. everything: also devices that are nothing to us."""
        rows = [
            Row(heard, what, self._link_of(heard, what), t_ns - then_ns > STALE_NS)
            for heard, then_ns in self._heard.values()
            if (what := recognise(heard)).kind is not None or everything
        ]
        return sorted(rows, key=lambda row: (row.what.kind is None, _bars(row.heard.rssi_dbm), row.heard.address))

    def others(self) -> int:
        """How many devices are nothing to us."""
        return sum(recognise(heard).kind is None for heard, _ in self._heard.values())

    def _link_of(self, heard: Heard, what: Recognised) -> str | None:
        for node in self._configured:
            if node.node is not None and what.node_low == node.node[-8:]:
                return node.link
            if node.node is None and node.address == heard.address:
                return node.link
        return None


def draw(rows: Iterable[Row], others: int) -> Table:
    """The table for a terminal."""
    table = Table(title="Bluetooth sensors", title_justify="left", caption_justify="left", expand=False)
    for name in ("address", "name", "kind", "signal", "battery", "can be", "configured as"):
        table.add_column(name, no_wrap=name in {"address", "signal"})
    for row in rows:
        style = "dim" if row.stale or row.what.kind is None else ""
        cells = (
            Text(row.heard.address),
            Text(row.heard.name or "—"),
            Text(row.what.kind or "unknown"),
            signal(row.heard.rssi_dbm),
            _battery(row.what.battery_pct),
            Text(row.what.can_be),
            Text(row.in_config or "", style="green"),
        )
        table.add_row(*cells, style=style)
    table.caption = _caption(table.row_count, others)
    return table


def signal(rssi_dbm: int | None) -> Text:
    """Bars and dBm."""
    if rssi_dbm is None:
        return Text("connected", style="cyan")
    _, bars, colour = BARS[_bars(rssi_dbm)]
    return Text.assemble((bars, colour), f" {rssi_dbm:4d} dBm")


def _bars(rssi_dbm: int | None) -> int:
    """Which of BARS; a device that is connected comes first."""
    if rssi_dbm is None:
        return 0
    return next((index for index, (least, _, _) in enumerate(BARS) if rssi_dbm >= least), len(BARS) - 1)


def _battery(pct: int | None) -> Text:
    if pct is None:
        return Text("—")
    return Text(f"{pct:3d} %", style="red" if pct < LOW_BATTERY_PCT else "")


def _caption(shown: int, others: int) -> str:
    hidden = f"{others} other device(s) near; --all shows them.\n" if others else ""
    if not shown:
        return f"{hidden}No sensor heard yet: is it charged, switched on and near, and connected to nothing else?"
    return f"{hidden}To take one in: sledguard pair ADDRESS --as PLACE --config FILE"
