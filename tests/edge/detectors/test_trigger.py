"""Hysteresis and hold, exact at their boundaries."""

from __future__ import annotations

from math import nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detectors.trigger import Trigger, confidence

INF = float("inf")
HIGH = (10.0, 8.0)
LOW = (6.0, 8.0)


def fired(trigger: Trigger, values: list[float], step_s: float = 0.25) -> list[int]:
    """Which readings made it fire; steps of a quarter second add up exactly."""
    return [i for i, value in enumerate(values) if trigger.step(i * step_s, value)]


@pytest.mark.parametrize(("line", "beyond"), [(HIGH, 11.0), (LOW, 5.0)])
def test_it_fires_once_the_hold_is_full(line: tuple[float, float], beyond: float) -> None:
    """Beyond the line for exactly hold_s is enough, less is not; then it is told once, however long it lasts."""
    assert fired(Trigger(*line, 0.5, 1.0), [beyond] * 20) == [2]
    assert fired(Trigger(*line, 0.0, 1.0), [beyond] * 20) == [0]
    assert fired(Trigger(*line, 0.5, 1.0), [beyond, beyond]) == []


@pytest.mark.parametrize(("line", "away"), [(HIGH, INF), (LOW, -INF)])
def test_on_the_line_is_not_beyond_it(line: tuple[float, float], away: float) -> None:
    """A value on the line is still fine; the next number beyond is not."""
    assert fired(Trigger(*line, 0.0, 1.0), [line[0]] * 5) == []
    assert fired(Trigger(*line, 0.0, 1.0), [nextafter(line[0], away)]) == [0]


@pytest.mark.parametrize(("line", "beyond", "fine"), [(HIGH, 11.0, 9.0), (LOW, 5.0, 7.0)])
def test_one_fine_reading_starts_the_hold_anew(line: tuple[float, float], beyond: float, fine: float) -> None:
    """What is beyond the line now and then, but never for long, is nothing."""
    assert fired(Trigger(*line, 0.5, 1.0), [beyond, beyond, fine] * 10) == []
    trigger = Trigger(*line, 0.5, 1.0)
    assert fired(trigger, [beyond, fine, beyond, beyond, beyond]) == [4]
    assert trigger.onset_s == 0.5


@pytest.mark.parametrize(("line", "beyond", "between", "back"), [(HIGH, 11.0, 9.0, 7.0), (LOW, 5.0, 7.0, 9.0)])
def test_it_is_over_once_back_for_long(line: tuple[float, float], beyond: float, between: float, back: float) -> None:
    """Within the second line for exactly clear_s ends it; between the lines, or on the second, it goes on."""
    trigger = Trigger(*line, 0.0, 0.5)
    fired(trigger, [beyond] + [between] * 20 + [line[1]] * 20)
    assert trigger.active
    trigger = Trigger(*line, 0.0, 0.5)
    fired(trigger, [beyond, back, back])
    assert trigger.active
    trigger = Trigger(*line, 0.0, 0.5)
    fired(trigger, [beyond, back, back, back])
    assert not trigger.active
    trigger = Trigger(*line, 0.0, 0.5)
    fired(trigger, [beyond, back, back, between, back, back])
    assert trigger.active


def test_it_can_fire_again_only_after_it_was_over() -> None:
    """A value that swings about the first line is one fault; one that came back for long may be a second."""
    swinging = Trigger(*HIGH, 0.25, 0.5)
    assert fired(swinging, [11.0, 11.0, 9.0, 11.0, 9.5, 12.0, 11.0, 11.0]) == [1]
    over = Trigger(*HIGH, 0.25, 0.5)
    assert fired(over, [11.0, 11.0, 7.0, 7.0, 7.0, 11.0, 11.0, 11.0]) == [1, 6]
    assert over.onset_s == 1.25


def test_the_onset_is_where_it_crossed() -> None:
    """Not where it became certain; and it is kept while the fault lasts."""
    trigger = Trigger(*HIGH, 0.5, 0.5)
    fired(trigger, [9.0, 11.0, 11.0, 11.0, 9.0, 9.0])
    assert (trigger.active, trigger.onset_s) == (True, 0.25)


def test_a_reset_forgets_a_begun_hold_and_an_active_fault() -> None:
    """After a loss of the signal, the hold starts from nothing, and a fault that was there is there no more."""
    trigger = Trigger(*HIGH, 0.5, 0.5)
    fired(trigger, [11.0, 11.0])
    trigger.reset()
    assert (trigger.onset_s, fired(trigger, [11.0, 11.0])) == (None, [])
    fired(trigger, [11.0, 11.0, 11.0])
    trigger.reset()
    assert not trigger.active


@given(st.lists(st.floats(0.0, 20.0), max_size=200), st.sampled_from([0.0, 0.25, 1.0]), st.sampled_from([0.0, 0.5]))
def test_it_never_fires_without_a_full_hold_beyond_the_line(values: list[float], hold_s: float, clear_s: float) -> None:
    """Whatever the values: each firing has its whole hold beyond the line behind it, and a way back before the next."""
    trigger, steps, last = Trigger(*HIGH, hold_s, clear_s), round(hold_s / 0.25), -1
    for i, value in enumerate(values):
        if trigger.step(i * 0.25, value):
            assert i >= steps
            assert all(v > HIGH[0] for v in values[i - steps : i + 1])
            assert last < 0 or any(v < HIGH[1] for v in values[last + 1 : i])
            last = i


def test_how_sure_it_is() -> None:
    """On the line it is as likely as not; one spread beyond, 84 %; without any error, certain."""
    assert confidence(8.0, 8.0, 2.0) == 0.5
    assert confidence(10.0, 8.0, 2.0) == pytest.approx(0.8413, abs=1e-4)
    assert confidence(6.0, 8.0, 2.0) == pytest.approx(0.8413, abs=1e-4)
    assert confidence(12.0, 8.0, 2.0) == pytest.approx(0.9772, abs=1e-4)
    assert confidence(12.0, 8.0, 0.0) == 1.0
