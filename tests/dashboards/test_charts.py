"""The coach's curves: a fault is marked where its signal crossed the limit, and its name covers nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import lifted
import pytest
from published import PLACE, changed, messages, state

from dashboards.charts import FAULT, ROWS, rep_figure
from dashboards.words import words_of
from edge.history.historian import Historian
from edge.history.queries import Queries
from edge.history.store import Store, sqlite_url
from edge.history.subscription import Arrival

BEGIN_S = 100.0


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """By rep, its figure, out of a history that heard the set."""
    store = Store(sqlite_url(Path(tmp_path_factory.mktemp("history"), "history.sqlite")))
    historian = Historian(store)
    historian.start()
    events = [state(t_s=BEGIN_S, limits=lifted.LIMITS), *(lifted.body(BEGIN_S + i / 20, BEGIN_S) for i in range(640))]
    for number in range(1, 9):
        events += [*lifted.alerts(number, BEGIN_S), lifted.rep(number, BEGIN_S)]
    for i, event in enumerate(events):
        for topic, payload in messages(event):
            historian.put(Arrival(topic, changed(payload, id=f"m-{i}"), False, lambda: None))  # noqa: FBT003
    historian.stop()
    queries = Queries(store)
    page = queries.session(queries.sessions()[0].id)
    assert page is not None
    assert page.row.place == PLACE
    out = {}
    for row in page.reps:
        curves = queries.curves(row)
        assert curves is not None
        out[row.rep.rep] = rep_figure(row, curves, words_of("en"))
    store.close()
    return out


def marks(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in figure["data"] if line["mode"] == "markers"]


@pytest.mark.parametrize("number", sorted(lifted.FAULTS))
def test_a_mark_lies_on_its_limit_where_the_curve_crosses_it(number: int, figures: dict[int, dict[str, Any]]) -> None:
    """Between the two kept rows of which one is beyond the limit and the one before is not."""
    found = marks(figures[number])
    assert len(found) == len(lifted.FAULTS[number])
    for mark in found:
        (x,), (y,) = mark["x"], mark["y"]
        lines = [one for one in figures[number]["data"] if one["yaxis"] == mark["yaxis"] and one["mode"] == "lines"]
        crossing = [
            one
            for one in lines
            for i in range(1, len(one["x"]))
            if one["x"][i - 1] <= x <= one["x"][i]
            and min(one["y"][i - 1 : i + 1]) - 0.01 <= y <= max(one["y"][i - 1 : i + 1]) + 0.01
        ]
        assert crossing, mark["name"]


def names(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """The words about faults."""
    return [one for one in figure["layout"]["annotations"] if one["font"]["color"] == FAULT]


def test_a_clean_rep_has_no_mark(figures: dict[int, dict[str, Any]]) -> None:
    """Nothing is marked where nothing was seen."""
    assert marks(figures[1]) == []
    assert names(figures[1]) == []


def test_both_sides_of_one_fault_are_one_name(figures: dict[int, dict[str, Any]]) -> None:
    """Both knees lock at the same moment: two crosses, and one name that tells both sides."""
    (name,) = names(figures[5])
    assert name["text"] == "<b>✕ knee locking: left, right</b>"
    assert name["short"] == "<b>✕ left, right</b>"
    assert [one["short"] for one in names(figures[6])] == ["<b>✕ pelvis tucking under</b>", "<b>✕ right</b>"]


@pytest.mark.parametrize("number", sorted(lifted.FAULTS))
def test_words_stand_where_no_curve_and_no_number_is(number: int, figures: dict[int, dict[str, Any]]) -> None:
    """Titles at the left, faults at the right, each in the strip above its own row and in no row."""
    layout = figures[number]["layout"]
    domains = [axis["domain"] for key, axis in layout.items() if key.startswith("yaxis")]
    assert len(layout["annotations"]) == len(ROWS) + len({kind for kind, _, _ in lifted.FAULTS[number]})
    for one in layout["annotations"]:
        assert (one["yref"], one["yanchor"]) == ("paper", "bottom")
        assert any(one["y"] == top for _, top in domains)
        assert not any(low < one["y"] < top for low, top in domains)
    for one in names(figures[number]):
        assert (one["x"], one["xanchor"]) == (1, "right")
    gaps_px = [(low - top) * 990 for (low, _), (_, top) in pairwise(domains)]
    assert min(gaps_px) >= 13 * 1.4
