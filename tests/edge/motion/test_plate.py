"""Four cells as forces and shares, each foot's with its sign and its least force."""

from __future__ import annotations

import pytest

from edge.motion.plate import FOOT_MIN_N, read_plate, static_force_n


def test_cells_are_told_apart() -> None:
    """Left heel, left toe, right heel, right toe: forces add up, and each share is of its own foot."""
    state = read_plate((300.0, 100.0, 120.0, 480.0))
    assert (state.force_n, state.left_n, state.right_n) == (1000.0, 400.0, 600.0)
    assert (state.left_heel_share, state.right_heel_share) == (0.75, 0.2)
    assert state.left_share == 0.4


def test_a_light_foot_says_nothing_of_its_heel() -> None:
    """At FOOT_MIN_N and below there is no share: never a guess from cell noise; the other foot's stands."""
    at_limit = read_plate((FOOT_MIN_N, 0.0, FOOT_MIN_N + 1.0, 0.0))
    assert (at_limit.left_heel_share, at_limit.right_heel_share) == (None, 1.0)
    other = read_plate((FOOT_MIN_N + 1.0, 0.0, FOOT_MIN_N, 0.0))
    assert (other.left_heel_share, other.right_heel_share) == (1.0, None)
    assert read_plate((FOOT_MIN_N, 0.0, 0.0, 0.0)).left_share is None
    assert read_plate((FOOT_MIN_N + 1.0, 0.0, 0.0, 0.0)).left_share == 1.0


@pytest.mark.parametrize(
    ("sled_kg", "rail_deg", "stack_kg", "force_n"),
    [
        (100.0, 90.0, 0.0, 980.665),
        (100.0, 30.0, 0.0, 490.3325),
        (100.0, 0.0, 50.0, 490.3325),
        (100.0, 30.0, 50.0, 980.665),
    ],
)
def test_what_holds_the_sled(sled_kg: float, rail_deg: float, stack_kg: float, force_n: float) -> None:
    """The weight's share along the rail, and all of a stack's."""
    assert static_force_n(sled_kg, rail_deg, stack_kg) == pytest.approx(force_n)
