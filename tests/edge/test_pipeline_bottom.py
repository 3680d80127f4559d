"""What happens at the bottom: long pauses, bounces, and the rack, from where the lifter gets up."""

from __future__ import annotations

from dataclasses import replace

from simulated import play

from edge.events import MachineState, Rep, Sign
from edge.session.assessment import MAYBE_RACKED
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import Fault, RepPlan, Scenario, SetPlan
from edge.simulator.session import simulate


def without_plate(scenario: Scenario) -> Scenario:
    """The same, but nothing tells whether feet are on the sled."""
    return replace(scenario, trouble=replace(scenario.trouble, missing=("footplate",)))


def racked_in(told: Rep | MachineState) -> set[str]:
    """The verdicts that it does not give since the sled may have been racked."""
    return {key for key, why in told.not_assessed.items() if why == MAYBE_RACKED}


def test_who_gets_up_from_a_racked_sled_is_not_judged() -> None:
    """The rack's bang is no drive, nor are legs that straighten away from a sled that feels nothing: the knee that
    falls in meanwhile is no fault.
    """
    one = play(simulate(draw_scenario(1010053, hard=True)))
    count = len(one.session.truth.facts["reps"])
    assert [alert for alert in one.alerts() if alert[2] > count] == []
    assert len(one.reps()) == count


def test_slow_lifters_who_pause_at_the_bottom_have_not_racked() -> None:
    """Six seconds down, two there and four up, at the height of the rack and without a footplate: every rep counts."""
    slow = RepPlan(eccentric_s=6.0, pause_s=2.0, concentric_s=4.0, rest_s=1.0, bottom_deg=88.0)
    one = play(simulate(without_plate(replace(draw_scenario(3110501), sets=(SetPlan((slow,) * 3),)))))
    assert len(one.reps()) == 3
    assert one.alerts() == []


def test_a_pause_that_might_have_been_the_rack_is_no_good_form() -> None:
    """Four seconds down there without a footplate: nobody is warned meanwhile of back and knees, and the state says so
    until the drive, each rep for good; a back that rounded is remarked on once the rep is over.
    """
    long = RepPlan(pause_s=4.0, bottom_deg=88.0, rest_s=1.0)
    rounded = replace(long, faults=(Fault("lumbar", "both", 10.5),))
    one = play(simulate(without_plate(replace(draw_scenario(3110501), sets=(SetPlan((long, long, rounded)),)))))
    unjudged = {"lumbar", "valgus_left", "valgus_right"}
    for rep in one.reps():
        assert racked_in(rep) == unjudged
        assert rep.assessed == ("lockout_left", "lockout_right")
    told = [(state.rep, racked_in(state)) for state in one.of(MachineState) if state.rep > 0]
    assert told[:6] == [(rep, keys) for rep in (1, 2, 3) for keys in (unjudged, set())]
    assert [(sign.kind, sign.rep) for sign in one.of(Sign) if sign.kind == "lumbar"] == [("lumbar", 3)]


def test_a_pause_above_the_rack_is_judged() -> None:
    """Where the sled stays well above its rack it cannot have been racked, however long it is."""
    high = RepPlan(pause_s=4.0, bottom_deg=60.0, rest_s=1.0)
    one = play(simulate(without_plate(replace(draw_scenario(3110501), sets=(SetPlan((high,) * 2),)))))
    assert [MAYBE_RACKED in rep.not_assessed.values() for rep in one.reps()] == [False, False]


def test_a_bounce_that_nobody_heard_merges_no_reps() -> None:
    """Sled and knees are late in the very turn, by a bad radio: the reps before and after it count as two."""
    one = play(simulate(draw_scenario(1010079, hard=True)))
    assert len(one.reps()) == len(one.session.truth.facts["reps"])
