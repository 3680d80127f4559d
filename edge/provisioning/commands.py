"""`sledguard scan`, `pair` and `doctor`: arguments, one call each, words."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, cast

import typer
from bleak.backends.device import BLEDevice
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from edge import config
from edge.clock import monotonic_ns
from edge.config import Config
from edge.errors import ConfigError, SledguardError
from edge.provisioning import config_file
from edge.provisioning.air import bluez, listening
from edge.provisioning.config_file import Entry
from edge.provisioning.facts import gather
from edge.provisioning.findings import Finding, findings
from edge.provisioning.recognise import Heard
from edge.provisioning.scan_table import ScanTable, draw
from edge.provisioning.taking_in import TakenIn, take_in
from edge.samples import CELL_ROLES, IMU_ROLES, LOAD_ROLES, Cell, Role
from edge.settings import BOUGHT, BOUGHT_CELLS

REDRAW_S = 0.5
NO_TERMINAL_S = 8.0  # how long is listened where nobody watches
HUB = "hub"
MARKS = {"good": ("✓", "green"), "note": ("•", "yellow"), "bad": ("✗", "red")}

MaybeConfig = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration, to show what is in it already.")
]


def scan_command(
    seconds: Annotated[
        float | None, typer.Option(min=0.5, help="End after so long; without it, at Ctrl-C.", show_default=False)
    ] = None,
    config_path: MaybeConfig = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also devices that are no sensors for us.")] = False,
) -> None:
    """Show the sensors that are near: name, signal, battery, and what each can be."""
    settings = config.load(config_path) if config_path is not None else Config()
    console = Console()
    limit_s = seconds if seconds is not None or console.is_terminal else NO_TERMINAL_S
    table = ScanTable(settings.ble)
    asyncio.run(_scan(table, console, limit_s, everything=everything))
    if not console.is_terminal:
        console.width = max(console.width, 110)
        console.print(draw(table.rows(monotonic_ns(), everything=everything), 0 if everything else table.others()))


async def _scan(table: ScanTable, console: Console, seconds: float | None, *, everything: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if seconds is not None:
        loop.call_later(seconds, stop.set)

    def on_heard(heard: Heard, _device: BLEDevice) -> None:
        table.heard(heard, monotonic_ns())

    def picture() -> Table:
        return draw(table.rows(monotonic_ns(), everything=everything), 0 if everything else table.others())

    async with bluez() as watch:
        for held in await watch.holdings():
            if held.connected:
                table.heard(Heard(held.address, held.name, None, held.services, held.service_data), monotonic_ns())
        async with listening(watch, on_heard):
            if not console.is_terminal:
                await stop.wait()
                return
            with Live(picture(), console=console, auto_refresh=False) as live:
                while not stop.is_set():
                    live.update(picture(), refresh=True)
                    try:
                        await asyncio.wait_for(stop.wait(), REDRAW_S)
                    except TimeoutError:
                        continue


def pair_command(  # noqa: PLR0913, PLR0917 - the options of the command
    address: Annotated[str, typer.Argument(help="The sensor's address, as scan shows it.")],
    place: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="PLACE",
            help=f"What it is fixed to: {', '.join((*IMU_ROLES, *LOAD_ROLES))}; or {HUB}. Of a bought load cell, which "
            f"one it is: {', '.join(CELL_ROLES)}.",
        ),
    ],
    config_path: Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration to write it into.")],
    machine: Annotated[str | None, typer.Option(metavar="ID", help="The machine, where there are several.")] = None,
    link: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to call its link; without it, its place.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to look for it.")] = 20.0,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Take a sensor in: connect, bond where it asks, prove it, let it blink, and write it into the configuration."""
    places = (*IMU_ROLES, *LOAD_ROLES, HUB, *CELL_ROLES)
    if place not in places:
        raise ConfigError(f"--as {place}: must be one of {', '.join(places)}")
    settings = config_file.read(config_path)
    index = config_file.machine_index(settings, machine)
    console = Console(highlight=False)

    def say(text: str) -> None:
        console.print(Text.assemble(("✓ ", "green"), text), soft_wrap=True)

    def ask(text: str) -> str:
        return "" if yes or not sys.stdin.isatty() else input(f"  {text} ")

    taken = asyncio.run(take_in(address.upper(), seconds, ask, say))
    if taken.kind == "native" and ask("Did it blink or buzz? [Y/n]").strip().lower().startswith("n"):
        raise SledguardError("not the one that you mean: nothing is written; see sledguard scan for the others")
    entry = entry_of(taken, place, link or place.replace("_", "-"))
    config_file.write(config_path, entry, index)
    say(f"written to {config_path} as {entry.link}{_about(taken)}")


def entry_of(taken: TakenIn, place: str, link: str) -> Entry:
    """What to write of a sensor. SledguardError: it cannot be what the user says."""
    if place == HUB:
        return Entry(link, taken.kind, taken.address, taken.node)
    if taken.kind in BOUGHT_CELLS:
        if place not in CELL_ROLES:
            raise SledguardError(f"a {taken.kind} is one load cell: say which, one of {', '.join(CELL_ROLES)}")
        return Entry(link, taken.kind, taken.address, cell=cast(Cell, place))
    if place in CELL_ROLES:
        raise SledguardError(f"{place} is for a load cell that is a device of its own, and this is {taken.kind}")
    role = cast(Role, place)
    if taken.kind in BOUGHT:
        if role not in IMU_ROLES:
            raise SledguardError(f"a {taken.kind} measures motion: it cannot be the {role}")
        return Entry(link, taken.kind, taken.address, role=role)
    if role in taken.places.values() or taken.node is None:
        return Entry(link, taken.kind, taken.address, taken.node)
    if role in LOAD_ROLES:
        raise SledguardError(f"its cells do not say that they are the {role}: set their places with the maker's tool")
    if len(taken.inertial) != 1:
        raise SledguardError(
            f"it has {len(taken.inertial)} inertial channels: set their places in [[machines.sensors]]"
        )
    return Entry(link, taken.kind, taken.address, taken.node, role=role)


def _about(taken: TakenIn) -> str:
    told = [f"node {taken.node}"] if taken.node else []
    told += [f"firmware {taken.firmware}"] if taken.firmware else []
    told += [f"battery {taken.battery_pct} %"] if taken.battery_pct is not None else []
    return f" ({', '.join(told)})" if told else ""


def doctor_command(
    config_path: MaybeConfig = None,
    seconds: Annotated[
        float, typer.Option(min=0.0, help="How long to measure nodes that nobody serves; 0: not at all.")
    ] = 5.0,
) -> None:
    """Look at adapter, permissions, slots, links, batteries, losses, clocks and calibration; say what to do.

    Exit code 1 where something is wrong.
    """
    settings = config.load(config_path) if config_path is not None else Config()
    console = Console(highlight=False)
    with console.status("looking at Bluetooth, the nodes and the broker"):
        found = findings(asyncio.run(gather(settings, seconds)))
    for one in found:
        show(one, console)
    bad, notes = (sum(one.grade == grade for one in found) for grade in ("bad", "note"))
    console.print(f"\n{len(found)} findings: {bad} to mend, {notes} to know." if bad or notes else "\nAll is well.")
    if bad:
        raise typer.Exit(1)


def show(finding: Finding, console: Console) -> None:
    """One finding, with what to do below it."""
    mark, colour = MARKS[finding.grade]
    console.print(
        Text.assemble((f"{mark} ", colour), (f"{finding.about:<22}", "bold"), f" {finding.text}"), soft_wrap=True
    )
    if finding.do:
        console.print(Text(f"    → {finding.do}", style=colour), soft_wrap=True)
