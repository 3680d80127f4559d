"""Values on the grid: against a plain dictionary, and at the ends of what is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.motion.series import KEEP, Series, columns

TRIM = KEEP + 3000
"""So many entries may lie about before the oldest are let go."""


@given(st.integers(0, 50), st.lists(st.tuples(st.integers(-4, 6), st.none() | st.integers(0, 9)), max_size=40))
def test_it_holds_what_was_put_and_nothing_else(first: int, puts: list[tuple[int, int | None]]) -> None:
    """Entries stand where they were put, skipped instants are None, and the past is never rewritten."""
    series: Series[int] = Series()
    series.put(first, -1)
    held = {first: -1}
    for step, value in puts:
        k = series.end - 1 + step
        if k > max(held):
            held[k] = value
        series.put(k, value)
    everywhere = range(first - 5, max(held) + 5)
    assert [series.at(k) for k in everywhere] == [held.get(k) for k in everywhere]
    assert (series.start, series.end, series.last()) == (first, max(held) + 1, held[max(held)])


@given(st.integers(0, 20), st.integers(0, 12), st.integers(-8, 40), st.integers(-8, 40))
def test_a_span_is_its_entries_one_by_one(first: int, length: int, begin: int, end: int) -> None:
    """A span has one entry per instant, None before the first, after the last and in an empty series."""
    series: Series[int] = Series()
    for k in range(first, first + length):
        series.put(k, k)
    assert series.span(begin, end) == [series.at(k) for k in range(begin, end)]


def test_nothing_is_known_before_the_first() -> None:
    """An empty series has no newest entry."""
    series: Series[int] = Series()
    assert (series.last(), series.at(0), series.end) == (None, None, 0)


def test_the_last_two_minutes_are_kept() -> None:
    """Nothing is let go before the series is long, and then the newest KEEP entries stay."""
    series: Series[int] = Series()
    for k in range(7, 7 + TRIM):
        series.put(k, k)
    assert (series.start, series.at(7)) == (7, 7)
    series.put(7 + TRIM, 7 + TRIM)
    assert (series.start, series.end) == (series.end - KEEP, 8 + TRIM)
    assert [series.at(k) for k in (series.start - 1, series.start, series.end - 1)] == [
        None, series.start, series.end - 1,
    ]  # fmt: skip


def test_a_gap_longer_than_what_is_kept_begins_anew() -> None:
    """Up to two minutes without an entry are filled with None; after a longer gap the old entries are gone."""
    filled: Series[str] = Series()
    filled.put(0, "old")
    filled.put(1 + KEEP, "new")
    assert (filled.at(0), filled.at(KEEP), filled.last()) == ("old", None, "new")
    anew: Series[str] = Series()
    anew.put(0, "old")
    anew.put(2 + KEEP, "new")
    assert (anew.at(0), anew.start, anew.end, anew.last()) == (None, 2 + KEEP, 3 + KEEP, "new")


def test_columns_show_holes_as_nan() -> None:
    """Rows become an array of the asked width, also when there are none."""
    table = columns([(1.0, 2.0), None, (3.0, 4.0)], 2)
    assert np.array_equal(table, [[1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]], equal_nan=True)
    assert columns([], 5).shape == (0, 5)


def test_the_past_is_amended_where_it_is_there() -> None:
    """Entries between the first and the last are replaced one for one; beyond either nothing is invented."""
    series: Series[int] = Series()
    for k in range(10, 15):
        series.put(k, k)
    series.amend(11, [1, 2])
    assert series.span(10, 15) == [10, 1, 2, 13, 14]
    for k in (9, 14):
        with pytest.raises(IndexError):
            series.amend(k, [0, 0])
    assert (series.start, series.end) == (10, 15)
