"""What the operator is told to do: something about each thing that is red, at its limit, in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from example_events import SENSOR

from dashboards.advice import Advice, about_box, about_machine, about_pages, about_sensor
from dashboards.hub import BoxView
from dashboards.machine_view import SensorView
from dashboards.words import LANGUAGES, words_of

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def sensor(**changes: Any) -> list[Advice]:
    return list(about_sensor("press-1", SensorView(msgspec.structs.replace(SENSOR, **changes), NOW, NOW)))


def box(status: str = "online", clock: str = "synced", **health: Any) -> list[Advice]:
    return list(about_box("box", BoxView(status=status, clock=clock, health=health, told=NOW)))


def graded(found: list[Advice]) -> list[tuple[str, str]]:
    return [(one.grade, one.key) for one in found]


def test_what_is_well_needs_nothing() -> None:
    """No line for a sensor, a machine, a box or pages that do their work."""
    assert sensor() == box() == list(about_machine("press-1", "ok")) == list(about_pages(None, None)) == []


@pytest.mark.parametrize(("pct", "told"), [(26, []), (25, [("watch", "battery")]), (11, [("watch", "battery")]),
                                           (10, [("grave", "battery")]), (0, [("grave", "battery")])])  # fmt: skip
def test_a_battery_is_told_before_it_is_empty(pct: int, told: list[tuple[str, str]]) -> None:
    """To watch from 25 %, grave from 10 %."""
    assert graded(sensor(battery_pct=pct)) == told


@pytest.mark.parametrize(("pct", "told"), [(5.0, []), (5.1, [("watch", "loss")]), (15.0, [("watch", "loss")]),
                                           (15.1, [("grave", "loss")])])  # fmt: skip
def test_lost_packets_are_told_once_they_cost_cues(pct: float, told: list[tuple[str, str]]) -> None:
    """Up to 5 % costs nothing, beyond 15 % signals have holes."""
    assert graded(sensor(loss_pct=pct)) == told


@pytest.mark.parametrize(("ppm", "count"), [(200.0, 0), (-200.0, 0), (200.1, 1), (-200.1, 1)])
def test_a_clock_that_runs_away_is_told(ppm: float, count: int) -> None:
    """Either way."""
    assert len(sensor(drift_ppm=ppm)) == count


def test_a_sensor_that_is_away_is_told_once() -> None:
    """Its battery and its losses are of before; a silence is not said twice, another problem is said."""
    away = sensor(connected=False, problem="silent: check its battery and strap", battery_pct=3, loss_pct=50.0)
    assert graded(away) == [("grave", "sensor_silent")]
    assert graded(sensor(connected=False, problem=None)) == [("grave", "sensor_silent")]
    assert graded(sensor(connected=False, problem="wrong firmware")) == [("grave", "sensor_problem")]


def test_a_machine_is_told_only_for_itself() -> None:
    """A box or broker that is away is told there, not again for each machine."""
    assert graded(list(about_machine("press-1", "machine"))) == [("grave", "signal_machine")]
    assert graded(list(about_machine("press-1", "ok", legs_doubted=True))) == [("watch", "legs")]
    assert list(about_machine("press-1", "box")) == list(about_machine("press-1", "broker")) == []


@pytest.mark.parametrize(
    ("health", "told"),
    [
        ({"outbox": {"problem": "disk full"}}, ("grave", "outbox_problem")),
        ({"outbox": {"oldest_s": 60.0}}, None),
        ({"outbox": {"oldest_s": 60.1, "depth": 9}}, ("watch", "outbox_waits")),
        ({"outbox": {"dropped": 1}}, ("grave", "outbox_dropped")),
        ({"broker": {"problem": "not allowed"}}, ("watch", "broker_problem")),
        ({"loop_lag_ms_max": 50.0}, None),
        ({"loop_lag_ms_max": 50.1}, ("watch", "lag")),
        ({"machines": {"press-1": {"links": {"hub": {"problem": "cannot be opened"}}}}}, ("grave", "link")),
        ({"machines": {"press-1": {"links": {"hub": {"problem": None, "bytes_in": 9}}}}}, None),
        ({"machines": {"press-1": {"failures": 2}}}, ("grave", "failures")),
        ({"machines": {"press-1": {"byte_log": {"dropped": 3, "problem": "disk full"}}}}, ("watch", "recording")),
        ({"machines": {"press-1": {"byte_log": {"dropped": 0, "problem": None}}}}, None),
        ({"machines": {"press-1": {"links": {"hub": "nonsense"}}, "press-2": 3}}, None),
        ({"machines": "nonsense", "outbox": 7, "loop_lag_ms_max": "x"}, None),
    ],
)
def test_a_boxs_troubles_are_told(health: dict[str, Any], told: tuple[str, str] | None) -> None:
    """Each by its own line; health that is none of ours tells nothing and breaks nothing."""
    assert graded(box(**health)) == ([told] if told else [])


def test_a_box_that_is_away_is_told_once() -> None:
    """What it said before is not now."""
    assert graded(box("offline", "unsynced", loop_lag_ms_max=500.0)) == [("grave", "box_away")]
    assert graded(box(clock="unsynced")) == [("watch", "clock")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_says_what_is_and_what_to_do(language: str) -> None:
    """In every language, with every hole filled."""
    lines = [
        *sensor(battery_pct=3, loss_pct=20.0, drift_ppm=400.0, calibrated=False, problem="loose"),
        *sensor(connected=False, problem="silent"), *box("offline"),
        *about_machine("press-1", "machine", legs_doubted=True),
        *box(clock="unsynced", outbox={"problem": "full", "oldest_s": 99.0, "depth": 3, "dropped": 2},
             broker={"problem": "no"}, loop_lag_ms_max=99.0,
             machines={"m": {"links": {"hub": {"problem": "gone"}}, "byte_log": {"problem": "full"}, "failures": 1}}),
        *about_pages("gone", "full"),
    ]  # fmt: skip
    words = words_of(language)
    assert len({one.key for one in lines}) == 20
    for one in lines:
        for text in (words(f"do.{one.key}", **one.values), words(f"do.{one.key}.how")):
            assert text
            assert "{" not in text
