"""Recordings as MCAP, opened for replays: a session's raw bytes, or the samples of a recording folder.

What is in the files is told in `mcap_writer.py`. They are read from front to back and never held whole. One that broke
off, as when the power went while it was written, is used up to there; a piece that is damaged is left out; both are
told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import numpy as np

from edge.errors import RecordingError
from edge.mcap_writer import METADATA, need_mcap
from edge.samples import Role
from edge.sources.arrivals import Arrival, Rows, arrivals_of
from edge.sources.byte_log import ByteLog, Direction, LogEntry, open_log
from edge.sources.recording import Recording, columns_of, read_recording
from edge.sources.session_file import Session, session_of

WAYS = {direction.name.lower(): direction for direction in Direction}
RECORD_HEAD_BYTES = 9  # what it is, and its length
RECORD_MAX_BYTES = 1 << 28  # a longer one is a damaged length: ours are of a chunk, or of a folder's truth file


@dataclass(slots=True)
class Damage:
    """What could not be read. places: where the file is damaged; ends: it does before its end mark."""

    places: int = 0
    ends: bool = False

    def told(self, path: Path) -> str | None:
        """A sentence, or None."""
        told = [f"damaged in {self.places} places; what cannot be read there is left out"] if self.places else []
        told += ["the file breaks off, or is damaged from some place on; used up to there"] if self.ends else []
        return f"{path.name}: {' and '.join(told)}" if told else None


@dataclass(frozen=True, slots=True)
class McapLog:
    """A recording of bytes, with the doors of a byte log. about: as its header."""

    path: Path
    about: dict[str, Any]
    offset_ns: int

    def entries(self) -> Iterator[LogEntry]:
        """All entries in the order in which they were written."""
        for topic, message in _messages(self.path, "bytes/", Damage()):
            link, _, way = topic.rpartition("/")
            yield LogEntry(message.log_time - self.offset_ns, link, WAYS[way], message.data, message.sequence)

    def check(self) -> str | None:
        """Read it all: a sentence on what is missing or damaged, or None."""
        return _look_through(self.path)

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of files that another tool has put into it."""
        return _attachments(self.path)


