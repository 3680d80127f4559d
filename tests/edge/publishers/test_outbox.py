"""The outbox in memory: order, numbers, room."""

from __future__ import annotations

from example_events import REP

from edge.clock import Instant
from edge.publishers.envelope import Minted, Origin, mint
from edge.publishers.messages import MachineMessages
from edge.publishers.outbox import MemoryOutbox

MESSAGE = MachineMessages("g", "m").of(REP)[0]


def minted(seq: int) -> Minted:
    """A rep's identity."""
    return mint(MESSAGE.body, Origin("b", "1"), Instant(0, 0, synced=True), bytes(10), seq)


def filled(count: int, capacity: int = 100) -> MemoryOutbox:
    """An outbox with so many reps in it."""
    outbox = MemoryOutbox(capacity)
    for _ in range(count):
        outbox.put(MESSAGE, minted)
    return outbox


def test_taken_oldest_first_and_kept_until_acknowledged() -> None:
    """Handing out removes nothing; an acknowledgement does."""
    outbox = filled(5)
    assert [e.seq for e in outbox.take(2)] == [1, 2]
    assert [e.seq for e in outbox.take(2)] == [3, 4]
    assert len(outbox) == 5
    outbox.acknowledge(1)
    outbox.acknowledge(1)
    outbox.acknowledge(99)
    assert len(outbox) == 4
    oldest = outbox.oldest()
    assert oldest is not None
    assert oldest.seq == 2


def test_unacknowledged_come_again_in_order() -> None:
    """After a lost connection what was under way is handed out again before the rest, with its old identity."""
    outbox = filled(4)
    first = outbox.take(3)
    outbox.acknowledge(2)
    outbox.hand_out_again()
    again = outbox.take(10)
    assert [e.seq for e in again] == [1, 3, 4]
    assert again[0].minted is first[0].minted


def test_numbers_have_no_holes_and_are_in_the_payload() -> None:
    """seq counts 1, 2, 3 and stands in the message."""
    outbox = filled(3)
    assert [e.minted.fields["seq"] for e in outbox.take(3)] == [1, 2, 3]
    assert outbox.newest_seq == 3


def test_full_outbox_gives_up_the_oldest_that_waits() -> None:
    """At the limit nothing is lost; one more costs the oldest not under way, and it is counted."""
    outbox = filled(3, capacity=3)
    assert outbox.dropped == 0
    outbox.take(1)
    outbox.put(MESSAGE, minted)
    assert outbox.dropped == 1
    assert [e.seq for e in outbox.take(10)] == [3, 4]
    outbox.hand_out_again()
    assert [e.seq for e in outbox.take(10)] == [1, 3, 4]


def test_empty_outbox() -> None:
    """An empty outbox has nothing to give and no number yet."""
    outbox = MemoryOutbox()
    assert outbox.take(5) == []
    assert outbox.oldest() is None
    assert (len(outbox), outbox.newest_seq) == (0, 0)
