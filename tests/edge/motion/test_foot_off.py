"""Whose leg moves when a foot comes off the plate: shown for certain, or not said."""

from __future__ import annotations

from math import radians, sqrt

import pytest

from edge.motion.feet import Feet
from edge.motion.foot_off import AROUND, LEAST, LONGEST, MOVES_DEG_S, STILL_M_S, TIMES, FootOff
from edge.motion.inclination import STANDARD_GRAVITY
from edge.motion.leg_use import RIDES
from edge.motion.moved import Moved
from edge.motion.plate import LOADED_SHARE, PlateState
from edge.motion.series import Series
from edge.motion.sled import SledState
from edge.motion.track import ImuTrack
from edge.samples import Role

STATIC_N = 1000.0
BEGINS = 100
LIMBS: tuple[Role, ...] = ("left_thigh", "left_shank", "right_thigh", "right_shank")
QUIET = dict.fromkeys(LIMBS, 1.0)


def shaken(deg_s: float | None, count: int) -> ImuTrack:
    """A track that shakes about a biased gyro's reading with this root mean square; None: not heard."""
    track = ImuTrack()
    for k in range(count):
        rate = 0.02 + radians(deg_s or 0.0) * (1 if k % 2 else -1)
        track.states.put(k, None if deg_s is None else (0.0, 0.0, 1.0, 0.0, rate, 0.0, 0.0, 0.0, 9.81))
    return track


def shown(
    moved_deg_s: dict[Role, float | None],
    *,
    lasts: int = 50,
    force_n: float = STATIC_N,
    left_share: float = 0.05,
    sled_m_s: float = 0.0,
    begin: int = 0,
) -> str:
    """What the left foot shows when it is off for so many grid steps: "as named", "exchanged" or "nothing"."""
    count = BEGINS + lasts + 2 * AROUND
    feet, sled = Feet(Series()), Series[SledState]()
    feet.moved = Moved(90.0, STATIC_N / STANDARD_GRAVITY)
    foot_off = FootOff({r: shaken(moved_deg_s[r], count) for r in LIMBS}, begin)
    for k in range(count):
        share = left_share if BEGINS <= k < BEGINS + lasts else 0.5
        feet.plates.put(k, PlateState(force_n, share * force_n, (1.0 - share) * force_n, None, None))
        sled.put(k, (0.2, sled_m_s, 0.0))
        foot_off.step(feet, sled)
    return {None: "nothing", False: "as named", True: "exchanged"}[foot_off.wrong]


def test_the_foot_s_own_leg_moves() -> None:
    """Its thigh and its shank: the sensors are where they are called, and the right foot shows the same."""
    own: dict[Role, float | None] = {**QUIET, "left_thigh": 20.0, "left_shank": 18.0}
    assert shown(own) == "as named"
    assert shown({**QUIET, "right_thigh": 20.0, "right_shank": 18.0}, left_share=0.95) == "as named"


@pytest.mark.parametrize(
    "moves", [("right_thigh", "right_shank"), ("right_thigh", "left_shank"), ("left_thigh", "right_shank")]
)
def test_a_sensor_of_the_other_side_moves_instead(moves: tuple[Role, Role]) -> None:
    """The whole leg's pair, the thighs' or the shanks' were exchanged."""
    assert shown({**QUIET, **dict.fromkeys(moves, 20.0)}) == "exchanged"


@pytest.mark.parametrize(("deg_s", "says"), [(MOVES_DEG_S - 0.1, "nothing"), (MOVES_DEG_S + 0.1, "as named")])
def test_what_moves_too_little_shows_nothing(deg_s: float, says: str) -> None:
    """A foot that slides on the plate is none that came off."""
    assert shown({**QUIET, "left_thigh": deg_s, "left_shank": deg_s}) == says


@pytest.mark.parametrize(("times", "says"), [(TIMES - 0.1, "nothing"), (TIMES + 0.1, "as named")])
def test_where_both_legs_move_nothing_is_shown(times: float, says: str) -> None:
    """Who squirms moves both."""
    both: dict[Role, float | None] = {
        "left_thigh": times * 5,
        "left_shank": times * 5,
        "right_thigh": 5,
        "right_shank": 5,
    }
    assert shown(both) == says


def test_one_sensor_that_is_not_heard_shows_nothing_by_itself() -> None:
    """The shanks may still tell, of their own pair: an exchange, but never that all is right."""
    assert shown({**QUIET, "left_thigh": None, "left_shank": 20.0}) == "nothing"
    assert shown({**QUIET, "left_thigh": None, "right_shank": 20.0}) == "exchanged"


def test_only_while_one_leg_holds_the_sled_still() -> None:
    """Racked, moving, or with both feet on, a leg that moves means nothing."""
    other: dict[Role, float | None] = {**QUIET, "right_thigh": 20.0, "right_shank": 20.0}
    assert shown(other, sled_m_s=0.9 * STILL_M_S) == "exchanged"
    assert shown(other, sled_m_s=1.1 * STILL_M_S) == "nothing"
    assert shown(other, force_n=1.1 * LOADED_SHARE * STATIC_N) == "exchanged"
    assert shown(other, force_n=0.9 * LOADED_SHARE * STATIC_N) == "nothing"
    assert shown(other, left_share=RIDES - 0.01) == "exchanged"
    assert shown(other, left_share=RIDES + 0.01) == "nothing"


@pytest.mark.parametrize("lasts", [LEAST, LONGEST, 3 * LONGEST])
def test_how_long_the_foot_is_off(lasts: int) -> None:
    """A knock is too short; whoever rests so has shown it by how the foot came off."""
    other: dict[Role, float | None] = {**QUIET, "right_thigh": 20.0, "right_shank": 20.0}
    assert shown(other, lasts=LEAST - 1) == "nothing"
    assert shown(other, lasts=lasts) == "exchanged"


def test_what_was_before_it_looked_is_not_seen() -> None:
    """The last lifter's foot says nothing of this one's straps."""
    other: dict[Role, float | None] = {**QUIET, "right_thigh": 20.0, "right_shank": 20.0}
    assert shown(other, begin=BEGINS) == "exchanged"
    assert shown(other, begin=BEGINS + 50) == "nothing"


def test_a_gyro_s_bias_is_no_movement() -> None:
    """Root mean square is about the mean: a leg that is still with a biased gyro is still."""
    track = shaken(0.0, 10)
    assert sqrt(sum(state[4] ** 2 for state in track.states.span(0, 10)) / 10) > 0.0
    assert shown(dict.fromkeys(LIMBS, 0.0)) == "nothing"
