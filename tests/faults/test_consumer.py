"""Consumers: duplicates, disorder, holes. Pure."""

from __future__ import annotations

import random

import pytest
from historian_client import Store

from edge.publishers.history import ASK_AFTER_S, ASK_AGAIN_S, ASK_MAX, Historian


def message(seq: int, box: str = "b") -> dict[str, object]:
    return {"box": box, "seq": seq, "id": f"{box}-{seq}", "type": "rep"}


def test_every_message_three_times_and_shuffled() -> None:
    """Fault 10: delivered three times over in any order, what is kept is what was sent, once."""
    store = Store(":memory:")
    historian = Historian(store)
    everything = [message(seq, box) for seq in range(1, 301) for box in "ab"] * 3
    random.Random(10).shuffle(everything)  # noqa: S311
    for one in everything:
        historian.take(one)
    assert store.taken == 1800
    assert sorted(store.seqs()) == sorted([*range(1, 301)] * 2)
    assert sorted(historian.confirms()) == [("a", 300), ("b", 300)]
    assert historian.confirms() == []


@pytest.mark.parametrize(("waited_s", "asked"), [(ASK_AFTER_S - 0.01, False), (ASK_AFTER_S, True)])
def test_hole_is_asked_for_after_a_while(waited_s: float, asked: bool) -> None:  # noqa: FBT001
    """A hole that a back-log will fill by itself is not asked for; one that stays is, and again if nothing comes."""
    historian = Historian(Store(":memory:"))
    for seq in (1, 2, 6, 9):
        historian.take(message(seq))
    assert historian.asks(100.0) == []
    assert historian.asks(100.0 + waited_s) == ([("b", 3, 5)] if asked else [])
    if asked:
        assert historian.asks(100.0 + waited_s + ASK_AGAIN_S - 0.01) == []
        assert historian.asks(100.0 + waited_s + ASK_AGAIN_S) == [("b", 3, 5)]
    assert historian.confirms() == [("b", 2)]


def test_filled_hole_is_not_asked_for() -> None:
    """Replayed messages fill the hole as the first ones would have; then the next hole has its own time."""
    historian = Historian(Store(":memory:"))
    for seq in (1, 4):
        historian.take(message(seq))
    historian.asks(0.0)
    for seq in (2, 3):
        historian.take({"type": "replay", "box": "b", "message": message(seq)})
    assert historian.asks(60.0) == []
    historian.take(message(6))
    assert historian.asks(61.0) == []
    assert historian.asks(61.0 + ASK_AFTER_S) == [("b", 5, 5)]


def test_newest_number_shows_a_missing_end() -> None:
    """What was lost last leaves no hole behind it: status and health name the newest number."""
    historian = Historian(Store(":memory:"))
    historian.take(message(1))
    historian.take({"type": "status", "box": "b", "newest_seq": 3})
    historian.asks(0.0)
    assert historian.asks(60.0) == [("b", 2, 3)]
    historian.take({"type": "health", "box": "b", "outbox": {"newest_seq": 2 * ASK_MAX}})
    assert historian.asks(120.0) == [("b", 2, 1 + ASK_MAX)]


def test_what_is_gone_is_not_waited_for() -> None:
    """Rows that the box has no more are told as gone, and the numbers behind them can be confirmed."""
    historian = Historian(Store(":memory:"), known={"b": 5})
    historian.take(message(8))
    historian.gone("b", 6, 7)
    assert historian.asks(60.0) == []
    assert historian.confirms() == [("b", 8)]
