"""Sled and knees carry each other: a silent sensor stops neither place nor speed."""

from __future__ import annotations

from math import cos, isnan, pi, sin

import pytest

from edge.events import Side
from edge.motion.series import GRID_S
from edge.motion.sled import BANG_M_S2, BLIND_S, RESUME_S, KneeSlide, SledMotion

STROKE_M, LASTS_S = 0.3, 2.0


def place(t: float) -> float:
    """A stroke down and up again from 3 s on, m."""
    return 0.5 * STROKE_M * (cos(pi * (t - 3.0)) - 1.0) if 3.0 <= t <= 3.0 + LASTS_S else 0.0


def speed(t: float) -> float:
    """Its speed, m/s."""
    return -0.5 * STROKE_M * pi * sin(pi * (t - 3.0)) if 3.0 <= t <= 3.0 + LASTS_S else 0.0


def play(*, silent: tuple[float, float], knees: bool, until_s: float = 7.0) -> SledMotion:
    """Seven seconds in which the sled's sensor, biased by 2 m/s², is silent for a while."""
    sled = SledMotion()
    for k in range(round(until_s / GRID_S)):
        t = k * GRID_S
        moving = 3.0 <= t <= 3.0 + LASTS_S
        felt = 2.0 - (0.5 * STROKE_M * pi * pi * cos(pi * (t - 3.0)) if moving else 0.0)
        legs = [KneeSlide("left", 0.7 + place(t), speed(t))] if knees else []
        sled.step(k, None if silent[0] <= t < silent[1] else felt, None, legs)
    return sled


@pytest.mark.parametrize("silent", [(9.0, 9.0), (3.5, 4.5), (2.5, 6.0), (0.0, 9.0)])
def test_the_knees_carry_a_silent_sled(silent: tuple[float, float]) -> None:
    """Wherever the sled's sensor falls silent, half-way down and at the end its place is right within 1.5 cm."""
    sled = play(silent=silent, knees=True)
    states = sled.states
    for t in (4.0, 6.5):
        state, zero = states.at(round(t / GRID_S)), states.at(250)
        assert state is not None
        assert zero is not None
        assert state[0] - zero[0] == pytest.approx(place(t), abs=0.015)
        assert state[1] == pytest.approx(speed(t), abs=0.03)


def test_without_either_nothing_is_claimed() -> None:
    """With neither sensor nor knees the last speed is held for BLIND_S, then the place is not known."""
    states = play(silent=(3.5, 4.5), knees=False).states
    assert states.at(350 + round(BLIND_S / GRID_S) - 1) is not None
    assert states.at(350 + round(BLIND_S / GRID_S) + 1) is None
    assert states.at(450) is not None


@pytest.mark.parametrize(("silent_s", "goes_on"), [(RESUME_S - 0.02, True), (RESUME_S + 0.05, False)])
def test_a_stroke_goes_on_through_a_short_silence(silent_s: float, goes_on: bool) -> None:  # noqa: FBT001
    """Where neither is heard for less than RESUME_S, the sled is taken to have kept its speed; for longer, to rest."""
    sled = play(silent=(3.3, 3.3 + silent_s), knees=False)
    state = sled.states.at(round((3.3 + silent_s) / GRID_S) + 2)
    assert state is not None
    assert (abs(state[1] - speed(3.3 + silent_s)) < 0.06) is goes_on


def test_the_knees_tell_how_fast_it_goes_on() -> None:
    """After a silence of both the knees' speed is taken at once, however long it was."""
    sled = SledMotion()
    for k in range(700):
        t = k * GRID_S
        heard = not 3.3 <= t < 3.9
        felt = -0.5 * STROKE_M * pi * pi * cos(pi * (t - 3.0)) if 3.0 <= t <= 3.0 + LASTS_S else 0.0
        legs = [KneeSlide("left", 0.7 + place(t), speed(t))] if heard else []
        sled.step(k, felt if heard else None, None, legs)
    state = sled.states.at(392)
    assert state is not None
    assert state[1] == pytest.approx(speed(3.92), abs=0.03)


def missed_turn(sides: tuple[Side, ...], *, seen: bool = True) -> list[float]:
    """How far the sled's speed is off, from 0.3 s after a bounce on which its sensor and the knees were late by 0.1 s,
    and so told the speed before it. seen: whether the hole in what the sensor sent was one.
    """
    sled, off = SledMotion(), []
    for k in range(420):
        t = k * GRID_S
        turned = 0.6 if t >= 3.6 else 0.0
        hole = 3.55 <= t < 3.7
        v = speed(t) + turned
        legs = [KneeSlide(side, 0.7, speed(t) if hole else v) for side in sides]
        felt = -0.5 * STROKE_M * pi * pi * cos(pi * (t - 3.0)) if t >= 3.0 else 0.0
        sled.step(k, None if hole and seen else felt, None, legs)
        if t >= 3.9:
            state = sled.states.at(k)
            assert state is not None
            off.append(abs(state[1] - v))
    return off


def test_two_knees_overrule_a_sled_that_missed_a_turn() -> None:
    """What a hole has hidden of a bounce is not carried through the drive; one knee may be in a hole itself, and a
    sensor that was heard all along is believed.
    """
    assert max(missed_turn(("left", "right"))) < 0.06
    assert max(missed_turn(("left",))) > 0.15
    assert max(missed_turn(("left", "right"), seen=False)) > 0.15


def after_a_blow(felt_m_s2: float, sides: tuple[Side, ...]) -> float:
    """How far the sled's speed is off at most, from 0.3 s after a blow that slows it by 0.3 m/s, of which the sensor
    feels one sample.
    """
    sled, off = SledMotion(), []
    for k in range(420):
        t = k * GRID_S
        v = speed(t) + (0.3 if t >= 3.6 else 0.0)
        felt = -0.5 * STROKE_M * pi * pi * cos(pi * (t - 3.0)) if t >= 3.0 else 0.0
        sled.step(k, felt + (felt_m_s2 if k == 360 else 0.0), None, [KneeSlide(side, 0.7, v) for side in sides])
        if t >= 3.9:
            state = sled.states.at(k)
            assert state is not None
            off.append(abs(state[1] - v))
    return max(off)


def test_two_knees_overrule_a_sled_after_a_bang() -> None:
    """A bang leaves a speed over that is none: it is as both knees say. No less than a bang, and no one knee."""
    assert after_a_blow(BANG_M_S2 + 0.1, ("left", "right")) < 0.06
    assert after_a_blow(BANG_M_S2 - 0.1, ("left", "right")) > 0.1
    assert after_a_blow(BANG_M_S2 + 0.1, ("left",)) > 0.1


@pytest.mark.parametrize("knees", [False, True])
def test_what_was_not_heard_all_along_is_not_felt(knees: bool) -> None:  # noqa: FBT001
    """After a hole in a stroke it is not known how much speed the sensor has felt, until the sled rests again."""
    for until_s, heard in ((3.5, True), (3.7, False), (4.5, False), (7.0, True)):
        assert isnan(play(silent=(3.5, 3.7), knees=knees, until_s=until_s).felt_m_s) is not heard
    assert play(silent=(3.5, 3.7), knees=knees).felt_m_s == 0.0
