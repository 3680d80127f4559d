"""The outbox on a disk that is full, away or damaged, and one that has to forget."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
from pathlib import Path

import pytest
from outbox_tools import MESSAGE, Disk, backlog, from_disk, minted, taken

from edge.errors import SledguardError
from edge.publishers.outbox_file import RESERVE_BYTES, Limits, OutboxFile, Row


def row(seq: int, payload: str = "{}") -> Row:
    return Row(seq, f"id-{seq}", "t", retain=False, payload=payload, created_ms=0)


def overwrite(path: Path, *pages: int) -> None:
    """Random bytes in place of pages of 4 kB, counted from 1."""
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * 4096)
            file.write(random.Random(page).randbytes(4096))  # noqa: S311 - any bytes


@pytest.mark.parametrize("page", [1, 2, 3, 5, 9])
def test_damaged_page_at_start(disk: Disk, page: int) -> None:
    """With any page overwritten the outbox opens, keeps the old file aside, says so, and never gives a number twice."""
    before = disk.filled(60)
    before.close()
    overwrite(disk.path, page)
    outbox = disk.open()
    assert outbox.id
    if page == 5:  # the index: the row of the id can be read, and the numbers go on under it
        assert outbox.id == before.id
    assert outbox.repaired is not None
    assert "damaged" in outbox.repaired
    assert disk.path.with_name("outbox.sqlite.damaged-1").exists()
    saved = [entry.seq for entry in from_disk(disk, outbox, len(outbox))]
    assert saved == sorted(set(saved))
    outbox.put(MESSAGE, minted)
    newest = outbox.newest_seq
    disk.listen(lambda: outbox.newest_seq > newest)
    assert taken(outbox)[0] > max(saved, default=0)
    if page != 1:  # without its first page a file is no database: nothing can be read of it
        assert taken(outbox) == []
        assert newest == 60


def test_truncated_log_at_start(disk: Disk) -> None:
    """A write-ahead log cut anywhere costs the commits behind the cut and nothing else."""
    disk.filled(5).close()
    outbox = disk.open()
    for _ in range(20):
        outbox.put(MESSAGE, minted)
    disk.listen(lambda: outbox.newest_seq == 25)
    copy = disk.path.with_name("copy.sqlite")
    wal = disk.path.with_name("outbox.sqlite-wal").read_bytes()
    copy.write_bytes(disk.path.read_bytes())
    copy.with_name("copy.sqlite-wal").write_bytes(wal[: len(wal) // 2])
    disk.path = copy
    again = disk.open()
    assert again.repaired is None
    assert 5 <= again.newest_seq < 25
    assert backlog(disk, again, len(again)) == list(range(1, again.newest_seq + 1))


def test_damage_found_while_running(disk: Disk) -> None:
    """A page that turns out damaged costs the file, not the outbox: new messages are kept in a new one."""
    disk.filled(3000).close()
    outbox = disk.open()
    pages = disk.path.stat().st_size // 4096
    overwrite(disk.path, *range(2, pages))
    outbox.hand_out_again()
    for _ in range(3):
        outbox.put(MESSAGE, minted)
    disk.listen(lambda: outbox.repaired is not None)
    disk.listen(lambda: outbox.newest_seq == 3003)
    assert disk.path.with_name("outbox.sqlite.damaged-1").exists()
    assert outbox.dropped > 0
    assert len(outbox) + outbox.dropped == 3003
    assert backlog(disk, outbox, len(outbox) - 3) == sorted(range(3001 - len(outbox) + 3, 3001)) or len(outbox) == 3
    assert taken(outbox) == [3001, 3002, 3003]


def fill(ballast: Path) -> None:
    """Take what room the disk has left."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A path through a file is one clear error at the start."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SledguardError, match="check the folder"):
        OutboxFile(tmp_path / "file" / "outbox.sqlite")


def limit_pages(file: OutboxFile, pages: int) -> None:
    """Let the file have this many pages more, as a disk does that is nearly full."""
    used = file._db.execute("PRAGMA page_count").fetchone()[0]
    file._db.execute(f"PRAGMA max_page_count = {used + pages}")


