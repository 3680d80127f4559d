"""Without a sensor on the sled the footplate tells its path: lifters whose legs are not as the tables have them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from accuracy.measures import measure_reps, measure_signals
from simulated import Told, play, settings_of

from edge.samples import Role
from edge.simulator.scenario import Lifter, Machine, RepPlan, Scenario, SetPlan, Silence, Timing, Trouble
from edge.simulator.session import Session, simulate

REPS = (RepPlan(eccentric_s=1.4, concentric_s=1.0),) * 5
LONG_LEGS = Lifter(thigh_m=(0.455, 0.455), shank_m=(0.455, 0.455), standing_bend_deg=(4.0, 4.0))
"""Six per cent longer than those of people as tall; and she stands with bent knees, so that their zero is off."""


def lifted(*missing: Role, machine: Machine | None = None, reps: tuple[RepPlan, ...] = REPS) -> Session:
    """A set by long legs, without these sensors."""
    quick = Timing(standing_s=4.1, walking_s=2.6, sitting_s=1.6, after_s=1.0, leaving_s=2.5)
    sets, trouble = (SetPlan(reps),), Trouble(missing=missing)
    one = Scenario(seed=5, lifter=LONG_LEGS, machine=machine or Machine(), sets=sets, timing=quick, trouble=trouble)
    return simulate(one)


def off(told: Told, name: str) -> float:
    """Root mean square over the reps, all of which must be told."""
    errors = measure_reps(told.session.truth.facts, told.reps())
    assert errors.exact
    return float(np.sqrt(np.mean(np.square(errors.errors[name]))))


def knees_off_deg(told: Told) -> float:
    """Root mean square of both knees."""
    signals = measure_signals(told)
    return float(np.sqrt(np.mean([signals[f"{side}_knee_flexion_deg"].squared for side in ("left", "right")])))


@pytest.fixture(scope="module")
def by_legs() -> Told:
    """Neither sled's sensor nor footplate: the tables' lengths alone."""
    return play(lifted("sled", "footplate"))


@pytest.mark.parametrize("mass_known", [True, False])
def test_the_plate_stands_in_for_the_sleds_sensor(by_legs: Told, *, mass_known: bool) -> None:
    """Length, speed and knees come out nearer by a third at least, whether or not somebody said what is on the sled."""
    session = lifted("sled")
    settings = settings_of(session)
    told = play(session, settings if mass_known else msgspec.structs.replace(settings, sled_mass_kg=None))
    for name in ("rom_m", "mean_concentric_m_s"):
        assert off(told, name) < 0.67 * off(by_legs, name)
    assert off(told, "rom_m") < 0.01
    assert knees_off_deg(told) < 0.67 * knees_off_deg(by_legs)


def test_a_stack_moves_along(by_legs: Told) -> None:
    """A carriage on a flat rail that pulls a stack: both are moved, and the stack's weight tells the cells' gain."""
    machine = Machine(rail_deg=8.0, said_rail_deg=8.5, sled_kg=40.0, stack_kg=90.0)
    told = play(lifted("sled", machine=machine))
    assert off(told, "rom_m") < 0.67 * off(by_legs, "rom_m")


@pytest.mark.parametrize("said", [{"rail_angle_deg": 5.0, "sled_mass_kg": None}, {"rail_angle_deg": 80.0}])
def test_a_push_that_cannot_tell_is_not_asked(by_legs: Told, said: dict[str, float | None]) -> None:
    """No mass and no slope, or a slope that is said so wrong that no legs could be meant: it is as without a plate."""
    session = lifted("sled")
    told = play(session, msgspec.structs.replace(settings_of(session), **said))
    assert off(told, "rom_m") == pytest.approx(off(by_legs, "rom_m"), rel=0.25)


def test_a_knock_on_the_frame_is_no_doubt_of_the_push() -> None:
    """It shakes the straps, so that knees tell of any speed for a moment: the plate goes on telling."""
    knocked = lifted("sled", reps=(replace(REPS[0], bump_m_s2=25.0), *REPS[1:]))
    assert off(play(knocked), "rom_m") < 0.01


def test_beside_the_sleds_sensor_it_is_not_asked() -> None:
    """With a sensor on the sled the same is told, whatever the plate is said to stand on."""
    session = lifted()
    flat = msgspec.structs.replace(settings_of(session), rail_angle_deg=20.0)
    one, other = (play(session, settings) for settings in (settings_of(session), flat))
    assert [rep.rom_m for rep in one.reps()] == [rep.rom_m for rep in other.reps()]


def test_a_sensor_that_falls_silent_is_stood_in_for() -> None:
    """The sled's is not heard from the third rep on: its reps, and those after it, stay right."""
    session = lifted()
    gone = replace(session.scenario, trouble=Trouble(silences=(Silence("sled", 3, 300.0),)))
    assert off(play(simulate(gone)), "rom_m") < 0.008
