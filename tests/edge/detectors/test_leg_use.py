"""Legs one at a time: seen, noted, and counted against each other."""

from __future__ import annotations

import numpy as np
import pytest
from sign_tools import facts_of, rep_of

from edge.detectors.leg_use import LegCounts, LegMode, single
from edge.events import Rep
from edge.motion.leg_use import used


@pytest.mark.parametrize(
    ("left_share", "legs"), [(0.5, "both"), (0.15, "both"), (0.13, "right"), (0.85, "both"), (0.87, "left")]
)
def test_a_foot_with_less_than_a_seventh_of_the_force_only_rides_along(left_share: float, legs: str) -> None:
    """Either foot."""
    force = np.full(100, 1000.0)
    assert used(left_share * force, force) == legs


@pytest.mark.parametrize(("riding", "legs"), [(69, "both"), (71, "left")])
def test_it_must_ride_for_most_of_the_phase(riding: int, legs: str) -> None:
    """70 %: legs change over at the ends of a phase."""
    left = np.where(np.arange(100) < riding, 970.0, 500.0)
    assert used(left, np.full(100, 1000.0)) == legs


def test_a_footplate_that_was_hardly_heard_tells_nothing() -> None:
    """Not seen is not fine: None, and never "both"."""
    force = np.where(np.arange(100) < 75, 1000.0, np.nan)
    assert used(0.5 * force, force) is None


def of(down: str, up: str, rep: int = 1, **fields: object) -> Rep:
    return rep_of(rep=rep, lowered_with=down, pressed_with=up, **fields)


def test_a_change_of_legs_is_noted_once() -> None:
    """When one leg begins and when both are back; not at every rep between."""
    mode = LegMode()
    sets = [("both", "both"), ("left", "both"), ("left", "both"), ("both", "both")]
    told = [[(f.side, f.text) for f in mode.judge(facts_of(of(*legs)))] for legs in sets]
    assert told == [
        [],
        [("left", "Lowered with the left leg, pressed with both legs.")],
        [],
        [(None, "Both legs.")],
    ]


@pytest.mark.parametrize(("right", "uneven"), [(9, False), (8, True)])
def test_legs_are_compared_once_both_have_had_their_turn(right: int, *, uneven: bool) -> None:
    """Set by set: ten with the left, then two fewer with the right; one fewer is nothing."""
    counts = LegCounts()
    assert list(counts.close([of("left", "left", k) for k in range(1, 11)])) == []
    findings = list(counts.close([of("right", "both", k) for k in range(1, right + 1)]))
    assert [(f.kind, f.side, f.value) for f in findings] == [("uneven_legs", "right", 2.0)] * uneven


def test_attempts_that_do_not_count_are_no_reps_of_a_leg() -> None:
    """And sets with both legs change nothing."""
    counts = LegCounts()
    reps = [of("left", "left"), of("left", "left", 2), of("right", "right", 3), of("right", "right", 4, counted=False)]
    assert list(counts.close(reps)) == []
    assert list(counts.close([of("both", "both")])) == []
    assert single(of("both", "right")) == "right"
    assert single(of("both", "both")) is None
