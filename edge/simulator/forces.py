"""Forces: what the feet push, what the load cells under them feel, and what the pad carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from edge.samples import FloatArray
from edge.simulator import shapes
from edge.simulator.drives import Drives, degrees_to_sled_m
from edge.simulator.scenario import Scenario
from edge.simulator.timeline import DT_S, Timeline

G_M_S2 = 9.80665
RESTING_FOOT_N = 16.0  # a foot that rests on the plate of a racked sled


@dataclass(slots=True)
class SledForce:
    """Along the rail: where the sled is (N,) m, what both feet push (N,) N, and what would just hold it still, N."""

    sled_m: FloatArray
    feet_n: FloatArray
    static_n: float


def static_n(scenario: Scenario) -> float:
    """Force that just holds the sled, without friction."""
    machine = scenario.machine
    return machine.sled_kg * G_M_S2 * float(np.sin(np.radians(machine.rail_deg))) + machine.stack_kg * G_M_S2


def _friction_n(scenario: Scenario, speed: FloatArray, t: FloatArray) -> FloatArray:
    """Coulomb friction with a saw-tooth of stick and slip at low speed; at rest it takes no side."""
    machine = scenario.machine
    normal = machine.sled_kg * G_M_S2 * np.cos(np.radians(machine.rail_deg))
    size = machine.friction_share * normal + machine.friction_n
    saw = (t * 6.0) % 1.0 - 0.5
    creeping = np.exp(-((np.abs(speed) - 0.06) ** 2) / (2 * 0.035**2))
    return cast(FloatArray, np.tanh(speed / 0.012) * (size + machine.stick_slip_n * saw * creeping))


def push(scenario: Scenario, timeline: Timeline, drives: Drives, rng: np.random.Generator) -> SledForce:
    """Newton along the rail: weight, inertia, friction, tremor; shared with the catch while racked."""
    t = timeline.t_s
    sled = timeline.sled_m - degrees_to_sled_m(scenario, drives.nominal_deg) * drives.sink_deg
    speed = np.gradient(sled, DT_S)
    acceleration = np.gradient(speed, DT_S)
    hold = static_n(scenario)
    moved = scenario.machine.sled_kg + scenario.machine.stack_kg
    tremor = 3.0 * shapes.wander(rng, len(t), DT_S, 0.4)
    free = (hold + moved * acceleration + _friction_n(scenario, speed, t)) * (1.0 - drives.helped) + tremor
    return SledForce(sled, timeline.carried * np.maximum(free, 0.0), hold)


def heel_shares(scenario: Scenario, drives: Drives, rng: np.random.Generator) -> FloatArray:
    """(N, 2) the heel's share of each foot's force."""
    n = len(drives.nominal_deg)
    shares = np.empty((n, 2))
    for leg in (0, 1):
        base = scenario.lifter.heel_share[leg]
        drift = 0.018 * shapes.wander(rng, n, DT_S, 5.0) + 0.014 * shapes.wander(rng, n, DT_S, 1.6)
        depth = -0.02 * (drives.nominal_deg / 90.0 - 0.5)
        shares[:, leg] = np.clip((base + drift + depth) * drives.heel_factor[:, leg], 0.0, 0.98)
    return shares


def footplate_n(
    scenario: Scenario, timeline: Timeline, drives: Drives, force: SledForce, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Cells (N, 4) left heel, left toe, right heel, right toe; and the heel shares (N, 2) behind them."""
    n, shares = len(timeline.t_s), heel_shares(scenario, drives, rng)
    left = np.clip(drives.left_share + 0.012 * shapes.wander(rng, n, DT_S, 3.0), 0.0, 1.0)
    wanted = np.stack([left, 1.0 - left], axis=1) * drives.foot_force
    on_plate = shapes.smooth_step(timeline.t_s, timeline.seated_from_s - 0.5, timeline.seated_from_s)
    on_plate = on_plate - shapes.smooth_step(timeline.t_s, timeline.seated_to_s, timeline.seated_to_s + 0.4)
    feet = force.feet_n[:, None] * wanted / np.maximum(wanted.sum(axis=1), 0.05)[:, None]
    feet = feet + (RESTING_FOOT_N * on_plate)[:, None] * drives.foot_force
    cells = np.stack([feet * shares, feet * (1.0 - shares)], axis=2)
    return cells.reshape(n, 4), shares


def backpad_n(scenario: Scenario, timeline: Timeline, force: SledForce, tilt_deg: FloatArray) -> FloatArray:
    """Pad rows (N, 2) lumbar, sacral: trunk weight and thrust, less what a tucking pelvis takes off.

    The sacral row leaves the pad between 4° and 16° of posterior tilt, the lumbar one later and less.
    """
    machine, body = scenario.machine, scenario.lifter
    sits = shapes.smooth_step(timeline.t_s, timeline.seated_from_s - 1.0, timeline.seated_from_s - 0.2)
    sits = sits - shapes.smooth_step(timeline.t_s, timeline.seated_to_s + 0.1, timeline.seated_to_s + 0.8)
    weight = 0.5 * body.mass_kg * G_M_S2 * np.cos(np.radians(machine.backrest_deg))
    thrust = force.feet_n * 0.55 * np.sin(np.radians(np.clip(machine.backrest_deg + machine.rail_deg, 20, 90)))
    total = (weight + thrust) * sits
    sacral = 0.56 * total * (1.0 - shapes.smooth_step(tilt_deg, 3.5, 17.0))
    lumbar = 0.44 * total * (1.0 - 0.45 * shapes.smooth_step(tilt_deg, 6.0, 24.0))
    return np.stack([lumbar, sacral], axis=1)
