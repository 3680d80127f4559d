"""What every detector has in common: when it is told, how often, and what it says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import gate, reading, told

from edge.detectors.base import Fault, Line
from edge.detectors.trigger import confidence

LINE = Line(on=34.0, off=24.0, hold_s=0.03, clear_s=0.25, lead_s=0.03, unit="mm")
SENSORS = ("left_thigh", "left_shank")


def fault(line: Line = LINE) -> Fault:
    return Fault("valgus", "left", line)


def test_a_detection_tells_everything() -> None:
    """Who, where, when it began, when the sample was taken, when it came, how far, from which line, how sure."""
    one, drive = fault(), gate("concentric", attempt=5)
    found = [one.judge(reading(i, 40.0, sd=5.0), drive, SENSORS) for i in range(4)]
    assert found[:3] == [None] * 3
    detection = found[3]
    assert detection is not None
    assert (detection.kind, detection.side, detection.severity, detection.unit) == ("valgus", "left", "S2", "mm")
    assert (detection.phase, detection.set, detection.rep, detection.sensors) == ("concentric", 1, 5, SENSORS)
    assert (detection.onset_s, detection.sample_s, detection.arrival_s) == pytest.approx((0.0, 0.03, 0.07))
    assert (detection.value, detection.threshold) == (40.0, 34.0)
    assert detection.confidence == confidence(40.0, 24.0, 5.0)
    assert (one.active, one.since_s) == (True, 0.03)


def test_a_moving_signal_is_carried_forward_until_it_has_begun() -> None:
    """A sample is old when judged: 25 mm rising at 400 mm/s is 37 mm by now. Once begun, the value itself decides."""
    one, drive = fault(), gate("concentric")
    assert told(lambda i, v: one.judge(reading(i, v, rate=400.0), drive, SENSORS), [25.0] * 5) == [3]
    assert told(lambda i, v: one.judge(reading(i + 5, v, rate=400.0), drive, SENSORS), [20.0] * 30) == []
    assert not one.active
    still = fault()
    assert told(lambda i, v: still.judge(reading(i, v, rate=-400.0), drive, SENSORS), [40.0] * 50) == []


def test_once_a_rep() -> None:
    """A fault that comes back in the same attempt is not told again; in the next attempt it is."""
    one = fault()
    wave = ([40.0] * 10 + [0.0] * 40) * 3
    assert told(lambda i, v: one.judge(reading(i, v), gate("concentric", 1), SENSORS), wave) == [3]
    assert told(lambda i, v: one.judge(reading(i + 150, v), gate("concentric", 2), SENSORS), wave) == [3]


def test_one_that_lasts_into_the_next_rep_is_still_one() -> None:
    """A fault that never went away has not begun again."""
    one = fault()
    assert told(lambda i, v: one.judge(reading(i, v), gate("concentric", 1), SENSORS), [40.0] * 50) == [3]
    assert told(lambda i, v: one.judge(reading(i + 50, v), gate("eccentric", 2), SENSORS), [40.0] * 50) == []


def test_what_is_not_judged_ends_it() -> None:
    """An instant passed over breaks the hold, and an active fault is active no more."""
    one, drive = fault(), gate("concentric")
    for i in range(3):
        assert one.judge(reading(i, 40.0), drive, SENSORS) is None
    one.pass_over()
    assert told(lambda i, v: one.judge(reading(i + 4, v), drive, SENSORS), [40.0] * 5) == [3]
    one.pass_over()
    assert not one.active


@given(st.lists(st.tuples(st.floats(-50.0, 80.0), st.integers(1, 4), st.booleans()), max_size=150))
def test_never_more_than_once_an_attempt(readings: list[tuple[float, int, bool]]) -> None:
    """Whatever the signal and however judging comes and goes, an attempt has one detection at most, beyond the line."""
    one, attempts, seen = fault(), sorted(attempt for _, attempt, _ in readings), []
    for i, (value, _, judged) in enumerate(readings):
        if not judged:
            one.pass_over()
            continue
        found = one.judge(reading(i, value), gate("concentric", attempts[i]), SENSORS)
        if found is not None:
            assert found.value > LINE.on
            seen.append(found.rep)
    assert len(seen) == len(set(seen))
