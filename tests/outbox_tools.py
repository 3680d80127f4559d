"""Outboxes in a folder, on a clock that stands, with a thread that is heard only when the test listens."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path

from example_events import REP, SET

from edge.clock import Instant
from edge.publishers.durable_outbox import DurableOutbox
from edge.publishers.envelope import Minted, Origin, mint
from edge.publishers.messages import MachineMessages
from edge.publishers.outbox import Entry, Outbox
from edge.publishers.outbox_file import Limits

MESSAGE = MachineMessages("g", "m").of(REP)[0]
SUMMARY = MachineMessages("g", "m").of(SET)[0]
ROOMY = Limits(max_bytes=1 << 30, keep_s=1e6)
NOW = Instant(61 * 10**9, 10**18, synced=True)
_serial = iter(range(1, 1 << 30))


def minted(seq: int) -> Minted:
    """A rep's identity."""
    return mint(MESSAGE.body, Origin("b", "1"), NOW, next(_serial).to_bytes(10, "big"), seq)


class Disk:
    """Durable outboxes of one file, and what their thread has to say, told when the test listens."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "outbox.sqlite"
        self.limits = ROOMY
        self.now = NOW
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._open: list[DurableOutbox] = []

    def open(self) -> DurableOutbox:
        self._open.append(DurableOutbox(self.path, self.limits, self._calls.put, lambda: self.now))
        return self._open[-1]

    def listen(self, until: Callable[[], bool]) -> None:
        while not until():
            self._calls.get(timeout=10)()

    def filled(self, count: int) -> DurableOutbox:
        outbox = self.open()
        for _ in range(count):
            outbox.put(MESSAGE, minted)
        self.listen(lambda: outbox.newest_seq == count)
        return outbox

    def close(self) -> None:
        for outbox in self._open:
            outbox.close()


def taken(outbox: Outbox, limit: int = 100) -> list[int]:
    return [entry.seq for entry in outbox.take_live(limit)]


def from_disk(disk: Disk, outbox: DurableOutbox, count: int) -> list[Entry]:
    """The next `count` of the back-log, as they come from disk."""
    got: list[Entry] = []

    def enough() -> bool:
        got.extend(outbox.take_backlog(count - len(got)))
        return len(got) == count

    disk.listen(enough)
    return got


def backlog(disk: Disk, outbox: DurableOutbox, count: int) -> list[int]:
    return [entry.seq for entry in from_disk(disk, outbox, count)]
