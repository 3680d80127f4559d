"""`convert`: a recording in another form, by what is given: a byte log, MCAP, or a recording folder.

    byte log  <->  MCAP         all bytes, their times and sequence numbers; MCAP has the events beside them
    folder    <->  MCAP         all rows and the truth files, value for value; MCAP has the events beside them
    byte log, MCAP of bytes ->  folder: what the ingest makes of the bytes; `notes` tell what a folder does not hold

Samples are no node's bytes, so nothing makes a byte log of them. Nothing of a session is held in memory but pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from edge.errors import RecordingError, SledguardError
from edge.mcap_files import McapLog, McapRecording, is_mcap, open_recorded
from edge.mcap_writer import Channels
from edge.node_rows import NodeRows
from edge.pipelines import logged_pipeline, recorded_pipeline
from edge.player import play_bytes, play_samples
from edge.sources.arrivals import Rows, arrivals_of
from edge.sources.byte_log import ByteLog, ByteLogWriter, LogEntry, new_file
from edge.sources.folder_writer import new_folder
from edge.sources.recording import Recording
from edge.sources.session_file import SESSION_FILE

BYTES_SUFFIX = ".bytes"
BESIDE = ("truth.json", "truth.csv.gz")
"""What a folder may hold beside its sensors, where the truth is known. It is carried along, and read by nobody here."""

Bytes = ByteLog | McapLog
Samples = Recording | McapRecording
T = TypeVar("T", Rows, LogEntry, tuple[str, bytes])


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written. what: the unit of count; notes: what was missing, damaged, or could not be kept."""

    count: int
    what: str
    notes: tuple[str, ...] = ()


def convert(source: Path, target: Path) -> Converted:
    """Make target: NAME.mcap, NAME.bytes, or a folder by any other name. SledguardError: source cannot be made that."""
    found = open_recorded(source)
    if target.exists():
        raise SledguardError(f"{target}: is there already; choose another name")
    if isinstance(found, Recording | McapRecording):
        return _of_samples(found, source, target)
    if is_mcap(target):
        done = _bytes_to_mcap(found, target)
    elif target.suffix == BYTES_SUFFIX:
        done = _bytes_to_log(found, target)
    else:
        done = _bytes_to_folder(found, target)
    damage = found.check()
    beside = [name for name, _ in found.attachments()] if isinstance(found, McapLog) else []
    return Converted(done.count, done.what, (*([damage] if damage else []), *done.notes, *_left_out(beside)))


def _of_samples(found: Samples, source: Path, target: Path) -> Converted:
    if target.suffix == BYTES_SUFFIX:
        raise SledguardError(f"{target}: {source} holds samples, of which no node's bytes can be made; give NAME.mcap")
    if is_mcap(target):
        return _samples_to_mcap(found, source, target)
    if isinstance(found, Recording):
        raise SledguardError(f"{target}: {source} is a recording folder already; give NAME.mcap")
    with new_folder(target) as folder:
        for role in found.roles:
            folder.open_role(role)
        for rows in _read(found.rows(), source):
            folder.write(rows)
        folder.add(SESSION_FILE, found.session_file)
        left = []
        for name, data in _read(found.attachments(), source):
            if name in BESIDE:
                folder.add(name, data)
            else:
                left.append(name)
    return Converted(folder.count, "samples", (*found.notes, *_left_out(left)))


def _samples_to_mcap(found: Samples, source: Path, target: Path) -> Converted:
    if isinstance(found, Recording):
        session, beside, left = (source / SESSION_FILE).read_text("utf-8"), _beside(source), _others(found, source)
    else:
        session, beside, left = found.session_file.decode(), found.attachments(), []
    about = {"session": session, "roles": found.roles, "notes": found.notes}
    with _new_mcap(target, about, 0) as out:
        for name, data in _read(beside, source):
            out.attach(name, data)
        for role in found.roles:
            out.open_role(role)
        rows = _told(_read(found.rows(), source), out.write_rows)
        pipeline = recorded_pipeline(found, keep_signals=False)
        for step in play_samples(pipeline, arrivals_of(rows), round(found.duration_s * 1e9)):
            out.write_events(step.events)
    return Converted(out.count, "messages", (*found.notes, *_left_out(left)))


