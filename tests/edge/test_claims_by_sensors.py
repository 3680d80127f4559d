"""With whatever sensors there are: nothing is told of what the state says cannot be assessed, and every rep that can be
counted is.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated import Told, play

from edge.events import Alert, MachineState, Rep, Sign, verdict_key
from edge.samples import Role
from edge.session.assessment import needs
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import Fault, RepPlan, SetPlan
from edge.simulator.session import Session, simulate

REPS = (
    RepPlan(top_deg=0.5, snap=True),
    RepPlan(faults=(Fault("valgus", "left", 70.0),)),
    RepPlan(eccentric_s=0.8, pause_s=0.0, bounce_m_s2=5.0),
    RepPlan(faults=(Fault("lumbar", "both", 20.0),)),
    RepPlan(faults=(Fault("heel_lift", "both", 0.05),)),
)
LEFT, RIGHT = ("left_thigh", "left_shank"), ("right_thigh", "right_shank")
COUNTED: tuple[tuple[Role, ...], ...] = (
    ("sled", *LEFT, *RIGHT, "pelvis", "footplate"),
    (*LEFT, "pelvis"),
    RIGHT,
    ("left_thigh", *RIGHT),
    ("sled", "left_thigh"),
    ("sled", "right_shank", "pelvis"),
    ("sled", "left_thigh", "right_shank", "footplate"),
)
NOT_COUNTED: tuple[tuple[Role, ...], ...] = (
    ("sled", "pelvis", "footplate"),
    ("footplate",),
    ("pelvis",),
    ("left_thigh", "pelvis"),
    ("left_thigh", "right_thigh"),
    ("left_shank", "footplate"),
)


@pytest.fixture(scope="module")
def session() -> Session:
    """Five reps with nearly everything wrong in turn."""
    return simulate(replace(draw_scenario(4400), sets=(SetPlan(REPS),)))


def told(session: Session, roles: tuple[Role, ...]) -> Told:
    """What is said of it when only these sensors are there."""
    streams = {role: stream for role, stream in session.streams.items() if role in roles}
    return play(Session(session.scenario, session.duration_s, session.truth, streams))


def unfounded(one: Told, roles: tuple[Role, ...]) -> list[str]:
    """What was told although it was said not to be assessed, or its sensors are not there."""
    out, faults, signs = [], {}, {}
    for event in one.events:
        if isinstance(event, MachineState):
            faults, signs = event.not_assessed, event.signs_not_assessed
        elif isinstance(event, Alert):
            key = verdict_key(event.kind, event.side)
            if key in faults or not set(needs(event.kind, event.side)) <= set(roles):
                out.append(f"alert {key}")
        elif isinstance(event, Sign) and (event.kind in signs or f"{event.kind}_{event.side}" in faults):
            out.append(f"sign {event.kind}")
        elif isinstance(event, Rep) and set(event.assessed) & set(event.not_assessed):
            out.append(f"rep {event.rep}")
    return out


@pytest.mark.parametrize("roles", COUNTED, ids="+".join)
def test_what_is_seen_is_counted_and_no_more_is_claimed(session: Session, roles: tuple[Role, ...]) -> None:
    """A leg, or one of its sensors with the sled, counts every rep."""
    one = told(session, roles)
    assert unfounded(one, roles) == []
    assert len(one.reps()) == len(REPS)


@pytest.mark.parametrize("roles", NOT_COUNTED, ids="+".join)
def test_without_a_leg_or_a_sled_nothing_is_claimed(session: Session, roles: tuple[Role, ...]) -> None:
    """No rep, no alert and no sign."""
    one = told(session, roles)
    assert unfounded(one, roles) == []
    assert one.of(Rep) == []
    assert one.of(Alert) == []
    assert one.of(Sign) == []
