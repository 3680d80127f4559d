"""Recordings as MCAP, which Foxglove and PlotJuggler open: a session's raw bytes beside the events that came of them.

The bytes stand on `bytes/{link}/in` and `/out` as they went over the line, so that the file replays to what was said
live; the events stand as JSON with their schemas on `events/{type}`, for eyes and plots. Times are UTC; what a replay
needs to know, and the step back to the box's own time line, is in the metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from edge.errors import RecordingError, SledguardError
from edge.events import AnyEvent
from edge.pipelines import logged_pipeline
from edge.player import play_bytes
from edge.sources.byte_log import ByteLog, ByteLogWriter, Direction, LogEntry, open_log

METADATA, BYTES, JSON = "sledguard", "application/octet-stream", "json"
EVENT_SCHEMA = "jsonschema"
WAYS = {direction.name.lower(): direction for direction in Direction}


@dataclass(frozen=True, slots=True)
class McapLog:
    """A recording opened for reading, with the doors of a byte log. about: as its header."""

    path: Path
    about: dict[str, Any]
    offset_ns: int

    def entries(self) -> Iterator[LogEntry]:
        """All entries in the order in which they were written."""
        from mcap.reader import make_reader  # noqa: PLC0415 - an extra

        with self.path.open("rb") as file:
            for _, channel, message in make_reader(file).iter_messages(log_time_order=False):
                if channel.topic.startswith("bytes/"):
                    link, _, way = channel.topic.removeprefix("bytes/").rpartition("/")
                    t_ns = message.log_time - self.offset_ns
                    yield LogEntry(t_ns, link, WAYS[way], message.data, message.sequence)

    def check(self) -> str | None:
        """What is missing or damaged: a file that ends early cannot be opened at all."""
        return None


def is_mcap(path: Path) -> bool:
    """Whether it is one, by its name."""
    return path.suffix == ".mcap"


def open_recorded(path: Path) -> ByteLog | McapLog:
    """A byte log or an MCAP recording. SledguardError: it is neither."""
    return open_mcap(path) if is_mcap(path) else open_log(path)


def open_mcap(path: Path) -> McapLog:
    """RecordingError: it is no MCAP of ours, or damaged."""
    reader_of = _need_mcap()
    try:
        with path.open("rb") as file:
            found = next((m for m in reader_of(file).iter_metadata() if m.name == METADATA), None)
    except Exception as error:
        raise RecordingError(f"{path}: cannot be read as MCAP ({error}); record or convert it again") from error
    if found is None:
        raise RecordingError(f"{path}: an MCAP file, but not of sledguard; give one that `convert` wrote")
    return McapLog(path, json.loads(found.metadata["about"]), int(found.metadata["offset_ns"]))


def convert(source: Path, target: Path) -> int:
    """A byte log to MCAP, or back; how many messages were written. SledguardError: one of them cannot be used."""
    log = open_recorded(source)
    if target.exists():
        raise SledguardError(f"{target}: is there already; choose another name")
    return write_mcap(log, target) if is_mcap(target) else _write_bytes(log, target)


def write_mcap(log: ByteLog | McapLog, target: Path) -> int:
    """The log and the events that its replay gives."""
    offset_ns = log.offset_ns if isinstance(log, McapLog) else _offset_ns(log)
    with target.open("xb") as file:
        writer = new_writer(file, log.about, offset_ns)
        out = Channels(writer, offset_ns)
        for entry in log.entries():
            out.write_entry(entry)
        for step in play_bytes(logged_pipeline(log.about, log.path), log.entries()):
            for event in step.events:
                out.write_event(event)
        writer.finish()
    return out.count


def new_writer(file: BinaryIO, about: dict[str, Any], offset_ns: int) -> Any:
    """mcap's writer, begun with all that a replay needs. SledguardError: the package is not there."""
    _need_mcap()
    from mcap.writer import Writer  # noqa: PLC0415 - an extra

    writer = Writer(file)
    writer.start(profile="", library="sledguard")
    writer.add_metadata(METADATA, {"about": json.dumps(about), "offset_ns": str(offset_ns)})
    return writer


class Channels:
    """Channels of a file under way, made when first needed."""

    def __init__(self, writer: Any, offset_ns: int) -> None:
        self._writer, self._offset_ns = writer, offset_ns
        self._ids: dict[str, int] = {}
        self.count = 0

    def write_entry(self, entry: LogEntry) -> None:
        """Append what went over a line."""
        topic = f"bytes/{entry.link}/{entry.direction.name.lower()}"
        if topic not in self._ids:
            self._ids[topic] = self._writer.register_channel(topic, BYTES, 0)
        self._add(topic, entry.t_ns, entry.data, entry.seq)

    def write_event(self, event: AnyEvent) -> None:
        """Append what came of it."""
        topic = f"events/{event.__struct_config__.tag}"
        if topic not in self._ids:
            schema = msgspec.json.encode(msgspec.json.schema(type(event)))
            schema_id = self._writer.register_schema(f"sledguard.{type(event).__name__}", EVENT_SCHEMA, schema)
            self._ids[topic] = self._writer.register_channel(topic, JSON, schema_id)
        self._add(topic, round(event.t_s * 1e9), msgspec.json.encode(event), 0)

    def _add(self, topic: str, t_ns: int, data: bytes, sequence: int) -> None:
        at_ns = t_ns + self._offset_ns
        self._writer.add_message(self._ids[topic], at_ns, data, at_ns, sequence)
        self.count += 1


def _write_bytes(log: ByteLog | McapLog, target: Path) -> int:
    writer = ByteLogWriter(target, {k: v for k, v in log.about.items() if k != "sledguard_byte_log"})
    count = 0
    for entry in log.entries():
        writer.write(entry)
        count += 1
    writer.close()
    if writer.dropped:
        target.unlink()
        raise SledguardError(f"{target}: {writer.problem or 'the disk was too slow'}; try again elsewhere")
    return count


def _offset_ns(log: ByteLog) -> int:
    """From the box's time line to UTC, by when the log says that it began; 0 where it does not say."""
    first = next(log.entries(), None)
    try:
        began = datetime.fromisoformat(str(log.about["began"]))
    except (KeyError, ValueError):
        return 0
    return round(began.timestamp() * 1e9) - first.t_ns if first else 0


def _need_mcap() -> Any:
    try:
        from mcap.reader import make_reader  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SledguardError(
            "MCAP needs a package of its own; install it with: pip install 'sledguard[mcap]'"
        ) from error
    return make_reader
