"""From standing to the first press: which poses are taken, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from olga import LEFT, SEATED_DEG, TOP_DEG, WORN, Olga
from turned import G, angle_deg, rotation

from edge.motion.rest import STAND_S
from edge.motion.track import ImuTrack
from edge.motion.wear import SEAT_S, STANDING_BEND_SD_DEG, UNMOUNTED_SD_DEG
from edge.samples import FloatArray, Role
from edge.session.assessment import ZERO_SD_MAX_DEG


def test_standing_still_begins_a_session() -> None:
    """Upright and still for STAND_S it begins, once; what is felt then is each sensor's standing pose."""
    olga = Olga()
    olga.hold(STAND_S - 0.1)
    assert (olga.began, olga.wear.standing) == (0, {})
    olga.hold(1.0)
    assert olga.began == 1
    assert set(olga.wear.standing) == set(WORN)
    assert olga.wear.standing["pelvis"].gyr == pytest.approx(olga.gyr_bias["pelvis"])
    olga.hold(5.0)
    assert (olga.began, olga.wear.walked) == (1, False)


@pytest.mark.parametrize(("lean_deg", "stands"), [(15.0, True), (45.0, False), (60.0, False)])
def test_upright_is_upright(lean_deg: float, stands: bool) -> None:  # noqa: FBT001
    """A little leaning is standing, half lying is not, however still it is."""
    olga = Olga()
    olga.pitch = dict.fromkeys(WORN, lean_deg)
    olga.sits = {r: np.eye(3) for r in WORN}
    olga.hold(3.0)
    assert bool(olga.wear.standing) is stands


def test_who_stands_on_cheap_sensors_stands() -> None:
    """An accelerometer that shows a sixth too little along its length is upright all the same."""
    olga = Olga()
    olga.acc_bias = {r: np.array([0.3, 0.0, -1.7]) for r in WORN}
    olga.hold(3.0)
    assert set(olga.wear.standing) == set(WORN)


def test_who_falls_silent_while_standing_has_stood() -> None:
    """The pose of a sensor that is not heard for the rest of the standing is kept; that of a session before is not."""
    olga = Olga()
    olga.hold(2.5)
    olga.roles = ["left_thigh", "left_shank"]
    olga.hold(2.0)
    assert set(olga.wear.standing) == set(WORN)
    olga.turn_to({r: SEATED_DEG[r] for r in WORN}, 3.0)
    olga.hold(2.5)
    olga.turn_to(dict.fromkeys(WORN, 0.0), 3.0)
    olga.hold(3.0)
    assert (olga.began, set(olga.wear.standing)) == (2, {"left_thigh", "left_shank"})


def test_a_pelvis_alone_is_nobody() -> None:
    """Without a leg sensor nobody is seen to stand."""
    olga = Olga(("pelvis",))
    olga.hold(4.0)
    assert olga.began == 0


