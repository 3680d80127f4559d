"""How a sensor sits is found whatever way it sits, and what it then reads is the segment, not the sensor."""

from __future__ import annotations

from math import cos, degrees, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned import UP, angle_deg, axes, orientations, rotation, triple

from edge.motion.inclination import ImuState
from edge.motion.mount import LEAST_GAIN, Mount, find_mount, flexion_axis, lean_deg, line_gain
from edge.samples import FloatArray

X, Y, Z = np.eye(3)


def segment_up(pitch_deg: float, lean: float = 0.0) -> FloatArray:
    """Up in the axes of a segment that has turned by pitch_deg about its own +y (to the left) since standing."""
    level = np.sqrt(1.0 - lean**2)
    return np.array([-level * sin(radians(pitch_deg)), lean, level * cos(radians(pitch_deg))])


def worn(sits: FloatArray, axis_sign: float = 1.0, seated_deg: float = -80.0) -> Mount:
    """The mount found for a sensor that sits so on its segment (segment to sensor axes)."""
    return find_mount(sits @ UP, sits @ segment_up(seated_deg), axis_sign * (sits @ Y))


def state(sits: FloatArray, up: FloatArray, rate_rad_s: FloatArray) -> ImuState:
    return (*triple(sits @ up), *triple(sits @ rate_rad_s), 0.0, 0.0, 0.0)


@given(orientations, st.sampled_from([1.0, -1.0]), st.floats(-269.0, 89.0), st.floats(-0.5, 0.5), st.floats(-3.0, 3.0))
def test_any_way_of_wearing_reads_the_same(
    sits: FloatArray, axis_sign: float, pitch_deg: float, lean: float, rate: float
) -> None:
    """Crooked, round the limb or upside down, whichever way the axis was found: pitch, rate, lean are the leg's."""
    turned = np.array([0.3, rate, -0.2])
    seen_deg, seen_deg_s, seen_lean = worn(sits, axis_sign).read(state(sits, segment_up(pitch_deg, lean), turned))
    assert seen_deg == pytest.approx(pitch_deg, abs=1e-6)
    assert seen_deg_s == pytest.approx(degrees(rate), abs=1e-6)
    assert seen_lean == pytest.approx(lean, abs=1e-9)


@given(orientations, axes)
def test_axes_are_right_handed_and_square(sits: FloatArray, axis: tuple[float, ...]) -> None:
    """Also where the axis found in the press is not square to the standing up: z gives way, y keeps its direction."""
    up = sits @ UP
    crooked = np.asarray(axis) / np.linalg.norm(axis)
    if angle_deg(crooked, up) < 20.0 or angle_deg(crooked, -up) < 20.0:
        return
    mount = find_mount(up, rotation(crooked, 70.0) @ up, crooked)
    x, y, z = np.array(mount.x), np.array(mount.y), np.array(mount.z)
    assert np.array([x, y, z]) @ np.array([x, y, z]).T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.cross(x, y) == pytest.approx(z, abs=1e-9)
    assert abs(y @ crooked) == pytest.approx(1.0)


def test_the_axis_points_left_because_people_sit_down_backwards() -> None:
    """From standing to the seat every segment pitches backwards, which says which end of the axis is left."""
    assert worn(np.eye(3)).y == pytest.approx((0.0, 1.0, 0.0))
    assert worn(np.eye(3), axis_sign=-1.0).y == pytest.approx((0.0, 1.0, 0.0))
    forwards = find_mount(UP, segment_up(80.0), Y)
    assert forwards.y == pytest.approx((0.0, -1.0, 0.0))


@pytest.mark.parametrize(("turned", "read"), [(90.0, 90.0), (91.0, -269.0), (-180.0, -180.0), (-200.0, -200.0)])
def test_a_seated_thigh_passes_the_back(turned: float, read: float) -> None:
    """Pitch goes from 90° down to just above −270°: a thigh past −180° does not jump."""
    mount = Mount(triple(X), triple(Y), triple(Z))
    up = segment_up(turned) if turned != 90.0 else np.array([-1.0, 0.0, 0.0])
    assert mount.read(state(np.eye(3), up, np.zeros(3)))[0] == pytest.approx(read)


@pytest.mark.parametrize(
    ("lean", "gain", "deg"),
    [(0.5, 1.0, 30.0), (-0.5, 1.0, -30.0), (0.25, 0.5, 30.0), (0.9, 0.5, 90.0), (-0.9, 0.5, -90.0)],
)
def test_a_lean_is_a_turn_of_the_legs_plane(lean: float, gain: float, deg: float) -> None:
    """The steeper the hip-ankle line, the less of the turn shows as lean; more lean than can be is a right angle."""
    assert lean_deg(lean, gain) == pytest.approx(deg)


@pytest.mark.parametrize(
    ("pitch_deg", "gain"), [(-90.0, 1.0), (-135.0, 0.7071), (-170.0, LEAST_GAIN), (-5.0, LEAST_GAIN)]
)
def test_what_gravity_shows_of_a_turn_falls_as_the_line_rises(pitch_deg: float, gain: float) -> None:
    """All of it of a level line from hip to ankle, less as it rises; hardly any when it stands, as while walking."""
    assert line_gain(pitch_deg) == pytest.approx(gain, abs=1e-4)


@given(axes, st.integers(0, 1000))
def test_the_flexion_axis_is_what_it_turns_about_most(axis: tuple[float, ...], seed: int) -> None:
    """Flexing at up to 2 rad/s about one axis, either way, with a tenth of that about the others: found within 3°."""
    noise = np.random.default_rng(seed)
    turns = np.linspace(-1.0, 2.0, 120)[:, None] * np.asarray(axis) / np.linalg.norm(axis)
    found, across = flexion_axis(turns + noise.normal(0.0, 0.2, (120, 3)) * (noise.random((120, 1)) < 0.3))
    assert min(angle_deg(found, axis), angle_deg(-found, axis)) < 3.0
    assert np.linalg.norm(found) == pytest.approx(1.0)
    assert across < 0.1


def test_what_turns_across_the_axis_is_told() -> None:
    """Half as fast about another axis, and not at the same time: a quarter in squares."""
    rates = np.array([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]] * 50)
    axis, across = flexion_axis(rates)
    assert abs(axis[0]) == pytest.approx(1.0)
    assert across == pytest.approx(0.25)
