"""Recordings as MCAP: they replay to the same events, convert there and back, and are valid to the library."""

from __future__ import annotations

import json
from pathlib import Path

import fastjsonschema
import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.convert import convert
from edge.errors import RecordingError, SledguardError
from edge.events import AnyEvent
from edge.machine import MachineSettings
from edge.mcap_files import open_mcap
from edge.pipelines import live_pipeline, logged_pipeline
from edge.player import play_bytes
from edge.replay import open_replay
from edge.settings import LinkPlan
from edge.simulator.demo import demo_hub
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry, open_log

mcap_reader = pytest.importorskip("mcap.reader")
SETTINGS = {"id": "press", "sled_mass_kg": 140.0, "height_m": 1.75}
ABOUT = {
    "machine": "press", "seed": 7, "began": "2026-01-31T12:00:00.000Z", "settings": SETTINGS,
    "links": {"hub": {"kind": "native-serial"}},
}  # fmt: skip
STEP_NS, END_NS = 4_000_000, 7_000_000_000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[AnyEvent]]:
    """A byte log of the demo's first seconds, and what was said live."""
    path = tmp_path_factory.mktemp("log") / "run.bytes"
    writer, hub, said = ByteLogWriter(path, ABOUT), demo_hub(), list[AnyEvent]()
    pipeline = live_pipeline(MachineSettings(id="press", sled_mass_kg=140.0, height_m=1.75), {"hub": LinkPlan()}, 7)
    writer.write(LogEntry(0, "", Direction.MARK, b""))
    pipeline.advance(0)
    for t_ns in range(STEP_NS, END_NS, STEP_NS):
        if data := hub.advance(t_ns):
            writer.write(LogEntry(t_ns, "hub", Direction.IN, data))
            pipeline.receive("hub", t_ns, data)
        events, sends = pipeline.advance(t_ns)
        said += events
        for message in sends:
            hub.receive(t_ns, message.data)
            writer.write(LogEntry(t_ns, "hub", Direction.OUT, message.data, message.seq))
            pipeline.sent("hub", t_ns, message.seq)
    writer.write(LogEntry(END_NS, "", Direction.MARK, b""))
    said += pipeline.advance(END_NS)[0]
    writer.close()
    return path, said


@pytest.fixture(scope="module")
def as_mcap(recorded: tuple[Path, list[AnyEvent]]) -> Path:
    """The same as MCAP."""
    target = recorded[0].with_name("run.mcap")
    convert(recorded[0], target)
    return target


def test_replays_to_what_was_said_live(recorded: tuple[Path, list[AnyEvent]], as_mcap: Path) -> None:
    """The MCAP file through a new pipeline gives the live events, equal in every field."""
    log = open_mcap(as_mcap)
    replayed = [e for step in play_bytes(logged_pipeline(log.about, as_mcap), log.entries()) for e in step.events]
    assert replayed == recorded[1]
    assert len(replayed) > 30
    assert [e for step in open_replay(as_mcap).steps for e in step.events] == recorded[1]


def test_there_and_back(recorded: tuple[Path, list[AnyEvent]], as_mcap: Path, tmp_path: Path) -> None:
    """Converted back, the byte log has the entries that it had."""
    back = tmp_path / "back.bytes"
    convert(as_mcap, back)
    assert list(open_log(back).entries()) == list(open_log(recorded[0]).entries())


def test_valid_to_the_library(recorded: tuple[Path, list[AnyEvent]], as_mcap: Path) -> None:
    """The library reads it with all checksums; each event is valid by the schema beside it, at its UTC."""
    events = []
    with as_mcap.open("rb") as file:
        for schema, channel, message in mcap_reader.make_reader(file, validate_crcs=True).iter_messages():
            if channel.topic.startswith("events/"):
                assert channel.message_encoding == "json"
                events.append((schema, json.loads(message.data), message.log_time))
    assert len(events) == len(recorded[1])
    compiled = {schema.id: fastjsonschema.compile(json.loads(schema.data)) for schema, _, _ in events}
    for schema, body, _ in events:
        compiled[schema.id](body)
    noon_ns = 1_769_860_800 * 10**9
    assert all(0 <= at_ns - noon_ns <= END_NS for _, _, at_ns in events)


def test_command_converts(recorded: tuple[Path, list[AnyEvent]], tmp_path: Path) -> None:
    """`sledguard convert` says what it wrote, and does not write over a file."""
    target = tmp_path / "again.mcap"
    first = CliRunner().invoke(app, ["convert", str(recorded[0]), str(target)])
    assert first.exit_code == 0
    assert "messages" in first.output
    with pytest.raises(SledguardError, match="already"):
        convert(recorded[0], target)


@pytest.mark.parametrize("content", [b"", b"no mcap", b"\x89MCAP0\r\n" + b"x" * 100])
def test_damaged_file_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    """What is no MCAP, or torn, says so."""
    path = tmp_path / "bad.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="MCAP"):
        open_mcap(path)