@dataclass(frozen=True, slots=True)
class McapRecording:
    """A recording of samples, with the doors of a recording folder; see Recording. session_file: its text."""

    path: Path
    session: Session
    session_file: bytes
    notes: tuple[str, ...]
    roles: tuple[Role, ...]
    duration_s: float

    @property
    def name(self) -> str:
        """The file's, as a folder's name is that of its recording."""
        return self.path.resolve().stem

    def rows(self) -> Iterator[Rows]:
        """All rows, as the folder had them."""
        waiting: list[dict[str, int | float]] = []
        role, host_us = "", -1
        row_of = msgspec.json.Decoder(dict[str, int | float])
        for topic, message in _messages(self.path, "samples/", Damage()):
            row = row_of.decode(message.data)
            if waiting and (topic, row["host_us"]) != (role, host_us):
                yield _rows(cast(Role, role), waiting)
                waiting = []
            role, host_us = topic, int(row["host_us"])
            waiting.append(row)
        if waiting:
            yield _rows(cast(Role, role), waiting)

    def arrivals(self) -> Iterator[Arrival]:
        """All arrivals, as the folder's."""
        return arrivals_of(self.rows())

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of the files that came with it."""
        return _attachments(self.path)


def is_mcap(path: Path) -> bool:
    """Whether it is one, by its name."""
    return path.suffix == ".mcap"


def open_recorded(path: Path) -> ByteLog | McapLog | Recording | McapRecording:
    """A recording folder, a byte log or an MCAP recording. SledguardError: it is none of them."""
    if not path.is_file():
        return read_recording(path)
    return open_mcap(path) if is_mcap(path) else open_log(path)


def open_mcap(path: Path) -> McapLog | McapRecording:
    """RecordingError: it is no MCAP of ours, or its beginning is damaged."""
    need_mcap()
    metadata = _metadata(path)
    try:
        about, offset_ns = json.loads(metadata["about"]), int(metadata["offset_ns"])
        return _recording(path, about) if "session" in about else McapLog(path, about, offset_ns)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{path}: what sledguard wrote about it is damaged ({error}); convert it again") from error


def _metadata(path: Path) -> dict[str, str]:
    """What was written about the recording: it stands before everything else, unless another tool has written it."""
    from mcap.reader import make_reader  # noqa: PLC0415 - an extra
    from mcap.records import Chunk, Header, Message, Metadata  # noqa: PLC0415 - an extra

    begun = False
    try:
        for record in _records(path, Damage()):
            begun = begun or isinstance(record, Header)
            if isinstance(record, Metadata) and record.name == METADATA:
                return record.metadata
            if isinstance(record, Chunk | Message):
                break
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if not begun:
        raise RecordingError(f"{path}: is no MCAP, or its very beginning is damaged; convert the source again")
    with suppress(Exception), path.open("rb") as file:
        return next(m.metadata for m in make_reader(file).iter_metadata() if m.name == METADATA)
    raise RecordingError(f"{path}: an MCAP file, but not of sledguard; give one that `convert` wrote")


def _recording(path: Path, about: dict[str, Any]) -> McapRecording:
    text = str(about["session"]).encode()
    session = session_of(text, path)
    roles = tuple(cast(Role, role) for role in about["roles"] if role in get_args(Role))
    damage, last_ns = Damage(), 0
    for _, message in _messages(path, "samples/", damage):
        last_ns = max(last_ns, message.log_time)
    told = damage.told(path)
    notes = (*map(str, about["notes"]), *([told] if told else []))
    return McapRecording(path, session, text, notes, roles, max(session.duration_s, last_ns / 1e9))


def _rows(role: Role, waiting: list[dict[str, int | float]]) -> Rows:
    columns = columns_of(role)
    device_us = np.array([row["t_us"] for row in waiting], dtype=np.int64)
    values = np.array([[row[name] for name in columns] for row in waiting], dtype=np.float64)
    return Rows(role, int(waiting[0]["host_us"]), device_us, values)


def _attachments(path: Path) -> Iterator[tuple[str, bytes]]:
    from mcap.records import Attachment  # noqa: PLC0415 - an extra

    for record in _records(path, Damage()):
        if isinstance(record, Attachment):
            yield record.name, record.data


def _look_through(path: Path) -> str | None:
    damage = Damage()
    for _ in _messages(path, "", damage):
        pass
    return damage.told(path)


def _messages(path: Path, under: str, damage: Damage) -> Iterator[tuple[str, Any]]:
    """Messages of the topics that begin with `under`, in the order of the file, each with the rest of its topic."""
    from mcap.records import Channel, Chunk, Message  # noqa: PLC0415 - an extra
    from mcap.stream_reader import breakup_chunk  # noqa: PLC0415 - an extra

    topics: dict[int, str] = {}
    for record in _records(path, damage):
        inside = [record]
        if isinstance(record, Chunk):
            try:
                inside = breakup_chunk(record, validate_crc=True)
            except Exception:  # noqa: BLE001 - the library raises whatever damaged bytes lead to
                damage.places += 1
                continue
        for one in inside:
            if isinstance(one, Channel) and one.topic.startswith(under):
                topics[one.id] = one.topic.removeprefix(under)
            elif isinstance(one, Message) and one.channel_id in topics:
                yield topics[one.channel_id], one


def _records(path: Path, damage: Damage) -> Iterator[Any]:
    """The records up to the end mark, or to where the file breaks off or says nonsense; from there on those pieces of
    it that its index finds, if it has one. OSError: it cannot be read.
    """
    from mcap.stream_reader import StreamReader  # noqa: PLC0415 - an extra

    good = 0
    with path.open("rb") as file:
        records = iter(StreamReader(file, emit_chunks=True, record_size_limit=RECORD_MAX_BYTES).records)
        while True:
            try:
                record = next(records)
            except StopIteration:
                return
            except OSError:
                raise
            except Exception:  # noqa: BLE001 - as above
                break
            good = file.tell()
            yield record
    found = False
    for record in _indexed(path, good):
        found = True
        yield record
    damage.places += found
    damage.ends = not found


def _indexed(path: Path, after: int) -> Iterator[Any]:
    """The pieces behind a place in the file that the index at its end tells of; none where it has no index."""
    from mcap.data_stream import ReadDataStream  # noqa: PLC0415 - an extra
    from mcap.opcode import Opcode  # noqa: PLC0415 - an extra
    from mcap.reader import make_reader  # noqa: PLC0415 - an extra
    from mcap.records import Chunk  # noqa: PLC0415 - an extra

    with path.open("rb") as file, suppress(Exception):
        summary = make_reader(file).get_summary()
        for at in sorted(index.chunk_start_offset for index in (summary.chunk_indexes if summary else [])):
            if at >= after:
                file.seek(at)
                if file.read(1) == bytes([Opcode.CHUNK]):
                    file.seek(at + RECORD_HEAD_BYTES)
                    yield Chunk.read(ReadDataStream(file))
