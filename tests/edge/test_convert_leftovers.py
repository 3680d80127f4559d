"""What `convert` leaves to others: who may read it, what it says of what it leaves out, and whose fault an error is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording_fixture import small_recording

from edge.convert import convert
from edge.errors import RecordingError
from edge.mcap_files import McapLog, McapRecording
from edge.mcap_writer import Channels
from edge.node_rows import BEGINS_US, NodeRows
from edge.pipelines import logged_pipeline
from edge.samples import ImuSamples
from edge.sources.arrivals import ClockReadings, Rows
from edge.sources.byte_log import ByteLog, ByteLogWriter, Direction, LogEntry
from edge.sources.recording import Recording

pytest.importorskip("mcap.reader")

ABOUT: dict[str, Any] = {
    "machine": "press", "seed": 7, "settings": {"id": "press", "sled_mass_kg": 140.0},
    "links": {"hub": {"kind": "native-serial"}},
}  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A byte log of nothing but its beginning and its end."""
    writer = ByteLogWriter(tmp_path / "run.bytes", ABOUT)
    for t_ns in (5_000_000_000, 6_000_000_000):
        writer.write(LogEntry(t_ns, "", Direction.MARK, b""))
    writer.close()
    return writer.path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A recording's folder."""
    return small_recording(tmp_path / "small")


def modes(path: Path) -> set[int]:
    """Who may do what with a file, or with a folder's files."""
    return {one.stat().st_mode & 0o777 for one in ([path] if path.is_file() else path.iterdir())}


def test_whatever_it_makes_is_for_its_owner_alone(small: Path, log: Path, tmp_path: Path) -> None:
    """Recordings are of people: files 0600, folders 0700, in every form."""
    convert(small, tmp_path / "a.mcap")
    convert(tmp_path / "a.mcap", tmp_path / "a")
    convert(log, tmp_path / "b.mcap")
    convert(tmp_path / "b.mcap", tmp_path / "b.bytes")
    convert(log, tmp_path / "b")
    for name in ("a.mcap", "a", "b.mcap", "b.bytes", "b"):
        assert modes(tmp_path / name) == {0o600}, name
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "b")} == {0o700}


def test_other_files_of_a_folder_are_named(small: Path, tmp_path: Path) -> None:
    """One note each; what is carried along is not."""
    for name in ("notes.md", "video.mp4", "truth.json"):
        (small / name).write_bytes(b"{}")
    said = convert(small, tmp_path / "small.mcap").notes
    assert [note.split(":")[0] for note in said if "left out" in note][-2:] == ["notes.md", "video.mp4"]
    assert not any("truth" in note or "sled.csv" in note or "session.toml" in note for note in said)


@pytest.mark.parametrize("source", ["small", "log"])
def test_other_attachments_are_named(
    source: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another tool put into an MCAP file is not dropped without a word."""
    finish = Channels.finish

    def finish_with_more(self: Channels) -> None:
        self.attach("photo.jpg", b"x")
        finish(self)

    monkeypatch.setattr(Channels, "finish", finish_with_more)
    convert(request.getfixturevalue(source), tmp_path / "more.mcap")
    said = convert(tmp_path / "more.mcap", tmp_path / "folder").notes
    assert "photo.jpg: is no part of a recording and is left out" in said
    assert not (tmp_path / "folder/photo.jpg").exists()


@pytest.mark.parametrize(
    "broken_at",
    [
        (Recording, "rows", "x.mcap"),
        (McapRecording, "rows", "x"),
        (McapRecording, "attachments", "x"),
        (ByteLog, "entries", "x.mcap"),
        (ByteLog, "entries", "x"),
        (McapLog, "entries", "x.bytes"),
    ],
)
def test_a_source_that_cannot_be_read_is_not_the_targets_fault(
    broken_at: tuple[type, str, str], request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the source, and nothing is left of the target."""
    of, method, target = broken_at
    source: Path = request.getfixturevalue("small" if of in (Recording, McapRecording) else "log")
    if of in (McapRecording, McapLog):
        convert(source, tmp_path / "source.mcap")
        source = tmp_path / "source.mcap"
    whole = getattr(of, method)

    def broken(self: Any) -> Iterator[Any]:
        yield from whole(self)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(of, method, broken)
    with pytest.raises(RecordingError, match=rf"{source.name}: cannot be read \(Input/output error\)"):
        convert(source, tmp_path / target)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("x")]


def restarted(times: int, first_us: int) -> tuple[list[Rows], list[str]]:
    """The rows and notes of a sensor that begins again every 50 ms, 5 samples each."""
    nodes = NodeRows(logged_pipeline(ABOUT, Path("x")), ABOUT)
    for boot in range(times + 1):
        device_us = np.arange(5) * 10_000 + first_us
        samples = ImuSamples("sled", device_us, np.ones((5, 3)), np.ones((5, 3)), boot)
        nodes._pipeline.accept(1_000 + boot * 50_000_000, samples)
    mark = LogEntry(1_000, "", Direction.MARK, b"")
    return list(nodes.rows([mark, replace(mark, t_ns=2_000_000_000)])), nodes.notes()


@pytest.mark.parametrize("first_us", [0, 400_000, 90_000_000])
@pytest.mark.parametrize(("times", "told"), [(1, False), (2, False), (10, False), (12, True)])
def test_a_sensor_that_restarts_again_and_again_keeps_its_rows(times: int, first_us: int, *, told: bool) -> None:
    """However soon: who reads the folder sees each boot and all its rows, up to ten in succession; more is told."""
    rows, notes = restarted(times, first_us)
    clock = ClockReadings()
    taken = [clock.take(one.device_us, np.full(5, one.host_us)) for one in rows]
    assert all(keep.all() for _, _, keep in taken) is not told
    assert any("restarts" in note for note in notes) is told
    if not told:
        assert [int(boot[0]) for _, boot, _ in taken] == list(range(times + 1))
    assert min(int(one.device_us.min()) for one in rows) >= 0
    assert rows[0].device_us[0] == max(first_us, BEGINS_US)
