"""The live recorder: what a box records replays to what it said, and takes no more room and time than it may."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from broker_tools import HOST, eventually, free_port
from example_events import NOTICE
from typer.testing import CliRunner

from edge.assembly import box_of, new_boot
from edge.cli import app
from edge.config import Config
from edge.errors import ConfigError, SledguardError
from edge.events import AnyEvent
from edge.machine import MachineSettings
from edge.mcap_files import McapLog, open_mcap
from edge.recorder import PART_MAX_BYTES, PART_MAX_NS, PART_MIN_BYTES, McapPart, Recorder, part_bytes
from edge.replay import open_replay
from edge.settings import BoxSettings, LogSettings, MqttSettings, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine
from edge.sources.byte_log import ByteLogWriter, Direction, Keep, LogEntry, make_room

reader = pytest.importorskip("mcap.reader")
ABOUT = {"machine": "press", "seed": 7, "settings": {"id": "press"}, "links": {"hub": {"kind": "native-serial"}}}
ENTRY = LogEntry(1_000, "hub", Direction.IN, bytes(1000))


class Outlet:
    """Keeps the events."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []

    def tell(self, _machine: str, event: AnyEvent) -> None:
        self.events.append(event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """Nothing to keep."""


def box_config(folder: Path, line: PtyLine, **log: Any) -> Config:
    return Config(
        box=BoxSettings(gym="g", id="box", state_dir=str(folder / "state")),
        mqtt=MqttSettings(host=HOST, port=free_port()),
        serial=(SerialSettings(link="hub", device=str(line.path)),),
        log=LogSettings(**log),
        machines=(MachineSettings(id="press", sled_mass_kg=140.0),),
    )


async def test_a_recorded_session_replays_to_what_was_said_live(tmp_path: Path) -> None:
    """A whole box records a hub; the file is valid, replays event for event, and `analyze` reads it."""
    line, outlet, stop = PtyLine(demo_hub(), tmp_path / "hub"), Outlet(), asyncio.Event()
    config = box_config(tmp_path, line, mcap_dir=str(tmp_path / "mcap"))
    serving = asyncio.create_task(line.run())
    running = asyncio.create_task(box_of(config, [outlet], new_boot()).run(stop))
    await eventually(lambda: len(outlet.events) > 40)
    stop.set()
    await running
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    (path,) = (tmp_path / "mcap").glob("*.mcap")
    assert [event for step in open_replay(path).steps for event in step.events] == outlet.events
    assert recorded_events(path) == msgspec.json.decode(msgspec.json.encode(outlet.events))
    ran = await asyncio.to_thread(CliRunner().invoke, app, ["analyze", str(path), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "out" / path.stem / "events.jsonl").stat().st_size > 0


def recorded_events(path: Path) -> list[Any]:
    """The events in a file, as the mcap library gives them."""
    with path.open("rb") as file:
        found = reader.make_reader(file, validate_crcs=True).iter_messages(log_time_order=False)
        return [msgspec.json.decode(message.data) for schema, _, message in found if schema is not None]


def recorder(folder: Path, max_bytes: int, keep: Keep) -> Recorder:
    return Recorder(lambda part: McapPart(folder / f"{part:02}.mcap", ABOUT, 0, max_bytes), keep)


def test_a_full_file_is_followed_by_another_and_the_oldest_go(tmp_path: Path) -> None:
    """Every file opens and begins with a mark; together they are no larger than they may be, but for the newest two."""
    one = recorder(tmp_path, 20_000, Keep(30_000, pattern="*.mcap"))
    for number in range(200):
        one.write(replace(ENTRY, t_ns=number, data=os.urandom(1000)))
    one.close()
    for thread in threading.enumerate():
        if thread.name == "byte-log-roll":
            thread.join()
    make_room(tmp_path, Keep(30_000, pattern="*.mcap"))
    files = sorted(tmp_path.glob("*.mcap"))
    assert one.dropped == 0
    assert 1 <= len(files) <= 3
    assert sum(path.stat().st_size for path in files) <= 30_000
    newest = list(open_mcap(files[-1]).entries())
    assert newest[0].direction is Direction.MARK
    assert newest[-1].t_ns == 199


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    """By when it was last written to, whatever room there is."""
    for name, age_s in (("a", 3 * 86_400), ("b", 60)):
        path = tmp_path / f"{name}.mcap"
        path.write_bytes(b"x")
        os.utime(path, (path.stat().st_mtime - age_s,) * 2)
    make_room(tmp_path, Keep(age_s=2 * 86_400, pattern="*.mcap"))
    assert [path.name for path in tmp_path.iterdir()] == ["b.mcap"]


def test_recordings_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Both kinds, from their first byte on, whatever the box's umask: they are of people."""
    before = os.umask(0)
    try:
        parts = [McapPart(tmp_path / "a.mcap", ABOUT, 0), ByteLogWriter(tmp_path / "a.bytes", ABOUT)]
    finally:
        os.umask(before)
    assert [part.path.stat().st_mode & 0o777 for part in parts] == [0o600, 0o600]
    for part in parts:
        part.close()


async def test_what_a_crash_leaves_is_read(tmp_path: Path) -> None:
    """A file that was never finished has what was written of it, but for its last some seconds, and is told of."""
    part = McapPart(tmp_path / "a.mcap", ABOUT, 0)
    for number in range(400):
        part.write(replace(ENTRY, t_ns=number, data=os.urandom(1000)))
    await eventually(lambda: part.path.stat().st_size > 250_000)
    left = tmp_path / "left.mcap"
    left.write_bytes(part.path.read_bytes())
    part.close()
    log = open_mcap(left)
    assert isinstance(log, McapLog)
    kept = [entry.t_ns for entry in log.entries()]
    assert len(kept) > 100
    assert kept == list(range(len(kept)))
    assert "breaks off" in (log.check() or "")


@pytest.mark.parametrize(("later_ns", "has_room"), [(PART_MAX_NS, True), (PART_MAX_NS + 1, False)])
def test_a_file_is_of_one_day(tmp_path: Path, later_ns: int, has_room: bool) -> None:  # noqa: FBT001
    """So that it can go whole when it is too old."""
    part = McapPart(tmp_path / "a.mcap", ABOUT, 0)
    part.write(ENTRY)
    assert part.has_room(replace(ENTRY, t_ns=ENTRY.t_ns + later_ns)) is has_room
    part.close()


def test_a_disk_that_refuses_is_told_and_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not recorded is counted."""
    part = McapPart(tmp_path / "a.mcap", ABOUT, 0)

    def refuse(_events: list[AnyEvent]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(part._channels, "write_events", refuse)
    part.tell(NOTICE)
    part.close()
    assert "No space left" in (part.problem or "")
    part.tell(NOTICE)
    part.write(ENTRY)
    assert part.dropped == 2


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    """Another machine's newest recording is not taken away below it, however old or large it is; once closed it is."""
    part = McapPart(tmp_path / "a.mcap", ABOUT, 0)
    (tmp_path / "b.mcap").write_bytes(bytes(10))
    make_room(tmp_path, Keep(0, -1.0, "*.mcap"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mcap"]
    part.close()
    make_room(tmp_path, Keep(0, -1.0, "*.mcap"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_file_that_none_follows_is_told(tmp_path: Path) -> None:
    """It stays within its size, and what came after it is counted."""

    def start(part: int) -> McapPart:
        if part:
            raise SledguardError("no folder")
        return McapPart(tmp_path / "a.mcap", ABOUT, 0, 20_000)

    one = Recorder(start)
    for number in range(40):
        one.write(replace(ENTRY, t_ns=number, data=os.urandom(1000)))
    one.tell("press", NOTICE)
    one.close()
    kept = list(open_mcap(tmp_path / "a.mcap").entries())
    assert [entry.t_ns for entry in kept] == list(range(19))
    assert one.dropped == 22
    assert "full" in (one.problem or "")


@pytest.mark.parametrize(
    ("max_mb", "machines", "expected"),
    [(4000, 1, PART_MAX_BYTES), (1000, 1, 250_000_000), (1000, 5, 50_000_000), (1, 9, PART_MIN_BYTES)],
)
def test_files_are_small_beside_what_all_may_take(max_mb: int, machines: int, expected: int) -> None:
    """Else the ones that are being written, which stay, would be more than that alone."""
    assert part_bytes(max_mb * 1_000_000, machines) == expected


async def test_what_gets_too_old_goes_while_nothing_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A box looks every hour, not only when a file is full."""
    monkeypatch.setattr("edge.assembly.MAKE_ROOM_EVERY_S", 0.05)
    line, stop = PtyLine(demo_hub(), tmp_path / "hub"), asyncio.Event()
    config = box_config(tmp_path, line, mcap_dir=str(tmp_path / "mcap"), mcap_keep_days=1.0)
    running = asyncio.create_task(box_of(config, [], new_boot()).run(stop))
    (old := tmp_path / "mcap" / "2000.mcap").write_bytes(b"x")
    os.utime(old, (0, 0))
    await eventually(lambda: not old.exists())
    stop.set()
    await running


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """At the start."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SledguardError, match="check the folder"):
        McapPart(tmp_path / "file" / "a.mcap", ABOUT, 0)


async def test_both_kinds_of_recording_at_once_are_refused(tmp_path: Path) -> None:
    """They hold the same."""
    line = PtyLine(demo_hub(), tmp_path / "hub")
    config = box_config(tmp_path, line, mcap_dir=str(tmp_path / "a"), raw_bytes_dir=str(tmp_path / "b"))
    with pytest.raises(ConfigError, match="convert"):
        box_of(config, [], new_boot())
