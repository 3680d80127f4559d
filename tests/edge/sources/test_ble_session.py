"""A whole session over Bluetooth through the pipeline: a node vanishes in the middle of a set and comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rig_bluez.harness import needs_dbus
from rig_bluez.lockstep import Lockstep

from edge.events import Alert, MachineState, Rep
from edge.machine import MachineSettings
from edge.simulator.demo import BRISK, demo_scenario
from edge.simulator.scenario import SetPlan
from edge.simulator.session import simulate

pytestmark = [needs_dbus, pytest.mark.filterwarnings("ignore:All-NaN slice")]

REPS, LOCKED, GONE_IN = 7, 6, 3
AWAY_S = 3.0
NOT_ASSESSED_WITHIN_S = 1.5
LEFT_KNEE = {"lockout_left", "valgus_left"}


async def test_a_node_that_vanishes_in_a_set_and_returns() -> None:
    """Its faults are not assessed within 1.5 s, judged again after its return; no false alert, every rep counted."""
    reps = tuple(replace(BRISK, top_deg=1.0) if number == LOCKED else BRISK for number in range(1, REPS + 1))
    plan = SetPlan(reps, still_s=3.1, pause_s=0.4, unrack_s=1.2, first_rest_s=0.5, rack_s=1.4)
    session = simulate(replace(demo_scenario(), sets=(plan,)))
    gone_s = session.truth.facts["reps"][GONE_IN - 1]["start"] + 1.0
    run = Lockstep(session, MachineSettings(rail_angle_deg=45.0, sled_mass_kg=140.0, height_m=1.75))
    shank = run.by_role["left_shank"]
    async with run.running():
        await run.play_to(gone_s)
        await run.vanish(shank)
        await run.play_to(gone_s + AWAY_S)
        await run.come_back(shank)
        await run.play_to(session.duration_s - 2.0)

    states = [
        (run.session_s(event.t_s), set(event.not_assessed)) for event in run.said if isinstance(event, MachineState)
    ]
    before = [missing for t_s, missing in states if t_s <= gone_s][-1]
    assert before == set()
    blind = [t_s for t_s, missing in states if gone_s < t_s and missing >= LEFT_KNEE]
    assert gone_s < blind[0] <= gone_s + NOT_ASSESSED_WITHIN_S
    assert all(missing <= LEFT_KNEE for t_s, missing in states if t_s > gone_s)
    assert states[-1][1] == set()

    told = [event for event in run.said if isinstance(event, Rep)]
    assert [rep.rep for rep in told if rep.counted] == list(range(1, REPS + 1))
    assert set(told[GONE_IN - 1].not_assessed) == LEFT_KNEE
    assert all(not rep.not_assessed for rep in told[GONE_IN + 1 :])
    alerts = {(event.kind, event.side, event.rep) for event in run.said if isinstance(event, Alert)}
    assert alerts == {("lockout", "left", LOCKED), ("lockout", "right", LOCKED)}

    counts = run.source.counts("left-shank")
    assert (counts["opened"], counts["duplicates"]) == (2, 0)
    assert all(link.get("lost_messages", 0) == 0 for link in run.pipeline.counters().values())
