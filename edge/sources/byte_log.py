"""The raw byte log: every byte that came and went on a machine's links, with its time, for exact replays.

Layout, little-endian. First a line of JSON, `{"sledguard_byte_log": 1, …}`, which carries what the replay needs to know
of the machine. Then records, each

    u32 crc    CRC-32 (zlib) of all that follows in the record
    u64 t_ns   the edge's monotonic clock
    u32 seq    of a `Send` (OUT), else 0
    u16 link   index of the link, given by its NAME record
    u8  kind   0 NAME (data: the link's name), 1 IN, 2 OUT, 3 MARK (data empty: the pipeline went on to here),
               4 GAP (data empty; seq: how many records were lost here), 5 COMMAND (data: JSON, of no link),
               6 BATTERY (data: one byte, percent)
    u16 length of data
    … data

Only ever appended to: whatever a crash leaves behind is whole records and perhaps a torn last one, which the reader
tells of and leaves. Some 22 bytes are added to each chunk that was read; a fully instrumented machine with a hub makes
about 80 MB an hour.
"""

from __future__ import annotations

import enum
import fcntl
import json
import math
import os
import queue
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from edge.clock import monotonic_ns, read_clock
from edge.errors import SledguardError

MAGIC_KEY = "sledguard_byte_log"
FORMAT = 1
HEADER_MAX_BYTES = 1 << 20
CRC = struct.Struct("<I")
RECORD = struct.Struct("<QIHBH")
DATA_MAX_BYTES = 65_535  # what `length` can say; longer chunks are written as several records of one time

QUEUE_MAX = 20_000  # chunks that may wait for a stalling disk: some 20 s of a hub at 1 kHz of chunks, about 5 MB
SYNC_EVERY_NS = 2_000_000_000  # what a power cut may cost; each sync is a flash write, so not every record
CLOSE_MAX_S = 5.0  # a disk that stalls longer than this shall not keep the daemon from ending
KEEP_MAX_BYTES = 8 << 30  # of older logs in one folder: some days, on a card that holds more than that besides
DEFAULT_MAX_BYTES = 1 << 30  # a day of a fully instrumented machine at rest and half a day of it in use


class Direction(enum.Enum):
    """Which way the bytes went.

    OUT: they were handed to the operating system at this time. MARK: none went; the pipeline was taken on to this time,
    as at its start and its end. COMMAND: none went; the machine was given a command, whose JSON they are. BATTERY: none
    went; a sensor's battery was read beside its messages.
    """

    IN = 1
    OUT = 2
    MARK = 3
    COMMAND = 5
    BATTERY = 6


NAME, GAP, LAST_KIND = 0, 4, 6


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One chunk of bytes on a link. seq: of the `Send`, for OUT."""

    t_ns: int
    link: str
    direction: Direction
    data: bytes
    seq: int = 0


def encode_record(t_ns: int, seq: int, link: int, kind: int, data: bytes) -> bytes:
    """One record as it stands in the file."""
    body = RECORD.pack(t_ns, seq, link, kind, len(data)) + data
    return CRC.pack(zlib.crc32(body)) + body


class ByteLogWriter:
    """Appends to one log file from a thread of its own, so that a slow disk never holds up the event loop.

    `write` never blocks and never raises. What finds no room, in the queue or in max_bytes, is counted in `dropped`;
    `problem` says why, or is None.
    """

    def __init__(self, path: Path, about: dict[str, Any], max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.path = path
        self.dropped = 0
        self.problem: str | None = None
        self._room_bytes = max_bytes
        self._lost_since = 0
        self._links: dict[str, int] = {}
        self._queue: queue.Queue[bytes | None] = queue.Queue(QUEUE_MAX)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = new_file(path, buffering=0)
        except OSError as error:
            raise SledguardError(f"{path}: cannot start a byte log ({error.strerror}); check the folder") from error
        self._append((json.dumps({MAGIC_KEY: FORMAT} | about) + "\n").encode())
        self._thread = threading.Thread(target=self._run, args=(file,), name="byte-log", daemon=True)
        self._thread.start()

    def write(self, entry: LogEntry) -> None:
        """Append an entry."""
        parts = range(0, max(len(entry.data), 1), DATA_MAX_BYTES)
        link = self._link(entry)
        if link is None or not self._tell_gap(entry.t_ns, link):
            self._lose(len(parts))
            return
        for start in parts:
            part = entry.data[start : start + DATA_MAX_BYTES]
            if not self._append(encode_record(entry.t_ns, entry.seq, link, entry.direction.value, part)):
                self._lose(1)

    def has_room(self, entry: LogEntry) -> bool:
        """Whether the file takes this entry whole, with all that may have to be told before it."""
        records = len(entry.data) // DATA_MAX_BYTES + 3  # the parts, the link's name and a gap
        bytes_max = records * (CRC.size + RECORD.size) + len(entry.link.encode()) + len(entry.data)
        return bytes_max <= self._room_bytes

    def close(self) -> None:
        """Write out what waits, and end."""
        with suppress(queue.Full):  # the writer has given up on its disk, or stalls: it will take nothing more
            self._queue.put(None, timeout=CLOSE_MAX_S if self._thread.is_alive() else 0)
        self._thread.join(CLOSE_MAX_S)

    def _link(self, entry: LogEntry) -> int | None:
        """The link's index in this file, named on first use; None if its name found no room."""
        index = self._links.get(entry.link, len(self._links))
        if entry.link not in self._links:
            if not self._append(encode_record(entry.t_ns, 0, index, NAME, entry.link.encode())):
                return None
            self._links[entry.link] = index
        return index

    def _tell_gap(self, t_ns: int, link: int) -> bool:
        """Record how many were lost before this one; False if there is no room for that either."""
        if self._lost_since and not self._append(encode_record(t_ns, self._lost_since, link, GAP, b"")):
            return False
        self._lost_since = 0
        return True

    def _lose(self, count: int) -> None:
        self._lost_since += count
        self.dropped += count

    def _append(self, record: bytes) -> bool:
        if len(record) > self._room_bytes:
            self._room_bytes = 0
            self.problem = self.problem or f"{self.path.name} is full; nothing more is logged"
            return False
        try:
            self._queue.put_nowait(record)
        except queue.Full:
            return False
        self._room_bytes -= len(record)
        return True

    def _run(self, file: BinaryIO) -> None:
        """The thread: write what waits, in runs, and sync now and then."""
        with file:
            synced_ns, ended = monotonic_ns(), False
            while not ended:
                run, ended = self._next_run()
                try:
                    if run:
                        file.write(run)
                    if ended or monotonic_ns() - synced_ns >= SYNC_EVERY_NS:
                        os.fsync(file.fileno())
                        synced_ns = monotonic_ns()
                except OSError as error:
                    self._room_bytes = 0
                    self.problem = f"{self.path}: cannot be written ({error.strerror}); nothing more is logged"
                    return

    def _next_run(self) -> tuple[bytes, bool]:
        """All records that wait, or none after a while; and whether it is time to end."""
        records: list[bytes] = []
        try:
            record = self._queue.get(timeout=SYNC_EVERY_NS / 1e9)
            while record is not None:
                records.append(record)
                record = self._queue.get_nowait()
        except queue.Empty:
            return b"".join(records), False
        return b"".join(records), True


