"""A strap that slides all through a set: said, followed, and nobody's fault."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import Told, play

from edge.events import Notice
from edge.samples import Role
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import RepPlan, SetPlan, Trouble
from edge.simulator.session import simulate

DEG_MIN = 18.0
"""15° over ten reps."""


def told(role: Role, seed: int) -> Told:
    """Ten sound reps with one strap that slides from sitting down on."""
    trouble = Trouble(creeps=((role, DEG_MIN),))
    return play(simulate(replace(draw_scenario(seed), sets=(SetPlan((RepPlan(),) * 10),), trouble=trouble)))


@pytest.mark.parametrize(("role", "seed"), [("pelvis", 4301), ("left_thigh", 4302), ("right_shank", 4303)])
def test_a_sliding_strap_is_said_and_no_fault(role: Role, seed: int) -> None:
    """The sensor is named, with what to do, before any fault that is none; all reps count."""
    one = told(role, seed)
    said = [n.role for n in one.of(Notice) if n.what == "sensor_moved"]
    assert said
    assert set(said) == {role}
    assert one.alerts() == []
    assert len(one.reps()) == 10
