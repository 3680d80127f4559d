"""Which sensors carry each other's names: certain, or not said."""

from __future__ import annotations

from math import cos, radians, sin
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from edge.motion.mixed_up import (
    AGAINST,
    RAIL_OFF_DEG,
    SHANK_OVER_PELVIS_DEG,
    SWINGS_S,
    THIGH_DEG,
    TURNS_RAD_S,
    WALK_S,
    Pair,
    SledWorn,
    mixed_up_at_seat,
    on_wrong_legs,
)
from edge.motion.rest import STAND_S, RestMean
from edge.motion.track import ImuTrack
from edge.samples import FloatArray, Role

SEATED: dict[Role, float] = {
    "left_thigh": 168.0, "right_thigh": 170.0, "left_shank": 92.0, "right_shank": 90.0, "pelvis": 52.0,
}  # fmt: skip
FLAT: dict[Role, float] = {
    "left_thigh": 141.0, "right_thigh": 144.0, "left_shank": 54.0, "right_shank": 56.0, "pelvis": 24.0,
}  # fmt: skip
LIMBS: tuple[Role, ...] = ("left_thigh", "left_shank", "right_thigh", "right_shank")


def exchanged(seated: dict[Role, float], *pairs: Pair) -> dict[Role, float]:
    out = dict(seated)
    for a, b in pairs:
        out[a], out[b] = out[b], out[a]
    return out


def without(seated: dict[Role, float], *roles: Role) -> dict[Role, float]:
    return {role: deg for role, deg in seated.items() if role not in roles}


@pytest.mark.parametrize("seated", [SEATED, FLAT])
def test_each_in_its_place(seated: dict[Role, float]) -> None:
    """On a steep machine and on a flat one, with all sensors or some, nothing is exchanged."""
    assert mixed_up_at_seat(seated) == ()
    assert mixed_up_at_seat(without(seated, "pelvis")) == ()
    assert mixed_up_at_seat(without(seated, "right_thigh", "right_shank")) == ()


@pytest.mark.parametrize("seated", [SEATED, FLAT])
@pytest.mark.parametrize(
    "pair",
    [("left_shank", "left_thigh"), ("left_thigh", "pelvis"), ("pelvis", "right_shank"), ("left_thigh", "right_shank")],
)
def test_two_that_were_exchanged(seated: dict[Role, float], pair: Pair) -> None:
    """Thigh for shank, of one leg or of two, and the pelvis for either are told for what they are."""
    found = mixed_up_at_seat(exchanged(seated, pair))
    assert found is not None
    assert [sorted(p) for p in found] == [sorted(pair)]


def test_thigh_and_shank_of_both_legs() -> None:
    """Exchanged on both legs alike, each is found again on its own leg."""
    found = mixed_up_at_seat(exchanged(SEATED, ("left_thigh", "left_shank"), ("right_thigh", "right_shank")))
    assert found == (("left_thigh", "left_shank"), ("right_thigh", "right_shank"))


def test_one_leg_and_the_pelvis() -> None:
    """With one leg's sensors a thigh is told from its shank; a shank is not told from the pelvis, and not said."""
    one = without(SEATED, "right_thigh", "right_shank")
    assert mixed_up_at_seat(exchanged(one, ("left_thigh", "left_shank"))) == (("left_shank", "left_thigh"),)
    assert mixed_up_at_seat(exchanged(one, ("left_shank", "pelvis"))) is None


def test_what_is_no_seat_tells_nothing() -> None:
    """Standing, feet still on the floor, or one leg on the plate: neither right nor exchanged."""
    assert mixed_up_at_seat(dict.fromkeys(SEATED, 3.0)) is None
    floor: dict[Role, float] = {
        "left_thigh": 95.0, "right_thigh": 95.0, "left_shank": 5.0, "right_shank": 5.0, "pelvis": 40.0,
    }  # fmt: skip
    assert mixed_up_at_seat(floor) is None
    assert mixed_up_at_seat({**SEATED, "right_thigh": 95.0, "right_shank": 5.0}) is None


