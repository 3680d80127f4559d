"""What is said of the load and of the maximum is said of one session: whose, by how that session began."""

from __future__ import annotations

import numpy as np
import pytest

from edge.commands import Calibrate, Command, SetLoad, StartSession
from edge.detectors.near_max import NearMaxSettings
from edge.events import AnyEvent, MachineState
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.samples import ImuSamples, Role

TS = "2026-01-31T12:00:00Z"
STEP_NS = 10_000_000
WORN: tuple[Role, ...] = ("left_thigh", "left_shank")
SAID = SetLoad(id="said", ts=TS, load_kg=170.0, one_rep_max_kg=200.0)


class Gym:
    """A machine of 140 kg, and upright lifters before it who stand or walk."""

    def __init__(self) -> None:
        settings = MachineSettings(sled_mass_kg=140.0, near_max=NearMaxSettings(one_rep_max_kg=400.0))
        self.pipeline = Pipeline(settings)
        self.k = 0
        self.events: list[AnyEvent] = []

    def spend(self, seconds: float, *, moving: bool = False, order: Command | None = None) -> MachineState:
        """The state after so long; the order is given at its beginning."""
        for i in range(round(seconds * 100)):
            self.k += 1
            t_ns = self.k * STEP_NS
            if order is not None and i == 0:
                self.pipeline.command(t_ns, order)
            wave = 3.0 * np.sin(0.7 * self.k) if moving else 0.0
            for role in WORN:
                acc, gyr = np.array([[wave, 0.0, 9.81]]), np.array([[0.0, wave, 0.0]])
                self.pipeline.accept(t_ns, ImuSamples(role, np.array([self.k * 10_000]), acc, gyr))
            self.events += self.pipeline.advance(t_ns)[0]
        return [event for event in self.events if isinstance(event, MachineState)][-1]


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
