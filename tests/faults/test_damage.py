"""A large outbox whose file was damaged while nobody looked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from outbox_tools import MESSAGE, Disk, from_disk, minted

from edge.clock import monotonic_ns
from edge.publishers.outbox_file import OutboxFile, Row

Figures = Callable[..., None]
Limit = Callable[[float, float], None]
PAYLOAD = '{"t_s": 1.0, "filler": "' + "x" * 1500 + '"}'


def large(path: Path, rows: int) -> None:
    """An outbox with so many waiting rows, all of it in the file and nothing in its log."""
    file = OutboxFile(path)
    file.write([Row(seq, f"id-{seq}", "t", False, PAYLOAD, 0) for seq in range(1, rows + 1)], [], 0)  # noqa: FBT003
    file.close()


@pytest.mark.parametrize("where", ["first page", "a page", "half of the file"])
def test_overwritten_file(disk: Disk, full: bool, figures: Figures, limit: Limit, where: str) -> None:  # noqa: FBT001
    """Fault 9: with a page or the half of a large file overwritten the box is up within 5 s, the old file aside."""
    rows = 50_000 if full else 2_000
    large(disk.path, rows)
    size = disk.path.stat().st_size
    with disk.path.open("r+b") as file:
        file.seek({"first page": 0, "a page": 2 * 4096, "half of the file": size // 2}[where])
        file.write(b"\xa5" * (size // 2 if where == "half of the file" else 4096))
    began_ns = monotonic_ns()
    outbox = disk.open()
    up_s = (monotonic_ns() - began_ns) / 1e9
    figures(rows=rows, where=where, size_mb=round(size / 1e6), up_s=round(up_s, 2), saved=len(outbox))
    assert outbox.repaired is not None
    assert disk.path.with_name("outbox.sqlite.damaged-1").stat().st_size == size
    outbox.put(MESSAGE, minted)
    newest = outbox.newest_seq
    disk.listen(lambda: outbox.newest_seq > newest)
    saved = len(outbox) - 1
    assert len({entry.seq for entry in from_disk(disk, outbox, min(saved, 300))}) == min(saved, 300)
    limit(up_s, 5)


def test_log_cut_short(disk: Disk, figures: Figures, limit: Limit) -> None:
    """Fault 9: a write-ahead log that a power cut left half written costs its last commits and no more than that."""
    rows = 50
    disk.filled(rows).close()
    outbox = disk.open()
    for _ in range(rows):
        outbox.put(MESSAGE, minted)
    disk.listen(lambda: outbox.newest_seq == 2 * rows)
    log = disk.path.with_name("outbox.sqlite-wal").read_bytes()
    copy = disk.path.with_name("copy.sqlite")
    copy.write_bytes(disk.path.read_bytes())
    copy.with_name("copy.sqlite-wal").write_bytes(log[: len(log) * 2 // 3])
    disk.path = copy
    began_ns = monotonic_ns()
    again = disk.open()
    up_s = (monotonic_ns() - began_ns) / 1e9
    figures(rows=2 * rows, kept=again.newest_seq, up_s=round(up_s, 2))
    assert rows <= again.newest_seq < 2 * rows
    assert len(again) == again.newest_seq
    limit(up_s, 5)
