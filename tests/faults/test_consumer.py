"""Consumers: duplicates, disorder, holes. Pure."""

from __future__ import annotations

import random

import pytest
from historian_client import Store

from edge.history.numbers import ANSWER_WITHIN_S, ASK_AFTER_S, ASK_MAX, Numbers

B = ("g", "b")


def of(*seqs: int, known: int = 0) -> Numbers:
    """The numbers of one box."""
    numbers = Numbers({B: (known, "a")} if known else None)
    for seq in seqs:
        numbers.add(B, seq)
    return numbers


def test_every_message_three_times_and_shuffled() -> None:
    """Fault 10: delivered three times over in any order, what is kept is what was sent, once."""
    store, numbers = Store(":memory:"), Numbers()
    everything = [(box, seq) for seq in range(1, 301) for box in "ab"] * 3
    random.Random(10).shuffle(everything)  # noqa: S311
    for box, seq in everything:
        store.keep(box, seq, {"id": f"{box}-{seq}"})
        numbers.add(("g", box), seq)
    assert store.taken == 1800
    assert sorted(store.seqs()) == sorted([*range(1, 301)] * 2)
    assert sorted(numbers.confirms()) == [(("g", "a"), 300), (("g", "b"), 300)]
    assert numbers.confirms() == []


@pytest.mark.parametrize(("waited_s", "asked"), [(ASK_AFTER_S - 0.01, False), (ASK_AFTER_S, True)])
def test_hole_is_asked_for_after_a_while(waited_s: float, asked: bool) -> None:  # noqa: FBT001
    """A hole that a back-log will fill by itself is not asked for; one that stays is, and again if nothing comes."""
    numbers = of(1, 2, 6, 9)
    assert numbers.asks(100.0) == []
    assert numbers.asks(100.0 + waited_s) == ([(B, 3, 5)] if asked else [])
    if asked:
        assert numbers.asks(100.0 + waited_s + ANSWER_WITHIN_S - 0.01) == []
        assert numbers.asks(100.0 + waited_s + ANSWER_WITHIN_S) == [(B, 3, 5)]
    assert numbers.confirms() == [(B, 2)]


def test_filled_hole_is_not_asked_for() -> None:
    """What fills the hole ends it; then the next hole has its own time."""
    numbers = of(1, 4)
    numbers.asks(0.0)
    numbers.add(B, 2)
    numbers.add(B, 3)
    assert numbers.asks(60.0) == []
    numbers.add(B, 6)
    assert numbers.asks(61.0) == []
    assert numbers.asks(61.0 + ASK_AFTER_S) == [(B, 5, 5)]


def test_newest_number_shows_a_missing_end() -> None:
    """What was lost last leaves no hole behind it: a box names its newest number."""
    numbers = of(1)
    numbers.told(B, 3)
    numbers.asks(0.0)
    assert numbers.asks(60.0) == [(B, 2, 3)]
    numbers.told(B, 2 * ASK_MAX)
    assert numbers.asks(120.0) == [(B, 2, 1 + ASK_MAX)]


def test_what_is_gone_is_not_waited_for() -> None:
    """Rows that the box has no more are told as gone, and the numbers behind them can be confirmed."""
    numbers = of(8, known=5)
    numbers.gone(B, 6, 7)
    assert numbers.asks(60.0) == []
    assert numbers.confirms() == [(B, 8)]
