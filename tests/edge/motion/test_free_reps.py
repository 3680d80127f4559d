"""Squats counted by the legs alone: whatever is worn, however it is worn, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulated import arrivals

from edge.motion.free_reps import FreeRep, FreeReps
from edge.motion.one_swing import OneSwing
from edge.motion.track import ImuTrack
from edge.samples import FloatArray, Role
from edge.simulator.scenario import Imus
from edge.simulator.squats import Squat, SquatScenario, simulate_squats

GRID_NS = 10_000_000
LEG: tuple[Role, ...] = ("right_thigh", "right_shank")
SQUATS = tuple(Squat(knee_deg=deg) for deg in (95.0, 100.0, 92.0, 104.0, 98.0, 96.0))


def told(
    scenario: SquatScenario, *, silent_s: tuple[float, float] = (0.0, 0.0), unplugged: bool = False
) -> list[tuple[float, FreeRep]]:
    """What was told, with the second at which it was. silent_s: from when to when nothing arrives; unplugged: at the
    end the sensors fall silent, else the recording ends.
    """
    session = simulate_squats(scenario)
    tracks = {role: ImuTrack() for role in session.streams}
    free, out = FreeReps(tracks), []
    coming = [one for one in arrivals(session) if not silent_s[0] < one[0] * 1e-9 < silent_s[1]]
    legs = [role for role in session.streams if role != "pelvis"]
    for k in range(int(session.duration_s * 100) + 1):
        while coming and coming[0][0] <= k * GRID_NS:
            t_ns, samples = coming.pop(0)
            tracks[samples.role].accept(t_ns, samples)  # type: ignore[arg-type]
        for track in tracks.values():
            track.step()
        out += [(k * 0.01, rep) for rep in free.step(k, legs)]
    return out + [(k * 0.01, rep) for rep in (free.step(k, []) if unplugged else free.end())]


@pytest.mark.parametrize("roles", [LEG, ("left_thigh",), ("left_shank",), ("left_thigh", "left_shank", *LEG)])
@pytest.mark.parametrize("worn", ["as told", "any way round"])
def test_every_squat_counts_whatever_is_worn(roles: tuple[Role, ...], worn: str) -> None:
    """A leg, a thigh, a shank or both legs, strapped on any way round: every squat, once, at its time."""
    scenario = SquatScenario(seed=5, roles=roles, squats=SQUATS, worn=worn)  # type: ignore[arg-type]
    true = simulate_squats(scenario).truth.facts["reps"]
    reps = [rep for _, rep in told(scenario)]
    assert [rep.rep for rep in reps] == [1, 2, 3, 4, 5, 6]
    for rep, one in zip(reps, true, strict=True):
        assert 0.005 * (rep.bottom + rep.drive) == pytest.approx(one["bottom"], abs=0.3)
        assert rep.start < rep.bottom <= rep.drive < rep.top


def test_the_knee_s_range_is_told_where_thigh_and_shank_are_there() -> None:
    """Within what skin and sway add; of a thigh alone no knee is claimed."""
    whole = told(SquatScenario(seed=6, squats=SQUATS, roles=LEG))
    assert all(rep.side == "right" for _, rep in whole)
    for (_, rep), squat in zip(whole, SQUATS, strict=True):
        assert rep.knee_deg == pytest.approx(squat.knee_deg - squat.top_deg, abs=10.0)
    assert all(rep.knee_deg is None for _, rep in told(SquatScenario(seed=6, squats=SQUATS, roles=LEG[:1])))


@pytest.mark.parametrize("cut_s", [0.0, 0.05, 0.15])
def test_a_repetition_is_told_as_it_ends_and_the_last_one_before_the_recording_is_cut(cut_s: float) -> None:
    """Within a quarter of a second of standing again; a recording that ends with it still holds it."""
    scenario = SquatScenario(seed=7, squats=SQUATS, roles=LEG, cut_s=cut_s)
    true = simulate_squats(scenario).truth.facts["reps"]
    out = told(scenario)
    assert len(out) == len(true)
    assert all(t_s < one["top"] + 0.25 for (t_s, _), one in zip(out, true, strict=True))


HURRIED = tuple(Squat(knee_deg=100.0, up_s=0.6, down_s=1.2, skew=(0.0, 0.4)) for _ in range(4))


def test_the_last_squat_counts_where_its_sensors_fall_silent() -> None:
    """As the lifter comes up they are unplugged, or nothing comes for a while; what goes on then is another squat's."""
    scenario = SquatScenario(seed=22, squats=HURRIED, roles=LEG, cut_s=0.0)
    assert len(told(scenario, unplugged=True)) == len(HURRIED)
    longer = replace(scenario, squats=(*HURRIED, *HURRIED), cut_s=1.0)
    up_s = simulate_squats(longer).truth.facts["reps"][3]["top"]
    assert [rep.rep for _, rep in told(longer, silent_s=(up_s - 0.02, up_s + 0.6))][:4] == [1, 2, 3, 4]


def test_what_was_as_good_as_done_when_the_sensors_fell_silent_counts() -> None:
    """From nine tenths of the way back, 72 of 80 degrees, however fast it still goes; before that it is unsure."""

    def cut_at(back_deg: float) -> FloatArray:
        return np.concatenate([np.linspace(0.0, 80.0, 11), 80.0 - np.arange(1.0, back_deg + 0.5)])

    assert not OneSwing(cut_at(71.0), due_deg=40.0, ended=True).home
    assert OneSwing(cut_at(73.0), due_deg=40.0, ended=True).home
    assert not OneSwing(cut_at(73.0), due_deg=40.0).home