@dataclass(frozen=True, slots=True)
class Keep:
    """Which of a folder's logs are kept. age_s: since they were last written to."""

    max_bytes: int = KEEP_MAX_BYTES
    age_s: float = math.inf
    pattern: str = "*.bytes"


def new_file(path: Path, buffering: int = -1) -> BinaryIO:
    """A new recording for its owner alone, since it is of people; marked as being written until it is closed, so that
    `make_room` leaves it, whoever calls it. OSError: it cannot be made, or is there already.
    """
    file = open(path, "xb", buffering, opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
    with suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def make_room(folder: Path, keep: Keep = Keep()) -> None:
    """Remove the logs of a folder that are too old, and the oldest until the rest is not too large.

    What is being written, perhaps for another machine, stays, and counts first.
    """
    logs = [(path, _is_written(path)) for path in sorted(folder.glob(keep.pattern), reverse=True)]  # newest name first
    total, now_s = 0, read_clock().utc_ns / 1e9
    for path, is_written in sorted(logs, key=lambda one: not one[1]):
        with suppress(OSError):
            found = path.stat()
            total += found.st_size
            if not is_written and (total > keep.max_bytes or now_s - found.st_mtime > keep.age_s):
                path.unlink()


def _is_written(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@dataclass(frozen=True, slots=True)
class ByteLog:
    """A log opened for reading. about: the header's JSON."""

    path: Path
    about: dict[str, Any]
    _start: int

    def entries(self) -> Iterator[LogEntry]:
        """All entries in file order. A torn or damaged record ends them, as does the end of the file."""
        names: dict[int, str] = {}
        with self.path.open("rb") as file:
            file.seek(self._start)
            while (record := _read_record(file)) is not None:
                t_ns, seq, link, kind, data = record
                if kind == NAME:
                    names[link] = data.decode(errors="replace")
                elif kind != GAP and link in names:
                    yield LogEntry(t_ns, names[link], Direction(kind), data, seq)

    def check(self) -> str | None:
        """Read it all: a sentence on what is missing or damaged, or None."""
        lost, links = 0, 0
        with self.path.open("rb") as file:
            file.seek(self._start)
            good = file.tell()
            while (record := _read_record(file)) is not None:
                good = file.tell()
                lost += record[1] if record[3] == GAP else 0
                links += record[3] == NAME
            left = file.seek(0, os.SEEK_END) - good
        told = [f"{lost} records were lost while logging"] if lost else []
        told += [f"the last {left} bytes are torn or damaged"] if left else []
        return f"{self.path.name}: {' and '.join(told)}" if told else None


def open_log(path: Path) -> ByteLog:
    """Open a byte log. SledguardError: it is none."""
    try:
        with path.open("rb") as file:
            line = file.readline(HEADER_MAX_BYTES)
    except OSError as error:
        raise SledguardError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    about: object = None
    with suppress(ValueError):
        about = json.loads(line)
    if not isinstance(about, dict) or MAGIC_KEY not in about:
        raise SledguardError(f"{path}: is no byte log of sledguard; give a file that `run` or `demo` logged")
    if about[MAGIC_KEY] != FORMAT:
        raise SledguardError(f"{path}: byte log format {about[MAGIC_KEY]}, this version reads {FORMAT}; update it")
    return ByteLog(path, about, len(line))


def _read_record(file: BinaryIO) -> tuple[int, int, int, int, bytes] | None:
    """The next (t_ns, seq, link, kind, data), or None at the end or where the file is torn or damaged."""
    head = file.read(CRC.size + RECORD.size)
    if len(head) < CRC.size + RECORD.size:
        return None
    t_ns, seq, link, kind, length = RECORD.unpack_from(head, CRC.size)
    data = file.read(length)
    if len(data) < length or zlib.crc32(head[CRC.size :] + data) != CRC.unpack_from(head)[0] or kind > LAST_KIND:
        return None
    return t_ns, seq, link, kind, data
