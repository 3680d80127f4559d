"""The live recorder: a session's raw bytes and its events as MCAP while they happen, bounded by size and age.

Off unless a folder is configured: what is recorded is of people. A file is finished when it is full or the box stops;
one that a crash left open has no index and ends some seconds early, and is read all the same. Writing is done by a
thread of its own, and what a stalling disk does not take is dropped and counted.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from edge.errors import SledguardError
from edge.events import AnyEvent
from edge.mcap_writer import Channels
from edge.sources.byte_log import CLOSE_MAX_S, QUEUE_MAX, LogEntry, new_file
from edge.sources.byte_log_roll import RolledByteLog

PART_MAX_BYTES = 256 << 20  # of content, before compression: some hours of a machine in use, and quick to open
PART_MAX_NS = 86_400_000_000_000  # a day: a file is removed whole when it is too old
PART_MIN_BYTES = 200_000  # what arrives in one piece has room in it
ENTRY_BYTES = 40  # what a message costs beside its content


def part_bytes(max_bytes: int, machines: int) -> int:
    """How large a file may be so that those being written are a quarter of what all may take."""
    return max(min(PART_MAX_BYTES, max_bytes // (4 * machines)), PART_MIN_BYTES)


class McapPart:
    """One file. `write` and `tell` never block and never raise; see RawLog for the rest.

    offset_ns: from the box's time line to UTC. SledguardError: it cannot begin.
    """

    def __init__(self, path: Path, about: dict[str, Any], offset_ns: int, max_bytes: int = PART_MAX_BYTES) -> None:
        self.path = path
        self.dropped = 0
        self.problem: str | None = None
        self._room_bytes = max_bytes
        self._began_ns: int | None = None
        self._queue: queue.Queue[LogEntry | AnyEvent | None] = queue.Queue(QUEUE_MAX)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = new_file(path)
        except OSError as error:
            raise SledguardError(f"{path}: cannot start a recording ({error.strerror}); check the folder") from error
        self._channels = Channels(self._file, about, offset_ns)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def write(self, entry: LogEntry) -> None:
        """Append an entry; one that finds no room is the last that is tried."""
        if len(entry.data) + ENTRY_BYTES > self._room_bytes:
            self.problem = self.problem or f"{self.path} is full and no other can be begun; nothing more is recorded"
        self._began_ns = entry.t_ns if self._began_ns is None else self._began_ns
        self._put(entry, len(entry.data) + ENTRY_BYTES)

    def tell(self, event: AnyEvent) -> None:
        """Append an event."""
        self._put(event, 10 * ENTRY_BYTES)

    def has_room(self, entry: LogEntry) -> bool:
        """Whether the file takes this entry too."""
        old = self._began_ns is not None and entry.t_ns - self._began_ns > PART_MAX_NS
        return not old and len(entry.data) + ENTRY_BYTES <= self._room_bytes

    def close(self) -> None:
        """Write out what waits, and finish the file."""
        with suppress(queue.Full):
            self._queue.put(None, timeout=CLOSE_MAX_S if self._thread.is_alive() else 0)
        self._thread.join(CLOSE_MAX_S)

    def _put(self, what: LogEntry | AnyEvent, size: int) -> None:
        try:
            if self.problem is not None:
                raise queue.Full
            self._queue.put_nowait(what)
            self._room_bytes -= size
        except queue.Full:
            self.dropped += 1

    def _run(self) -> None:
        try:
            with self._file:
                while (what := self._queue.get()) is not None:
                    if isinstance(what, LogEntry):
                        self._channels.write_entry(what)
                    else:
                        self._channels.write_events([what])
                self._channels.finish()
        except OSError as error:
            self.problem = f"{self.path}: cannot be written ({error.strerror}); nothing more is recorded"


class Recorder(RolledByteLog[McapPart]):
    """Recordings of one machine one after the other; an outlet beside, for the machine's events."""

    def tell(self, _machine: str, event: AnyEvent) -> None:
        """See Outlet."""
        self.newest.tell(event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: what came of it is an event."""
