"""A sensor's turn from its gyro alone, against rotations that are known."""

from __future__ import annotations

from math import radians, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned import axes, rotation

from edge.motion.strapdown import GAP_S, START_SD_RAD, Strapdown

rates = st.floats(-35.0, 35.0)


@given(st.lists(st.tuples(st.floats(0.001, 0.25), rates, rates, rates), max_size=40))
def test_it_stays_a_rotation(steps: list[tuple[float, float, float, float]]) -> None:
    """After any rates the matrix is orthonormal and right-handed."""
    turn = Strapdown()
    for step in steps:
        turn.update(*step)
    matrix = turn.matrix()
    assert matrix @ matrix.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(matrix) == pytest.approx(1.0)


def spin(turn: Strapdown, axis: tuple[float, ...], deg: float) -> None:
    """Turn about an axis fixed in the sensor, within a second, from rest to rest."""
    x, y, z = np.asarray(axis) / np.linalg.norm(axis)
    for i in range(1, 201):
        rate = radians(deg) * (1.0 - np.cos(2.0 * np.pi * i / 200))
        turn.update(0.005, rate * x, rate * y, rate * z)


@given(axes, st.floats(-170.0, 170.0), axes, st.floats(-170.0, 170.0))
def test_two_turns_one_after_the_other(
    first: tuple[float, ...], first_deg: float, second: tuple[float, ...], second_deg: float
) -> None:
    """The matrix takes what is seen now back to the axes of the start: the first turn stands on the left."""
    turn = Strapdown()
    spin(turn, first, first_deg)
    spin(turn, second, second_deg)
    assert turn.matrix() == pytest.approx(rotation(first, first_deg) @ rotation(second, second_deg), abs=2e-3)


def test_nothing_has_turned_at_the_start() -> None:
    """A new turn is none, is not broken, and is sure to within the gyro's scale."""
    turn = Strapdown()
    assert turn.matrix() == pytest.approx(np.eye(3))
    assert (turn.broken, turn.sd_rad) == (False, START_SD_RAD)


def test_a_bridged_hole_makes_the_turn_less_sure() -> None:
    """A step longer than GAP_S adds to the spread as the rate changed over it; an ordinary step adds nothing."""
    ordinary = Strapdown()
    ordinary.update(GAP_S, 2.0, 0.0, 0.0)
    assert ordinary.sd_rad == START_SD_RAD
    steady = Strapdown()
    steady.update(0.01, 1.0, -1.0, 1.0)
    steady.update(0.2, 1.0, -1.0, 1.0)
    assert steady.sd_rad == START_SD_RAD
    changed = Strapdown()
    changed.update(0.01, 1.0, -1.0, 1.0)
    changed.update(0.2, 2.0, -2.5, 0.0)
    assert changed.sd_rad == pytest.approx(sqrt(START_SD_RAD**2 + (0.3 * 0.2 * 3.5) ** 2))
