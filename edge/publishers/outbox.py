"""Where messages that must not be lost wait until the broker has acknowledged them.

`Outbox` is the seam: the publisher knows no more of it. `MemoryOutbox` keeps a bounded queue in memory: it outlasts a
broker that is away, not a daemon that dies. When it is full the oldest message goes, which is counted, and shows as a
hole in `seq`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.publishers.envelope import Minted
from edge.publishers.messages import Message

# A rep with its set, event and state copies is some 4 messages of 1–2 kB: 20,000 are a busy day of one machine and
# about 40 MB, which a small box can spare.
DEFAULT_CAPACITY = 20_000

MintWithSeq = Callable[[int], Minted]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in the outbox. seq: 1, 2, … without holes as they were put in."""

    seq: int
    message: Message
    minted: Minted


class Outbox(Protocol):
    """Durable messages, in order, until acknowledged. All calls come from one thread and return at once."""

    @property
    def newest_seq(self) -> int:
        """The last number given; 0 before any."""

    @property
    def dropped(self) -> int:
        """How many were given up because there was no room."""

    def __len__(self) -> int:
        """How many wait for their acknowledgement."""

    def put(self, message: Message, mint: MintWithSeq) -> Entry:
        """Take a message in; mint is called with its seq."""

    def take(self, limit: int) -> list[Entry]:
        """Up to `limit` of the oldest that are not handed out yet; they stay in until acknowledged."""

    def acknowledge(self, seq: int) -> None:
        """The broker has it; forget it. Unknown numbers do nothing."""

    def hand_out_again(self) -> None:
        """The connection is gone: what was handed out and not acknowledged is to be sent again, with its old id."""

    def oldest(self) -> Entry | None:
        """The one that waits longest."""


class MemoryOutbox:
    """An `Outbox` in memory, bounded by count."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._waiting: OrderedDict[int, Entry] = OrderedDict()
        self._handed_out: OrderedDict[int, Entry] = OrderedDict()
        self.newest_seq = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._handed_out)

    def put(self, message: Message, mint: MintWithSeq) -> Entry:
        """See Outbox. When full, the oldest that is not on its way goes first."""
        self.newest_seq += 1
        entry = Entry(self.newest_seq, message, mint(self.newest_seq))
        self._waiting[entry.seq] = entry
        if len(self) > self._capacity:
            self._waiting.popitem(last=False)
            self.dropped += 1
        return entry

    def take(self, limit: int) -> list[Entry]:
        """See Outbox."""
        taken = [self._waiting.popitem(last=False)[1] for _ in range(min(limit, len(self._waiting)))]
        self._handed_out.update((entry.seq, entry) for entry in taken)
        return taken

    def acknowledge(self, seq: int) -> None:
        """See Outbox."""
        self._handed_out.pop(seq, None)

    def hand_out_again(self) -> None:
        """See Outbox."""
        self._waiting = OrderedDict([*self._handed_out.items(), *self._waiting.items()])
        self._handed_out = OrderedDict()

    def oldest(self) -> Entry | None:
        """See Outbox."""
        for queue in (self._handed_out, self._waiting):
            if queue:
                return next(iter(queue.values()))
        return None
