"""Phases on timelines of the sled: what is a way down, and which strokes make a rep."""

from __future__ import annotations

import pytest

from edge.motion.phases import NEAR_RACK_M, RETURN_M, Phases, Stroke


def at_the_top() -> Phases:
    """A sled that has been pressed out by 30 cm and rests there."""
    phases = Phases()
    phases.step(0, 0.0, 0.0)
    phases.step(1, 0.3, 0.0)
    assert phases.phase == "top"
    return phases


@pytest.mark.parametrize(("mended_m", "phase"), [(0.3 - RETURN_M + 0.001, "top"), (0.3 - RETURN_M, "bottom")])
def test_drift_is_no_way_down(mended_m: float, phase: str) -> None:
    """A sled that seemed to creep down, and then rests where it was, never left the top."""
    phases = at_the_top()
    for i in range(10):
        phases.step(2 + i, 0.3 - 0.01 * i, -0.1)
    assert phases.phase == "eccentric"
    phases.step(12, mended_m, 0.0)
    phases.step(13, mended_m, 0.0)
    assert phases.phase == phase


def test_a_sled_that_is_pushed_back_up_ends_its_stroke_by_a_drive() -> None:
    """Coming back fast to where it was is a drive, told as a stroke, not taken for drift."""
    phases = at_the_top()
    for i in range(10):
        phases.step(2 + i, 0.3 - 0.01 * i, -0.1)
    phases.step(12, 0.2, 0.0)
    phases.step(13, 0.25, 0.1)
    phases.step(14, 0.3, 0.1)
    told = [phases.step(15 + i, 0.3, 0.0) for i in range(20)]
    assert len([stroke for stroke in told if stroke]) == 1


def test_a_drive_whose_end_was_not_heard_has_ended_where_the_sled_rests() -> None:
    """Half-way up nothing is heard for a moment; found at rest at the top, the sled has come home, once."""
    phases = at_the_top()
    for i in range(20):
        phases.step(2 + i, 0.3 - 0.01 * i, -0.1)
    phases.step(22, 0.1, 0.0)
    for i in range(10):
        phases.step(23 + i, 0.1 + 0.01 * i, 0.1)
    phases.step(40, 0.19, -0.04)
    told = [phases.step(41 + i, 0.3, 0.0) for i in range(30)]
    assert [(s.start, s.drive, s.top) for s in told if s] == [(2, 23, 41)]
    assert phases.phase == "top"


@pytest.mark.parametrize(("shaken_m", "phase"), [(RETURN_M - 0.001, "bottom"), (RETURN_M + 0.001, "concentric")])
def test_a_bang_at_the_bottom_is_no_drive(shaken_m: float, phase: str) -> None:
    """A sled that seems to jerk up by less than it takes to leave the top, and rests again, is at the bottom still."""
    phases = at_the_top()
    for i in range(20):
        phases.step(2 + i, 0.3 - 0.01 * i, -0.1)
    phases.step(22, 0.1, 0.0)
    phases.step(23, 0.1 + shaken_m, 0.2)
    assert phases.phase == "concentric"
    phases.step(24, 0.1 + shaken_m, 0.0)
    assert phases.phase == phase


def strokes(*lengths: tuple[float, bool]) -> list[bool]:
    """Which attempts of one set count, given their drives' lengths (m) and whether these are sure."""
    phases = at_the_top()
    return [phases.count(Stroke(1, 1, 0, 1, 2, 3), length, sure=sure).counted for length, sure in lengths]


def test_a_partial_stroke_is_no_rep() -> None:
    """Below 80 % of the set's median so far an attempt does not count, and is no measure for later ones."""
    assert strokes((0.30, True), (0.239, True), (0.241, True), (0.15, True)) == [True, False, True, False]


def test_a_length_that_drift_spoilt_is_no_measure() -> None:
    """Where no whole leg watched the first rep, its length does not decide about those that were watched."""
    assert strokes((0.9, False), (0.30, True), (0.31, True), (0.2, True)) == [True, True, True, False]
    assert strokes((0.30, False), (0.17, False), (0.29, False)) == [True, False, True]


def test_what_drift_may_have_shortened_is_a_rep_in_doubt() -> None:
    """Below 60 % of those before it a stroke that no whole leg watched is a half one, above it drift may have been."""
    assert strokes((0.30, False), (0.179, False), (0.181, False)) == [True, False, True]
    assert strokes((0.30, True), (0.181, False), (0.181, True)) == [True, True, False]


def test_the_way_down_is_told() -> None:
    """From where the sled left the top to where it came to rest at the bottom, once the drive begins."""
    phases = at_the_top()
    for i in range(10):
        phases.step(2 + i, 0.3 - 0.02 * i, -0.2)
    phases.step(12, 0.1, 0.0)
    phases.step(13, 0.1, 0.0)
    phases.step(14, 0.11, 0.1)
    assert phases.phase == "concentric"
    assert phases.descent == (2, 12)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_the_rack_is_where_the_sled_was_pressed_out_from(side: float) -> None:
    """As far as its place can drift, up or down; where the press-out was not seen the rack may be anywhere."""
    phases = at_the_top()
    assert phases.near_rack(side * (NEAR_RACK_M - 0.001))
    assert not phases.near_rack(side * (NEAR_RACK_M + 0.001))
    phases.rack()
    assert phases.near_rack(side)