def test_the_lines_between_segments() -> None:
    """A thigh must have turned far enough, and a pelvis by less than both shanks."""
    assert mixed_up_at_seat({**SEATED, "left_thigh": THIGH_DEG[0] + 0.1}) == ()
    assert mixed_up_at_seat({**SEATED, "left_thigh": THIGH_DEG[0] - 0.1}) is None
    near = min(SEATED["left_shank"], 70.0)
    lying = {**SEATED, "left_shank": near, "right_shank": near}
    assert mixed_up_at_seat({**lying, "pelvis": near - SHANK_OVER_PELVIS_DEG - 0.1}) == ()
    assert mixed_up_at_seat({**lying, "pelvis": near - SHANK_OVER_PELVIS_DEG + 0.1}) is None


def walk(seconds: float = 4.0, lag_rad: float = 0.9, swing: float = 1.5) -> dict[Role, FloatArray]:
    """Strides at 0.9 Hz, the shank behind its thigh; sitting down moves all alike."""
    t = np.arange(round(seconds * 100)) * 0.01
    left = 2 * np.pi * 0.9 * t
    down = np.where(t > 0.8 * seconds, -1.2, 0.0)
    rates: dict[Role, FloatArray] = {}
    for side, phase in (("left", left), ("right", left + np.pi)):
        rates[f"{side}_thigh"] = swing * np.sin(phase) + down  # type: ignore[index]
        rates[f"{side}_shank"] = 1.4 * swing * np.sin(phase - lag_rad) + down  # type: ignore[index]
    return rates


def with_legs_swapped(rates: dict[Role, FloatArray], segment: str) -> dict[Role, FloatArray]:
    left, right = cast(Pair, (f"left_{segment}", f"right_{segment}"))
    return {**rates, left: rates[right], right: rates[left]}


@pytest.mark.parametrize("segment", ["thigh", "shank"])
def test_a_walk_shows_swapped_legs(segment: str) -> None:
    """Thigh and shank of one leg swing together; once either pair is swapped, against each other."""
    assert not on_wrong_legs(walk())
    assert on_wrong_legs(with_legs_swapped(walk(), segment))


def test_both_pairs_swapped_do_not_show() -> None:
    """A whole leg's sensors on the other leg walk as they should."""
    assert not on_wrong_legs(with_legs_swapped(with_legs_swapped(walk(), "thigh"), "shank"))


def test_how_much_against_each_other() -> None:
    """A gait whose shank lags by so much that it tells little is not remarked upon."""
    assert on_wrong_legs(walk(40 / 0.9, float(np.arccos(AGAINST - 0.02))))
    assert not on_wrong_legs(walk(40 / 0.9, float(np.arccos(AGAINST + 0.02))))


def test_a_short_or_slow_walk_tells_nothing() -> None:
    """Under a second of swinging, or a shuffle, is too little; so is a leg without one of its sensors."""
    swapped = with_legs_swapped(walk(), "thigh")
    brief = {role: rate[: round(SWINGS_S * 100)] for role, rate in swapped.items()}
    assert not on_wrong_legs(brief)
    assert not on_wrong_legs(with_legs_swapped(walk(swing=0.2), "thigh"))
    assert not on_wrong_legs({role: rate for role, rate in swapped.items() if role != "left_shank"})


def test_a_hole_in_the_walk_is_left_out() -> None:
    """What a sensor did not send counts neither way."""
    swapped = with_legs_swapped(walk(6.0), "shank")
    swapped["left_thigh"][50:150] = np.nan
    assert on_wrong_legs(swapped)


