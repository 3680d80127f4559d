"""A stroke looked back upon by the push of the feet: neither friction nor legs of another length bend it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.motion.drift import FRICTION_SD_M_S2, HELD_SD_M_S2, of_push
from edge.motion.series import GRID_S
from edge.motion.stroke import Window, retrace
from edge.samples import FloatArray

STROKE_M, DOWN_S, UP_S = 0.3, 1.6, 1.2
START, BOTTOM, TOP = 60, 220, 340


def speed() -> FloatArray:
    """(N,) down and up again, between stands."""
    t = np.arange(380) * GRID_S
    down, up = (t - START * GRID_S) / DOWN_S, (t - BOTTOM * GRID_S) / UP_S
    bells = [np.where((x > 0) & (x < 1), 1.0 - np.cos(2.0 * np.pi * x), 0.0) for x in (down, up)]
    return np.asarray(STROKE_M * (bells[1] / UP_S - bells[0] / DOWN_S))


def window(knees: float = 1.0, friction_m_s2: float = 0.0, held_m_s2: float = 0.0) -> Window:
    """knees: what they say over what is so; friction, held: what is left of either in what the push told."""
    v = speed()
    side = np.where(v != 0.0, np.sign(v), 0.0)
    acc = np.gradient(v, GRID_S) + friction_m_s2 * side + held_m_s2 * np.abs(side)
    nothing = np.zeros(len(v))
    return Window(0, acc, knees * v, nothing, nothing, START, BOTTOM, TOP, friction_side=side)


@pytest.mark.parametrize("knees", [0.92, 1.0, 1.08])
def test_the_length_is_the_pushs(knees: float) -> None:
    """Legs that are 8 % off the tables leave less than a quarter of it in the stroke."""
    assert retrace(window(knees)).rom_m == pytest.approx(STROKE_M, rel=0.02)


def test_legs_that_are_known_are_believed() -> None:
    """The surer a stroke's length is by the legs, the more of what they say is taken."""
    rom_m = [retrace(replace(window(1.08), knee_scale_sd=sd)).rom_m for sd in (0.05, 0.015, 0.001)]
    assert STROKE_M < rom_m[0] < rom_m[1] < rom_m[2] < 1.08 * STROKE_M


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_what_is_left_of_friction_and_weight_is_found(sign: float) -> None:
    """As much as is likely of either moves the stroke by no more than 2 %, where bare sums would be off by a tenth."""
    told = retrace(window(1.0, sign * FRICTION_SD_M_S2, HELD_SD_M_S2))
    assert told.rom_m == pytest.approx(STROKE_M, rel=0.02)
    assert told.crossing_s(told.dead[0], told.dead[1], last=False, rising=True) == pytest.approx(
        retrace(window()).crossing_s(START, BOTTOM, last=False, rising=True), abs=0.05
    )


def test_a_sled_that_rests_does_not_drift() -> None:
    """Neither friction nor weight add speed while it rests: both ways are flat there."""
    w = window()
    assert w.friction_side is not None
    friction, held = of_push(w.acc_m_s2, w.friction_side).ways[:, -2:].T
    assert not np.diff(friction[:START]).any()
    assert not np.diff(held[TOP + 1 :]).any()
    assert friction[BOTTOM] == pytest.approx(-DOWN_S, abs=0.05)
    assert friction[-1] == pytest.approx(UP_S - DOWN_S, abs=0.05)
    assert held[-1] == pytest.approx(UP_S + DOWN_S, abs=0.05)
