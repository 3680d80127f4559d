"""What is said of the load and of the maximum is said of one session: whose, by how that session began."""

from __future__ import annotations

import pytest
from gym import TS, Gym

from edge.commands import Calibrate, SetLoad, StartSession
from edge.events import MachineState

SAID = SetLoad(id="said", ts=TS, load_kg=170.0, one_rep_max_kg=200.0)


def said(state: MachineState) -> tuple[float | None, float | None]:
    """The load, and its share of the maximum, that the state tells."""
    return state.load_kg, state.one_rep_max_share


SAID_OF_IT, NOTHING_SAID = (170.0, 0.85), (140.0, 0.35)


def test_what_a_lifter_said_is_over_when_the_next_one_stands() -> None:
    """Nobody ended the first session: load and maximum are as configured from the second lifter's pose on."""
    gym = Gym()
    first = gym.spend(2.0)
    assert said(gym.spend(1.0, order=SAID)) == SAID_OF_IT
    assert said(gym.spend(2.0, moving=True)) == SAID_OF_IT
    second = gym.spend(2.0)
    assert None is not first.session != second.session is not None
    assert said(second) == NOTHING_SAID


def test_what_is_said_before_a_first_session_is_said_of_it() -> None:
    """Said while nobody stood there yet."""
    gym = Gym()
    assert gym.spend(1.0, moving=True, order=SAID).session is None
    state = gym.spend(4.0)
    assert state.session is not None
    assert said(state) == SAID_OF_IT


@pytest.mark.parametrize("first_stood", [False, True])
def test_what_is_said_in_a_session_that_was_begun_by_command_lasts_over_its_pose(*, first_stood: bool) -> None:
    """Begun for a lifter who stands only then, on an idle machine or over another's session."""
    gym = Gym()
    gym.spend(2.0, moving=not first_stood)
    gym.spend(0.5, moving=True, order=StartSession(id="start", ts=TS))
    assert said(gym.spend(0.5, moving=True, order=SAID)) == SAID_OF_IT
    state = gym.spend(4.0)
    assert gym.pipeline._body.wear.standing
    assert said(state) == SAID_OF_IT


def test_a_session_begun_by_command_takes_nothing_over() -> None:
    """Whoever was on the machine before: what was said then is over."""
    gym = Gym()
    gym.spend(2.0)
    gym.spend(0.5, order=SAID)
    assert said(gym.spend(0.5, moving=True, order=StartSession(id="start", ts=TS))) == NOTHING_SAID


@pytest.mark.parametrize("moving", [False, True])
def test_who_is_calibrated_again_has_still_said_it(*, moving: bool) -> None:
    """The same lifter stands again, or stands still when it is asked for."""
    gym = Gym()
    gym.spend(2.0)
    gym.spend(0.5, order=SAID)
    gym.spend(1.0, moving=moving, order=Calibrate(id="again", ts=TS))
    state = gym.spend(4.0)
    assert gym.pipeline._body.wear.standing
    assert said(state) == SAID_OF_IT
