"""What the feet rest with on the plate of a racked sled."""

from __future__ import annotations

import pytest

from edge.motion.feet import RESTING, RESTING_N, UNKNOWN_STATIC_N, Feet
from edge.motion.plate import LOADED_SHARE
from edge.motion.series import Series


def resting(*forces_n: tuple[float, int]) -> float:
    """After so many instants of each force, spread over the four cells."""
    series = Series[tuple[float, ...]]()
    feet = Feet(series)
    for force_n, times in forces_n:
        for _ in range(times):
            series.put(series.end, (0.25 * force_n,) * 4)
    feet.step()
    return feet.resting_n


def test_nothing_seen_nothing_taken_off() -> None:
    """A host that began amid a set knows of no rest."""
    assert resting((900.0, 50)) == 0.0


def test_it_is_what_the_plate_last_showed_unloaded() -> None:
    """Empty before the lifter sat down, his feet's weight then; a set and its forces change nothing."""
    assert resting((0.0, RESTING), (40.0, RESTING), (900.0, 500)) == pytest.approx(40.0)
    assert resting((-12.0, 50)) == pytest.approx(-12.0)


def test_bracing_before_a_press_is_no_rest() -> None:
    """The middle of the last 4 s: a second of pushing does not count, and a long one at most as RESTING_N."""
    brace_n = LOADED_SHARE * UNKNOWN_STATIC_N - 1.0
    assert resting((40.0, RESTING), (brace_n, 100)) == pytest.approx(40.0)
    assert brace_n > RESTING_N
    assert resting((40.0, RESTING), (brace_n, RESTING)) == RESTING_N
