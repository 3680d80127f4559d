"""Where messages that must not be lost wait until the broker has acknowledged them.

`Outbox` is the seam: the publisher knows no more of it. `durable_outbox.py` keeps them on disk. `MemoryOutbox`, for the
demo and for replays, keeps a bounded queue in memory: it outlasts a broker that is away, not a daemon that dies. When
it is full the oldest message goes, which is counted, and shows as a hole in `seq`.
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
    """Durable messages, in order, until acknowledged. All calls come from one thread and return at once.

    What was put in since `hand_out_again` is live; what waited before is the back-log. id: whose numbers they are, None
    where nothing outlasts the daemon; newest_seq: the last number that may be told to anybody, 0 before any; dropped:
    how many were given up because there was no room; problem: why messages are less safe than they should be, or None.
    """

    id: str | None
    newest_seq: int
    dropped: int
    problem: str | None

    def __len__(self) -> int:
        """How many wait for their acknowledgement."""

    def on_ready(self, call: Callable[[], None]) -> None:
        """Call this when more may be taken than the last time, from the same thread."""

    def put(self, message: Message, mint: MintWithSeq) -> None:
        """Take a message in; mint is called with its seq. It may be had by `take_live` now or later."""

    def take_live(self, limit: int) -> list[Entry]:
        """Up to `limit` of the oldest live ones that are not handed out yet; they stay in until acknowledged."""

    def take_backlog(self, limit: int) -> list[Entry]:
        """The same of the back-log."""

    def acknowledge(self, seq: int) -> None:
        """The broker has it; forget it. Unknown numbers do nothing."""

    def hand_out_again(self) -> None:
        """The connection changed: what was handed out is to be sent again, with its old id, and all is back-log."""

    def oldest(self) -> Entry | None:
        """The one that waits longest."""


class MemoryOutbox:
    """An `Outbox` in memory, bounded by count."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._live: OrderedDict[int, Entry] = OrderedDict()
        self._backlog: OrderedDict[int, Entry] = OrderedDict()
        self._handed_out: OrderedDict[int, Entry] = OrderedDict()
        self.id: str | None = None
        self.newest_seq = 0
        self.dropped = 0
        self.problem: str | None = "kept in memory only, and lost with the power"

    def __len__(self) -> int:
        return len(self._live) + len(self._backlog) + len(self._handed_out)

    def on_ready(self, call: Callable[[], None]) -> None:
        """See Outbox: here a message may be taken as soon as it is put in."""

    def put(self, message: Message, mint: MintWithSeq) -> None:
        """See Outbox. When full, the oldest that is not on its way goes first."""
        self.newest_seq += 1
        self._live[self.newest_seq] = Entry(self.newest_seq, message, mint(self.newest_seq))
        if len(self) > self._capacity:
            (self._backlog or self._live).popitem(last=False)
            self.dropped += 1

    def take_live(self, limit: int) -> list[Entry]:
        """See Outbox."""
        return self._hand_out(self._live, limit)

    def take_backlog(self, limit: int) -> list[Entry]:
        """See Outbox."""
        return self._hand_out(self._backlog, limit)

    def acknowledge(self, seq: int) -> None:
        """See Outbox."""
        self._handed_out.pop(seq, None)

    def hand_out_again(self) -> None:
        """See Outbox."""
        everything = self._handed_out | self._backlog | self._live
        self._backlog = OrderedDict((seq, everything[seq]) for seq in sorted(everything))
        self._handed_out = OrderedDict()
        self._live = OrderedDict()

    def oldest(self) -> Entry | None:
        """See Outbox."""
        heads = [next(iter(queue.values())) for queue in (self._handed_out, self._backlog, self._live) if queue]
        return min(heads, key=lambda entry: entry.seq, default=None)

    def _hand_out(self, queue: OrderedDict[int, Entry], limit: int) -> list[Entry]:
        taken = [queue.popitem(last=False)[1] for _ in range(min(limit, len(queue)))]
        self._handed_out.update((entry.seq, entry) for entry in taken)
        return taken
