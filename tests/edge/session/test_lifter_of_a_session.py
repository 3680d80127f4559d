"""Who is said to be lifting holds for one session: whose, by how that session began."""

from __future__ import annotations

import msgspec
import pytest
from gym import SETTINGS, STEP_NS, TS, Gym

from edge.alerts.policy import AlertSettings
from edge.commands import Calibrate, EndSession, Mute, SetLifter, SetLoad, StartSession
from edge.detectors.lockout import LockoutSettings
from edge.detectors.near_max import NearMaxSettings
from edge.detectors.settings import DetectorSettings
from edge.events import CommandResult, MachineState
from edge.lifter import Lifter, LifterTold
from edge.motion.known_body import measured
from edge.session.life import QUIET_END_S

LIFTER = Lifter(
    is_known=True,
    height_m=1.93,
    tape_m=(0.49, 0.47),
    body=measured(0.49, 0.47, 1.93),
    faults=DetectorSettings(lockout=LockoutSettings(alert_deg=4.0)),
    near_max=NearMaxSettings(one_rep_max_kg=280.0),
)
TOLD = LifterTold(id="told", ts=TS, lifter=LIFTER)
NOBODY = LifterTold(id="nobody", ts=TS, lifter=Lifter(height_m=1.6))
THEIRS, ANYBODYS = (True, 1.93, 4.0, 0.5), (False, 1.72, 6.0, 0.35)


def said(gym: Gym, state: MachineState) -> tuple[bool, float, float, float | None]:
    """Whether it is known who is lifting; the height, the line of a locked knee, and of which maximum the load is."""
    lockout_deg, height_m = state.limits["left_knee_flexion_deg"], gym.pipeline._body.geometry.height_m
    return state.lifter_known, height_m, lockout_deg, state.one_rep_max_share


def test_who_was_told_is_gone_when_the_next_one_stands() -> None:
    """Nobody ended the first session: of the second lifter nothing is known, neither of body nor of limits."""
    gym = Gym()
    first = gym.spend(2.0)
    assert said(gym, first) == ANYBODYS
    assert said(gym, gym.spend(1.0, order=TOLD)) == THEIRS
    assert said(gym, gym.spend(2.0, moving=True)) == THEIRS
    second = gym.spend(2.0)
    assert None is not first.session != second.session is not None
    assert said(gym, second) == ANYBODYS
    assert gym.pipeline._body._told is gym.pipeline._body.geometry.tape_m is None


def test_who_is_told_before_a_session_is_told_of_the_one_that_begins() -> None:
    """A phone is held to the code, and then the straps come on."""
    gym = Gym()
    assert gym.spend(1.0, moving=True, order=TOLD).session is None
    state = gym.spend(4.0)
    assert state.session is not None
    assert said(gym, state) == THEIRS
    assert gym.pipeline._body._told == LIFTER.body


def test_who_never_came_is_not_taken_for_the_next_one() -> None:
    """Told and gone: as long as a session lasts without anybody, and no longer."""
    gym = Gym()
    gym.spend(1.0, moving=True, order=TOLD)
    gym.pipeline.advance(gym.k * STEP_NS + round((QUIET_END_S - 2.0) * 1e9))
    assert gym.pipeline._body.geometry.height_m == 1.93
    gym.pipeline.advance(gym.k * STEP_NS + round((QUIET_END_S + 2.0) * 1e9))
    assert gym.pipeline._body.geometry.height_m == 1.72


@pytest.mark.parametrize("first_stood", [False, True])
def test_who_is_told_in_a_session_begun_by_command_lasts_over_its_pose(*, first_stood: bool) -> None:
    """Begun for a lifter who stands only then, on an idle machine or over another's session."""
    gym = Gym()
    gym.spend(2.0, moving=not first_stood)
    gym.spend(0.5, moving=True, order=StartSession(id="start", ts=TS))
    gym.spend(0.5, moving=True, order=TOLD)
    state = gym.spend(4.0)
    assert gym.pipeline._body.wear.standing
    assert said(gym, state) == THEIRS


