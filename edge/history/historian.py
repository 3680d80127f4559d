"""Fills the history from a broker: a thread of its own that takes messages in batches, keeps them, then acknowledges.

A message is acknowledged only when it is on disk, and the broker keeps what comes while nobody is here, so neither a
crash of this process nor a full disk costs a rep: what is not kept comes again. While the disk takes nothing the queue
fills up and holds the broker back. What a broker lost all the same shows as a hole in a box's numbers, and the box is
asked for it; where this is the historian that counts, what is complete is confirmed to the box.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from edge.clock import monotonic_ns
from edge.events import Live, MachineState, SetSummary
from edge.history.gaps import Gaps
from edge.history.received import FromMachine, Place, Unreadable, read
from edge.history.store import Store
from edge.history.subscription import Arrival
from edge.history.traces import Chunk, Tracer

WAITING_MAX = 2000
BATCH_MAX = 200
GATHER_NS = 200_000_000
"""How long a batch gathers: one commit costs some ms of disk, and nobody waits for it."""
RETRY_S = 1.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Batch:
    """What is written in one go, and what is acknowledged after that."""

    messages: list[FromMachine] = field(default_factory=list)
    chunks: list[tuple[FromMachine, Chunk]] = field(default_factory=list)
    done: list[Callable[[], None]] = field(default_factory=list)


class Sorter:
    """What of the arrivals is kept, and how. Pure but for what it remembers of each machine's stream."""

    def __init__(self) -> None:
        self.unreadable = 0
        self._tracers: dict[Place, Tracer] = {}
        self._newest: dict[Place, FromMachine] = {}

    def take(self, arrival: Arrival, batch: Batch) -> None:
        """Put an arrival where it belongs."""
        batch.done.append(arrival.done)
        try:
            message = read(arrival.topic, arrival.payload, retained=arrival.retained)
        except Unreadable as error:
            self.unreadable += 1
            log.debug("%s", error)
            return
        if not isinstance(message, FromMachine) or (message.retained and isinstance(message.event, SetSummary)):
            return  # a retained summary is of a set that was kept when it ended, or of before there was a history
        tracer = self._tracers.setdefault(message.place, Tracer())
        match message.event:
            case Live() as live:
                chunk = tracer.take(message.session, message.envelope.boot, live)
                if chunk is not None:
                    batch.chunks.append((self._newest.get(message.place, message), chunk))
                self._newest[message.place] = message
            case MachineState() as state if not message.durable:
                tracer.limits = state.limits
            case _:
                batch.messages.append(message)

    def finish(self, batch: Batch) -> None:
        """Put in what has gathered of the streams."""
        for place, tracer in self._tracers.items():
            chunk = tracer.finish()
            if chunk is not None:
                batch.chunks.append((self._newest[place], chunk))


class Historian:
    """`put` from any thread; `start` and `stop` it. problem: why nothing is kept at present, None when all is well."""

    def __init__(
        self,
        store: Store,
        kept: Callable[[list[FromMachine]], None] = lambda _messages: None,
        send: Callable[[str, bytes], None] = lambda _topic, _payload: None,
        *,
        confirms: bool = False,
    ) -> None:
        """kept: called in the historian's thread after each batch is on disk. send: a word to a box: topic, payload.

        confirms: whether boxes are told what is kept, so that they may forget it: for one historian only.
        """
        self.problem: str | None = None
        self.kept = 0
        self.sorter = Sorter()
        self._store, self._told = store, kept
        self._gaps = Gaps(store.complete(), send, confirms=confirms)
        self._waiting: queue.Queue[Arrival | None] = queue.Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._run, name="historian", daemon=True)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to keep."""
        self._thread.start()

    def put(self, arrival: Arrival) -> None:
        """Take a message; waits while too many wait."""
        self._waiting.put(arrival)

    def stop(self) -> None:
        """Keep what has come, and end."""
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch = Batch()
            ended = self._gather(batch)
            if ended:
                self.sorter.finish(batch)
            self._keep(batch)

    def _gather(self, batch: Batch) -> bool:
        """Fill a batch; True when the end has come."""
        arrival = self._waiting.get()
        until_ns = monotonic_ns() + GATHER_NS
        while arrival is not None:
            self._take(arrival, batch)
            left_s = (until_ns - monotonic_ns()) / 1e9
            if left_s <= 0 or len(batch.done) >= BATCH_MAX:
                return False
            try:
                arrival = self._waiting.get(timeout=left_s)
            except queue.Empty:
                return False
        return True

    def _take(self, arrival: Arrival, batch: Batch) -> None:
        message = self._gaps.take(arrival)
        if message is None:
            batch.done.append(arrival.done)
            return
        self.sorter.take(message, batch)

    def _keep(self, batch: Batch) -> None:
        """Write until it is written; at the end once only: what is not kept then comes again."""
        while True:
            last = self._stopping.is_set()
            try:
                self._store.write(batch.messages, batch.chunks)
            except DBAPIError as error:
                self._note(f"the history cannot be written ({error.orig}); check the disk")
                if last:
                    return
                self._stopping.wait(RETRY_S)
            else:
                break
        self._note(None)
        self.kept += len(batch.messages)
        self._told(batch.messages)
        for done in batch.done:
            done()
        self._gaps.settle()
        self._gaps.ask()
        try:
            self._gaps.confirm(self._store.note_complete)
        except DBAPIError as error:  # what is confirmed next will be further on
            self._note(f"the history cannot be written ({error.orig}); check the disk")

    def _note(self, problem: str | None) -> None:
        if problem != self.problem:
            log.warning("%s", problem or "the history is written again")
        self.problem = problem
