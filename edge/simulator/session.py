"""From a scenario to everything a session yields: the sensors' streams and the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edge.samples import IMU_ROLES, LOAD_ROLES, FloatArray, IntArray, Role
from edge.simulator import forces, imus, radio, shapes
from edge.simulator.body import Body, assemble
from edge.simulator.drives import Drives, plan_drives
from edge.simulator.forces import SledForce
from edge.simulator.gait import plan_upright
from edge.simulator.press import Seated, sit
from edge.simulator.scenario import LoadCells, Scenario
from edge.simulator.timeline import DT_S, Timeline, plan_timeline
from edge.simulator.truth import Truth, tell, when_quiet

PAIRS: dict[Role, Role] = {
    "left_thigh": "right_thigh",
    "right_thigh": "left_thigh",
    "left_shank": "right_shank",
    "right_shank": "left_shank",
}


@dataclass(slots=True)
class Stream:
    """One sensor's samples that reached the host, in order of arrival.

    values: (M, 6) m/s² and rad/s, (M, 4) or (M, 2) N; the others (M,). true_s: when it was taken; number: running
    number at the sensor, also counted for samples that were lost; boot: restarts so far.
    """

    role: Role
    rate_hz: float
    device_us: IntArray
    host_us: IntArray
    values: FloatArray
    boot: IntArray
    true_s: FloatArray
    number: IntArray


@dataclass(slots=True)
class Session:
    """A simulated session: scenario, truth, and a stream by role for every sensor that is there."""

    scenario: Scenario
    duration_s: float
    truth: Truth
    streams: dict[Role, Stream]


@dataclass(slots=True)
class World:
    """Everything physical, before any sensor looks at it. Arrays are on the timeline's grid."""

    timeline: Timeline
    drives: Drives
    force: SledForce
    seated: Seated
    body: Body
    cells_n: FloatArray
    shares: FloatArray
    pad_n: FloatArray


def generator(scenario: Scenario, *words: str) -> np.random.Generator:
    """A generator of its own for each part, so that adding one part does not reshuffle the others."""
    key = [scenario.seed, *(sum(ord(c) * 131**i for i, c in enumerate(word)) % 2**32 for word in words)]
    return np.random.default_rng(key)


def build_world(scenario: Scenario) -> World:
    """Moves the body and the sled; no sensor yet."""
    timeline = plan_timeline(scenario)
    drives = plan_drives(scenario, timeline, generator(scenario, "drives"))
    force = forces.push(scenario, timeline, drives, generator(scenario, "push"))
    seated = sit(scenario, timeline, drives, force, generator(scenario, "sit"))
    walk = plan_upright(scenario, timeline, generator(scenario, "gait"))
    cells, shares = forces.footplate_n(scenario, timeline, drives, force, generator(scenario, "feet"))
    pad = forces.backpad_n(scenario, timeline, force, seated.tilt_deg)
    body = assemble(scenario, timeline, walk, seated, drives.strap_deg)
    return World(timeline, drives, force, seated, body, cells, shares, pad)


def roles_present(scenario: Scenario) -> list[Role]:
    """Roles with a sensor, in the format's order."""
    roles = [role for role in (*IMU_ROLES, *LOAD_ROLES) if role not in scenario.trouble.missing]
    return [role for role in roles if role != "backpad" or scenario.backpad]


def _name_of(scenario: Scenario, role: Role) -> Role:
    """What the node on `role` is called: nodes that were exchanged carry each other's name."""
    for a, b in scenario.trouble.mixed_up:
        if role in (a, b):
            return b if role == a else a
    segment = role.split("_")[-1]
    return PAIRS[role] if segment in scenario.trouble.swapped else role


def _read_cells(scenario: Scenario, true_n: FloatArray, at_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Load cells with zero, drift, gain, cross-talk, noise, and the delay of their filter."""
    cells: LoadCells = scenario.cells
    n = true_n.shape[1]
    smooth = shapes.low_pass(true_n, 0.3 / cells.rate_hz / DT_S)
    grid, late = np.arange(len(true_n)) * DT_S, at_s - cells.delay_ms / 1000
    read = np.stack([np.interp(late, grid, smooth[:, k]) for k in range(n)], axis=1)
    mix = np.diag(1.0 + rng.normal(0, cells.gain, n)) + np.abs(rng.normal(0, cells.cross_talk, (n, n))) * (
        1 - np.eye(n)
    )
    zero = rng.normal(0, cells.zero_n, n) + np.outer(at_s / 60.0, rng.normal(0, cells.drift_n, n))
    return np.round(read @ mix.T + zero + rng.normal(0, cells.noise_n, read.shape), 1)


def _hang(scenario: Scenario, timeline: Timeline, role: Role, at_s: FloatArray, values: FloatArray) -> None:
    """A sensor that hangs repeats its last value for a moment."""
    for stuck in scenario.trouble.stuck:
        if stuck.role == role:
            rep = timeline.attempts[min(stuck.in_rep, len(timeline.attempts)) - 1]
            a, b = np.searchsorted(at_s, [rep.drive_s, rep.drive_s + stuck.lasts_s])
            values[a:b] = values[max(a - 1, 0)]


def _stream(scenario: Scenario, world: World, role: Role, duration_s: float) -> Stream:
    rng = generator(scenario, "sensor", role)
    load = role in LOAD_ROLES
    common = scenario.cells.rate_hz if load else scenario.imus.rate_hz
    nominal = dict(scenario.trouble.rates_hz).get(role, common)
    spread = scenario.cells.rate_error if load else scenario.imus.rate_error
    rate = nominal * (1.0 + float(np.clip(rng.normal(0.0, spread), -0.03, 0.03)))
    at = radio.sample_times(rate, duration_s, rng)
    quiet = when_quiet(scenario, world.timeline, role)
    arrivals, kept = radio.transmit(at, quiet, scenario.radio, generator(scenario, "radio", role))
    if load:
        true_n = world.cells_n if role == "footplate" else world.pad_n
        values = _read_cells(scenario, true_n, at, rng)
    else:
        motion = imus.ideal(scenario, world.timeline, world.body, role, rng)
        values = np.concatenate(imus.sample(motion, at, replace(scenario.imus, rate_hz=nominal), rng), axis=1)
    _hang(scenario, world.timeline, role, at, values)
    return Stream(
        _name_of(scenario, role),
        nominal,
        arrivals.device_us,
        arrivals.host_us,
        values[kept],
        arrivals.boot,
        arrivals.true_s,
        kept,
    )


def simulate(scenario: Scenario) -> Session:
    """Runs a scenario. The same scenario always gives the same session, byte for byte."""
    world = build_world(scenario)
    duration = round(float(world.timeline.t_s[-1]), 3)
    made = [_stream(scenario, world, role, duration) for role in roles_present(scenario)]
    by_role = {stream.role: stream for stream in made}
    streams = {role: by_role[role] for role in (*IMU_ROLES, *LOAD_ROLES) if role in by_role}
    truth = tell(scenario, world.timeline, world.body, world.seated, world.shares)
    return Session(scenario, duration, truth, streams)
