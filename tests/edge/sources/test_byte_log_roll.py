"""Byte logs that follow one another: nothing is lost between them, and each can be read by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from edge.errors import SledguardError
from edge.sources import byte_log_roll
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry, open_log
from edge.sources.byte_log_roll import RolledByteLog

ENTRIES = [LogEntry(i, "hub", Direction.IN, b"z" * 80) for i in range(20)]
MAX_BYTES = 500


def ended_rolls() -> None:
    """Wait for the threads that end full files."""
    for thread in threading.enumerate():
        if thread.name == "byte-log-roll":
            thread.join()


def test_full_file_is_followed_by_another(tmp_path: Path) -> None:
    """All entries stand in the files, in order, none above its size; each begins with a mark and names the links."""
    log = RolledByteLog(lambda part: ByteLogWriter(tmp_path / f"{part:02}.bytes", {"part": part}, MAX_BYTES))
    for entry in ENTRIES:
        log.write(entry)
    log.close()
    ended_rolls()
    files = sorted(tmp_path.glob("*.bytes"))
    logs = [open_log(path) for path in files]
    assert len(files) > 2
    assert [entry for one in logs for entry in one.entries() if entry.direction is Direction.IN] == ENTRIES
    assert all(next(one.entries()).direction is Direction.MARK for one in logs[1:])
    assert all(path.stat().st_size <= MAX_BYTES for path in files)
    assert [one.about["part"] for one in logs] == list(range(len(files)))
    assert [one.check() for one in logs] == [None] * len(logs)
    assert (log.dropped, log.problem) == (0, None)


def test_each_roll_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every full file that is left behind lets the oldest of its folder go."""
    folders: list[Path] = []
    monkeypatch.setattr(byte_log_roll, "make_room", lambda folder, _keep: folders.append(folder))
    log = RolledByteLog(lambda part: ByteLogWriter(tmp_path / f"{part:02}.bytes", {}, MAX_BYTES))
    for entry in ENTRIES:
        log.write(entry)
    log.close()
    ended_rolls()
    assert folders == [tmp_path] * (len(list(tmp_path.glob("*.bytes"))) - 1)


def test_no_further_file_is_told(tmp_path: Path) -> None:
    """Where the next file cannot be begun, the full one stays whole and the log says so."""

    def start(part: int) -> ByteLogWriter:
        if part:
            raise SledguardError("no folder")
        return ByteLogWriter(tmp_path / "a.bytes", {}, MAX_BYTES)

    log = RolledByteLog(start)
    for entry in ENTRIES:
        log.write(entry)
    log.close()
    read = list(open_log(tmp_path / "a.bytes").entries())
    assert read == ENTRIES[: len(read)]
    assert log.dropped == len(ENTRIES) - len(read) > 0
    assert "full" in (log.problem or "")
