"""Where the hips go while the sled moves: with the pelvis, and into the pad."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.hips import PIVOT_M, hips_m
from edge.motion.pad import DOUBT, FELT, REPS, Pad
from edge.motion.stroke import Window, retrace
from edge.samples import FloatArray

N, DOWN_S, STROKE_M = 400, 1.6, 0.26
GIVE_S2 = 0.0012


def test_a_pelvis_that_curls_back_carries_the_hips_towards_the_sled() -> None:
    """By the pivot's height times the tilt, and back again with it."""
    tilt = 6.0 * np.sin(np.pi * np.linspace(0.0, 1.0, N)) ** 2
    hips = hips_m(tilt)
    assert hips[N // 2] - hips[0] == pytest.approx(PIVOT_M * np.radians(6.0), rel=0.02)
    assert hips[-1] == pytest.approx(hips[0], abs=1e-4)


def test_a_pelvis_not_heard_for_a_while_is_bridged() -> None:
    """A hole within a stroke, and an end that has not come yet, move the hips by less than a millimetre."""
    tilt = np.linspace(0.0, 4.0, N)
    holes = tilt.copy()
    holes[120:180] = holes[-10:] = np.nan
    assert hips_m(holes) == pytest.approx(hips_m(tilt), abs=0.001)


def test_without_a_pelvis_sensor_the_hips_stay() -> None:
    """Nothing is made up."""
    assert not hips_m(np.full(N, np.nan)).any()


def sled() -> tuple[FloatArray, FloatArray]:
    """The speed (N,) m/s and acceleration (N,) m/s² of a rep of two even strokes, rests before and after."""
    time = np.arange(N) * 0.01
    phase = np.clip((time - 0.4) / DOWN_S, 0.0, 2.0)
    speed = -np.sign(1.0 - phase) * STROKE_M / DOWN_S * (1.0 - np.cos(2.0 * np.pi * phase))
    return speed, np.gradient(speed, 0.01)


def window(give_s2: float, heard: float = 1.0) -> Window:
    """A rep seen by knees whose hips sink by `give_s2`, m for each m/s²; heard: share of it in which the sled was."""
    speed, acc = sled()
    knees = speed + give_s2 * np.gradient(acc, 0.01)
    felt = np.where(np.arange(N) < round(heard * N), acc, np.nan)
    return Window(1000, felt, knees, np.zeros(N), np.zeros(N), 40, 200, 360)


def shown(give_s2: float, reps: int = 1, heard: float = 1.0) -> Pad:
    """A pad after some reps on a seat that gives so much."""
    pad = Pad()
    for _ in range(reps):
        rep = window(give_s2, heard)
        pad.learn(rep, retrace(rep))
    return pad


def test_what_the_pad_gives_is_learned_from_rep_to_rep() -> None:
    """The first rep tells some of it, the last ones most."""
    first, last = shown(GIVE_S2).give_s2, shown(GIVE_S2, REPS).give_s2
    assert 0.0 < first < GIVE_S2 / DOUBT
    assert 0.5 * GIVE_S2 < last <= GIVE_S2


@pytest.mark.parametrize("give_s2", [0.0, -GIVE_S2])
def test_a_pad_that_does_not_give_is_left_alone(give_s2: float) -> None:
    """No seat moves against the push; what looks like it is no pad."""
    assert shown(give_s2, REPS).give_s2 == pytest.approx(0.0, abs=1e-5)


def test_a_sled_that_was_not_heard_teaches_nothing_of_the_pad() -> None:
    """Without the sled's own speed there is nothing to hold the knees against."""
    assert shown(GIVE_S2, REPS, heard=0.5 * FELT).give_s2 == 0.0


def test_the_hips_sink_while_the_sled_is_driven() -> None:
    """Away from it where it speeds up outwards, none where it was not felt."""
    pad = shown(GIVE_S2, REPS)
    hips = pad.hips_m(np.full(N, 2.0))
    assert hips == pytest.approx(np.full(N, -2.0 * pad.give_s2))
    assert not pad.hips_m(np.full(N, np.nan)).any()