def test_full_disk_keeps_messages_in_memory(disk: Disk) -> None:
    """While the disk takes nothing messages may leave from memory, and the problem is told; then they are written."""
    outbox = disk.filled(2)
    taken(outbox)
    file = outbox._thread._file
    limit_pages(file, 0)
    for _ in range(30):
        outbox.put(MESSAGE, minted)
    disk.listen(lambda: outbox.problem is not None)
    assert "full" in (outbox.problem or "")
    assert taken(outbox, 3) == [3, 4, 5]
    outbox.acknowledge(3)
    outbox.hand_out_again()
    limit_pages(file, 10_000)
    disk.listen(lambda: outbox.newest_seq == 32)
    assert outbox.problem is None
    assert (len(outbox), outbox.dropped) == (31, 0)
    assert taken(outbox) == list(range(4, 33))
    assert backlog(disk, outbox, 2) == [1, 2]


def test_full_disk_is_given_room_by_what_is_not_needed(tmp_path: Path) -> None:
    """On a full disk the reserve and acknowledged rows go, then writing works again; waiting rows stay."""
    file = OutboxFile(tmp_path / "outbox.sqlite")
    reserve = tmp_path / "outbox.sqlite.reserve"
    assert reserve.stat().st_size == RESERVE_BYTES
    file.write([row(seq, "x" * 1000) for seq in range(1, 1001)], range(1, 501), 0)
    limit_pages(file, 0)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        file.write([row(seq, "x" * 1000) for seq in range(1001, 1050)], [], 0)
    assert file.make_room()
    assert not reserve.exists()
    file.write([row(seq, "x" * 1000) for seq in range(1001, 1050)], [], 0)
    assert [r.seq for r in file.waiting(0, 2000, 2000)] == list(range(501, 1050))
    file.hold_reserve()
    assert reserve.exists()


def test_size_limit_takes_acknowledged_rows_first_and_tells_of_others(tmp_path: Path) -> None:
    """Above its size the oldest acknowledged rows go; only if none are left, waiting ones, and these are counted."""
    file = OutboxFile(tmp_path / "outbox.sqlite")
    file.write([row(seq, "x" * 1000) for seq in range(1, 1001)], range(1, 501), 0)
    full = file.used_bytes()
    assert file.prune(Limits(max_bytes=round(0.8 * full), keep_s=1e9), 0) == 0
    assert file.used_bytes() <= 0.8 * full
    assert len(file.waiting(0, 2000, 2000)) == 500
    lost = file.prune(Limits(max_bytes=round(0.4 * full), keep_s=1e9), 0)
    assert file.used_bytes() <= 0.4 * full
    assert [r.seq for r in file.between(1, 2000, 2000)] == list(range(501 + lost, 1001))
    assert lost > 0


@pytest.mark.parametrize(("age_ms", "left"), [(1000, 2), (1001, 1)])
def test_acknowledged_rows_go_by_age(tmp_path: Path, age_ms: int, left: int) -> None:
    """A row acknowledged longer ago than it is kept goes; waiting ones stay however old."""
    file = OutboxFile(tmp_path / "outbox.sqlite")
    file.write([row(1), row(2)], [1], 0)
    assert file.prune(Limits(max_bytes=1 << 30, keep_s=1.0), age_ms) == 0
    assert len(file.between(1, 9, 9)) == left


def test_rows_wait_for_the_historian(tmp_path: Path) -> None:
    """Where a historian confirms, acknowledged rows stay until it has them."""
    file = OutboxFile(tmp_path / "outbox.sqlite")
    file.write([row(1), row(2), row(3)], [1, 2, 3], 0)
    limits = Limits(max_bytes=1 << 30, keep_s=0.0, confirmed_only=True)
    file.prune(limits, 1000)
    assert len(file.between(1, 9, 9)) == 3
    file.confirm(2)
    file.confirm(1)
    file.prune(limits, 1000)
    assert [r.seq for r in file.between(1, 9, 9)] == [3]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_really_full_disk(disk: Disk, tmp_path: Path) -> None:
    """On a real disk of 6 MB that something else fills: told, alive, and all is written once there is room."""
    small = tmp_path / "small"
    small.mkdir()
    if os.system(f"mount -t tmpfs -o size=6m tmpfs {small} 2>/dev/null"):  # noqa: S605
        pytest.skip("no mount here")
    try:
        disk.path = small / "outbox.sqlite"
        outbox = disk.filled(200)
        ballast = small / "ballast"
        fill(ballast)
        for _ in range(2000):
            outbox.put(MESSAGE, minted)
        disk.listen(lambda: outbox.problem is not None)
        ballast.unlink()
        disk.listen(lambda: outbox.newest_seq == 2200)
        assert outbox.problem is None
        assert (len(outbox), outbox.dropped) == (2200, 0)
        disk.close()
    finally:
        os.system(f"umount -l {small}")  # noqa: S605
