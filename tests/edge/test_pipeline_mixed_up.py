"""Sensors that carry each other's names: said before the second rep, and no fault comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import Told, play

from edge.events import MachineState, Notice, SensorState
from edge.motion.wear import Wear
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import Fidget, FidgetKind, RepPlan, SetPlan, Trouble
from edge.simulator.session import simulate

REPS = (RepPlan(), RepPlan(), RepPlan(top_deg=0.5), RepPlan())
KNEES = {"lockout_left", "lockout_right", "valgus_left", "valgus_right"}


def told(trouble: Trouble) -> Told:
    """Four reps of one lifter, the third with locked knees."""
    return play(simulate(replace(draw_scenario(4200), sets=(SetPlan(REPS),), trouble=trouble)))


def placed(one: Told) -> list[Notice]:
    """What was said of where sensors sit."""
    return [n for n in one.of(Notice) if n.what in ("sensors_exchanged", "sensors_on_wrong_legs", "sensor_turned")]


@pytest.mark.parametrize("pair", [("left_thigh", "left_shank"), ("pelvis", "right_thigh"), ("pelvis", "left_shank")])
def test_segments_exchanged_are_read_where_they_sit(pair: tuple[str, str]) -> None:
    """One notice names both before the first rep; the locked knees of the third rep are seen as ever."""
    one = told(Trouble(mixed_up=(pair,)))  # type: ignore[arg-type]
    (notice,) = placed(one)
    assert notice.what == "sensors_exchanged"
    assert all(role.replace("_", " ") in notice.text for role in pair)
    assert notice.t_s < one.reps()[0].t_s
    assert sorted(one.alerts(), key=str) == [("lockout", "left", 3), ("lockout", "right", 3)]
    assert len(one.reps()) == 4


@pytest.mark.parametrize("segment", ["thigh", "shank"])
def test_left_for_right_is_said_and_the_knees_are_not_judged(segment: str) -> None:
    """Whose knee it is cannot be told: said before the second rep, reps count, heels and pelvis are judged."""
    one = told(Trouble(swapped=(segment,)))  # type: ignore[arg-type]
    (notice,) = placed(one)
    assert notice.what == "sensors_on_wrong_legs"
    assert "its own leg" in notice.text
    assert notice.t_s < one.reps()[1].t_s
    assert one.alerts() == []
    assert len(one.reps()) == 4
    assert set(one.of(MachineState)[-2].not_assessed) == KNEES


def test_a_whole_leg_s_sensors_on_the_other_leg_are_said_when_a_foot_comes_off() -> None:
    """The walk cannot show it; the foot that a lifter takes off the plate at the top does, within that rest."""
    rest = RepPlan(rest_s=3.0, fidgets=(Fidget("unload", "left", 0.8, 1.2),))
    session = simulate(
        replace(draw_scenario(4200), sets=(SetPlan((rest, *REPS)),), trouble=Trouble(swapped=("thigh", "shank")))
    )
    one = play(session)
    (notice,) = placed(one)
    assert notice.what == "sensors_on_wrong_legs"
    assert one.reps()[0].t_s < notice.t_s < one.reps()[1].start_s
    assert one.alerts() == []
    assert len(one.reps()) == 5
    assert set(one.of(MachineState)[-2].not_assessed) == KNEES


def test_a_foot_that_comes_off_knows_better_than_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sensors on their own legs, and a gait that looks otherwise: doubted until the foot has shown it, then judged."""
    monkeypatch.setattr(Wear, "on_wrong_legs", lambda _: True)
    rest = RepPlan(rest_s=3.0, fidgets=(Fidget("unload", "right", 0.8, 1.2),))
    one = play(simulate(replace(draw_scenario(4200), sets=(SetPlan((rest, *REPS)),), trouble=Trouble())))
    assert [notice.severity for notice in placed(one)] == ["S1", "S0"]
    assert sorted(one.alerts(), key=str) == [("lockout", "left", 4), ("lockout", "right", 4)]
    assert one.of(MachineState)[-2].not_assessed == {}


def test_a_worn_sensor_on_the_sled_is_said_while_the_lifter_walks() -> None:
    """It has missed the standing pose, so the lifter is asked for a new one; till then the sled alone counts every
    rep, and nothing is judged that needs a pose.
    """
    one = told(Trouble(mixed_up=(("sled", "right_thigh"),)))
    (notice,) = placed(one)
    assert "Stand still" in notice.text
    assert notice.t_s < one.session.truth.facts["seated_s"][0]
    assert one.alerts() == []
    asked = {state.asks for state in one.of(MachineState) if state.t_s > notice.t_s}
    assert asked == {"Stand still and upright for 2 s."}
    assert [rep.rep for rep in one.reps()] == [1, 2, 3, 4]
    assert all(not KNEES & set(rep.assessed) and "lumbar" not in rep.assessed for rep in one.reps())


def test_fidgets_make_no_exchange() -> None:
    """Who squirms on the seat before the set, and shifts between reps, has every sensor where it belongs."""
    kinds: tuple[FidgetKind, ...] = ("reseat", "pelvis_shift", "foot_shuffle", "knee_flop")
    squirm = tuple(Fidget(kind, "both", 0.3 + 1.4 * i, 1.2) for i, kind in enumerate(kinds))
    reps = tuple(RepPlan(rest_s=2.0, fidgets=(Fidget(kind, "both", 0.2, 1.2),)) for kind in kinds)
    for seed in (4201, 4202):
        drawn = draw_scenario(seed)
        one = play(simulate(replace(drawn, sets=(replace(drawn.sets[0], reps=reps, fidgets=squirm),))))
        assert placed(one) == []


def test_each_as_named_says_nothing() -> None:
    """Nor is a sensor called silent or slow that merely goes by another's name."""
    assert placed(told(Trouble())) == []
    mixed = told(Trouble(mixed_up=(("left_thigh", "left_shank"),)))
    lifting = [s for s in mixed.of(SensorState) if s.t_s < mixed.reps()[-1].t_s]
    assert all(s.connected and s.problem is None and (s.rate_hz or 100.0) > 40.0 for s in lifting)
