"""Sensors strapped on upside down and back to front: said once, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import Told, play

from edge.events import Notice
from edge.motion.mount import Mount
from edge.session.worn_ways import turned_way
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import RepPlan, SetPlan, Trouble
from edge.simulator.session import simulate

REPS = (RepPlan(), RepPlan(), RepPlan(top_deg=0.5), RepPlan())


def told(trouble: Trouble) -> Told:
    """Four reps of one lifter, the third with locked knees."""
    return play(simulate(replace(draw_scenario(4200), sets=(SetPlan(REPS),), trouble=trouble)))


def turned(one: Told) -> list[tuple[str | None, str]]:
    """Role and text of what was said of sensors that sit the wrong way round."""
    return [(n.role, n.text) for n in one.of(Notice) if n.what == "sensor_turned"]


def test_each_is_said_before_the_first_rep_and_the_lockout_is_seen_all_the_same() -> None:
    """Turned about their x (upside down) or z (back to front) they serve like the others; which is which is told."""
    one = told(Trouble(upside_down=(("left_thigh", "x"), ("right_shank", "z"), ("pelvis", "x"))))
    said = dict(turned(one))
    assert set(said) == {"left_thigh", "right_shank", "pelvis"}
    assert "upside down" in said["left_thigh"]
    assert "back to front" in said["right_shank"]
    first = one.reps()[0].t_s
    assert all(n.t_s < first for n in one.of(Notice) if n.what == "sensor_turned")
    assert sorted(one.alerts(), key=str) == [("lockout", "left", 3), ("lockout", "right", 3)]


def test_sensors_worn_as_told_are_not_spoken_of() -> None:
    """Straps that are merely crooked are no matter."""
    assert turned(told(Trouble())) == []


@pytest.mark.parametrize(
    ("y", "z", "way"), [(-0.51, 0.9, "back to front"), (-0.49, 0.9, None), (0.9, -0.51, "upside down")]
)
def test_the_line_between_crooked_and_turned(y: float, z: float, way: str | None) -> None:
    """Half a right angle beyond square is turned; what is less is crooked."""
    assert turned_way(Mount((1.0, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z))) == way
