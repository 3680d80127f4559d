"""The file behind the durable outbox: one SQLite table, written by one thread. It is the box's local history too.

A row is committed before its message may leave, so a number that a consumer has seen is on disk here. It is marked when
the broker has it, and goes by age and size later; where a historian confirms what it has stored, only after that.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from edge.errors import NoRoomError, SledguardError
from edge.publishers.outbox_database import NEWEST, begin_anew, connect, is_corrupt

RESERVE_BYTES = 2 << 20
"""Kept free beside the file, twice the log's size: deleting rows needs room of its own, which a full disk has not."""

LEAST_BYTES = 200_000
"""A new file with its log takes less."""

PRUNED_ROWS = 1000
"""Looked at in one go: as few as not to hold up a rep, and ten times what ten machines make meanwhile."""

COLUMNS = "seq, id, topic, retain, payload, created_ms"


class Row(NamedTuple):
    """One message as stored. created_ms: UTC; payload: JSON without what is added when it is sent."""

    seq: int
    id: str
    topic: str
    retain: bool
    payload: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What an outbox holds. id: whose numbers they are, another in every new file; newest_seq: 0 before any; retained:
    newest number of each retained topic.
    """

    id: str

    newest_seq: int
    waiting: int
    retained: dict[str, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much history is kept. keep_s: age of acknowledged rows; confirmed_only: they wait for the historian too."""

    max_bytes: int
    keep_s: float
    confirmed_only: bool = False


