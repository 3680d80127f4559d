"""Straps that give slowly: from rep to rep a sensor stands otherwise, and nothing else can have moved it."""

from __future__ import annotations

from math import cos, radians, sin
from types import SimpleNamespace
from typing import cast

import pytest

from edge.events import Side
from edge.motion.creep import CREPT_DEG, OTHER_LEANS_DEG, Creep
from edge.motion.inclination import ImuState
from edge.motion.leg import LEG_ROLES, SIDES, Leg
from edge.motion.mount import Mount
from edge.motion.pelvis import Pelvis
from edge.motion.pelvis_posture import BACK_DEG, STILL_DEG, PelvisPosture
from edge.motion.phases import Stroke
from edge.motion.placement import Slip
from edge.motion.series import Series
from edge.samples import Role

UPRIGHT = Mount((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
REP = 300


def state(pitch_deg: float) -> ImuState:
    """What a segment at this pitch feels."""
    a = radians(pitch_deg)
    return (-sin(a), 0.0, cos(a), 0.0, 0.0, 0.0, -9.8 * sin(a), 0.0, 9.8 * cos(a))


class Paula:
    """A lifter on a 45° rail whose legs lean at -140°; `off` says by how much each sensor has turned by now."""

    def __init__(self, legs: tuple[Side, ...] = SIDES) -> None:
        self.legs: dict[Side, Leg] = {}
        for side in SIDES:
            track = SimpleNamespace
            leg = Leg(side, track(states=Series()), track(states=Series()), 1.75)  # type: ignore[arg-type]
            if side in legs:
                leg.thigh_mount = leg.shank_mount = UPRIGHT
            self.legs[side] = leg
        self.tilts: Series[tuple[float, float]] = Series()
        pelvis = SimpleNamespace(mount=UPRIGHT, tilts=self.tilts)
        self.creep = Creep(self.legs, cast(Pelvis, pelvis))
        self.k = 0
        self.set = 1

    def rep(
        self,
        *,
        off: dict[Role, float] | None = None,
        leans: float = 0.0,
        listing: float = 0.0,
        plane: float = 0.0,
        shifting: float = 0.0,
    ) -> list[Slip]:
        """One rep. leans: a left foot put elsewhere; listing: the left knee more bent; plane: of the left leg;
        shifting: of the pelvis in the 0.5 s before the descent.
        """
        off = off or {}
        start = self.k + 50
        for i in range(REP):
            self.tilts.put(self.k + i, (-off.get("pelvis", 0.0) + shifting * min(i, 50) / 50, 0.0))
            flexion = 15.0 + 80.0 * min(max((i - 50) / 200, 0.0), 1.0)
            for side, leg in self.legs.items():
                self._bend(leg, self.k + i, flexion, {**off, "lean": leans, "list": listing, "plane": plane}, side)
        self.k += REP
        return self.creep.rep(Stroke(self.set, 1, start, start + 200, start + 210, start + 240))

    def _bend(self, leg: Leg, k: int, flexion: float, off: dict[str, float], side: Side) -> None:
        thigh_role, shank_role = LEG_ROLES[side]
        mine = side == "left"
        bent = flexion + off["list"] * mine
        line = -140.0 + off["lean"] * mine
        thigh, shank = line - bent / 2 + off.get(thigh_role, 0.0), line + bent / 2 + off.get(shank_role, 0.0)
        leg.thigh.states.put(k, state(thigh))
        leg.shank.states.put(k, state(shank))
        leg.knees.put(k, (bent, 0.0, 0.0, shank - thigh, off["plane"] * mine))


def creeping(role: Role, deg_a_rep: float, reps: int = 9) -> list[Slip]:
    """What is found of a strap that gives by so much a rep."""
    paula = Paula()
    found = []
    for i in range(reps):
        found += paula.rep(off={role: deg_a_rep * i})
        if found:
            break
    return found


@pytest.mark.parametrize("role", ["left_thigh", "left_shank", "right_thigh", "right_shank"])
@pytest.mark.parametrize("deg_a_rep", [1.7, -1.7])
def test_who_has_crept_and_by_how_much(role: Role, deg_a_rep: float) -> None:
    """The sensor is named by the fifth rep, with its turn about the body's axis since the first two reps."""
    (slip,) = creeping(role, deg_a_rep, reps=5)
    assert slip.role == role
    assert slip.turn_rad[1] == pytest.approx(radians(3.5 * deg_a_rep), rel=0.1)


def test_a_lifter_who_stays_as_she_was_has_no_loose_strap() -> None:
    """Ten reps alike, and ten that wander by 2° this way and that."""
    paula = Paula()
    assert [paula.rep() for _ in range(10)] == [[]] * 10
    assert all(paula.rep(off={"pelvis": 2.0 * (-1) ** i, "left_thigh": 2.0 * (-1) ** i}) == [] for i in range(10))


def test_a_foot_put_elsewhere_or_a_listing_pelvis_is_no_strap() -> None:
    """The one leans the leg alone, the other bends the knees unequally alone."""
    paula = Paula()
    for _ in range(3):
        paula.rep()
    assert paula.rep(leans=4.0) + paula.rep(leans=4.0) == []
    assert paula.rep(listing=7.0) + paula.rep(listing=7.0) == []


def test_both_legs_leaning_is_the_lifter() -> None:
    """Where the other leg leans anew by more than legs do, she has slid on the seat."""
    for other, found in ((OTHER_LEANS_DEG - 0.3, True), (OTHER_LEANS_DEG + 0.3, False)):
        paula = Paula()
        for _ in range(3):
            paula.rep()
        off: dict[Role, float] = {"left_thigh": 6.5, "right_thigh": other, "right_shank": other}
        assert bool(paula.rep(off=off) + paula.rep(off=off)) is found


def after_three_reps() -> Paula:
    """Three reps alike."""
    paula = Paula()
    for _ in range(3):
        paula.rep()
    return paula


@pytest.mark.parametrize(("deg", "found"), [(CREPT_DEG + 0.1, True), (CREPT_DEG - 0.1, False)])
def test_a_limb_must_show_it_in_two_reps(deg: float, found: bool) -> None:  # noqa: FBT001
    """Once may be a fidget, however much it is; twice running is a strap."""
    paula = after_three_reps()
    assert paula.rep(off={"left_thigh": deg}) == []
    assert bool(paula.rep(off={"left_thigh": deg})) is found
    once = after_three_reps()
    assert once.rep(off={"left_thigh": 15.0}) + once.rep() == []


def test_a_foot_put_elsewhere_and_a_listing_knee_in_one_rep_are_no_strap() -> None:
    """What looks like a shank that pitched must look so twice, by both witnesses."""
    paula = after_three_reps()
    assert paula.rep(leans=3.5, listing=7.0) == []
    assert paula.rep(listing=7.0) + paula.rep(leans=3.5) + paula.rep() == []


@pytest.mark.parametrize(("deg", "elsewhere"), [(CREPT_DEG + 0.1, True), (CREPT_DEG - 0.1, False)])
def test_a_pelvis_is_never_corrected_only_not_believed(deg: float, elsewhere: bool) -> None:  # noqa: FBT001
    """One that stands otherwise twice running may be slumped; once it is back, it is believed again."""
    paula = after_three_reps()
    assert paula.rep(off={"pelvis": deg}) == []
    assert not paula.creep.posture.elsewhere
    assert paula.rep(off={"pelvis": deg}) == []
    assert paula.creep.posture.elsewhere is elsewhere
    assert paula.rep(off={"pelvis": BACK_DEG + 0.1}) == []
    assert paula.creep.posture.elsewhere is elsewhere
    assert paula.rep(off={"pelvis": BACK_DEG - 0.1}) == []
    assert not paula.creep.posture.elsewhere


def test_one_rep_that_begins_shifted_says_nothing_of_the_pelvis() -> None:
    """However far it is; nor do any number of reps before which the pelvis is moving."""
    paula = after_three_reps()
    paula.rep(off={"pelvis": 12.0})
    paula.rep()
    assert not paula.creep.posture.elsewhere
    for _ in range(3):
        paula.rep(off={"pelvis": -12.0}, shifting=2.0 * STILL_DEG)
    assert not paula.creep.posture.elsewhere


def test_racking_brings_no_strap_back() -> None:
    """A pelvis that stood otherwise is held against the set in which it was right; one that did not begins anew."""
    paula = after_three_reps()
    for _ in range(2):
        paula.rep(off={"pelvis": 8.0})
    paula.set = 2
    for _ in range(3):
        paula.rep(off={"pelvis": 8.0})
        assert paula.creep.posture.elsewhere
    paula.rep()
    assert not paula.creep.posture.elsewhere


def test_a_thigh_sensor_that_rolls() -> None:
    """The leg's plane seems to turn by more and more: the thigh's strap, and its mount is rolled along."""
    paula = Paula()
    found = []
    for i in range(6):
        found += paula.rep(plane=1.8 * i)
        if found:
            break
    (slip,) = found
    assert slip.role == "left_thigh"
    assert abs(slip.turn_rad[0]) == pytest.approx(slip.deg * radians(1.0), rel=1e-6)
    assert slip.turn_rad[1] == slip.turn_rad[2] == 0.0


def test_each_set_begins_anew_and_so_does_what_has_moved() -> None:
    """Between sets a lifter sits down otherwise; a sensor that slipped stands otherwise from there on."""
    paula = Paula()
    for _ in range(3):
        paula.rep()
    paula.set = 2
    for _ in range(4):
        assert paula.rep(off={"pelvis": 8.0, "left_thigh": 8.0}) == []
    assert not paula.creep.posture.elsewhere
    paula.creep.forget("left_thigh")
    for _ in range(4):
        assert paula.rep(off={"pelvis": 8.0, "left_thigh": 20.0}) == []


def test_one_leg_alone_shows_no_pitch() -> None:
    """With one leg's sensors a strap that pitches is not told from a foot put elsewhere, and not claimed."""
    paula = Paula(legs=("left",))
    assert all(paula.rep(off={"left_thigh": 2.0 * i}) == [] for i in range(8))


def rolled(deg: float) -> Slip:
    """The pelvis's sensor was seen to pitch at the top."""
    return Slip("pelvis", 1.0, (0.0, radians(deg), 0.0))


@pytest.mark.parametrize(("off", "found"), [(9.0, True), (9.0 - BACK_DEG + 0.1, True), (9.0 - BACK_DEG - 0.1, False)])
def test_a_pelvis_that_was_seen_to_turn_must_stand_so_twice(off: float, found: bool) -> None:  # noqa: FBT001
    """The turn that the gyro saw is believed once two descents begin with just that posture; not judged till then."""
    paula = after_three_reps()
    assert not paula.creep.slipped(rolled(9.0))
    assert paula.creep.posture.elsewhere
    assert paula.rep(off={"pelvis": off}) == []
    assert bool(paula.rep(off={"pelvis": off})) is found


def test_a_pelvis_that_comes_back_had_not_slipped() -> None:
    """It shifted at the top, and before the next descent is where it was: nothing is said, and it is judged again."""
    paula = after_three_reps()
    paula.creep.slipped(rolled(12.0))
    assert paula.rep() == []
    assert not paula.creep.posture.elsewhere


def test_a_pelvis_that_comes_back_within_the_rep_had_not_slipped() -> None:
    """A strap that gave shows after the drive as before the descent; who curls and uncurls does not."""
    for ends_deg, found in ((-9.0, True), (-9.0 + BACK_DEG + 0.1, False), (0.0, False)):
        posture = PelvisPosture()
        posture.slipped(rolled(9.0))
        told = [posture.rep([-9.0] * 30, [ends_deg] * 10, UPRIGHT) for _ in range(3)]
        assert any(told) is found
        assert posture.elsewhere is not found


def test_a_slip_that_was_none_is_taken_back() -> None:
    """She slumped at once and for some reps; when her old posture is read through the turned mount, twice, it is turned
    back.
    """
    paula = after_three_reps()
    paula.creep.slipped(rolled(9.0))
    assert len(paula.rep(off={"pelvis": 9.0}) + paula.rep(off={"pelvis": 9.0})) == 1
    assert paula.rep() + paula.rep(off={"pelvis": -9.0}) == []
    (back,) = paula.rep(off={"pelvis": -9.0})
    assert back.taken_back
    assert back.turn_rad[1] == pytest.approx(radians(-9.0))
    assert paula.rep() + paula.rep() + paula.rep() == []
