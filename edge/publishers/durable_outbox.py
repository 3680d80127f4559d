"""The outbox on disk: messages outlast a broker that is away, a daemon that is killed and a power cut.

A message may leave once its row is committed. What comes in while the broker is there is live and goes first; what
waited before is the back-log, read from disk piece by piece, oldest first, so that 50,000 rows cost no more memory than
a few. Consumers put messages in order by `seq`, not by arrival.

While the disk refuses, messages are kept in memory and may leave all the same: a rep that arrives is worth more than
one that is safe. Health says so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from edge.clock import ReadClock, read_clock
from edge.publishers.envelope import LATE_AFTER_S, Minted
from edge.publishers.messages import Lane, Message, Route
from edge.publishers.outbox import Entry, MintWithSeq
from edge.publishers.outbox_file import Contents, Limits, OutboxFile, Row
from edge.publishers.outbox_thread import UNSAVED_MAX, OutboxThread, Post

CHUNK = 200  # rows of the back-log in memory at a time, some 400 kB


class DurableOutbox:
    """An `Outbox` in a file. post: hands a call to the thread that all calls come from, as an event loop does.

    problem: why messages are not on disk at present, or None; repaired: what was wrong with the file, or None.
    """

    def __init__(self, path: Path, limits: Limits, post: Post, clock: ReadClock = read_clock) -> None:
        """SledguardError: no file can be made there."""
        file = OutboxFile(path)
        held = file.contents()
        self.problem: str | None = None
        self.repaired = file.problem
        self.dropped = 0
        self.id: str | None = held.id
        self.newest_seq = held.newest_seq
        self._first_seq = self._next_seq = held.newest_seq + 1
        self._retained = held.retained
        self._waiting = held.waiting
        self._clock = clock
        self._on_ready: Callable[[], None] = lambda: None
        self._unsaved: OrderedDict[int, Entry | None] = OrderedDict()  # None: the broker has it already
        self._live: OrderedDict[int, Entry] = OrderedDict()
        self._backlog: OrderedDict[int, Entry] = OrderedDict()
        self._handed_out: dict[int, Entry] = {}
        self._read_upto, self._backlog_upto = 0, held.newest_seq
        self._reading: object | None = None
        self._acked_while_reading: set[int] = set()
        self._thread = OutboxThread(file, limits, clock, post, self)
        self._thread.start()
        self._read_more()

    def __len__(self) -> int:
        return self._waiting

    def on_ready(self, call: Callable[[], None]) -> None:
        """See Outbox."""
        self._on_ready = call

    def put(self, message: Message, mint: MintWithSeq) -> None:
        """See Outbox."""
        seq = self._next_seq
        self._next_seq += 1
        entry = Entry(seq, message, mint(seq))
        if message.route.retain:
            self._retained[message.topic] = seq
        self._waiting += 1
        self._unsaved[seq] = entry
        self._thread.add(_row_of(entry, self._clock().utc_ns // 1_000_000))
        if self.problem:
            self._live[seq] = entry
        if len(self._unsaved) > UNSAVED_MAX:
            self._give_up(*self._unsaved.popitem(last=False))

    def take_live(self, limit: int) -> list[Entry]:
        """See Outbox."""
        return self._hand_out(self._live, limit)

    def take_backlog(self, limit: int) -> list[Entry]:
        """See Outbox."""
        taken = self._hand_out(self._backlog, limit)
        self._read_more()
        return taken

    def acknowledge(self, seq: int) -> None:
        """See Outbox."""
        if self._handed_out.pop(seq, None) is None:
            return
        self._waiting -= 1
        self._thread.acknowledge(seq)
        if seq in self._unsaved:
            self._unsaved[seq] = None
        if self._reading:
            self._acked_while_reading.add(seq)

    def hand_out_again(self) -> None:
        """See Outbox. What is on disk is read from there again; what is not stays here."""
        here = {seq: e for seq, e in (self._handed_out | self._live).items() if seq in self._unsaved}
        self._live = OrderedDict((seq, here[seq]) for seq in sorted(here))
        self._handed_out.clear()
        self._backlog.clear()
        self._reading = None
        self._read_upto, self._backlog_upto = 0, self.newest_seq
        self._read_more()

    def oldest(self) -> Entry | None:
        """See Outbox."""
        heads = [self._handed_out[min(self._handed_out)]] if self._handed_out else []
        heads += [next(iter(queue.values())) for queue in (self._backlog, self._live) if queue]
        heads += [entry for entry in list(self._unsaved.values())[:1] if entry]
        return min(heads, key=lambda entry: entry.seq, default=None)

    def confirm(self, upto_seq: int) -> None:
        """The historian has stored everything up to here."""
        self._thread.confirm(upto_seq)

    def read(self, from_seq: int, to_seq: int, limit: int, answer: Callable[[list[Entry]], None]) -> None:
        """Give the rows of a range, whoever has them already; answer is called later."""
        self._thread.ask_between(from_seq, to_seq, limit, lambda rows: answer([self._entry_of(row) for row in rows]))

    def close(self) -> None:
        """Write out what waits for the disk, and end."""
        self._thread.close()

    # Told by the thread, by way of `post`:

    def written(self, upto_seq: int) -> None:
        """Rows up to here are on disk, so their messages may leave."""
        self.problem = None
        self.newest_seq = max(self.newest_seq, upto_seq)
        while self._unsaved and next(iter(self._unsaved)) <= upto_seq:
            seq, entry = self._unsaved.popitem(last=False)
            if entry is not None and seq not in self._handed_out:
                self._live.setdefault(seq, entry)
        self._spill()
        self._on_ready()

    def not_written(self, problem: str) -> None:
        """The disk refuses: what it did not take leaves from memory."""
        if self.problem is None:
            self._live.update((seq, e) for seq, e in self._unsaved.items() if e and seq not in self._handed_out)
        self.problem = problem
        self._on_ready()

    def damaged(self, problem: str, held: Contents) -> None:
        """The file was replaced by a new one with what could be saved."""
        self.repaired = problem
        self.id = held.id
        unsaved = sum(entry is not None for entry in self._unsaved.values())
        lost = max(0, self._waiting - unsaved - held.waiting)
        self.dropped += lost
        self._waiting -= lost
        self.hand_out_again()

    def pruned(self, lost: int) -> None:
        """The file was full of messages that no broker has seen; so many of them are gone."""
        self.dropped += lost
        self._waiting -= lost

    def _hand_out(self, queue: OrderedDict[int, Entry], limit: int) -> list[Entry]:
        taken = [queue.popitem(last=False)[1] for _ in range(min(limit, len(queue)))]
        self._handed_out.update((entry.seq, entry) for entry in taken)
        return [self._unretained(entry) for entry in taken]

    def _unretained(self, entry: Entry) -> Entry:
        """An old summary that comes after a newer one must not take its place at the broker."""
        message = entry.message
        if not message.route.retain or self._retained.get(message.topic, 0) <= entry.seq:
            return entry
        route = replace(message.route, retain=False)
        return Entry(entry.seq, Message(message.topic, message.body, route), entry.minted)

    def _spill(self) -> None:
        """More live messages than a connection takes in a while become back-log, and leave memory."""
        while len(self._live) > CHUNK:
            seq, _ = self._live.popitem(last=False)
            self._backlog_upto = max(self._backlog_upto, seq)
        self._read_more()

    def _read_more(self) -> None:
        if self._reading or self._read_upto >= self._backlog_upto or len(self._backlog) > CHUNK // 2:
            return
        self._reading = asked = object()
        self._acked_while_reading.clear()
        upto = self._backlog_upto
        self._thread.ask_waiting(self._read_upto, upto, CHUNK, lambda rows: self._have_read(asked, upto, rows))

    def _have_read(self, asked: object, upto: int, rows: Sequence[Row]) -> None:
        if self._reading is not asked:
            return
        self._reading = None
        self._read_upto = rows[-1].seq if len(rows) == CHUNK else upto
        known = self._acked_while_reading | self._handed_out.keys() | self._live.keys()
        self._backlog.update((row.seq, self._entry_of(row)) for row in rows if row.seq not in known)
        self._on_ready()

    def _entry_of(self, row: Row) -> Entry:
        fields = msgspec.json.decode(row.payload)
        now = self._clock()
        if row.seq < self._first_seq:  # of an earlier start, perhaps before a reboot: its `t_s` is on another time line
            age_s = max(2 * LATE_AFTER_S, now.utc_ns / 1e9 - row.created_ms / 1e3)
            t_s = now.mono_ns / 1e9 - age_s
        else:
            t_s = float(fields["t_s"])
        route = Route(suffix="", qos=1, retain=row.retain, expiry_s=None, lane=Lane.OUTBOX)
        return Entry(row.seq, Message(row.topic, {}, route), Minted(t_s, fields))

    def _give_up(self, seq: int, entry: Entry | None) -> None:
        """Neither disk nor memory has room."""
        if entry is not None and seq not in self._handed_out:
            self._live.pop(seq, None)
            self.dropped += 1
            self._waiting -= 1


def _row_of(entry: Entry, now_ms: int) -> Row:
    message, fields = entry.message, entry.minted.fields
    payload = msgspec.json.encode(fields).decode()
    return Row(entry.seq, fields["id"], message.topic, message.route.retain, payload, now_ms)
