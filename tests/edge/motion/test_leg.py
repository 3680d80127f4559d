"""One leg from two sensors: flexion, its rate and the inward knee, each with its sign."""

from __future__ import annotations

from math import asin, cos, degrees, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.events import Side
from edge.motion.inclination import ImuState
from edge.motion.leg import LEAN_NOISE, STANDING_FLEXION_DEG, Chain, Leg, likely
from edge.motion.mount import Mount
from edge.motion.sled_front import knee_slides
from edge.motion.track import ImuTrack

STRAIGHT_ON = Mount((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
HEIGHT_M = 1.75


def felt(pitch_deg: float, rate_deg_s: float = 0.0, lean: float = 0.0) -> ImuState:
    """What a sensor that sits straight on a segment in this pose tells."""
    level = (1.0 - lean**2) ** 0.5
    up = (-level * sin(radians(pitch_deg)), lean, level * cos(radians(pitch_deg)))
    return (*up, 0.0, radians(rate_deg_s), 0.0, 0.0, 0.0, 0.0)


def seen(side: Side, thigh: list[ImuState | None], shank: list[ImuState | None]) -> Leg:
    """A calibrated leg whose sensors felt this, from grid instant 100 on."""
    tracks = ImuTrack(), ImuTrack()
    for track, states in zip(tracks, (thigh, shank), strict=True):
        for i, state in enumerate(states):
            track.states.put(100 + i, state)
    leg = Leg(side, *tracks, HEIGHT_M)
    leg.thigh_mount = leg.shank_mount = STRAIGHT_ON
    return leg


@pytest.mark.parametrize("side", ["left", "right"])
def test_flexion_is_the_shanks_pitch_less_the_thighs(side: Side) -> None:
    """A thigh pitched back by 170° and a shank by 80° make a knee bent by 90° and what people stand bent by."""
    leg = seen(side, [felt(-170.0, -50.0)], [felt(-80.0, -10.0)])
    leg.step(0)
    flexion, rate, _, raw, _ = leg.knees.at(100)  # type: ignore[misc]
    assert raw == pytest.approx(90.0 + STANDING_FLEXION_DEG)
    assert flexion == pytest.approx(raw)
    assert rate == pytest.approx(40.0)


@pytest.mark.parametrize(("side", "inward"), [("left", 1.0), ("right", -1.0)])
def test_a_turned_plane_brings_the_knee_inwards(side: Side, inward: float) -> None:
    """The same lean of gravity across the thigh is inwards for one leg, outwards for the other; the arm makes mm. How
    much of it shows is told by the segments themselves, whose line rises by 35° here, not by the rail's angle.
    """
    lean = sin(radians(10.0)) * cos(radians(35.0))
    leg = seen(side, [felt(-170.0, lean=lean)], [felt(-80.0)])
    leg.step(0)
    flexion, _, medial_mm, _, turn = leg.knees.at(100)  # type: ignore[misc]
    assert turn == pytest.approx(inward * 10.0)
    off = likely(sin(radians(10.0)), LEAN_NOISE / cos(radians(35.0)))
    assert medial_mm == pytest.approx(inward * 1000 * leg.chain.knee_arm_m(flexion) * off)


def test_the_lifters_own_neutral_is_taken_off() -> None:
    """A leg whose plane stands 10° inwards by nature has its knee where it belongs; the turn itself is told whole."""
    leg = seen("left", [felt(-170.0, lean=sin(radians(10.0)) * cos(radians(35.0)))], [felt(-80.0)])
    leg.neutral.level_deg = 10.0
    leg.step(0)
    knee = leg.knees.at(100)
    assert knee is not None
    assert knee[2] == pytest.approx(0.0, abs=1e-9)
    assert knee[4] == pytest.approx(10.0)


def test_what_the_chain_knows_mends_the_flexion() -> None:
    """The reported flexion goes through the chain; the raw one stays as the sensors gave it."""
    leg = seen("left", [felt(-170.0)], [felt(-80.0, 100.0)])
    leg.chain.offset_deg, leg.chain.lag_s = 4.0, 0.01
    leg.step(0)
    knee = leg.knees.at(100)
    assert knee is not None
    assert knee[0] == pytest.approx(knee[3] - 4.0 + 1.0)


def test_only_instants_that_both_sensors_reached() -> None:
    """The leg goes as far as the slower sensor, leaves holes where either has one, and goes on from there."""
    thigh: list[ImuState | None] = [felt(-100.0), felt(-101.0), None, felt(-103.0), felt(-104.0)]
    shank: list[ImuState | None] = [felt(0.0), None, felt(0.0), felt(0.0)]
    leg = seen("left", thigh, shank)
    leg.step(0)
    known = [k for k in range(98, 106) if leg.knees.at(k)]
    assert (known, leg.knees.end) == ([100, 103], 104)
    leg.shank.states.put(104, felt(0.0))
    leg.step(0)
    assert [k for k in range(98, 106) if leg.knees.at(k)] == [100, 103, 104]


def test_nothing_before_calibration_or_before_the_session() -> None:
    """Without both mounts there is no knee, and none before the instant that the session began at."""
    leg = seen("left", [felt(-100.0)] * 3, [felt(0.0)] * 3)
    for thigh_mount, shank_mount in ((None, None), (STRAIGHT_ON, None), (None, STRAIGHT_ON)):
        leg.thigh_mount, leg.shank_mount = thigh_mount, shank_mount
        leg.step(0)
        assert (leg.calibrated, leg.knees.end) == (False, 0)
    leg.thigh_mount = leg.shank_mount = STRAIGHT_ON
    leg.step(101)
    assert (leg.calibrated, leg.knees.start, leg.knees.end) == (True, 101, 103)


def test_lengths_are_the_heights_share() -> None:
    """Without anything learned, thigh and shank are what the tables say of the height."""
    chain = seen("left", [], []).chain
    assert (chain.thigh_m, chain.shank_m) == pytest.approx((0.245 * HEIGHT_M, 0.246 * HEIGHT_M))


def test_the_chain_is_a_triangle() -> None:
    """A 3-4-5 triangle: hip to ankle 0.5 m at 90°, the knee 0.24 m off that line; straight, 0.7 m and no arm."""
    chain = Chain(0.3, 0.4)
    assert (chain.reach_m(90.0), chain.knee_arm_m(90.0)) == pytest.approx((0.5, 0.24))
    assert (chain.reach_m(0.0), chain.knee_arm_m(0.0)) == pytest.approx((0.7, 0.0))
    assert chain.knee_arm_m(-5.0) == 0.0


def test_who_is_never_straight_has_another_triangle() -> None:
    """Own flexion 86° of a knee that lacks 4° is the 3-4-5 triangle; so is where the sled is."""
    own, straight = Chain(0.3, 0.4, straight_deg=4.0), Chain(0.3, 0.4)
    assert (own.reach_m(86.0), own.knee_arm_m(86.0)) == pytest.approx((0.5, 0.24))
    assert own.slide(86.0, -30.0) == pytest.approx(straight.slide(90.0, -30.0))
    assert own.knee_arm_m(-5.0) == 0.0


@given(st.floats(0.0, 130.0), st.floats(-300.0, 300.0))
def test_the_arm_belongs_to_the_triangle(flexion_deg: float, rate: float) -> None:
    """The knee's distance from the hip-ankle line is the thigh's times the sine of the angle at the hip."""
    chain = Chain(0.43, 0.41)
    reach = chain.reach_m(flexion_deg)
    at_hip = np.arccos(np.clip((0.43**2 + reach**2 - 0.41**2) / (2 * 0.43 * reach), -1.0, 1.0))
    assert chain.knee_arm_m(flexion_deg) == pytest.approx(0.43 * np.sin(at_hip), abs=1e-6)
    assert chain.flexion(flexion_deg, rate) == flexion_deg


@pytest.mark.parametrize(
    ("chain", "raw", "rate", "flexion"),
    [
        (Chain(0.4, 0.4, offset_deg=6.0), 96.0, 0.0, 90.0),
        (Chain(0.4, 0.4, offset_deg=-6.0), 84.0, 50.0, 90.0),
        (Chain(0.4, 0.4, slope_deg=9.0), 90.0, 0.0, 90.0 / 1.1),
        (Chain(0.4, 0.4, slope_deg=9.0), 45.0, 0.0, 45.0 / 1.09),
        (Chain(0.4, 0.4, lag_s=0.02), 90.0, 100.0, 92.0),
        (Chain(0.4, 0.4, offset_deg=2.0, slope_deg=9.0, lag_s=0.02), 90.0, 100.0, 90.0 / 1.1),
    ],
)
def test_offset_slope_and_lag(chain: Chain, raw: float, rate: float, flexion: float) -> None:
    """The offset is taken off, the rate leads by the lag, and soft tissue's share grows with flexion."""
    assert chain.flexion(raw, rate) == pytest.approx(flexion)


@pytest.mark.parametrize("slope_deg", [-5.0, 0.0, 5.0])
@pytest.mark.parametrize("raw_deg", [10.0, 50.0, 100.0])
def test_the_slides_speed_is_its_places_change(slope_deg: float, raw_deg: float) -> None:
    """How fast the ankle goes out is by how much its place changes while the raw angle does, soft tissue included."""
    chain = Chain(0.43, 0.41, offset_deg=2.0, slope_deg=slope_deg)
    rate, dt = -40.0, 1e-4
    places = [chain.slide(chain.flexion(raw_deg + rate * t, 0.0), rate)[0] for t in (-dt, dt)]
    speed = chain.slide(chain.flexion(raw_deg, 0.0), rate)[1]
    assert speed == pytest.approx((places[1] - places[0]) / (2 * dt), rel=1e-5)


def test_lean_to_turn_is_what_the_mount_says() -> None:
    """A lean beyond what the leg's line allows does not break the knee."""
    leg = seen("left", [felt(-170.0, lean=0.9)], [felt(-80.0)])
    leg.step(0)
    knee = leg.knees.at(100)
    assert knee is not None
    assert knee[4] == pytest.approx(degrees(asin(1.0)))


@pytest.mark.parametrize("flexion_deg", [15.0, 60.0, 100.0])
@pytest.mark.parametrize("thigh", [True, False])
def test_one_segment_alone_tells_of_the_sled(flexion_deg: float, thigh: bool) -> None:  # noqa: FBT001
    """On a 45° rail the thigh's or the shank's turn from the line between hip and ankle gives its place and speed."""
    rate = 40.0
    leg = seen("left", [felt(-135.0 - flexion_deg / 2, -rate / 2)], [felt(-135.0 + flexion_deg / 2, rate / 2)])
    leg.chain = Chain(0.43, 0.43, drop2_m2=0.0)
    whole = leg.chain.slide(flexion_deg, rate)
    assert leg.slide_of_one(100) is None
    if thigh:
        leg.shank_mount = None
    else:
        leg.thigh_mount = None
    assert leg.slide_of_one(100) == pytest.approx(whole, abs=1e-6)
    assert leg.slide_of_one(101) is None


def test_who_has_a_whole_leg_needs_no_lone_segment() -> None:
    """A shank alone speaks for its leg only while the other leg is not whole either, and only where it may."""
    whole, lone = (seen(side, [felt(-170.0)], [felt(-80.0)]) for side in ("left", "right"))
    whole.step(0)
    lone.thigh_mount = None
    both: dict[Side, Leg] = {"left": whole, "right": lone}
    assert [slide.side for slide in knee_slides(both, 100, alone=True)] == ["left"]
    alone: dict[Side, Leg] = {"right": lone}
    assert [slide.side for slide in knee_slides(alone, 100, alone=True)] == ["right"]
    assert knee_slides(alone, 100, alone=False) == []


def test_a_small_reading_of_the_knee_is_mostly_noise_and_a_fall_is_shown() -> None:
    """Half of what is as large as the noise is believed, next to all of a fault, and to either side alike."""
    assert likely(0.01, 0.01) == pytest.approx(0.005)
    assert likely(0.1, 0.01) == pytest.approx(0.1, rel=0.01)
    assert likely(-0.2, 0.01) == -likely(0.2, 0.01) == pytest.approx(-0.2, rel=0.003)
    assert likely(0.0, 0.01) == 0.0


def test_where_gravity_shows_less_of_a_turn_less_of_it_is_believed() -> None:
    """The same turn of 3°, shown by a line that rises by 35° and by one of 65°."""
    shown = []
    for pitch_deg, slope_deg in ((0.0, 35.0), (-30.0, 65.0)):
        lean = sin(radians(3.0)) * cos(radians(slope_deg))
        leg = seen("left", [felt(-170.0 + pitch_deg, lean=lean)], [felt(-80.0 + pitch_deg)])
        leg.step(0)
        knee = leg.knees.at(100)
        assert knee is not None
        shown.append(knee[2])
    assert 0.5 * shown[0] < shown[1] < 0.95 * shown[0]
