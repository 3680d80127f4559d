"""The lifter's own depth limit, learned from tilt over flexion."""

from __future__ import annotations

import numpy as np

from edge.motion.own_limit import Limit, OwnLimit
from edge.samples import FloatArray


def rep(deepest_deg: float) -> FloatArray:
    """Flexion of a rep, down and up."""
    down = np.linspace(15.0, deepest_deg, 200)
    return np.concatenate([down, down[::-1]])


def tilt(flexion: FloatArray, corner_deg: float, steep: float = 0.6, habit: float = 0.03) -> FloatArray:
    """Posterior tilt: a habit, and a tuck past the corner."""
    return habit * flexion + steep * np.maximum(flexion - corner_deg, 0.0)


def taught(depths: list[float], corner_deg: float, steep: float = 0.6) -> OwnLimit:
    limit = OwnLimit()
    for depth in depths:
        flexion = rep(depth)
        limit.add(flexion, tilt(flexion, corner_deg, steep), 0.5 * flexion + 70.0)
    return limit


def test_the_corner_is_found_with_its_hip_angle_and_lies_in_its_interval() -> None:
    """Reps that go deeper and deeper show where the pelvis begins to tuck, within 2°."""
    found = taught([82, 86, 90, 95, 99, 103], 92.0).limit
    assert found is not None
    assert abs(found.knee_deg - 92.0) < 2.0
    assert found.low_deg < 92.0 < found.high_deg
    assert found.hip_deg is not None
    assert abs(found.hip_deg - (0.5 * found.knee_deg + 70.0)) < 1.0


def test_nothing_is_told_before_two_reps_went_past_it() -> None:
    """One rep past the corner may have been anything; the second one that does the same is told."""
    assert taught([82, 86, 90, 98], 92.0).limit is None
    assert taught([82, 86, 90, 98, 99], 92.0).limit is not None


def test_a_lifter_who_does_not_tuck_has_no_limit() -> None:
    """A habit of tilting evenly with depth is no limit, however deep."""
    assert taught([90, 100, 110, 118, 120], 140.0).limit is None


def test_a_pelvis_that_curls_now_and_then_is_a_fault_and_no_limit() -> None:
    """Of six reps of one depth, two that tuck do not make a limit."""
    limit = OwnLimit()
    for curls in (False, True, False, False, True, False):
        flexion = rep(100.0)
        limit.add(flexion, tilt(flexion, 85.0 if curls else 140.0, 1.2))
    assert limit.limit is None


def test_a_jump_is_no_tuck() -> None:
    """A tilt that rises by 4° per degree is no hip at its end of range."""
    assert taught([82, 86, 90, 95, 99, 103], 92.0, steep=4.0).limit is None


def test_the_interval_narrows_with_the_reps() -> None:
    """More reps past the corner tell it better, and never better than the knee itself is known."""
    few, many = taught([84, 88, 97, 98], 92.0).limit, taught([84, 88, 97, 98, 101, 104, 106], 92.0).limit
    assert few is not None
    assert many is not None
    assert 2 * 1.64 * 1.5 <= many.high_deg - many.low_deg <= few.high_deg - few.low_deg


def test_forgetting_and_unknown_signals() -> None:
    """After a sensor has moved nothing is known; reps without a pelvis or without knees teach nothing."""
    limit = taught([84, 88, 97, 98, 101], 92.0)
    assert isinstance(limit.limit, Limit)
    limit.forget()
    assert limit.limit is None
    for depth in (84.0, 98.0, 101.0, 103.0):
        flexion = rep(depth)
        limit.add(flexion, np.full(len(flexion), np.nan))
        limit.add(np.full(len(flexion), np.nan), tilt(flexion, 92.0))
    assert limit.limit is None