def test_one_restless_sensor_holds_it_up() -> None:
    """All worn sensors must rest together."""
    olga = Olga()
    for _ in range(20):
        olga.hold(0.1)
        olga.pitch["left_shank"] += 3.0 * (-1) ** (olga.now // 10)
    assert olga.began == 0


def test_each_sensor_counts_from_its_own_first_movement() -> None:
    """Who bends a knee before walking off: the shank's turn is known from where it stood, not from where all moved."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({"left_thigh": 0.0, "left_shank": -40.0, "pelvis": 0.0})
    assert not olga.wear.walked
    olga.turn_to({"left_thigh": -30.0, "left_shank": -60.0, "pelvis": -20.0})
    assert olga.wear.walked
    for role, turned in (("left_thigh", -30.0), ("left_shank", -60.0), ("pelvis", -20.0)):
        turn = olga.tracks[role].turn
        assert turn is not None
        assert turn.matrix() == pytest.approx(olga.sits[role] @ rotation(LEFT, turned) @ olga.sits[role].T, abs=0.02)


def test_walking_off_sets_the_gyros() -> None:
    """As she leaves, every gyro's bias is what it showed at rest, and its turn counts from here."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to(dict.fromkeys(WORN, 20.0))
    assert olga.wear.walked
    for role in WORN:
        turn = olga.tracks[role].turn
        assert turn is not None
        turned = olga.sits[role] @ rotation(LEFT, 20.0) @ olga.sits[role].T
        assert turn.matrix() == pytest.approx(turned, abs=0.01)


def test_the_seat_is_known_by_the_shanks() -> None:
    """Still with the shanks turned by more than 50° since standing is seated; standing about or a bow is not."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({"left_thigh": -80.0, "left_shank": -40.0, "pelvis": -20.0})
    olga.hold(SEAT_S + 2.0)
    assert olga.wear.seated == {}
    olga.turn_to({r: SEATED_DEG[r] for r in WORN})
    olga.hold(0.5)
    assert olga.wear.seated == {}
    olga.hold(SEAT_S + 1.0)
    assert set(olga.wear.seated) == set(WORN)


def test_the_longest_stillness_is_the_seated_pose() -> None:
    """A later, shorter stillness does not replace it; a longer one does."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({r: SEATED_DEG[r] for r in WORN}, 3.0)
    olga.hold(5.0)
    first = olga.wear.seated["left_shank"][0].acc
    olga.turn_to({r: SEATED_DEG[r] + 10.0 for r in WORN}, 0.5)
    olga.hold(3.5)
    assert angle_deg(olga.wear.seated["left_shank"][0].acc, first) < 0.5
    olga.hold(3.0)
    assert angle_deg(olga.wear.seated["left_shank"][0].acc, first) > 9.0


@pytest.mark.parametrize("upside_down", [(), ("left_shank",), ("left_thigh", "left_shank", "pelvis")])
def test_the_first_press_mounts_the_leg(upside_down: tuple[Role, ...]) -> None:
    """Crooked, biased or upside down: axis within 1°, accelerometer's bias within 3 mg, angles within 1.5°."""
    olga = Olga(upside_down=upside_down)
    olga.calibrate()
    for role in ("left_thigh", "left_shank"):
        assert olga.axis_error_deg(role) < 1.0
        assert olga.read_deg(role) == pytest.approx(TOP_DEG[role], abs=1.5)
        assert olga.tracks[role].acc_bias == pytest.approx(visible(olga, role), abs=0.03)


@pytest.mark.parametrize("bias_m_s2", [(0.12, 0.0, -0.1), (0.5, 0.3, 0.6)])
def test_the_press_is_told_anew_once_the_bias_is_known(bias_m_s2: tuple[float, float, float]) -> None:
    """All along the press that went before, a shank reads as it then turned, by 40° in an even swing, within 1°."""
    olga, role = Olga(), WORN[1]
    olga.acc_bias = {r: np.array(bias_m_s2) for r in WORN}
    olga.calibrate()
    pressed = olga.now - 60 - 150
    states = [olga.tracks[role].states.at(pressed + i) for i in (0, 75, 150)]
    told = [olga.wear.mounts[role].read(state)[0] for state in states if state]
    assert told == pytest.approx([-80.0, -100.0, -120.0], abs=1.0)


def test_a_hole_ends_what_is_told_anew() -> None:
    """Beyond a hole the gyro carries nothing; what stands there stays as it was."""
    track = ImuTrack()
    still = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, G)
    for k in (10, 11, 13):
        track.states.put(k, still)
    track.retell(10, 14, np.array([1.0, 0.0, 0.0]))
    assert [s and s[0] for s in track.states.span(10, 14)] == [1.0, 1.0, None, 0.0]


def visible(olga: Olga, role: Role) -> FloatArray:
    """The part of a bias that turns about the leg's axis can show."""
    axis, bias = olga.sits[role] @ np.array(LEFT), olga.acc_bias[role]
    return bias - (bias @ axis) * axis


def test_the_seat_mounts_the_pelvis() -> None:
    """Leaning back from standing to the seat gives the pelvis its axis, before any press."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({r: SEATED_DEG[r] for r in WORN}, 3.0)
    olga.hold(2.5)
    assert set(olga.wear.mounts) == {"pelvis"}
    assert olga.axis_error_deg("pelvis") < 2.0
    olga.turn_to({**{r: SEATED_DEG[r] for r in WORN}, "pelvis": -60.0})
    olga.hold(0.5)
    assert olga.read_deg("pelvis") == pytest.approx(-60.0, abs=1.0)


def test_a_pelvis_that_did_not_lean_has_no_axis() -> None:
    """Under 14° of lean (a backrest bolt upright) the axis would be a guess, and none is claimed."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({**{r: SEATED_DEG[r] for r in WORN}, "pelvis": -10.0}, 3.0)
    olga.hold(2.5)
    assert set(olga.wear.seated) == set(WORN)
    assert "pelvis" not in olga.wear.mounts


def test_without_a_stay_at_the_top_two_poses_do() -> None:
    """Straight on into the first rep: the leg is mounted all the same."""
    olga = Olga()
    olga.calibrate(stay_s=0.2)
    assert olga.axis_error_deg("left_shank") < 1.0
    assert olga.read_deg("left_shank") == pytest.approx(TOP_DEG["left_shank"], abs=2.0)


