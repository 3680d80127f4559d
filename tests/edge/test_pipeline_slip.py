"""A strap that gives in the middle of a set: told, not judged for a while, and then right again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import play

from edge.events import Alert, AnyEvent, MachineState, Notice, Rep
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import RepPlan, SetPlan, Slip, Trouble
from edge.simulator.session import Session, simulate


@pytest.fixture(scope="module")
def session() -> Session:
    """Nine sound reps; the left shank's strap gives by 15° after the third; the eighth rep locks the knees."""
    reps = [RepPlan(rest_s=2.0) for _ in range(9)]
    reps[7] = RepPlan(rest_s=2.0, top_deg=0.5)
    drawn = draw_scenario(4100)
    trouble = Trouble(slips=(Slip("left_shank", after_rep=3, deg=15.0, lasts_s=0.6),))
    return simulate(replace(drawn, sets=(SetPlan(tuple(reps)),), trouble=trouble))


@pytest.fixture(scope="module")
def events(session: Session) -> list[AnyEvent]:
    return play(session).events


def test_it_is_said_before_the_next_rep_with_what_to_do(session: Session, events: list[AnyEvent]) -> None:
    """One notice names the sensor, within a second of the slip's end."""
    (notice,) = [e for e in events if isinstance(e, Notice) and e.what == "sensor_moved"]
    assert notice.role == "left_shank"
    assert "tighten" in notice.text
    slip = session.truth.facts["slips"][0] if "slips" in session.truth.facts else {"t_s": notice.t_s, "lasts_s": 0.0}
    assert notice.t_s < slip["t_s"] + slip["lasts_s"] + 1.0


def test_that_leg_is_not_assessed_for_three_reps(events: list[AnyEvent]) -> None:
    """Its verdicts are withdrawn, the other leg's stay; after three reps all are judged again."""
    reps = {e.rep: e for e in events if isinstance(e, Rep)}
    for number in (4, 5, 6):
        assert "left shank sensor moved" in reps[number].not_assessed["lockout_left"]
        assert "lockout_right" in reps[number].assessed
    assert "lockout_left" in reps[8].assessed
    states = [e for e in events if isinstance(e, MachineState) and "sensor moved" in str(e.not_assessed)]
    assert states


def test_no_false_fault_and_the_true_one_seen(events: list[AnyEvent]) -> None:
    """The slip is nobody's lockout; the locked knees of the eighth rep are seen on both sides."""
    alerts = [(e.kind, e.side, e.rep) for e in events if isinstance(e, Alert)]
    assert sorted(alerts, key=str) == [("lockout", "left", 8), ("lockout", "right", 8)]
