"""The command line. Each command reads its arguments, calls one function and prints; errors are one clear line."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from edge import config
from edge.analysis import Analysis, analyze_log, analyze_samples
from edge.assembly import box_of, new_boot, publisher_for
from edge.clock import monotonic_ns
from edge.command_line import host_port, mqtt_at
from edge.convert import convert
from edge.dashboards_command import dashboards_command
from edge.decode import decode_command
from edge.demo import footer, run_demo
from edge.diagnose import bundle
from edge.errors import SledguardError
from edge.forget_command import forget_command
from edge.lifters.command import forget_lifter_command
from edge.mcap_files import McapRecording, open_recorded
from edge.node_test.command import node_key_command, node_test_command
from edge.outlets import MqttOutlet
from edge.pipelines import logged_pipeline, recorded_pipeline
from edge.provisioning.commands import doctor_command, pair_command, scan_command
from edge.publishers.latency import read_certificate, table
from edge.publishers.terminal import open_terminal
from edge.replay import ReplayClock, open_replay, play
from edge.service import keep_to_ourselves
from edge.settings import BoxSettings
from edge.sources.recording import Recording
from edge.state import CERTIFICATE, state_to_read
from edge.version import build, release

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
BoxConfig = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The configuration of the box; without it, the defaults."),
]
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


def _tell_version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"sledguard {release()}, {build()}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the release, and end.")
    ] = False,
) -> None:
    """Nothing: options that stand before every command."""


@app.command()
def run(
    config_file: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="The configuration, such as config/edge.toml.")
    ],
) -> None:
    """Watch the machines of a configuration until stopped."""
    settings = config.load(config_file)
    keep_to_ourselves()
    logging.basicConfig(level=settings.log.level.upper(), format="%(levelname)s %(message)s", stream=sys.stderr)
    zero_s = monotonic_ns() / 1e9

    async def go(stop: asyncio.Event) -> None:
        with open_terminal(footer(settings.mqtt), zero_s) as terminal:
            await box_of(settings, [terminal], new_boot()).run(stop)

    _until_stopped(go)


@app.command()
def demo(
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="N", min=0.0, help="End after N seconds; without it, at Ctrl-C."),
    ] = None,
    broker: Broker = None,
    *,
    ble: Annotated[bool, typer.Option("--ble", help="Nodes on a simulated Bluetooth, not on a serial line.")] = False,
) -> None:
    """Show it all with a simulated lifter: nodes on a serial line, cues, and an MQTT broker to listen to.

    Nothing else is needed. The terminal shows the set and how to subscribe from another one; Ctrl-C ends it.
    """
    address = host_port("--broker", broker) if broker else None
    _until_stopped(lambda stop: run_demo(new_boot(), address, stop, ble=ble), seconds)


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording's folder, a byte log or MCAP.")],
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", min=0.01, max=1000.0, help="X seconds of it in one second.")
    ] = 1.0,
    broker: Broker = None,
) -> None:
    """Play a recorded session as if it happened now, on the terminal and, if asked, over MQTT."""
    what, clock = open_replay(path), ReplayClock(speed)
    mqtt = mqtt_at(broker) if broker else None
    for note in what.notes:
        _say(f"note: {note}")

    async def go(stop: asyncio.Event) -> None:
        foot = footer(mqtt) if mqtt else f"replay of {path} at {speed:g} x"
        with open_terminal(foot, what.zero_s) as terminal:
            if mqtt is None:
                await play(what, clock, [terminal], stop)
                return
            box = BoxSettings(gym="replay", id="replay")
            publisher = publisher_for(box, mqtt, new_boot(), clock.read)
            serving = asyncio.create_task(publisher.run())
            await _either(publisher.is_up.wait(), stop.wait())
            await play(what, clock, [terminal, MqttOutlet(publisher, box.gym, [what.machine])], stop)
            await publisher.stop()
            serving.cancel()
        clear = f"sledguard forget {box.gym}/{what.machine} --box {box.gym}/{box.id} --broker {broker}"
        if publisher.connects:
            _say(f"the broker keeps what was told last; to clear it: {clear}")

    _until_stopped(go)


@app.command("analyze")
def analyze_recordings(
    recordings: Annotated[list[Path], typer.Argument(metavar="RECORDING...", help="Folders, byte logs or MCAP files.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go: DIR/NAME/ for each.")],
) -> None:
    """Judge recordings: DIR/NAME/events.jsonl and DIR/NAME/signals.csv for each, as it would have gone live.

    A recording that cannot be read is told and left out; the exit code is then 1.
    """
    failed, names = 0, set[str]()
    for folder in recordings:
        try:
            name = folder.resolve().stem if folder.is_file() else folder.resolve().name
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
    machines, lines, nodes = len(settings.machines), len(settings.serial), len(settings.ble)
    links = f"{lines} serial line(s), {nodes} Bluetooth node(s)"
    _say(f"{config_file}: no mistakes; {machines} machine(s), {links}, broker {settings.mqtt.host}")


@app.command()
def latency(
    config_file: BoxConfig = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the figures as JSON too.")] = None,
) -> None:
    """How fast the running box's alerts are: percentiles from sample to buzzer and broker, of its last 10,000."""
    box = config.load(config_file).box if config_file else BoxSettings()
    facts = read_certificate(state_to_read(box) / CERTIFICATE)
    _say(f"box {facts['box']}, {facts['alerts']} alerts since its start, written {facts['written']}")
    for line in table(facts):
        _say(line)
    if out is not None:
        out.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


@app.command()
def diagnose(
    config_file: BoxConfig = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")] = Path("sledguard.zip"),
) -> None:
    """One file for whoever is to help: versions, settings, counts, rights of files, the log; no secrets, no names."""
    names = bundle(config.load(config_file) if config_file else config.Config(), out)
    _say(f"{out}: {', '.join(names)}; look into it before you give it away")


@app.command("convert")
def convert_recording(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A recording's folder, a raw byte log or MCAP.")],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="NAME.mcap, NAME.bytes (a byte log), or any other name: a folder.")
    ],
) -> None:
    """A recording in another form: MCAP with its events, for Foxglove and PlotJuggler; a byte log; a folder.

    What the new form cannot hold, and what could not be read, is told.
    """
    done = convert(source, target)
    for note in done.notes:
        _say(f"note: {note}")
    _say(f"{target}: {done.count} {done.what}")


app.command("decode")(decode_command)
app.command("scan")(scan_command)
app.command("pair")(pair_command)
app.command("doctor")(doctor_command)
app.command("dashboards")(dashboards_command)
app.command("forget")(forget_command)
app.command("forget-lifter")(forget_lifter_command)
app.command("node-test")(node_test_command)
app.command("node-key")(node_key_command)


def _analyze_one(folder: Path, out: Path) -> Analysis:
    with _progress(folder.resolve().name) as told:
        found = open_recorded(folder)
        if isinstance(found, Recording | McapRecording):
            result = analyze_samples(found, out, recorded_pipeline, told)
        else:
            pipeline = logged_pipeline(found.about, folder, keep_signals=True)
            result = analyze_log(folder, out, found, pipeline, told)
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


def _until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]], seconds: float | None = None) -> None:
    """Run work with an event that Ctrl-C, SIGTERM or the end of `seconds` sets."""

    async def supervised() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if seconds is not None:
            loop.call_later(seconds, stop.set)
        await work(stop)

    asyncio.run(supervised())


async def _either(*waits: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _say(text: str) -> None:
    typer.echo(text)


def _complain(text: str) -> None:
    for line in text.splitlines():
        typer.echo(f"sledguard: {line}", err=True)


if __name__ == "__main__":
    main()