@pytest.mark.parametrize("order", [StartSession(id="next", ts=TS), EndSession(id="next", ts=TS)])
def test_a_session_that_is_ended_takes_its_lifter_along(order: StartSession | EndSession) -> None:
    """By command, whether another one begins with it or not."""
    gym = Gym()
    gym.spend(2.0)
    assert said(gym, gym.spend(0.5, order=TOLD)) == THEIRS
    assert said(gym, gym.spend(0.5, moving=True, order=order)) == ANYBODYS


def test_who_is_calibrated_again_is_still_who_they_are() -> None:
    """The same lifter stands again, and the new legs are theirs."""
    gym = Gym()
    gym.spend(2.0)
    gym.spend(0.5, order=TOLD)
    gym.spend(1.0, moving=True, order=Calibrate(id="again", ts=TS))
    state = gym.spend(4.0)
    assert gym.pipeline._body.wear.standing
    assert said(gym, state) == THEIRS


def test_another_who_is_told_takes_the_place_of_the_one_before() -> None:
    """And somebody unknown is anybody, of the height that was said."""
    gym = Gym()
    gym.spend(2.0)
    gym.spend(0.5, order=TOLD)
    assert said(gym, gym.spend(0.5, order=NOBODY)) == (False, 1.6, 6.0, None)


def test_whom_the_configuration_names_counts_again_with_the_next_session() -> None:
    """It is known who that is, until somebody says otherwise."""
    usual = msgspec.structs.replace(SETTINGS, lifter="k7f3")
    gym = Gym(usual)
    assert gym.spend(2.0).lifter_known
    assert not gym.spend(0.5, order=NOBODY).lifter_known
    gym.spend(2.0, moving=True)
    assert gym.spend(2.0).lifter_known


def test_a_load_that_was_commanded_outlasts_who_is_told() -> None:
    """And a maximum that was said: both are of the session."""
    gym = Gym()
    gym.spend(2.0)
    gym.spend(0.5, order=SetLoad(id="load", ts=TS, load_kg=150.0, one_rep_max_kg=300.0))
    assert said(gym, gym.spend(0.5, order=TOLD)) == (True, 1.93, 4.0, 0.5)


@pytest.mark.parametrize("second", [TOLD, LifterTold(id="second", ts=TS, lifter=LIFTER)])
def test_what_one_had_muted_is_said_to_the_next(second: LifterTold) -> None:
    """Though the cues' settings are the same, and the lifter may be, too; whose own table mutes is not spoken to."""
    gym = Gym()
    gym.spend(2.0)
    gym.spend(0.5, order=NOBODY if second is TOLD else TOLD)
    gym.spend(0.5, order=Mute(id="mute", ts=TS, kinds=("lockout",)))
    assert gym.pipeline._judges.manager._muted == {"lockout"}
    gym.spend(0.5, order=second)
    assert gym.pipeline._judges.manager._muted == set()
    quiet = msgspec.structs.replace(LIFTER, alerts=AlertSettings(muted=("valgus",)))
    gym.spend(0.5, order=LifterTold(id="quiet", ts=TS, lifter=quiet))
    assert gym.pipeline._judges.manager._muted == {"valgus"}


def test_no_state_of_a_session_has_the_lifter_of_the_one_before() -> None:
    """Not for an instant, whoever takes the machine over and how."""
    gym = Gym()
    gym.spend(2.0)
    first = gym.spend(0.5, order=TOLD).session
    gym.spend(2.0, moving=True)
    gym.spend(2.0)
    gym.spend(0.5, order=TOLD)
    gym.spend(0.5, moving=True, order=StartSession(id="start", ts=TS))
    states = [event for event in gym.events if isinstance(event, MachineState)]
    known = {
        session: [one.lifter_known for one in states if one.session == session]
        for session in dict.fromkeys(one.session for one in states if one.session)
    }
    assert len(known) == 3
    assert first in known
    assert [one[0] for one in known.values()] == [False] * 3
    assert not any(known[states[-1].session])


def test_a_machine_takes_no_lifter_that_the_box_has_not_looked_up() -> None:
    """It says so, and nothing changes."""
    gym = Gym()
    gym.spend(2.0)
    state = gym.spend(0.5, order=SetLifter(id="raw", ts=TS, lifter="k7f3"))
    (result,) = [event for event in gym.events if isinstance(event, CommandResult)]
    assert (result.ok, result.problem) == (False, "this machine cannot set_lifter")
    assert said(gym, state) == ANYBODYS
