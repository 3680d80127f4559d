"""Opening the outbox's database, and what is done with one that is damaged: moved aside, and read as far as it goes."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TypeAlias

from edge.clock import monotonic_ns

CHECK_MAX_NS = 2_000_000_000
"""A whole check of a large file takes longer than a start may: after this it counts as sound until read otherwise."""

WAL_PAGES = 200
"""The log goes into the file after some 0.8 MB, so that what it needs on a full disk stays small."""

TABLES = """
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL, retain INTEGER NOT NULL,
  payload TEXT NOT NULL, created_ms INTEGER NOT NULL, acked_ms INTEGER
);
CREATE INDEX IF NOT EXISTS waiting ON events (seq) WHERE acked_ms IS NULL;
CREATE INDEX IF NOT EXISTS retained ON events (topic, seq) WHERE retain;
CREATE TABLE IF NOT EXISTS confirmed (upto_seq INTEGER NOT NULL);
INSERT INTO confirmed SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM confirmed);
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
INSERT INTO identity SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS (SELECT 1 FROM identity);
"""
NEWEST = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"
"""Sqlite keeps the highest number ever given, whatever rows are left: numbers never come twice."""

CORRUPT_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
FullRow: TypeAlias = tuple[int, str, str, int, str, int, int | None]


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, rather than the disk full or away."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in CORRUPT_CODES


def connect(path: Path) -> sqlite3.Connection:
    """Open or make it. sqlite3.DatabaseError: it is damaged, as far as a short check tells, or cannot be used."""
    db = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
    try:
        settings = ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={WAL_PAGES}", "journal_size_limit=0")
        for setting in settings:
            db.execute(f"PRAGMA {setting}").fetchall()
        db.executescript(TABLES)
        _check(db)
    except sqlite3.Error:
        db.close()
        raise
    return db


def begin_anew(path: Path) -> tuple[sqlite3.Connection, Path, int]:
    """Move a damaged file aside and make a new one with what can be read of it.

    Returns the new database, where the old one lies, and how many unacknowledged rows were carried over.
    """
    aside = _move_aside(path)
    db = connect(path)
    newest, rows = _salvage(aside)
    name = _salvaged_id(aside)
    db.execute("BEGIN IMMEDIATE")
    if name is not None and newest:  # the numbers go on, so they are the same outbox's
        db.execute("UPDATE identity SET id = ?", (name,))
    db.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'events'")
    db.execute("INSERT INTO sqlite_sequence VALUES ('events', ?)", (newest,))
    db.execute("COMMIT")
    return db, aside, len(rows)


def _check(db: sqlite3.Connection) -> None:
    began_ns = monotonic_ns()
    db.set_progress_handler(lambda: monotonic_ns() - began_ns > CHECK_MAX_NS, 10_000)
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        db.set_progress_handler(None, 0)
    if found != "ok":
        damage = sqlite3.DatabaseError(found)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _move_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _salvaged_id(path: Path) -> str | None:
    """The id of a damaged file, where it can still be read."""
    with contextlib.closing(sqlite3.connect(path)) as db, contextlib.suppress(sqlite3.Error):
        return str(db.execute("SELECT id FROM identity").fetchone()[0])
    return None


def _salvage(path: Path) -> tuple[int, list[FullRow]]:
    """The newest number and the unacknowledged rows that a damaged file still gives."""
    rows: dict[int, FullRow] = {}
    newest = 0
    with contextlib.closing(sqlite3.connect(path)) as db:
        for asked in (NEWEST, "SELECT ifnull(max(seq), 0) FROM events"):
            with contextlib.suppress(sqlite3.Error):
                newest = max(newest, int(db.execute(asked).fetchone()[0]))
        # By the table and not by its index, from both ends up to the damage.
        for asked in (
            "SELECT * FROM events NOT INDEXED WHERE acked_ms IS NULL ORDER BY seq",
            "SELECT * FROM events NOT INDEXED WHERE acked_ms IS NULL ORDER BY seq DESC",
        ):
            with contextlib.suppress(sqlite3.Error):
                for row in db.execute(asked):
                    rows[row[0]] = row
    return max([newest, *rows]), [rows[seq] for seq in sorted(rows)]
