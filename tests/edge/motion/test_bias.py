"""A known accelerometer bias, seen in known poses, is found within what the fit says of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned import UP, G, axes, orientations, rotation

from edge.motion.bias import BIAS_SD_M_S2, REST_SD_M_S2, Pose, find_bias, pitch_sd_deg, solve_bias
from edge.samples import FloatArray

SURE_RAD = 0.001
LEFT = (0.0, 1.0, 0.0)
STANDING, SEATED, TOP = np.eye(3), rotation(LEFT, -95.0), rotation(LEFT, -35.0)
"""A shank's poses: turned about the leg's own left, backwards."""

biases = st.builds(np.array, st.tuples(*[st.floats(-0.4, 0.4)] * 3))


def rests(turns: list[FloatArray], bias: FloatArray, sits: FloatArray, sd_rad: float = SURE_RAD) -> list[Pose]:
    """What a sensor with a bias feels in the poses that its segment turns through. sits: segment to sensor axes."""
    inside = [sits @ turn @ sits.T for turn in turns]
    return [Pose(G * turn.T @ sits @ UP + bias, turn, sd_rad if i else 0.0) for i, turn in enumerate(inside)]


@given(biases, orientations)
def test_three_poses_show_the_bias(bias: FloatArray, sits: FloatArray) -> None:
    """Standing, seated and at the top, joined by a sure gyro: what lies in the plane of the turns comes out within the
    spread of a rest, and what lies along their axis, which no pose can show, is not made up.

    Whatever way the sensor sits, and up to the largest bias that parts of this kind have (40 mg).
    """
    found, true = (sits.T @ v for v in (solve_bias(rests([STANDING, SEATED, TOP], bias, sits)), bias))
    assert found[[0, 2]] == pytest.approx(true[[0, 2]], abs=REST_SD_M_S2)
    assert abs(found[1]) < 2 * REST_SD_M_S2


def test_a_turn_out_of_the_plane_shows_the_rest() -> None:
    """A third pose that leans sideways makes the last axis visible, too."""
    bias = np.array([0.2, -0.3, 0.15])
    aside = rotation((1.0, 0.0, 0.0), 60.0)
    assert solve_bias(rests([STANDING, SEATED, aside], bias, np.eye(3))) == pytest.approx(bias, abs=REST_SD_M_S2)


@given(axes, axes)
def test_a_gyro_off_by_a_degree_costs_little(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    """Links wrong by 1°, and said to be, move the bias by no more than such an error does on the scale of g."""
    bias, sits = np.array([0.2, -0.1, 0.15]), rotation((0.3, 0.1, 1.0), 20.0)
    errors = [np.eye(3), rotation(first, 1.0), rotation(second, 1.0)]
    poses = rests([STANDING, SEATED, TOP], bias, sits)
    seen = [Pose(p.acc, p.turn @ error, 0.02) for p, error in zip(poses, errors, strict=True) if p.turn is not None]
    found, true = sits.T @ solve_bias(seen), sits.T @ bias
    assert np.linalg.norm((found - true)[[0, 2]]) < G * np.radians(1.0)
    assert abs(found[1]) < 2 * BIAS_SD_M_S2


def test_gravitys_length_alone_tells_what_lies_along_it() -> None:
    """Without the gyro's links, the bias along gravity of each pose is still seen: two poses show two directions."""
    bias = np.array([0.25, 0.0, -0.2])
    poses = [Pose(np.array([0.0, 0.0, G]) + bias, None, 0.0), Pose(np.array([G, 0.0, 0.0]) + bias, None, 0.0)]
    found = solve_bias(poses)
    assert found[[0, 2]] == pytest.approx(bias[[0, 2]], abs=REST_SD_M_S2)
    assert found[1] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("scale", [0.996, 1.004])
def test_a_scale_error_is_not_taken_for_bias(scale: float) -> None:
    """A sensor that shows all of gravity 0.4 % too long or short (0.04 m/s²) has half of that left as bias at most."""
    felt = rests([STANDING, SEATED, TOP, rotation(LEFT, -150.0)], np.zeros(3), np.eye(3))
    assert np.abs(solve_bias([Pose(scale * p.acc, p.turn, p.turn_sd_rad) for p in felt])).max() < 0.02


@pytest.mark.parametrize("poses", [0, 1])
def test_one_pose_shows_nothing(poses: int) -> None:
    """A single rest cannot tell bias from tilt, so none is claimed."""
    seen = rests([STANDING], np.array([0.2, 0.2, 0.2]), np.eye(3))[:poses]
    assert solve_bias(seen).tolist() == [0.0, 0.0, 0.0]


def test_a_bias_beyond_all_parts_is_held_back() -> None:
    """With only two poses close together, the prior keeps the answer within what parts can be off by."""
    near = rests([STANDING, rotation((0.0, 1.0, 0.0), 3.0)], np.array([1.5, 1.5, 0.0]), np.eye(3), sd_rad=0.02)
    assert np.abs(solve_bias(near)).max() < 2 * BIAS_SD_M_S2


def test_how_sure_the_pitch_is() -> None:
    """A thigh turns over on the way to the seat, so that standing and seated show the same part of the bias: the top as
    a third pose tells its pitch there, a glimpse of it less, and two poses leave it off by a degree.
    """
    turns = [STANDING, rotation(LEFT, -170.0), rotation(LEFT, -125.0)]
    three = rests(turns, np.zeros(3), np.eye(3), sd_rad=0.02)
    ups = (UP, turns[2].T @ UP)
    poses = [three, [*three[:2], replace(three[2], acc_sd_m_s2=0.1)], three[:2]]
    said = [pitch_sd_deg(np.array(LEFT), ups, find_bias(seen)[1]) for seen in poses]
    assert said == sorted(said)
    assert said[0] < 0.8
    assert said[2] > 0.9


def test_the_stated_spread_of_the_pitch_holds() -> None:
    """Of 200 sensors with the biases, rests and links that are reckoned with, 18 in 20 at least are within two."""
    rng = np.random.default_rng(11)
    within = 0
    for _ in range(200):
        bias = rng.normal(0.0, 0.2, 3)
        true = rests([STANDING, SEATED, TOP], bias, np.eye(3))
        poses = [
            Pose(p.acc + rng.normal(0.0, 0.02, 3), p.turn @ rotation(rng.normal(size=3), rng.normal(0.0, 1.0)), 0.02)
            for p in true
            if p.turn is not None
        ]
        poses[0] = Pose(poses[0].acc, np.eye(3), 0.0)
        found, spread = find_bias(poses)
        ups = [(p.acc - found) / np.linalg.norm(p.acc - found) for p in poses]
        pitch = np.degrees(np.arctan2(ups[2][0], ups[2][2]) - np.arctan2(ups[0][0], ups[0][2]))
        sd = pitch_sd_deg(np.array(LEFT), (ups[0], ups[2]), spread)
        within += abs(abs(pitch) - 35.0) < 2 * sd
    assert within >= 180
