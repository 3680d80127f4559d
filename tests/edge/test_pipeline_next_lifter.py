"""One lifter after another: whose sensors were exchanged is over with the lifter who wore them so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulated import Machine, Told, play

from edge.commands import Command, EndSession, StartSession
from edge.events import Notice
from edge.samples import Role
from edge.session.life import QUIET_END_S
from edge.simulator.draw import draw_scenario
from edge.simulator.scenario import RepPlan, SetPlan, Trouble
from edge.simulator.session import Session, simulate

GIVEN = {"id": "one-next", "ts": "2026-05-01T10:00:00Z"}


def session(reps: int = 3, *, exchanged: tuple[tuple[Role, Role], ...] = (), standing_s: float = 5.0) -> Session:
    """A few sound reps on one machine."""
    drawn = draw_scenario(4200)
    timing = replace(drawn.timing, standing_s=standing_s)
    trouble = Trouble(mixed_up=exchanged)
    return simulate(replace(drawn, sets=(SetPlan((RepPlan(),) * reps),), timing=timing, trouble=trouble))


def exchanged(told: Told) -> list[Notice]:
    """What was said of sensors that carry each other's names, or do so no longer."""
    return [n for n in told.of(Notice) if n.what in ("sensors_exchanged", "sensors_in_place")]


@pytest.mark.parametrize("command", [EndSession(**GIVEN), StartSession(**GIVEN)])
@pytest.mark.parametrize("pair", [("pelvis", "right_thigh"), ("sled", "right_thigh")])
def test_the_next_lifter_wears_them_rightly(command: Command, pair: tuple[Role, Role]) -> None:
    """Once the session of the one who had them exchanged is over, all is read by name again: no fault, every rep."""
    first, second = session(2, exchanged=(pair,)), session(3)
    machine = Machine(first)
    assert exchanged(machine.lifts(first))
    if "sled" in pair and isinstance(command, EndSession):
        machine.order(StartSession(**GIVEN))
    machine.order(command)
    told = machine.lifts(second)
    assert exchanged(told) == []
    assert told.alerts() == []
    assert len(told.reps()) == 3
    assert {"lockout_left", "lockout_right", "lumbar"} <= set(told.reps()[-1].assessed)


def test_a_claim_of_one_who_never_began_a_session_is_taken_back_and_said() -> None:
    """Who presses without the pose that was asked for has no session that could end; the next one's walk shows that the
    sled's sensor is on the sled again, which is said with what to do, and the reps are counted.
    """
    first = session(2, exchanged=(("sled", "right_thigh"),))
    machine = Machine(first)
    (claimed,) = exchanged(machine.lifts(first))
    assert "Leave them where they are" in claimed.text
    told = machine.lifts(session(3))
    (notice,) = exchanged(told)
    assert (notice.what, notice.role, notice.other_role) == ("sensors_in_place", "right_thigh", "sled")
    assert "own places" in notice.text
    assert "Stand still" in notice.text
    assert notice.t_s - machine.began_ns * 1e-9 < told.session.truth.facts["seated_s"][0]
    assert len(told.reps()) == 3


def test_names_are_dropped_after_a_quiet_time_without_a_session() -> None:
    """Nobody has lifted or moved for so long that another lifter comes, who is read by name from the first."""
    first = session(2, exchanged=(("sled", "right_thigh"),))
    machine = Machine(first)
    machine.lifts(first)
    machine.until(machine.now_ns + round((QUIET_END_S + 5.0) * 1e9))
    told = machine.lifts(session(3))
    assert exchanged(told) == []
    assert len(told.reps()) == 3
    assert {"lockout_left", "lockout_right", "lumbar"} <= set(told.reps()[-1].assessed)


def test_a_sled_sensor_that_is_mounted_while_straps_are_put_on() -> None:
    """One strap still lies on the bench meanwhile: nothing is claimed, and the session is calibrated as ever."""
    one = session(3, standing_s=12.0)
    for role, stream in one.streams.items():
        if role not in ("left_thigh", "footplate", "backpad"):
            handled = stream.device_us - stream.device_us[0] < 5_000_000
            stream.values[handled, 3] += 2.0 * np.sin(6.0e-6 * stream.device_us[handled])
    told = play(one)
    assert exchanged(told) == []
    assert told.alerts() == []
    assert len(told.reps()) == 3
    assert {"lockout_left", "lockout_right", "lumbar"} <= set(told.reps()[-1].assessed)
