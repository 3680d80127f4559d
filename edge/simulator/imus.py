"""What an IMU strapped to a moving segment measures: rigid-body kinematics, skin, and the part's own faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.samples import FloatArray, Role
from edge.simulator import rotations, shapes
from edge.simulator.body import Body, Segment
from edge.simulator.forces import G_M_S2
from edge.simulator.scenario import Imus, Scenario, Slip, SoftTissue
from edge.simulator.timeline import DT_S, Timeline

PLACES_M: dict[str, tuple[float, float, float]] = {
    "thigh": (0.055, 0.045, -0.22),
    "shank": (0.035, -0.015, -0.18),
    "pelvis": (0.05, 0.12, 0.08),
    "sled": (0.0, 0.15, -0.05),
}


@dataclass(slots=True)
class Motion:
    """Ideal signals in the sensor's axes at DT_S: specific force (N, 3) m/s², angular rate (N, 3) rad/s."""

    force_m_s2: FloatArray
    rate_rad_s: FloatArray


@dataclass(slots=True)
class Skin:
    """Small turn (N, 3) rad and shift (N, 3) m of the strap against the bone, in segment axes."""

    turn_rad: FloatArray
    shift_m: FloatArray


def place_m(role: Role) -> FloatArray:
    """(3,) the sensor's place in its segment's axes."""
    segment = role.rsplit("_", maxsplit=1)[-1]
    x, y, z = PLACES_M[segment]
    return np.array([x, -y if role.startswith("right") else y, z])


def mount(role: Role, imus: Imus, rng: np.random.Generator) -> FloatArray:
    """(3, 3) sensor axes to segment axes: a twist about the long axis, then a strap's crookedness (≤ 12° an axis)."""
    spread = imus.sled_mount_deg if role == "sled" else imus.mount_deg
    crooked = np.clip(rng.normal(0.0, 1.0, 3) * spread, -12.0, 12.0)
    limb = role not in ("sled", "pelvis")
    twist = np.array([0.0, 0.0, np.clip(rng.normal(0.0, imus.twist_deg), -20.0, 20.0) if limb else 0.0])
    turns = rotations.from_vectors(np.radians(np.stack([twist, crooked])))
    return np.asarray(turns[0] @ turns[1])


def skin(role: Role, tissue: SoftTissue, segment: Segment, drive: tuple[FloatArray, FloatArray]) -> Skin:
    """Skin of one segment; drive: knee flexion (N,) rad and relative effort (N,)."""
    flexion, effort = drive
    n, side = len(flexion), -1.0 if role.startswith("right") else 1.0
    bend = np.sign(flexion) * np.abs(flexion / (np.pi / 2)) ** 1.3  # flesh bulges late
    if role == "sled":
        return Skin(np.zeros((n, 3)), np.zeros((n, 3)))
    jolt = shapes.second_difference(segment.origin_m, DT_S)
    jolt = jolt - shapes.low_pass(jolt, 0.05 / DT_S)
    sway = shapes.resonate(jolt, DT_S, tissue.wobble_hz, 0.22) * tissue.wobble
    local = np.einsum("nij,ni->nj", segment.axes, sway)
    turn = np.stack([local[:, 1], -local[:, 0], 0.5 * local[:, 0]], axis=1) * 3.0
    shift = 0.5 * local
    if role.endswith("thigh"):
        gains = np.array([0.3 * tissue.thigh_twist_deg * side, tissue.thigh_flexion_deg, tissue.thigh_twist_deg * side])
        pull = np.array([0.4 * side, 1.0, 0.3 * side]) * tissue.contraction_deg
        shift = shift + bend[:, None] * np.array([0.002, 0.0, 0.001]) * tissue.slide_mm
    elif role.endswith("shank"):
        gains = np.array([0.0, tissue.shank_flexion_deg, 0.4 * tissue.shank_flexion_deg * side])
        pull = np.array([0.1 * side, 0.35, 0.1 * side]) * tissue.contraction_deg
        shift = shift + bend[:, None] * np.array([0.0, 0.0, 0.0006]) * tissue.slide_mm
    else:
        gains, pull = np.array([0.0, tissue.pelvis_deg, 0.0]), np.array([0.0, 0.2, 0.0]) * tissue.pelvis_deg
    turn = turn + np.radians(bend[:, None] * gains + effort[:, None] * pull)
    return Skin(turn, shift)


def slipped(slips: list[tuple[float, Slip]], t: FloatArray, rng: np.random.Generator) -> FloatArray:
    """(N, 3, 3) how far the strap has given, for slips at their times."""
    out = np.broadcast_to(np.eye(3), (len(t), 3, 3))
    for at_s, slip in slips:
        axis = rng.normal(0.0, 1.0, 3) * np.array([0.6, 1.0, 1.0])
        axis *= np.radians(slip.deg) / np.linalg.norm(axis)
        step = shapes.smooth_step(t, at_s, at_s + slip.lasts_s)
        out = np.matmul(out, rotations.from_vectors(step[:, None] * axis))
    return out


def crept(deg_min: float, timeline: Timeline, rng: np.random.Generator) -> FloatArray:
    """(N, 3, 3) how far a strap has turned that gives way all the time from sitting down on."""
    axis = rng.normal(0.0, 1.0, 3)
    axis *= np.radians(deg_min) / 60.0 / np.linalg.norm(axis)
    return rotations.from_vectors(np.maximum(timeline.t_s - timeline.seated_from_s, 0.0)[:, None] * axis)


