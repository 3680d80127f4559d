"""The lifter's own neutral: found from clean strokes, hardly moved by faulty ones."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.neutral import HIGH_DEG, LOW_DEG, POINTS, STROKES, Neutral
from edge.samples import FloatArray

STROKE_DEG = np.concatenate([np.linspace(14.0, 95.0, 60), np.full(20, 95.0), np.linspace(95.0, 14.0, 60)])


def clean(level_deg: float = 5.0, slope: float = 0.03) -> FloatArray:
    """The turn of the leg's plane over a stroke in which the knee does not give."""
    return level_deg + slope * (STROKE_DEG - 60.0)


def caving(turn: FloatArray, by_deg: float) -> FloatArray:
    """The same stroke with the knee falling in for the middle third of the way up."""
    out = turn.copy()
    out[90:120] += by_deg * np.sin(np.linspace(0.0, np.pi, 30))
    return out


@pytest.mark.parametrize(("level", "slope"), [(0.0, 0.0), (8.0, 0.03), (-8.0, -0.04)])
def test_one_clean_stroke_shows_it(level: float, slope: float) -> None:
    """Bow legs and a plane that drifts with depth are the lifter's own: at every depth the neutral is theirs."""
    neutral = Neutral()
    neutral.add(STROKE_DEG, clean(level, slope))
    for flexion in (15.0, 60.0, 95.0):
        assert neutral.at(flexion) == pytest.approx(level + slope * (flexion - 60.0), abs=0.3)


def test_a_few_faulty_reps_do_not_move_it() -> None:
    """Two knees that cave by 12° among six clean strokes shift the neutral by less than half a degree."""
    neutral = Neutral()
    for stroke in range(8):
        neutral.add(STROKE_DEG, caving(clean(), 12.0) if stroke in (2, 5) else clean())
    assert [neutral.at(f) for f in (20.0, 60.0, 90.0)] == pytest.approx([3.8, 5.0, 5.9], abs=0.5)


def test_caving_in_every_rep_does_not_become_neutral() -> None:
    """Even when every rep caves, the rest of each stroke holds the line: half of the excursion is still seen."""
    neutral = Neutral()
    for _ in range(STROKES):
        neutral.add(STROKE_DEG, caving(clean(), 12.0))
    assert abs(neutral.at(60.0) - 5.0) < 2.0


def test_a_lifter_who_changes_is_followed() -> None:
    """Only the last STROKES count: feet set anew are known after as many strokes, whatever came before."""
    neutral = Neutral()
    for _ in range(STROKES):
        neutral.add(STROKE_DEG, clean(-6.0, 0.0))
    for _ in range(STROKES - 1):
        neutral.add(STROKE_DEG, clean(6.0, 0.0))
    one_old = neutral.at(60.0)
    neutral.add(STROKE_DEG, clean(6.0, 0.0))
    assert one_old == pytest.approx(6.0, abs=0.2)
    assert neutral.at(60.0) == pytest.approx(6.0, abs=1e-6)


def test_the_line_ends_where_legs_have_no_plane() -> None:
    """Nearly straight and beyond any depth it stays what it was at the end of the line."""
    neutral = Neutral()
    neutral.level_deg, neutral.slope = 2.0, 0.1
    assert neutral.at(60.0) == 2.0
    assert neutral.at(0.0) == neutral.at(LOW_DEG) == pytest.approx(2.0 + 0.1 * (LOW_DEG - 60.0))
    assert neutral.at(180.0) == neutral.at(HIGH_DEG) == pytest.approx(2.0 + 0.1 * (HIGH_DEG - 60.0))


def test_what_teaches_nothing_is_left_out() -> None:
    """A straight leg, a leg bent beyond all depth and too short a stroke leave the neutral unknown."""
    neutral = Neutral()
    neutral.add(np.full(200, LOW_DEG), np.full(200, 40.0))
    neutral.add(np.full(200, HIGH_DEG), np.full(200, 40.0))
    neutral.add(np.linspace(30.0, 60.0, POINTS - 1), np.full(POINTS - 1, 40.0))
    assert (neutral.known, neutral.at(60.0)) == (False, 0.0)
    neutral.add(np.linspace(30.0, 60.0, POINTS), np.full(POINTS, 4.0))
    assert neutral.known
    assert neutral.at(45.0) == pytest.approx(4.0, abs=0.1)


def test_long_rests_weigh_no_more_than_the_way() -> None:
    """Points are spread evenly over flexion: a minute at one depth does not outweigh the stroke."""
    neutral = Neutral()
    resting = np.concatenate([STROKE_DEG, np.full(6000, 50.0)])
    neutral.add(resting, np.concatenate([clean(5.0, 0.0), np.full(6000, 11.0)]))
    assert neutral.at(60.0) == pytest.approx(5.0, abs=0.5)


def test_a_sensor_that_moved_makes_it_unknown() -> None:
    """What was learned with another seat of the sensor is forgotten; the next stroke alone decides."""
    neutral = Neutral()
    for _ in range(4):
        neutral.add(STROKE_DEG, clean(-5.0))
    neutral.forget()
    assert not neutral.known
    neutral.add(STROKE_DEG, clean(7.0, 0.0))
    assert neutral.at(60.0) == pytest.approx(7.0, abs=1e-6)