class OutboxFile:
    """An open file. All calls from one thread; sqlite3.Error where the disk does not take or give what is asked.

    problem: what was wrong with the file when it was opened or found damaged, or None.
    """

    def __init__(self, path: Path) -> None:
        """Open or make it. SledguardError: not even a new one can be made; NoRoomError: since the disk is full."""
        self.path = path
        self.problem: str | None = None
        self._reserve = path.with_name(path.name + ".reserve")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path)
            self._open()
        except (OSError, sqlite3.Error) as error:
            if _is_full(path.parent):
                raise NoRoomError(f"{path}: cannot keep an outbox here, the disk is full; make room") from error
            raise SledguardError(f"{path}: cannot keep an outbox here ({error}); check the folder") from error
        self.hold_reserve()

    def contents(self) -> Contents:
        """What is in it now."""
        waiting = self._one("SELECT count(*) FROM events WHERE acked_ms IS NULL")
        retained = self._db.execute("SELECT topic, max(seq) FROM events WHERE retain GROUP BY topic")
        name = str(self._db.execute("SELECT id FROM identity").fetchone()[0])
        return Contents(name, self._one(NEWEST), waiting, dict(retained))

    def write(self, rows: Sequence[Row], acked: Iterable[int], now_ms: int) -> None:
        """Add rows and mark others as acknowledged, at once and for good. What is there already stays as it is."""
        marks = ((now_ms, seq) for seq in acked)
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, NULL)", rows)
            self._db.executemany("UPDATE events SET acked_ms = ? WHERE seq = ? AND acked_ms IS NULL", marks)

    def waiting(self, after_seq: int, upto_seq: int, limit: int) -> list[Row]:
        """The oldest rows behind after_seq, up to upto_seq, that are not acknowledged."""
        where = "acked_ms IS NULL AND seq > ? AND seq <= ?"
        asked = f"SELECT {COLUMNS} FROM events WHERE {where} ORDER BY seq LIMIT ?"  # noqa: S608
        return [_row(r) for r in self._db.execute(asked, (after_seq, upto_seq, limit))]

    def between(self, from_seq: int, to_seq: int, limit: int) -> list[Row]:
        """Rows of a range, acknowledged or not, in order."""
        asked = f"SELECT {COLUMNS} FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"  # noqa: S608
        return [_row(r) for r in self._db.execute(asked, (from_seq, to_seq, limit))]

    def confirm(self, upto_seq: int) -> None:
        """The historian has all up to here."""
        with self._transaction():
            self._db.execute("UPDATE confirmed SET upto_seq = max(upto_seq, ?)", (upto_seq,))

    def prune(self, limits: Limits, now_ms: int) -> int:
        """Let old acknowledged rows go; then, where the file is still too large, the oldest, acknowledged ones first.

        Returns how many unacknowledged ones went: these are lost, and to be told of.
        """
        upto = self._one("SELECT upto_seq FROM confirmed") if limits.confirmed_only else (1 << 62)
        old_ms = now_ms - round(limits.keep_s * 1000)
        head = self._one("SELECT ifnull(max(seq), 0) FROM (SELECT seq FROM events ORDER BY seq LIMIT ?)", PRUNED_ROWS)
        self._delete("DELETE FROM events WHERE seq <= ? AND acked_ms < ?", min(upto, head), old_ms)
        lost = 0
        while (over := self.used_bytes() - limits.max_bytes) > 0:
            mean_bytes = self.used_bytes() / max(1, self._one("SELECT count(*) FROM events"))
            count = max(1, round(over / mean_bytes))
            if self._drop_acknowledged(count):
                continue
            gone = self._delete("DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT ?)", count)
            lost += gone
            if not gone:
                break
        return lost

    def make_room(self) -> bool:
        """On a full disk: give up the reserve and some acknowledged rows. Whether there was anything to give."""
        held = self._reserve.exists()
        self._reserve.unlink(missing_ok=True)
        self._shorten_log()
        acknowledged = self._one("SELECT count(*) FROM events WHERE acked_ms IS NOT NULL")
        freed = self._drop_acknowledged(max(100, acknowledged // 10))
        self._shorten_log()
        return held or freed > 0

    def hold_reserve(self) -> None:
        """Take the reserve again where the disk has room for it twice over."""
        if self._reserve.exists():
            return
        with contextlib.suppress(OSError):
            stat = os.statvfs(self.path.parent)
            if stat.f_bavail * stat.f_frsize > 2 * RESERVE_BYTES:
                with self._reserve.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)

    def used_bytes(self) -> int:
        """Of the file, without the pages that are free in it."""
        pages = self._one("PRAGMA page_count") - self._one("PRAGMA freelist_count")
        return pages * self._one("PRAGMA page_size")

    def replace(self, why: sqlite3.Error) -> None:
        """The file turned out to be damaged: go on with a new one. sqlite3.Error, OSError: that cannot be made."""
        self._close_database()
        self._begin_anew(why)

    def close(self) -> None:
        """Close it in order."""
        self._close_database()
        os.close(self._lock)

    def _open(self) -> None:
        try:
            self._db = connect(self.path)
        except sqlite3.DatabaseError as error:
            if is_corrupt(error):
                self._begin_anew(error)
                return
            if not self._reserve.exists():
                raise
            self._reserve.unlink()  # a disk that was full when the box stopped is full when it starts
            self._db = connect(self.path)

    def _close_database(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    def _begin_anew(self, why: sqlite3.Error) -> None:
        self._db, aside, saved = begin_anew(self.path)
        self.problem = f"{self.path.name} was damaged ({why}); it is kept as {aside.name}, {saved} waiting rows saved"

    def _drop_acknowledged(self, count: int) -> int:
        return self._delete(
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE acked_ms IS NOT NULL ORDER BY seq LIMIT ?)",
            count,
        )

    def _delete(self, asked: str, *values: int) -> int:
        with self._transaction():
            return self._db.execute(asked, values).rowcount

    def _shorten_log(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    def _one(self, asked: str, *values: int) -> int:
        return int(self._db.execute(asked, values).fetchone()[0])


def _is_full(folder: Path) -> bool:
    try:
        stat = os.statvfs(folder)
    except OSError:
        return False
    return stat.f_bavail * stat.f_frsize < LEAST_BYTES


def _lock(path: Path) -> int:
    """Two daemons with one outbox would give the same numbers. SledguardError: another one has it."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise SledguardError(f"{path}: another sledguard uses it; stop that one, or set another state_dir") from error
    return lock


def _row(r: tuple[int, str, str, int, str, int]) -> Row:
    return Row(r[0], r[1], r[2], bool(r[3]), r[4], r[5])
