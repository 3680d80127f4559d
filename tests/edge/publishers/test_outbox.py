"""Both outboxes, in memory and on disk: order, numbers, what is live and what is back-log, room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from outbox_tools import MESSAGE, NOW, SUMMARY, Disk, backlog, from_disk, minted, taken

from edge.clock import Instant
from edge.publishers.durable_outbox import CHUNK
from edge.publishers.envelope import seal
from edge.publishers.outbox import MemoryOutbox, Outbox
from edge.publishers.outbox_file import Limits


@pytest.fixture(params=["memory", "disk"])
def filled(request: pytest.FixtureRequest, disk: Disk) -> Callable[[int], Outbox]:
    """Makes an outbox of either kind with so many reps in it, all of them ready."""

    def fill(count: int) -> Outbox:
        if request.param == "disk":
            return disk.filled(count)
        outbox = MemoryOutbox()
        for _ in range(count):
            outbox.put(MESSAGE, minted)
        return outbox

    return fill


def test_taken_oldest_first_and_kept_until_acknowledged(filled: Callable[[int], Outbox]) -> None:
    """Handing out removes nothing; an acknowledgement does."""
    outbox = filled(5)
    assert taken(outbox, 2) == [1, 2]
    assert taken(outbox, 2) == [3, 4]
    assert len(outbox) == 5
    outbox.acknowledge(1)
    outbox.acknowledge(1)
    outbox.acknowledge(99)
    assert len(outbox) == 4
    oldest = outbox.oldest()
    assert oldest is not None
    assert oldest.seq == 2


def test_numbers_have_no_holes_and_are_in_the_payload(filled: Callable[[int], Outbox]) -> None:
    """seq counts 1, 2, 3 and stands in the message."""
    outbox = filled(3)
    assert [e.minted.fields["seq"] for e in outbox.take_live(3)] == [1, 2, 3]
    assert outbox.newest_seq == 3


def test_empty_outbox(filled: Callable[[int], Outbox]) -> None:
    """An empty outbox has nothing to give and no number yet."""
    outbox = filled(0)
    assert outbox.take_live(5) == outbox.take_backlog(5) == []
    assert outbox.oldest() is None
    assert (len(outbox), outbox.newest_seq) == (0, 0)


def test_memory_unacknowledged_come_again_in_order() -> None:
    """After a lost connection all that waits is back-log, what was under way first, with its old identity."""
    outbox = MemoryOutbox()
    for _ in range(4):
        outbox.put(MESSAGE, minted)
    first = outbox.take_live(3)
    outbox.acknowledge(2)
    outbox.hand_out_again()
    outbox.put(MESSAGE, minted)
    again = outbox.take_backlog(10)
    assert [e.seq for e in again] == [1, 3, 4]
    assert again[0].minted is first[0].minted
    assert taken(outbox) == [5]


def test_memory_full_gives_up_the_oldest_that_waits() -> None:
    """At the limit nothing is lost; one more costs the oldest not under way, and it is counted."""
    outbox = MemoryOutbox(capacity=3)
    for _ in range(3):
        outbox.put(MESSAGE, minted)
    assert outbox.dropped == 0
    outbox.take_live(1)
    outbox.put(MESSAGE, minted)
    assert outbox.dropped == 1
    assert taken(outbox) == [3, 4]
    outbox.hand_out_again()
    assert [e.seq for e in outbox.take_backlog(10)] == [1, 3, 4]


def test_disk_unacknowledged_come_again_in_order(disk: Disk) -> None:
    """The same from disk: same payload, same id, and what was acknowledged meanwhile does not come again."""
    outbox = disk.filled(4)
    first = outbox.take_live(3)
    outbox.acknowledge(2)
    outbox.hand_out_again()
    outbox.put(MESSAGE, minted)
    disk.listen(lambda: outbox.newest_seq == 5)
    again = from_disk(disk, outbox, 3)
    assert [e.seq for e in again] == [1, 3, 4]
    assert seal(again[0].minted, NOW) == seal(first[0].minted, NOW)
    assert taken(outbox) == [5]


def test_nothing_leaves_before_it_is_on_disk(disk: Disk) -> None:
    """A number is told to nobody, neither in a message nor as the newest, before its row is committed."""
    outbox = disk.open()
    outbox.put(MESSAGE, minted)
    assert (outbox.take_live(1), outbox.newest_seq, len(outbox)) == ([], 0, 1)
    disk.listen(lambda: outbox.newest_seq == 1)
    assert taken(outbox) == [1]


def test_next_start_goes_on(disk: Disk) -> None:
    """Another start has what was not acknowledged, marked late, and numbers go on where they were."""
    before = disk.filled(5)
    before.take_live(5)
    for seq in (1, 2, 4):
        before.acknowledge(seq)
    before.close()
    disk.now = Instant(3 * 10**9, 10**18 + 60 * 10**9, synced=True)
    after = disk.open()
    assert (len(after), after.newest_seq) == (2, 5)
    got = from_disk(disk, after, 2)
    assert [e.seq for e in got] == [3, 5]
    assert got[0].minted.age_s(disk.now) == pytest.approx(60)
    after.put(MESSAGE, minted)
    disk.listen(lambda: after.newest_seq == 6)
    assert taken(after) == [6]


def test_rows_of_an_earlier_start_are_late_whatever_the_clock_says(disk: Disk) -> None:
    """A clock set back makes no message of yesterday fresh."""
    disk.filled(1).close()
    disk.now = Instant(3 * 10**9, 10**18 - 3600 * 10**9, synced=False)
    outbox = disk.open()
    disk.listen(lambda: outbox.oldest() is not None)
    oldest = outbox.oldest()
    assert oldest is not None
    assert oldest.minted.age_s(disk.now) > 5


def test_numbers_go_on_when_all_rows_are_gone(disk: Disk) -> None:
    """Rows that were acknowledged and pruned leave their numbers used."""
    outbox = disk.filled(3)
    outbox.take_live(3)
    for seq in (1, 2, 3):
        outbox.acknowledge(seq)
    outbox.close()
    disk.limits = Limits(max_bytes=1 << 30, keep_s=-1.0)
    pruned = disk.open()
    pruned.close()
    again = disk.open()
    assert (len(again), again.newest_seq) == (0, 3)
    again.put(MESSAGE, minted)
    disk.listen(lambda: again.newest_seq == 4)


def test_large_back_log_is_read_in_pieces(disk: Disk) -> None:
    """However much waits, memory holds little of it, and all of it comes once, in order."""
    count = 5 * CHUNK
    disk.filled(count).close()
    outbox = disk.open()
    got: list[int] = []
    while len(got) < count:
        got += backlog(disk, outbox, 20)
        for seq in got[-20:]:
            outbox.acknowledge(seq)
        assert len(outbox._backlog) <= 2 * CHUNK
    assert got == list(range(1, count + 1))
    assert len(outbox) == 0


def test_live_messages_that_nobody_takes_become_back_log(disk: Disk) -> None:
    """While no broker takes any, memory holds a bounded number; none is lost or comes twice."""
    outbox = disk.filled(3 * CHUNK)
    assert len(outbox._live) <= CHUNK
    live = taken(outbox, 10 * CHUNK)
    waiting = backlog(disk, outbox, 3 * CHUNK - len(live))
    assert sorted(live + waiting) == list(range(1, 3 * CHUNK + 1))


def test_old_summary_does_not_replace_a_newer_one(disk: Disk) -> None:
    """Of a retained topic only the newest number is sent as retained, though older ones may arrive later."""
    outbox = disk.open()
    for _ in range(2):
        outbox.put(SUMMARY, minted)
    disk.listen(lambda: outbox.newest_seq == 2)
    outbox.hand_out_again()
    outbox.put(SUMMARY, minted)
    disk.listen(lambda: outbox.newest_seq == 3)
    assert [e.message.route.retain for e in outbox.take_live(5)] == [True]
    assert [e.message.route.retain for e in from_disk(disk, outbox, 2)] == [False, False]


def test_history_is_read_by_number(disk: Disk) -> None:
    """A range gives what is there, acknowledged or not, with its old ids."""
    outbox = disk.filled(6)
    ids = [entry.minted.fields["id"] for entry in outbox.take_live(6)]
    for seq in (1, 2, 3):
        outbox.acknowledge(seq)
    got: list[str] = []
    outbox.read(2, 4, 10, lambda entries: got.extend(entry.minted.fields["id"] for entry in entries))
    disk.listen(lambda: bool(got))
    assert got == ids[1:4]


def test_an_outbox_on_disk_has_an_id_of_its_own(disk: Disk) -> None:
    """The same at every start; a new file has another, and what is in memory has none."""
    first = disk.filled(3)
    first.close()
    again = disk.open()
    again.close()
    assert first.id
    assert again.id == first.id
    disk.path = disk.path.with_name("new.sqlite")
    assert disk.open().id not in (None, first.id)
    assert MemoryOutbox().id is None