def _beside(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in BESIDE:
        if (folder / name).is_file():
            yield name, (folder / name).read_bytes()


def _others(found: Recording, folder: Path) -> list[str]:
    """What lies in a folder and is no part of its recording."""
    parts = {SESSION_FILE, *BESIDE, *(f"{role}{suffix}" for role in found.roles for suffix in (".csv", ".csv.gz"))}
    return sorted(path.name for path in folder.iterdir() if path.name not in parts)


def _left_out(names: list[str]) -> list[str]:
    return [f"{name}: is no part of a recording and is left out" for name in names]


def _bytes_to_mcap(found: Bytes, target: Path) -> Converted:
    offset_ns = found.offset_ns if isinstance(found, McapLog) else _offset_ns(found)
    with _new_mcap(target, found.about, offset_ns) as out:
        entries = _told(_read(found.entries(), found.path), out.write_entry)
        for step in play_bytes(logged_pipeline(found.about, found.path), entries):
            out.write_events(step.events)
    return Converted(out.count, "messages")


def _bytes_to_folder(found: Bytes, target: Path) -> Converted:
    nodes = NodeRows(logged_pipeline(found.about, found.path), found.about)
    with new_folder(target) as folder:
        for rows in nodes.rows(_read(found.entries(), found.path)):
            folder.write(rows)
        folder.add(SESSION_FILE, nodes.session(target.name))
    return Converted(folder.count, "samples", tuple(nodes.notes()))


def _bytes_to_log(found: Bytes, target: Path) -> Converted:
    writer = ByteLogWriter(target, {k: v for k, v in found.about.items() if k != "sledguard_byte_log"})
    count = 0
    try:
        for entry in _read(found.entries(), found.path):
            writer.write(entry)
            count += 1
    except BaseException:
        writer.close()
        target.unlink()
        raise
    writer.close()
    if writer.dropped:
        target.unlink()
        raise SledguardError(f"{target}: {writer.problem or 'the disk was too slow'}; try again elsewhere")
    return Converted(count, "messages")


@contextmanager
def _new_mcap(target: Path, about: dict[str, Any], offset_ns: int) -> Iterator[Channels]:
    """A new file for its owner alone, removed again where it fails. SledguardError: it cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = new_file(target)
    except OSError as error:
        raise SledguardError(f"{target}: cannot be made ({error.strerror}); check the folder") from error
    try:
        with file:
            out = Channels(file, about, offset_ns)
            yield out
            out.finish()
    except OSError as error:
        target.unlink()
        raise SledguardError(f"{target}: cannot be written ({error.strerror}); check the disk") from error
    except BaseException:
        target.unlink()
        raise


def _read(items: Iterator[T], source: Path) -> Iterator[T]:
    """The same items. RecordingError: the source cannot be read, which is no fault of the target."""
    try:
        yield from items
    except OSError as error:
        raise RecordingError(
            f"{source}: cannot be read ({error.strerror}); check its disk, or copy it again"
        ) from error


def _told(items: Iterator[T], tell: Callable[[T], None]) -> Iterator[T]:
    """The same items, each told before it is handed on: what comes of it stands behind it."""
    for item in items:
        tell(item)
        yield item


def _offset_ns(log: ByteLog) -> int:
    """From the box's time line to UTC, by when the log says that it began; 0 where it does not say."""
    first = next(log.entries(), None)
    try:
        began = datetime.fromisoformat(str(log.about["began"]))
    except (KeyError, ValueError):
        return 0
    return round(began.timestamp() * 1e9) - first.t_ns if first else 0
