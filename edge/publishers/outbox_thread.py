"""The one thread that touches the outbox's file: it takes what is to be written in runs and commits each run at once.

Nothing here waits for anybody but the disk, and nobody waits for it: what is done comes back as calls, handed to
`post`. What a full or absent disk refuses stays in the run and is tried again, in order.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from edge.clock import ReadClock
from edge.publishers.outbox_database import is_corrupt
from edge.publishers.outbox_file import Contents, Limits, OutboxFile, Row

LINGER_S = 0.1  # acknowledgements alone may wait this long: each commit is a flash write, and a repeat does no harm
RETRY_S = 1.0  # a full disk is asked again so often
PRUNE_EVERY_S = 10.0
UNSAVED_MAX = 20_000  # what a disk that takes nothing may cost in memory: about 40 MB
CLOSE_MAX_S = 5.0

Post: TypeAlias = Callable[[Callable[[], None]], object]
Answer: TypeAlias = Callable[[Sequence[Row]], None]

log = logging.getLogger(__name__)


class Told(Protocol):
    """Who hears what became of it, by `post`."""

    def written(self, upto_seq: int) -> None:
        """All rows up to this one are on disk."""

    def not_written(self, problem: str) -> None:
        """The disk refuses; it is tried again."""

    def damaged(self, problem: str, held: Contents) -> None:
        """The file was replaced; rows waiting in it may have been lost. held: what the new one has."""

    def pruned(self, lost: int) -> None:
        """So many unacknowledged rows were given up for want of room."""


@dataclass(slots=True)
class _Run:
    """What is to be written next. asked: reads, to be answered after it."""

    rows: list[Row] = field(default_factory=list)
    acked: list[int] = field(default_factory=list)
    confirmed: int = 0
    asked: list[tuple[Callable[[], list[Row]], Answer]] = field(default_factory=list)

    def is_urgent(self) -> bool:
        """Somebody waits for it."""
        return bool(self.rows or self.asked)


class OutboxThread:
    """Owns the file from `start` on. All methods return at once and may be called from one other thread."""

    def __init__(self, file: OutboxFile, limits: Limits, clock: ReadClock, post: Post, told: Told) -> None:
        self._file, self._limits, self._clock, self._post, self._told = file, limits, clock, post, told
        self._queue: queue.SimpleQueue[Callable[[_Run], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._run = _Run()
        self._problem: str | None = None
        self._pruned_s = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def add(self, row: Row) -> None:
        """Write a row."""
        self._queue.put(lambda run: run.rows.append(row))

    def acknowledge(self, seq: int) -> None:
        """Mark a row."""
        self._queue.put(lambda run: run.acked.append(seq))

    def confirm(self, upto_seq: int) -> None:
        """See OutboxFile."""

        def note(run: _Run) -> None:
            run.confirmed = max(run.confirmed, upto_seq)

        self._queue.put(note)

    def ask_waiting(self, after_seq: int, upto_seq: int, limit: int, answer: Answer) -> None:
        """Read waiting rows, after all that was asked before is written; answer comes by `post`."""
        self._queue.put(lambda run: run.asked.append((lambda: self._file.waiting(after_seq, upto_seq, limit), answer)))

    def ask_between(self, from_seq: int, to_seq: int, limit: int, answer: Answer) -> None:
        """Read a range in the same way."""
        self._queue.put(lambda run: run.asked.append((lambda: self._file.between(from_seq, to_seq, limit), answer)))

    def close(self) -> None:
        """Write out what waits, and end."""
        self._queue.put(None)
        self._thread.join(CLOSE_MAX_S)

    # In the thread:

    def _work(self) -> None:
        while self._gather():
            self._step()
        self._step()
        self._file.close()

    def _gather(self) -> bool:
        """Wait for work and take all there is; False at the end."""
        wait_s = RETRY_S if self._problem else PRUNE_EVERY_S
        try:
            note = self._queue.get(timeout=wait_s)
            while note is not None:
                note(self._run)
                note = self._queue.get(timeout=0 if self._run.is_urgent() else LINGER_S)
        except queue.Empty:
            return True
        return False

    def _step(self) -> None:
        try:
            self._write()
        except sqlite3.Error as error:
            self._refused(error)
        else:
            if self._problem:
                log.info("outbox: written again")
            self._problem = None

    def _write(self) -> None:
        run = self._run
        now = self._clock()
        if run.rows or run.acked:
            self._file.write(run.rows, run.acked, now.utc_ns // 1_000_000)
            newest = run.rows[-1].seq if run.rows else 0
            run.rows, run.acked = [], []
            self._tell(lambda: self._told.written(newest))
        if run.confirmed:
            self._file.confirm(run.confirmed)
            run.confirmed = 0
        while run.asked:
            read, answer = run.asked[0]
            rows = read()
            run.asked.pop(0)
            self._tell(lambda answer=answer, rows=rows: answer(rows))  # type: ignore[misc]
        if now.mono_ns / 1e9 - self._pruned_s >= PRUNE_EVERY_S:
            self._pruned_s = now.mono_ns / 1e9
            self._file.hold_reserve()
            if lost := self._file.prune(self._limits, now.utc_ns // 1_000_000):
                log.error("outbox: no room is left; %d messages that no broker has seen were given up", lost)
                self._tell(lambda: self._told.pruned(lost))

    def _refused(self, error: sqlite3.Error) -> None:
        if is_corrupt(error):
            self._replace(error)
            return
        problem = f"{self._file.path}: {error}"
        if problem != self._problem:
            log.error("outbox: %s; messages are kept in memory meanwhile", problem)
        self._problem = problem
        del self._run.rows[:-UNSAVED_MAX]
        self._tell(lambda: self._told.not_written(problem))
        try:
            self._file.make_room()
        except sqlite3.Error as again:
            log.debug("outbox: no room to be made: %s", again)

    def _replace(self, error: sqlite3.Error) -> None:
        try:
            self._file.replace(error)
        except (OSError, sqlite3.Error) as again:
            self._problem = f"{self._file.path}: {again}"
            self._tell(lambda: self._told.not_written(self._problem or ""))
            return
        told = self._file.problem or ""
        log.error("outbox: %s", told)
        self._problem = told  # so that what waits is tried again soon
        held = self._file.contents()
        self._tell(lambda: self._told.damaged(told, held))

    def _tell(self, call: Callable[[], None]) -> None:
        try:
            self._post(call)
        except RuntimeError:  # the event loop has ended; nobody is left to be told
            return
