"""A strap that slides all through a set: said, followed, and nobody's fault."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import Told, play

from edge.events import Notice
from edge.samples import Role
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import Fault, Fidget, FidgetKind, RepPlan, SetPlan, Slip, Trouble
from edge.simulator.session import simulate

DEG_MIN = 18.0
"""15° over ten reps."""


def told(role: Role, seed: int) -> Told:
    """Ten sound reps with one strap that slides from sitting down on."""
    trouble = Trouble(creeps=((role, DEG_MIN),))
    return play(simulate(replace(draw_scenario(seed), sets=(SetPlan((RepPlan(),) * 10),), trouble=trouble)))


@pytest.mark.parametrize(("role", "seed"), [("left_thigh", 4302), ("right_shank", 4303)])
def test_a_sliding_strap_is_said_and_no_fault(role: Role, seed: int) -> None:
    """The sensor is named, with what to do, before any fault that is none; all reps count."""
    one = told(role, seed)
    said = [n.role for n in one.of(Notice) if n.what == "sensor_moved"]
    assert said
    assert set(said) == {role}
    assert one.alerts() == []
    assert len(one.reps()) == 10


def test_a_pelvis_strap_that_slides_is_not_judged_and_no_fault() -> None:
    """It may as well be the lifter who slumps: nothing is claimed of the strap, and the lower back is not judged."""
    one = told("pelvis", 4301)
    assert [n for n in one.of(Notice) if n.what == "sensor_moved"] == []
    assert one.alerts() == []
    assert len(one.reps()) == 10
    assert "if its strap gave" in one.reps()[-1].not_assessed["lumbar"]
    assert "lumbar" in one.reps()[1].assessed


TUCK = Fault("lumbar", "both", 20.0)


def moved_or_exchanged(one: Told) -> list[Notice]:
    """What was said of straps and of names."""
    return [n for n in one.of(Notice) if n.what.startswith("sensor")]


@pytest.mark.parametrize("kind", ["pelvis_shift", "reseat"])
def test_who_shifts_before_one_descent_has_no_loose_strap_and_is_judged_as_before(kind: FidgetKind) -> None:
    """After the fourth of eleven reps she shifts on the pad, into the descent; the tucks of later reps are seen."""
    reps = [RepPlan() for _ in range(11)]
    reps[3] = RepPlan(fidgets=(Fidget(kind, "both", 0.2, 1.2),))
    reps[6], reps[9] = RepPlan(faults=(TUCK,)), RepPlan(faults=(TUCK,))
    one = play(simulate(replace(draw_scenario(4304), sets=(SetPlan(tuple(reps)),))))
    assert moved_or_exchanged(one) == []
    assert [rep for kind, _, rep in one.alerts() if kind == "lumbar"] == [7, 10]
    assert len(one.reps()) == 11


def test_who_fidgets_all_through_has_no_loose_strap() -> None:
    """Feet put elsewhere, knees that flop, hands that grip anew, before the first set and within it."""
    kinds: tuple[FidgetKind, ...] = ("foot_shuffle", "knee_flop", "regrip", "pelvis_shift", "reseat")
    reps = tuple(RepPlan(rest_s=2.0, fidgets=(Fidget(kinds[i % 5], "left", 0.2, 1.2),)) for i in range(10))
    one = play(simulate(replace(draw_scenario(4305), sets=(SetPlan(reps),))))
    assert moved_or_exchanged(one) == []
    assert len(one.reps()) == 10


def test_who_slides_down_the_seat_has_no_loose_strap() -> None:
    """Rep by rep by 6 mm, which leans both legs: nothing is said of straps, and every rep counts."""
    reps = tuple(RepPlan(slide_mm=6.0 * i) for i in range(9))
    one = play(simulate(replace(draw_scenario(4306), sets=(SetPlan(reps),))))
    assert moved_or_exchanged(one) == []
    assert len(one.reps()) == 9


def test_who_slumps_for_some_reps_is_not_called_a_loose_strap() -> None:
    """She curls back by 9° before each of four descents and sits up again: nothing is turned along meanwhile, so that
    the tucks of the last reps are seen.
    """
    slumped = Fidget("pelvis_shift", "both", 0.0, 4.6, size=0.75)
    reps = [RepPlan(rest_s=2.0) for _ in range(12)]
    for i in range(3, 7):
        reps[i] = RepPlan(rest_s=2.0, fidgets=(slumped,))
    reps[9], reps[11] = RepPlan(faults=(TUCK,)), RepPlan(faults=(TUCK,))
    one = play(simulate(replace(draw_scenario(4307), sets=(SetPlan(tuple(reps)),))))
    assert moved_or_exchanged(one) == []
    assert {10, 12} <= {rep for kind, _, rep in one.alerts() if kind == "lumbar"}


def test_a_pelvis_strap_that_gives_at_once_is_said_after_two_reps() -> None:
    """Not judged until two reps agree with what its gyro saw; then a later tuck is seen through the turned mount."""
    reps = [RepPlan(rest_s=2.0) for _ in range(9)]
    reps[7] = RepPlan(faults=(TUCK,))
    trouble = Trouble(slips=(Slip("pelvis", after_rep=3, deg=12.0),))
    one = play(simulate(replace(draw_scenario(320100), sets=(SetPlan(tuple(reps)),), trouble=trouble)))
    (notice,) = moved_or_exchanged(one)
    assert notice.role == "pelvis"
    assert "learned anew" not in notice.text
    assert [rep.rep for rep in one.reps() if "lumbar" not in rep.assessed] == [4, 5]
    assert one.alerts() == [("lumbar", None, 8)]