def test_a_short_stay_makes_the_zero_less_sure() -> None:
    """The longer the top is held, the surer the zero: a proper stay, a glimpse, nothing at all; and how people stand
    is never known. A sensor that was not mounted, or is no longer, is not sure at all.
    """
    said = []
    for stay_s in (0.5, 0.2, 0.07):
        olga = Olga()
        olga.calibrate(stay_s=stay_s)
        said.append(olga.wear.zero_sd_deg(("left_thigh", "left_shank")))
    assert STANDING_BEND_SD_DEG < said[0] < said[1] < said[2]
    assert olga.wear.zero_sd_deg(("right_thigh", "right_shank")) > UNMOUNTED_SD_DEG > ZERO_SD_MAX_DEG
    olga.wear.forget()
    assert olga.wear.zero_sd_deg(("left_thigh", "left_shank")) > UNMOUNTED_SD_DEG


def test_no_seated_pose_no_mount() -> None:
    """Who was never seen sitting still is not calibrated by the press."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({r: SEATED_DEG[r] for r in WORN}, 3.0)
    pressed = olga.now
    olga.turn_to({r: TOP_DEG[r] for r in WORN})
    at_top = olga.now
    olga.hold(0.6)
    olga.wear.arrive(["left_thigh", "left_shank"], (pressed, at_top), (at_top + 5, olga.now))
    assert olga.wear.mounts == {}


def test_a_press_that_was_hardly_seen_mounts_nothing() -> None:
    """Twenty instants of turning are the least that tell an axis."""
    olga = Olga()
    olga.calibrate()
    olga.wear.mounts.clear()
    still = (olga.now - 30, olga.now)
    olga.wear.arrive(["left_thigh", "left_shank"], still, still)
    assert olga.wear.mounts == {}


def test_standing_again_begins_the_next_session() -> None:
    """The next lifter, or the same one back from a break, is measured anew: nothing of before counts."""
    olga = Olga()
    olga.calibrate()
    assert set(olga.wear.mounts) == set(WORN)
    olga.turn_to(dict.fromkeys(WORN, 0.0), 3.0)
    olga.hold(4.0)
    assert olga.began == 2
    assert (olga.wear.seated, olga.wear.mounts, olga.wear.walked) == ({}, {}, False)
    assert set(olga.wear.standing) == set(WORN)


def test_a_broken_turn_leaves_gravitys_length() -> None:
    """After a silence of a gyro its pose is no longer linked, and calibration goes on with what gravity alone shows."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({r: SEATED_DEG[r] for r in WORN}, 3.0)
    turn = olga.tracks["left_shank"].turn
    assert turn is not None
    turn.broken = True
    olga.hold(2.5)
    assert olga.wear.seated["left_shank"][1].turn is None
    assert olga.wear.seated["left_thigh"][1].turn is not None


def test_a_thigh_alone_sits_and_does_not_stand_on_its_head() -> None:
    """Without a shank the seat is known by the thigh, which points up there: that is no new standing pose."""
    olga = Olga(("left_thigh",))
    olga.hold(STAND_S + 0.5)
    olga.turn_to({"left_thigh": 20.0})
    olga.turn_to({"left_thigh": -172.0})
    olga.hold(SEAT_S + 2.5)
    assert olga.began == 1
    assert set(olga.wear.seated) == {"left_thigh"}


def test_a_thigh_alone_on_a_chair_is_not_on_the_machine() -> None:
    """Feet on the floor it lies level: no seat that tells how the sensor sits."""
    olga = Olga(("left_thigh",))
    olga.hold(STAND_S + 0.5)
    olga.turn_to({"left_thigh": -95.0})
    olga.hold(SEAT_S + 2.5)
    assert olga.wear.seated == {}


@pytest.mark.parametrize(("deg", "mounted"), [(5.0, True), (15.0, False)])
def test_a_press_that_turns_about_two_axes_tells_no_mount(deg: float, mounted: bool) -> None:  # noqa: FBT001
    """A leg that fell aside meanwhile has its sensors unmounted, for a later drive to tell, and none mounted awry."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({r: SEATED_DEG[r] for r in olga.roles}, 3.0)
    olga.hold(2.5)
    began = olga.now
    olga.swing_out(deg)
    olga.turn_to({r: TOP_DEG[r] for r in olga.roles})
    at_top = olga.now
    olga.hold(0.6)
    olga.wear.arrive(["left_thigh", "left_shank"], (began, at_top), (at_top + 5, olga.now))
    assert ("left_thigh" in olga.wear.mounts) is mounted
    assert ("left_shank" in olga.wear.mounts) is mounted
