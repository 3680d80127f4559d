"""A knee that is never straight is told from a standing pose that was off."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.own_straight import HABIT_VAR_DEG2, LEAST_VAR_DEG2, MOST_DEG, SHARE, own_straight, together

SD_DEG = 0.9


@pytest.mark.parametrize("apart_deg", [-3.0, -1.0, 0.0, 1.0, 2.0])
def test_a_small_difference_is_the_poses(apart_deg: float) -> None:
    """Up to 2° beyond the standing zero, or the other way, hardly anything is taken for the lifter's own."""
    assert own_straight(apart_deg, SD_DEG)[0] < 0.4


@pytest.mark.parametrize("apart_deg", [5.0, 5.5])
def test_a_large_difference_is_the_lifters_own(apart_deg: float) -> None:
    """At 5° and beyond nearly all of it is."""
    own, _ = own_straight(apart_deg, SD_DEG)
    assert apart_deg - 1.5 < own <= apart_deg


def test_it_grows_and_stays_within_what_there_is() -> None:
    """The further apart the more, from nothing to what a presser's knee can lack, however far."""
    told = [own_straight(float(apart), SD_DEG)[0] for apart in np.linspace(-40.0, 60.0, 201)]
    assert told == sorted(told)
    assert (told[0], told[-1]) == pytest.approx((0.0, MOST_DEG), abs=0.5)


def test_the_less_sure_the_more_of_it_is_the_poses() -> None:
    """With a standing pose that says little, a difference of 4° says little, too."""
    told = [own_straight(4.0, sd)[0] for sd in (0.5, 0.9, 1.5, 3.0)]
    assert told == sorted(told, reverse=True)


def test_in_doubt_it_says_so() -> None:
    """Between the two the spread is largest; where the matter is clear it is what the chain is off by, or none."""
    small, between, large = (own_straight(apart, SD_DEG)[1] for apart in (0.0, 3.2, 5.0))
    assert small < 0.5
    assert between > max(small, large)


def test_it_is_right_on_the_average() -> None:
    """Lifters drawn as the rule has it: no error on the average, two in three within the stated spread."""
    rng = np.random.default_rng(3)
    errors, within = [], 0
    for _ in range(4000):
        own = rng.uniform(0.0, MOST_DEG) if rng.random() < SHARE else 0.0
        told, sd = own_straight(own + rng.normal(0.0, np.hypot(SD_DEG, 0.9)), SD_DEG)
        errors.append(told - own)
        within += abs(told - own) <= max(sd, 0.3)
    assert abs(np.mean(errors)) < 0.05
    assert within > 0.68 * 4000


def test_however_many_sessions_a_habit_stays() -> None:
    """How bent somebody stands is the same in all of them: their spread falls to that, and no further."""
    told = one = (4.0, 2.0)
    for _ in range(200):
        told = together(told, one)
    assert told[0] == pytest.approx(4.0)
    assert HABIT_VAR_DEG2 < told[1] < HABIT_VAR_DEG2 + LEAST_VAR_DEG2


def test_two_sessions_count_by_what_is_their_own() -> None:
    """Without the habit's part, which both have: of 2 and 4 deg², 1 and 3 are their own, and three parts in four go to
    the surer.
    """
    assert together((4.0, 2.0), (0.0, 4.0)) == pytest.approx((3.0, 1.75))
    assert together((0.0, 4.0), (4.0, 2.0)) == pytest.approx((3.0, 1.75))
