"""The command line. Each command reads its arguments, calls one function and prints; errors are one clear line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from edge import config
from edge.analysis import Analysis, analyze
from edge.decode import decode_command
from edge.errors import SledguardError
from edge.pipelines import recorded_pipeline

app = typer.Typer(
    name="sledguard",
    help="Watches a leg press: counts reps and says, mid-set, what a good coach beside the sled would say.\n\n"
    "A training aid, not a medical device, and no safety device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

ConfigPath = Annotated[Path, typer.Argument(metavar="FILE", help="The TOML file, such as config/edge.toml.")]
Broker = Annotated[
    str | None, typer.Option("--broker", metavar="HOST:PORT", help="Publish to this MQTT broker.", show_default=False)
]


def main() -> None:
    """Run the command line; the entry point of `sledguard`."""
    try:
        app()
    except SledguardError as error:
        _complain(str(error))
        sys.exit(1)


@app.command("analyze")
def analyze_recordings(
    recordings: Annotated[list[Path], typer.Argument(metavar="RECORDING...", help="Folders of recorded sessions.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go: DIR/NAME/ for each.")],
) -> None:
    """Judge recordings: DIR/NAME/events.jsonl and DIR/NAME/signals.csv for each, as it would have gone live.

    A recording that cannot be read is told and left out; the exit code is then 1.
    """
    failed, names = 0, set[str]()
    for folder in recordings:
        try:
            name = folder.resolve().name
            if name in names:
                raise SledguardError(f"{folder}: another recording named {name} was given before; use another --out")
            names.add(name)
            _say(_summary(_analyze_one(folder, out)))
        except SledguardError as error:
            failed += 1
            _complain(str(error))
        except Exception as error:  # noqa: BLE001 - one recording must not cost the others theirs
            failed += 1
            traceback.print_exc()
            _complain(f"{folder}: failed ({error!r}); this is a bug, please report it with the lines above")
    if failed:
        _complain(f"{failed} of {len(recordings)} recordings could not be analyzed")
        raise typer.Exit(1)


@app.command()
def check_config(config_file: ConfigPath) -> None:
    """Check a configuration and list every mistake in it, each with what would be legal."""
    settings = config.load(config_file)
    machines, lines = len(settings.machines), len(settings.serial)
    _say(f"{config_file}: no mistakes; {machines} machine(s), {lines} serial line(s), broker {settings.mqtt.host}")


app.command("decode")(decode_command)


def _analyze_one(folder: Path, out: Path) -> Analysis:
    with _progress(folder.resolve().name) as told:
        result = analyze(folder, out, recorded_pipeline, told)
    for note in result.notes:
        _say(f"{result.name}: note: {note}")
    return result


def _summary(done: Analysis) -> str:
    return (
        f"{done.name}: {done.reps} reps, {done.alerts} alerts in {done.duration_s:.0f} s, {done.speed:.0f} x real time"
    )


@contextmanager
def _progress(name: str) -> Iterator[Callable[[float, float], None]]:
    """A bar on a terminal, nothing elsewhere. Call it with seconds done and seconds in all."""
    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name)
        yield lambda done_s, total_s: bar.update(task, completed=done_s, total=total_s)


def _say(text: str) -> None:
    typer.echo(text)


def _complain(text: str) -> None:
    for line in text.splitlines():
        typer.echo(f"sledguard: {line}", err=True)


if __name__ == "__main__":
    main()
