"""Which way is up, under known turns: carried by the gyro, mended by the accelerometer only when that can be right."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned import UP, G, angle_deg, axes, rotation, triple

from edge.motion.inclination import (
    LARGE_ACC_M_S2,
    STILL_ACC_M_S2,
    STILL_HOLD_S,
    STILL_RATE_RAD_S,
    TAU_MOVING_S,
    TAU_STILL_S,
    WEIGHTLESS_M_S2,
    Inclination,
)

DT_S = 0.01
NOTHING = (0.0, 0.0, 0.0)
LEVEL = (0.0, 0.0, G)


def up_of(tracked: Inclination) -> tuple[float, float, float]:
    return tracked.ux, tracked.uy, tracked.uz


def feel(tracked: Inclination, dt: float, acc: tuple[float, ...], gyr: tuple[float, ...]) -> None:
    """One more sample."""
    tracked.run([dt], [list(acc)], [list(gyr)], NOTHING)


def started(acc: tuple[float, float, float] = LEVEL, bias: tuple[float, float, float] = NOTHING) -> Inclination:
    """A filter that has seen one sample."""
    tracked = Inclination()
    tracked.bx, tracked.by, tracked.bz = bias
    feel(tracked, DT_S, acc, bias)
    return tracked


def run(
    tracked: Inclination, seconds: float, acc: Callable[[float], tuple[float, ...]], gyr: tuple[float, ...]
) -> None:
    for i in range(round(seconds / DT_S)):
        feel(tracked, DT_S, acc((i + 1) * DT_S), gyr)


@given(axes, st.floats(20.0, 300.0))
def test_a_turn_is_carried_by_the_gyro_alone(axis: tuple[float, float, float], rate_deg_s: float) -> None:
    """Through a movement in which the accelerometer says nothing of up, the direction follows any known turn."""
    shaken = (0.0, G + 2 * LARGE_ACC_M_S2, 0.0)
    tracked = started()
    turning = triple(np.radians(rate_deg_s) * np.asarray(axis) / np.linalg.norm(axis))
    tracked.wx, tracked.wy, tracked.wz = turning
    run(tracked, 0.5, lambda _: shaken, turning)
    seen = rotation(axis, -0.5 * rate_deg_s) @ UP
    assert angle_deg(up_of(tracked), seen) < 0.3


def test_a_rate_that_changes_is_averaged_between_samples() -> None:
    """A turn that starts from rest is neither half a sample late nor early: the error stays below 0.1°."""
    tracked = started()
    shaken = (0.0, 0.0, G + 2 * LARGE_ACC_M_S2)
    for i in range(1, 51):
        feel(tracked, 0.02, shaken, (3.0 * i / 50, 0.0, 0.0))
    seen = rotation((1.0, 0.0, 0.0), -np.degrees(1.5)) @ UP
    assert angle_deg(up_of(tracked), seen) < 0.1


@pytest.mark.parametrize(
    ("rate", "tau_s", "wait_s"),
    [
        ((0.0, 0.0, 0.5 * STILL_RATE_RAD_S), TAU_STILL_S, STILL_HOLD_S),
        ((0.0, 0.0, 2 * STILL_RATE_RAD_S), TAU_MOVING_S, 0),
    ],
)
def test_the_accelerometer_mends_fast_at_rest_and_slowly_in_movement(
    rate: tuple[float, float, float], tau_s: float, wait_s: float
) -> None:
    """A wrong direction comes back with the time constant of what the sensor is doing (turning about up itself)."""
    tracked = started((G * sin(radians(10)), 0.0, G * cos(radians(10))), bias=rate)
    tracked.bx = tracked.by = tracked.bz = 0.0
    tracked.ux, tracked.uy, tracked.uz = sin(radians(10)), 0.0, cos(radians(10))
    run(tracked, tau_s + wait_s, lambda _: LEVEL, rate)
    left = 10 * exp(-wait_s / TAU_MOVING_S - 1.0)
    assert angle_deg(up_of(tracked), UP) == pytest.approx(left, rel=0.1)


@pytest.mark.parametrize(("off", "mends"), [(0.999 * LARGE_ACC_M_S2, True), (1.001 * LARGE_ACC_M_S2, False)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_in_large_motion_the_accelerometer_says_nothing(off: float, mends: bool, sign: float) -> None:  # noqa: FBT001
    """Up to LARGE_ACC_M_S2 off 1 g, stronger or weaker, it still pulls; beyond that it does not pull at all."""
    tracked = started()
    run(tracked, 0.5, lambda _: (G + sign * off, 0.0, 0.0), NOTHING)
    assert (angle_deg(up_of(tracked), UP) > 1.0) is mends


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_limits_of_still(sign: float) -> None:
    """Still needs a rate below 5°/s and a pull within 2 % of gravity, both for 60 ms."""
    for rate, off, still in (
        (0.999 * STILL_RATE_RAD_S, 0.0, True),
        (STILL_RATE_RAD_S, 0.0, False),
        (0.0, 0.999 * STILL_ACC_M_S2, True),
        (0.0, 1.001 * STILL_ACC_M_S2, False),
    ):
        tracked = started()
        run(tracked, 0.2, lambda _, off=off: (0.0, 0.0, G + sign * off), (0.0, 0.0, sign * rate))
        assert tracked.still is still


def test_still_must_hold() -> None:
    """A turning point passes through rest: still is said after STILL_HOLD_S of it, and a jolt ends it at once."""
    tracked = started()
    said = []
    for _ in range(4):
        feel(tracked, 0.02, LEVEL, NOTHING)
        said.append(tracked.still)
    assert said == [False, False, True, True]
    feel(tracked, DT_S, (0.0, 0.0, G + 1.0), NOTHING)
    assert not tracked.still


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("size_deg_s", [2.0, -2.0])
def test_at_rest_the_gyros_bias_is_learned(axis: int, size_deg_s: float) -> None:
    """A gyro that is off by 2°/s about a level axis is seen through within half a minute of rest."""
    bias = [0.0, 0.0, 0.0]
    bias[axis] = radians(size_deg_s)
    tracked = started()
    run(tracked, 30.0, lambda _: LEVEL, tuple(bias))
    assert (tracked.bx, tracked.by, tracked.bz) == pytest.approx(bias, abs=radians(0.05))
    assert (tracked.wx, tracked.wy, tracked.wz) == pytest.approx(NOTHING, abs=radians(0.05))
    assert angle_deg(up_of(tracked), UP) < 0.05


def test_in_movement_no_bias_is_learned() -> None:
    """A lasting turn is a turn, not a bias."""
    tracked = started()
    run(tracked, 5.0, lambda _: LEVEL, (2 * STILL_RATE_RAD_S, 0.0, 0.0))
    assert (tracked.bx, tracked.by, tracked.bz) == NOTHING


def test_a_known_bias_is_taken_off() -> None:
    """With the bias set from a rest, a sensor that only shows its bias does not turn."""
    bias = (0.05, -0.03, 0.02)
    tracked = started(bias=bias)
    run(tracked, 3.0, lambda _: (0.0, 0.0, G + 2 * LARGE_ACC_M_S2), bias)
    assert up_of(tracked) == pytest.approx((0.0, 0.0, 1.0))


def test_after_a_gap_the_direction_is_found_anew() -> None:
    """The first sample after a restart gives the direction, without the turn in between; the bias is kept."""
    tracked = started(bias=(0.01, 0.02, 0.03))
    run(tracked, 0.5, lambda _: LEVEL, (0.01, 0.02, 0.03))
    assert tracked.still
    tracked.restart()
    assert not tracked.still
    feel(tracked, DT_S, (3.0, 4.0, 0.0), (1.0, 1.0, 1.0))
    assert up_of(tracked) == pytest.approx((0.6, 0.8, 0.0))
    assert (tracked.bx, tracked.by, tracked.bz) == pytest.approx((0.01, 0.02, 0.03), abs=1e-3)


numbers = st.floats(-40.0, 40.0)
vectors = st.tuples(numbers, numbers, numbers)


@given(st.lists(st.tuples(st.floats(0.001, 0.25), vectors, vectors), min_size=1, max_size=30))
def test_up_is_always_a_unit_vector(samples: list[tuple[float, tuple[float, ...], tuple[float, ...]]]) -> None:
    """Whatever is felt, free fall and saturation among it, the direction keeps its length."""
    tracked = Inclination()
    for dt, acc, gyr in samples:
        feel(tracked, dt, acc, gyr)
        length = np.linalg.norm(up_of(tracked))
        assert length == pytest.approx(1.0) or (length == 0.0 and np.linalg.norm(acc) < WEIGHTLESS_M_S2)