def pushed(strap_deg: FloatArray) -> FloatArray:
    """(N, 3, 3) how far hands push a strap aside, about the limb and across it."""
    return rotations.from_vectors(np.radians(strap_deg)[:, None] * np.array([0.3, 0.5, 0.8]))


def measure(segment: Segment, mounted: FloatArray, point_m: FloatArray) -> Motion:
    """Specific force and rate of a sensor with axes `mounted` (N, 3, 3) to the segment's, at point_m (N, 3) of it."""
    axes = np.matmul(segment.axes, mounted)
    place = segment.origin_m + rotations.apply(segment.axes, point_m)
    felt = shapes.second_difference(place, DT_S) + np.array([0.0, 0.0, G_M_S2])
    force = np.einsum("nij,ni->nj", axes, felt)
    between = rotations.body_rate(axes, DT_S)
    rate = np.empty_like(force)
    rate[1:-1] = 0.5 * (between[1:] + between[:-1])
    rate[0], rate[-1] = between[0], between[-1]
    return Motion(force, rate)


def ideal(scenario: Scenario, timeline: Timeline, body: Body, role: Role, rng: np.random.Generator) -> Motion:
    """What a perfect part would measure, worn as this session wears it."""
    segment = body.segments[role]
    leg = body.flexion_rad[:, 1 if role.startswith("right") else 0]
    worn = skin(role, scenario.tissue, segment, (leg, body.effort))
    turned = rotations.from_vectors(worn.turn_rad)
    slips = [(slip_time_s(timeline, slip), slip) for slip in scenario.trouble.slips if slip.role == role]
    if slips:
        turned = np.matmul(turned, slipped(slips, timeline.t_s, rng))
    for _, deg_min in [creep for creep in scenario.trouble.creeps if creep[0] == role]:
        turned = np.matmul(turned, crept(deg_min, timeline, rng))
    if role.endswith("thigh") and body.strap_deg.any():
        turned = np.matmul(turned, pushed(body.strap_deg[:, 1 if role.startswith("right") else 0]))
    worn_as = mount(role, scenario.imus, rng)
    for flipped, axis in scenario.trouble.upside_down:
        if flipped == role:
            worn_as = worn_as @ (np.diag([1.0, -1.0, -1.0]) if axis == "x" else np.diag([-1.0, -1.0, 1.0]))
    return measure(segment, np.matmul(turned, worn_as), place_m(role) + worn.shift_m)


def slip_time_s(timeline: Timeline, slip: Slip) -> float:
    """When a strap gives: soon after the rep has arrived at the top."""
    attempt = timeline.attempts[min(slip.after_rep, len(timeline.attempts)) - 1]
    return attempt.top_s + 0.3


def sample(motion: Motion, at_s: FloatArray, imus: Imus, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """What a real part reports at `at_s` (M,): m/s² (M, 3) and rad/s (M, 3)."""
    width = 0.22 / imus.rate_hz / DT_S
    grid = np.arange(len(motion.force_m_s2)) * DT_S
    out: list[FloatArray] = []
    warm = 1.0 - np.exp(-at_s / rng.uniform(60.0, 240.0))
    noise_by_rate = np.sqrt(imus.rate_hz / 100.0)
    parts = (
        (motion.force_m_s2, imus.acc_bias_mg * 1e-3 * G_M_S2, imus.acc_scale, imus.acc_noise_m_s2, imus.acc_lsb_m_s2),
        (
            motion.rate_rad_s,
            np.radians(imus.gyr_bias_deg_s),
            imus.gyr_scale,
            np.radians(imus.gyr_noise_deg_s),
            np.radians(imus.gyr_lsb_deg_s),
        ),
    )
    g_sensitivity = np.radians(rng.normal(0, imus.g_sensitivity_deg_s, (3, 3))) / G_M_S2
    limits = (imus.acc_limit_m_s2, np.radians(imus.gyr_limit_deg_s))
    for number, (values, bias, scale, noise, lsb) in enumerate(parts):
        smooth = shapes.low_pass(values, width)
        late = at_s - imus.delay_ms / 1000
        read = np.stack([np.interp(late, grid, smooth[:, axis]) for axis in range(3)], axis=1)
        mix = np.eye(3) + rng.normal(0, imus.cross_axis, (3, 3)) * (1 - np.eye(3)) + np.diag(rng.normal(0, scale, 3))
        read = read @ mix.T
        if number == 1:
            read = read + out[0] @ g_sensitivity.T
        offset = np.clip(rng.normal(0, bias, 3), -2.5 * bias, 2.5 * bias)
        drift = rng.normal(0, bias * imus.warm_up, 3)
        read = read + offset + warm[:, None] * drift + rng.normal(0, 1, read.shape) * noise * noise_by_rate
        if number == 0 and imus.buzz_m_s2 > 0:
            hum = np.sin(2 * np.pi * rng.uniform(40.0, 80.0) * at_s + rng.uniform(0, 6))
            read = read + imus.buzz_m_s2 * hum[:, None] * rng.uniform(-1.0, 1.0, 3)
        read = np.clip(read, -limits[number], limits[number])
        out.append(np.round(read / lsb) * lsb if lsb > 0 else read)
    return out[0], out[1]
