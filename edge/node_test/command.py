"""`sledguard node-test` and `sledguard node-key`: arguments, one call, words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from edge.errors import SledguardError
from edge.node_test.examination import Examination, Plan
from edge.node_test.gatt import GattSource, check_gatt
from edge.node_test.line import converse
from edge.node_test.provision import Provisioning, keys_of
from edge.node_test.report import show, write
from edge.sources.serial import SerialSource

SerialPort = Annotated[
    Path | None, typer.Option("--serial", metavar="PATH", help="A serial port, such as /dev/ttyACM0.")
]
BleAddress = Annotated[str | None, typer.Option("--ble", metavar="ADDRESS", help="A Bluetooth LE address.")]
Baud = Annotated[int, typer.Option(help="Bits per second of the serial port; of no account on USB.")]
Secrets = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The secrets file with the node's key, to test authentication.")
]


def node_test_command(  # noqa: PLR0913, PLR0917 - the options of the command
    serial: SerialPort = None,
    ble: BleAddress = None,
    minutes: Annotated[float, typer.Option(min=0.1, max=600.0, help="How long to watch the streams.")] = 5.0,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the findings as JSON.")] = None,
    baud: Baud = 115_200,
    secrets: Secrets = None,
) -> None:
    """Hold a node against the open protocol and say what passes. Lay it still; it will be restarted.

    Exit code 0 where nothing failed, 1 where something did.
    """
    keys = keys_of(secrets)
    source = _source(serial, ble, baud)
    plan = Plan(framed=ble is None, stream_s=60.0 * minutes, key_of=keys.get)
    examination, console = Examination(plan), Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def on_tick() -> None:
            progress.update(task, completed=examination.progress, description=examination.doing)

        asyncio.run(converse(source, examination, on_tick))
    if isinstance(source, GattSource):
        check_gatt(source.facts, examination.known, examination.findings)
    show(examination, console)
    if report:
        write(examination, report)
    if not examination.findings.passed:
        raise typer.Exit(1)


def node_key_command(
    secrets: Annotated[Path, typer.Option(metavar="FILE", help="The secrets file that keeps the key.")],
    serial: SerialPort = None,
    ble: BleAddress = None,
    baud: Baud = 115_200,
) -> None:
    """Give a node its authentication key, once, over USB or a bonded link; the key goes into the secrets file."""
    provisioning = Provisioning(secrets, framed=ble is None)
    asyncio.run(converse(_source(serial, ble, baud), provisioning, lambda: None))
    if provisioning.problem:
        raise SledguardError(provisioning.problem)
    Console().print(f"node {provisioning.node_id} has its key; it is kept in {secrets}")


def _source(serial: Path | None, ble: str | None, baud: int) -> SerialSource | GattSource:
    if (serial is None) == (ble is None):
        raise SledguardError("say either --serial PATH or --ble ADDRESS")
    return GattSource(ble) if ble else SerialSource("node", str(serial), baud)
