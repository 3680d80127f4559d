"""What the odder difficulties do to a session, seen in its world and its streams."""

from __future__ import annotations

import numpy as np

from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import Fidget, Imus, Radio, RepPlan, Scenario, SetPlan, Stuck, Trouble
from edge.simulator.session import build_world, simulate


def one_set(*reps: RepPlan, **parts: object) -> Scenario:
    """Some reps of the standard lifter."""
    return Scenario(sets=(SetPlan(reps=reps),), **parts)  # type: ignore[arg-type]


def test_a_drive_that_stalls_stands_still_on_its_way() -> None:
    """Between a third and a half of the way up the sled rests for as long as planned, and goes on to the top."""
    world = build_world(one_set(RepPlan(stall_s=1.0)))
    rep, sled = world.timeline.attempts[0], world.force.sled_m
    t, way = world.timeline.t_s, slice(*np.searchsorted(world.timeline.t_s, (rep.drive_s, rep.top_s)))
    share = (sled[way] - sled[way].min()) / np.ptp(sled[way])
    still = np.abs(np.gradient(sled[way], t[way])) < 0.01
    assert 0.9 < 0.002 * np.sum(still & (share > 0.33) & (share < 0.5)) < 1.3


def test_helping_hands_take_force_and_move_nothing() -> None:
    """A third of the force is gone from the plate in the drive; the sled goes the same way."""
    alone, helped = (build_world(one_set(RepPlan(helped=share))) for share in (0.0, 0.3))
    rep, t = alone.timeline.attempts[0], alone.timeline.t_s
    middle = int(np.searchsorted(t, 0.5 * (rep.drive_s + rep.top_s)))
    assert helped.force.feet_n[middle] < 0.75 * alone.force.feet_n[middle]
    assert np.array_equal(helped.force.sled_m, alone.force.sled_m)


def test_hands_push_the_strap_and_let_go() -> None:
    """The thigh's sensor turns and comes back; the thigh does not."""
    quiet, pushed = (
        simulate(one_set(RepPlan(rest_s=3.0, fidgets=fidgets), trouble=Trouble(missing=("backpad",))))
        for fidgets in ((), (Fidget("hands", "left", 0.5, 1.5),))
    )
    moved = np.abs(pushed.streams["left_thigh"].values[:, 3:] - quiet.streams["left_thigh"].values[:, 3:])
    assert moved.max() > 0.1
    assert np.array_equal(pushed.streams["right_thigh"].values, quiet.streams["right_thigh"].values)
    assert np.array_equal(
        pushed.truth.columns["left_knee_flexion_deg"], quiet.truth.columns["left_knee_flexion_deg"], equal_nan=True
    )


def test_a_hanging_sensor_repeats_itself() -> None:
    """For a tenth of a second every sample is the same; the clock goes on."""
    session = simulate(one_set(RepPlan(), trouble=Trouble(stuck=(Stuck("left_shank", 1, 0.1),))))
    stream, rep = session.streams["left_shank"], session.truth.facts["reps"][0]
    during = (stream.true_s > rep["drive"] - 0.1) & (stream.true_s < rep["drive"] + 0.2)
    same = (np.diff(stream.values[during], axis=0) == 0.0).all(axis=1)
    assert 8 <= same.sum() <= 12


def test_a_batch_that_comes_twice_is_the_same_batch() -> None:
    """With every batch doubled each sample is there twice, the second time later, in order of arrival."""
    once, twice = (simulate(one_set(RepPlan(), radio=Radio(doubled_share=share))) for share in (0.0, 1.0))
    mine, theirs = twice.streams["sled"], once.streams["sled"]
    assert len(mine.number) == 2 * len(theirs.number)
    assert (np.bincount(mine.number)[np.unique(mine.number)] == 2).all()
    assert (np.diff(mine.host_us) >= 0).all()


def test_nothing_is_felt_beyond_what_a_part_can_measure() -> None:
    """A part set to ±1.5 g shows no more, however the rack bangs."""
    session = simulate(one_set(RepPlan(), imus=Imus(acc_limit_m_s2=14.7)))
    assert np.abs(session.streams["sled"].values[:, :3]).max() <= 14.71


def test_every_node_keeps_its_own_rate() -> None:
    """Rates given by role are the nodes' own; the rest keep the common one."""
    session = simulate(one_set(RepPlan(), trouble=Trouble(rates_hz=(("pelvis", 26.0), ("footplate", 40.0)))))
    rates = {role: len(stream.true_s) / session.duration_s for role, stream in session.streams.items()}
    assert rates["pelvis"] < 27.0
    assert 38.0 < rates["footplate"] < 42.0
    assert rates["left_thigh"] > 100.0


def test_many_sets_keep_every_rep() -> None:
    """Sets of two to five reps, as many reps in all as were drawn."""
    drawn, parted = draw_scenario(3), draw_scenario(3, tags=("many-sets",))
    assert sum(len(s.reps) for s in parted.sets) == sum(len(s.reps) for s in drawn.sets)
    assert all(2 <= len(s.reps) <= 5 for s in parted.sets)