class Bench:
    """Sensors that rest or turn on somebody who stands or walks, or lie about; looked at ten times a second.

    rail_deg: how steep whatever lies on the sled lies. Upright ones feel gravity along z; it feels it along x, too.
    """

    def __init__(self, rail_deg: float = 45.0, said_deg: float = 45.0) -> None:
        self.watch = SledWorn(said_deg)
        self.rail = radians(rail_deg)
        self.k = 0

    def stand(self, seconds: float = 3.0, *, on_sled: Role = "sled") -> Role | None:
        """All rest, upright but the one that lies on the sled."""
        return self.run(seconds, (), on_sled=on_sled)

    def run(
        self, seconds: float, turning: tuple[Role, ...], roles: tuple[Role, ...] = LIMBS, *, on_sled: Role = "sled"
    ) -> Role | None:
        found = None
        for i in range(round(seconds * 100)):
            self.k += 1
            tracks = {
                role: self.track(lies=role == on_sled, turns=role in turning, rests_s=0.01 * i)
                for role in (*roles, "sled")
            }
            found = self.watch.step(self.k, cast(dict[Role, ImuTrack], tracks), roles) or found
        return found

    def track(self, *, lies: bool, turns: bool, rests_s: float) -> SimpleNamespace:
        slope = self.rail if lies else 0.0
        acc = (9.8 * sin(slope), 0.0, 9.8 * cos(slope))
        state = (0.0, 0.0, 1.0, 0.0, -1.1 * TURNS_RAD_S if turns else -0.9 * TURNS_RAD_S, 0.0, *acc)
        mean = None if turns else RestMean(acc, (0.0, 0.0, 0.0), rests_s)
        return SimpleNamespace(states=SimpleNamespace(last=lambda: state), rest=SimpleNamespace(mean=lambda: mean))


WALKING: tuple[Role, ...] = ("sled", "left_shank", "right_shank", "right_thigh")


def test_the_one_that_stays_behind_is_on_the_sled() -> None:
    """Who stood with the sled's sensor on walks off with it, while a thigh's stays: those two are exchanged."""
    bench = Bench()
    assert bench.stand(on_sled="left_thigh") is None
    assert bench.run(3.0, WALKING, on_sled="left_thigh") == "left_thigh"


def test_nobody_has_stood_with_the_straps_on() -> None:
    """A sled's sensor that is mounted while some straps are put on and one still lies about tells nothing; nor does a
    pose that was too short.
    """
    assert Bench().run(5.0, WALKING, on_sled="left_thigh") is None
    bench = Bench()
    bench.stand(STAND_S - 0.2, on_sled="left_thigh")
    assert bench.run(5.0, WALKING, on_sled="left_thigh") is None


def test_who_walks_past_a_resting_sled_is_not_spoken_of() -> None:
    """The usual walk, and a sled's sensor that is handled while all straps hang on their hook."""
    for turning in (LIMBS, ("sled",), ("sled", *LIMBS)):
        for on_sled in ("sled", "left_thigh"):
            bench = Bench()
            bench.stand(on_sled=cast(Role, on_sled))
            assert bench.run(5.0, cast(tuple[Role, ...], turning), on_sled="sled") is None


def test_two_that_stay_behind_are_not_told_apart() -> None:
    """Which of them is on the sled is not certain."""
    bench = Bench()
    bench.stand(on_sled="left_thigh")
    assert bench.run(5.0, ("sled", "left_shank", "right_shank"), on_sled="left_thigh") is None


def test_one_that_stirs_once_is_not_on_the_sled() -> None:
    """What turned a single time since the pose is on somebody, or in a hand."""
    bench = Bench()
    bench.stand(on_sled="left_thigh")
    bench.run(0.1, (*WALKING, "left_thigh"), on_sled="left_thigh")
    assert bench.run(5.0, WALKING, on_sled="left_thigh") is None


@pytest.mark.parametrize(("off_deg", "found"), [(RAIL_OFF_DEG - 0.5, "left_thigh"), (RAIL_OFF_DEG + 0.5, None)])
def test_what_lies_on_no_rail_is_not_on_the_sled(off_deg: float, found: str | None) -> None:
    """A strap that still lies on the bench, while the sled's sensor is mounted by somebody else."""
    bench = Bench(rail_deg=45.0 - off_deg)
    bench.stand(on_sled="left_thigh")
    assert bench.run(3.0, WALKING, on_sled="left_thigh") == found


def test_the_pose_was_long_ago() -> None:
    """Who stood and then did something else for longer than a walk lasts is not spoken of."""
    for before_s, found in ((WALK_S - 5.0, "left_thigh"), (WALK_S + 1.0, None)):
        bench = Bench()
        bench.stand(on_sled="left_thigh")
        bench.run(before_s, ("left_shank",), on_sled="left_thigh")
        assert bench.run(3.0, WALKING, on_sled="left_thigh") == found
