"""The raw byte log: what goes in comes out, and damage costs only what is damaged."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import SledguardError
from edge.sources import byte_log
from edge.sources.byte_log import DATA_MAX_BYTES, ByteLogWriter, Direction, Keep, LogEntry, make_room, open_log

ENTRIES = [
    LogEntry(1_000, "hub", Direction.IN, b"\x00\x01\xff"),
    LogEntry(2_000, "hub", Direction.OUT, b"hello", seq=3),
    LogEntry(2_000, "sled_node", Direction.IN, b""),
    LogEntry(2**63, "hub", Direction.IN, b"x" * DATA_MAX_BYTES),
]


def written(path: Path, entries: list[LogEntry], max_bytes: int = 1 << 30) -> ByteLogWriter:
    """A closed log with these entries."""
    writer = ByteLogWriter(path, {"machine": "m1"}, max_bytes)
    for entry in entries:
        writer.write(entry)
    writer.close()
    return writer


def test_round_trip(tmp_path: Path) -> None:
    """Times, links, directions, numbers and bytes come back as they went in, and the header too."""
    path = tmp_path / "new" / "a.bytes"
    writer = written(path, ENTRIES)
    log = open_log(path)
    assert list(log.entries()) == ENTRIES
    assert log.about["machine"] == "m1"
    assert log.check() is None
    assert (writer.dropped, writer.problem) == (0, None)


entries = st.builds(
    LogEntry,
    st.integers(0, 2**64 - 1),
    st.sampled_from(["a", "b", "hub_1"]),
    st.sampled_from(Direction),
    st.binary(max_size=50),
    st.integers(0, 2**32 - 1),
)


@given(st.lists(entries, max_size=12), st.data())
def test_torn_file_gives_a_prefix(some: list[LogEntry], data: st.DataObject) -> None:
    """A file cut anywhere after its header gives the entries before the cut, whole, and no error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.bytes"
        written(path, some)
        raw = path.read_bytes()
        cut = data.draw(st.integers(raw.index(b"\n") + 1, len(raw)))
        path.write_bytes(raw[:cut])
        read = list(open_log(path).entries())
        assert read == some[: len(read)]
        assert (cut == len(raw)) <= (read == some)


def test_damaged_record_ends_the_reading_and_is_told(tmp_path: Path) -> None:
    """A changed byte is noticed; what stands before it is read."""
    path = tmp_path / "a.bytes"
    written(path, ENTRIES)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    log = open_log(path)
    assert list(log.entries()) == ENTRIES[:3]
    assert "torn or damaged" in (log.check() or "")


def test_long_chunk_is_split_at_one_time(tmp_path: Path) -> None:
    """A chunk longer than a record can hold becomes several of the same time."""
    path = tmp_path / "a.bytes"
    written(path, [LogEntry(5, "hub", Direction.IN, b"y" * (DATA_MAX_BYTES + 1))])
    read = list(open_log(path).entries())
    assert [(e.t_ns, len(e.data)) for e in read] == [(5, DATA_MAX_BYTES), (5, 1)]


def test_full_log_keeps_what_it_has_and_says_so(tmp_path: Path) -> None:
    """At its size limit the log stops, is still whole, and tells what it did not take."""
    path = tmp_path / "a.bytes"
    small = [LogEntry(i, "hub", Direction.IN, b"z" * 80) for i in range(10)]
    writer = written(path, small, max_bytes=500)
    read = list(open_log(path).entries())
    assert read == small[: len(read)]
    assert 0 < len(read) < 10
    assert writer.dropped == 10 - len(read)
    assert "full" in (writer.problem or "")
    assert path.stat().st_size <= 500


def test_stalling_disk_costs_records_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk stalls, what finds no room in the queue is counted; the reader learns where and how many."""
    gate = threading.Event()
    next_run = ByteLogWriter._next_run

    def stalled(writer: ByteLogWriter) -> tuple[bytes, bool]:
        gate.wait()
        return next_run(writer)

    monkeypatch.setattr(ByteLogWriter, "_next_run", stalled)
    monkeypatch.setattr(byte_log, "QUEUE_MAX", 4)
    path = tmp_path / "a.bytes"
    writer = ByteLogWriter(path, {})
    for i in range(6):
        writer.write(LogEntry(i, "hub", Direction.IN, b"early"))
    lost = writer.dropped
    assert lost == 4
    gate.set()
    before = -1
    while before != writer.dropped:
        before = writer.dropped
        writer.write(LogEntry(9, "hub", Direction.IN, b"late"))
    writer.close()
    log = open_log(path)
    assert [e.data for e in log.entries()][:3] == [b"early", b"early", b"late"]
    assert f"{writer.dropped} records were lost" in (log.check() or "")


def test_failed_disk_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing returns although the writer died of a disk error and left its queue full."""

    def fail(_fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(ByteLogWriter, "_next_run", lambda _writer: (b"", False))
    monkeypatch.setattr(byte_log.os, "fsync", fail)
    monkeypatch.setattr(byte_log, "SYNC_EVERY_NS", 0)
    monkeypatch.setattr(byte_log, "QUEUE_MAX", 1)
    writer = ByteLogWriter(tmp_path / "a.bytes", {})
    writer._thread.join()
    assert writer._queue.full()
    writer.close()
    assert "cannot be written" in (writer.problem or "")


@pytest.mark.parametrize(("keep_bytes", "left"), [(30, "abc"), (29, "bc"), (20, "bc"), (0, "")])
def test_oldest_logs_make_room(tmp_path: Path, keep_bytes: int, left: str) -> None:
    """Of the older logs the newest stay, as many as fit; other files are not touched."""
    for name in "abc":
        (tmp_path / f"{name}.bytes").write_bytes(bytes(10))
    (tmp_path / "a.txt").write_bytes(bytes(100))
    make_room(tmp_path, Keep(keep_bytes))
    assert "".join(sorted(path.stem for path in tmp_path.glob("*.bytes"))) == left
    assert (tmp_path / "a.txt").exists()


def test_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    """A log never touches an older one."""
    path = tmp_path / "a.bytes"
    written(path, ENTRIES)
    with pytest.raises(SledguardError, match="cannot start a byte log"):
        ByteLogWriter(path, {})
    assert list(open_log(path).entries()) == ENTRIES


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no byte log"),
        (b"hello\n", "no byte log"),
        (b"[1]\n", "no byte log"),
        (b"\xff\xfe\n", "no byte log"),
        (b'{"sledguard_byte_log": 2}\n', "format 2"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that is no byte log, or of a later format, is refused in one line."""
    path = tmp_path / "a.bytes"
    path.write_bytes(content)
    with pytest.raises(SledguardError, match=said):
        open_log(path)


def test_absent_file(tmp_path: Path) -> None:
    """A path that is not there is refused."""
    with pytest.raises(SledguardError, match="check the path"):
        open_log(tmp_path / "none")
