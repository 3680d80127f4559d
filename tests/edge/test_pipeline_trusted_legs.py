"""Somebody has looked, and left and right are right: knees are judged again, for as long as these straps sit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import Machine, Told

from edge.commands import TrustLegs
from edge.events import CommandResult, MachineState, Notice
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import Fidget, RepPlan, SetPlan, Trouble
from edge.simulator.session import Session, simulate

NOT_DOUBTED = "left and right are not doubted"
KNEES = {"lockout_left", "lockout_right", "valgus_left", "valgus_right"}


@pytest.fixture(scope="module")
def doubted() -> Session:
    """A lifter whose walk looks as if left and right thigh sensors were swapped."""
    drawn = draw_scenario(4200)
    return simulate(replace(drawn, sets=(SetPlan((RepPlan(),) * 3),), trouble=Trouble(swapped=("thigh",))))


def trust(command_id: str) -> TrustLegs:
    return TrustLegs(id=command_id, ts="2026-05-01T10:00:00Z")


def on_legs(told: Told) -> list[str]:
    """What was said of left and right, by its severity."""
    return [one.severity for one in told.of(Notice) if one.what == "sensors_on_wrong_legs"]


def test_knees_are_judged_again_until_the_next_walk(doubted: Session) -> None:
    """The command is answered, the notice taken back, and later reps have the knees assessed; without a doubt, and
    said twice, it is refused. Who comes next, straps swapped, is doubted anew.
    """
    alone = Machine(doubted).lifts(doubted)
    assert on_legs(alone) == ["S1"]
    assert all(set(rep.not_assessed) >= KNEES for rep in alone.reps()[1:])
    seen_s = next(one.t_s for one in alone.of(Notice) if one.what == "sensors_on_wrong_legs")
    machine = Machine(doubted)
    told = machine.lifts(doubted, (1.0, trust("early")), (seen_s + 0.5, trust("right")), (seen_s + 1.0, trust("twice")))
    assert on_legs(told) == ["S1", "S0"]
    problems = {one.command_id: one.problem for one in told.of(CommandResult)}
    assert problems == {"early": NOT_DOUBTED, "right": None, "twice": NOT_DOUBTED}
    assert {"lockout_left", "lockout_right"} <= set(told.reps()[-1].assessed)
    assert not any("swapped" in why for state in told.of(MachineState)[-3:-1] for why in state.not_assessed.values())
    assert on_legs(machine.lifts(doubted)) == ["S1"]


def with_feet_off(trouble: Trouble) -> Session:
    """Four reps; after the first and the third the left foot comes off the plate for a second."""
    rest = RepPlan(rest_s=3.0, fidgets=(Fidget("unload", "left", 0.8, 1.2),))
    return simulate(replace(draw_scenario(4200), sets=(SetPlan((rest, RepPlan(), rest, RepPlan())),), trouble=trouble))


def test_a_foot_that_comes_off_later_is_better_evidence() -> None:
    """One wrong tap does not last the session: the next foot that comes off is believed; and the next lifter, whose
    straps are in order, is not doubted for what the last one's feet have shown.
    """
    swapped = with_feet_off(Trouble(swapped=("thigh", "shank")))
    seen_s = next(one.t_s for one in Machine(swapped).lifts(swapped).of(Notice) if one.what == "sensors_on_wrong_legs")
    machine = Machine(swapped)
    assert on_legs(machine.lifts(swapped, (seen_s + 0.5, trust("wrong")))) == ["S1", "S0", "S1"]
    in_order = simulate(replace(draw_scenario(4201), sets=(SetPlan((RepPlan(),) * 3),), trouble=Trouble()))
    told = machine.lifts(in_order)
    assert on_legs(told) == []
    assert {"lockout_left", "lockout_right"} <= set(told.reps()[-1].assessed)