def test_gravity_felt_badly_and_no_time_to_stand_do_not_matter() -> None:
    """An accelerometer off by 3 m/s², a gyro off by 2°/s, and the first squat after 0.3 s."""
    scenario = SquatScenario(
        seed=8, squats=SQUATS, roles=LEG, still_s=0.3, acc_bias_m_s2=2.0, imus=Imus(rate_hz=50.0, gyr_bias_deg_s=2.0)
    )
    assert len(told(scenario)) == len(SQUATS)


@pytest.mark.parametrize("share", [0.45, 0.8])
def test_a_dip_is_no_repetition_and_a_lesser_squat_is(share: float) -> None:
    """Below ALIKE of the usual swing it is none, above it is one."""
    squats = (*SQUATS[:3], Squat(knee_deg=4.0 + share * 93.0), *SQUATS[3:])
    assert len(told(SquatScenario(seed=9, squats=squats, roles=LEG))) == len(SQUATS) + (share > 0.55)


def test_walking_is_not_counted() -> None:
    """Steps before and after the set are none of it, and the set is found after them."""
    scenario = SquatScenario(seed=10, squats=SQUATS, roles=LEG, walk_s=(5.0, 5.0), still_s=1.5)
    true = simulate_squats(scenario).truth.facts["reps"]
    out = told(scenario)
    assert len(out) == len(true)
    assert 0.01 * out[0][1].start > true[0]["start"] - 0.5


def test_small_first_squats_are_held_back_until_another_shows_that_they_were_meant() -> None:
    """A single quarter squat is not told; the second tells both."""
    small = tuple(Squat(knee_deg=60.0) for _ in range(2))
    scenario = SquatScenario(seed=11, squats=small, roles=LEG)
    (first_s, first), (second_s, second) = told(scenario)
    assert first_s == second_s
    assert (first.rep, second.rep) == (1, 2)
    assert told(replace(scenario, squats=small[:1])) == []


def test_a_pause_of_half_a_minute_ends_the_set() -> None:
    """What comes after it is the next set, counted from one again."""
    squats = (*SQUATS[:2], replace(SQUATS[2], top_s=25.0), *SQUATS[3:])
    out = [(rep.set, rep.rep) for _, rep in told(SquatScenario(seed=12, squats=squats, roles=LEG))]
    assert out == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]


@pytest.mark.parametrize("rate_hz", [50.0, 60.0, 110.0])
@pytest.mark.parametrize(("down_s", "up_s"), [(0.6, 0.5), (3.0, 2.4)])
def test_a_recording_that_begins_with_the_first_squat(rate_hz: float, down_s: float, up_s: float) -> None:
    """No time to stand before it, fast or slow, at a cheap sensor's rate: every squat, from the first on."""
    squats = tuple(replace(squat, down_s=down_s, up_s=up_s, top_s=0.05) for squat in SQUATS)
    scenario = SquatScenario(seed=13, squats=squats, roles=LEG, still_s=0.02, imus=Imus(rate_hz=rate_hz))
    assert len(told(scenario)) == len(SQUATS)


def test_knees_that_wobble_faster_than_the_squat_is_do_not_turn_the_axis() -> None:
    """Slow squats with a rest at the bottom, in which the knees wander from side to side."""
    squats = tuple(Squat(knee_deg=64.0, down_s=3.0, bottom_s=1.6, up_s=2.2, top_s=0.02) for _ in range(8))
    scenario = SquatScenario(seed=14, squats=squats, roles=LEG, still_s=0.02, wobble_deg=3.5)
    assert len(told(scenario)) == len(squats)


def test_drift_while_standing_says_nothing_of_which_way_is_down() -> None:
    """Five seconds of standing with a gyro off by 3°/s before the first squat: it is the first, and no half is left."""
    scenario = SquatScenario(seed=15, squats=SQUATS, roles=LEG, still_s=5.0, imus=Imus(gyr_bias_deg_s=3.0))
    out = [rep for _, rep in told(scenario)]
    true = simulate_squats(scenario).truth.facts["reps"]
    assert len(out) == len(true)
    assert 0.01 * out[0].start == pytest.approx(true[0]["start"], abs=0.5)


def test_a_shallow_squat_after_a_walk_may_rest_at_the_bottom() -> None:
    """It is no last step, since the shank turns little; a step would be forgotten there."""
    squats = (Squat(knee_deg=58.0, down_s=0.9, bottom_s=1.5), *(Squat(knee_deg=58.0) for _ in range(5)))
    scenario = SquatScenario(seed=16, squats=squats, roles=LEG, walk_s=(2.5, 0.0), still_s=2.0)
    assert len(told(scenario)) == len(squats)


def test_a_thigh_without_its_shank_does_not_count_strides() -> None:
    """Ten seconds of walking with a thigh alone, or with both, are no squats; slow shallow ones are, and far ones."""
    stand = (Squat(knee_deg=5.0, top_deg=4.0, dip=True),)
    for roles in (("left_thigh",), ("left_thigh", "right_thigh")):
        scenario = SquatScenario(seed=17, squats=stand, roles=roles, walk_s=(10.0, 0.0))  # type: ignore[arg-type]
        assert told(scenario) == []
    for squat in (Squat(knee_deg=62.0, down_s=1.4, up_s=1.2), Squat(knee_deg=110.0, down_s=0.7, up_s=0.7)):
        assert len(told(SquatScenario(seed=18, squats=(squat,) * 5, roles=("left_thigh",)))) == 5
