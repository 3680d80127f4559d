"""Raw byte logs one after the other: a new file where one is full, while the oldest of the folder make room.

Each file has a header of its own and replays by itself. In one that goes on from another, the replay's pipeline begins
anew: it knows a node from that node's next introduction on, and numbers sessions and reps from there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from edge.errors import SledguardError
from edge.sources.byte_log import Direction, Keep, LogEntry, make_room


class Part(Protocol):
    """One file of the row."""

    path: Path
    dropped: int
    problem: str | None

    def has_room(self, entry: LogEntry) -> bool:
        """Whether it takes this entry whole."""

    def write(self, entry: LogEntry) -> None:
        """Append an entry."""

    def close(self) -> None:
        """Write out what waits, and end."""


P = TypeVar("P", bound=Part)


class RolledByteLog(Generic[P]):
    """Writes like one of its parts, without its end. keep: what stays in the folder when a new part begins.

    start: begins the file of that number, counted from 0. SledguardError: it cannot begin the first.
    """

    def __init__(self, start: Callable[[int], P], keep: Keep = Keep()) -> None:  # noqa: B008 - frozen
        self._start, self._keep = start, keep
        self._part = 0
        self._dropped_before = 0
        self._log = start(0)

    @property
    def newest(self) -> P:
        """The part that is written to."""
        return self._log

    @property
    def dropped(self) -> int:
        """How many records were lost, in all files."""
        return self._dropped_before + self._log.dropped

    @property
    def problem(self) -> str | None:
        """Why nothing is logged any more, or None."""
        return self._log.problem

    def write(self, entry: LogEntry) -> None:
        """Append an entry, in a new file where it finds no room."""
        if self._log.problem is None and not self._log.has_room(entry):
            self._roll(entry.t_ns)
        self._log.write(entry)

    def close(self) -> None:
        """Write out what waits, and end."""
        self._log.close()

    def _roll(self, t_ns: int) -> None:
        """Go on in a new file; where none can be had, the full one tells of it at the next entry."""
        try:
            following = self._start(self._part + 1)
        except SledguardError:
            return
        threading.Thread(target=_retire, args=(self._log, self._keep), name="byte-log-roll", daemon=True).start()
        self._dropped_before += self._log.dropped
        self._part += 1
        self._log = following
        following.write(LogEntry(t_ns, "", Direction.MARK, b""))


def _retire(log: Part, keep: Keep) -> None:
    """End a full log and make room, which both may wait for the disk."""
    log.close()
    make_room(log.path.parent, keep)
