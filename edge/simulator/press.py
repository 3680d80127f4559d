"""The seated body: hips on the pad, ankles on the plate, knees where the closed chain puts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.samples import FloatArray
from edge.simulator import rotations, shapes
from edge.simulator.chain import (
    LEFT,
    ankle_play_m,
    excess_m,
    flexion_rad,
    habit_tilt_deg,
    knee_offset_m,
    rail_of,
    reach_m,
    tuck_shift_m,
)
from edge.simulator.drives import Drives, inward_rad
from edge.simulator.forces import SledForce
from edge.simulator.scenario import Scenario
from edge.simulator.timeline import DT_S, Timeline

BALL_M, ANKLE_HIGH_M = 0.115, 0.07  # from the ankle to the ball of the foot, along the sole and above it
ROLL_HZ = 18.0  # of the wheels on the rail


@dataclass(slots=True)
class Seated:
    """Pose on the machine, world axes. Pairs are (left, right); matrices (N, 3, 3), points (N, 3)."""

    sled_m: FloatArray  # (N,) along the rail, with sway, without the frame's shaking
    shake_m: FloatArray  # (N, 3) of the whole frame
    sled_ring_m: FloatArray  # (N,) of the sled on the rail
    pelvis: FloatArray
    pelvis_m: FloatArray
    thigh: list[FloatArray]
    shank: list[FloatArray]
    hip_m: list[FloatArray]
    ankle_m: list[FloatArray]
    flexion_rad: list[FloatArray]  # anatomical
    inward_mm: list[FloatArray]
    tilt_deg: FloatArray
    effort: FloatArray  # (N,) of the legs, relative to holding the sled still


def tilt_deg(scenario: Scenario, drives: Drives) -> FloatArray:
    """Posterior tilt from the set-up posture: habit with depth, tuck past the own limit, faults and sway."""
    knee = drives.nominal_deg - scenario.lifter.own_straight_deg + drives.sink_deg
    habit = habit_tilt_deg(scenario.lifter, scenario.machine, knee)
    return habit + drives.tilt_deg + drives.pelvis_sway_deg[:, 0]


def _shake(
    scenario: Scenario, timeline: Timeline, sled_m: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Frame (N, 3) and sled (N,) displacement of bangs, knocks and rolling, m."""
    machine, n = scenario.machine, len(timeline.t_s)
    frame, sled = np.zeros((n, 3)), np.zeros(n)
    rail = rail_of(machine)
    per_m_s2 = 1.0 / (2 * np.pi * machine.frame_hz) ** 2
    for at_s, share in timeline.bangs:
        ringing = shapes.ring(timeline.t_s, at_s, machine.frame_hz, machine.frame_zeta) * per_m_s2
        sled += machine.bang_m_s2 * share * ringing
        frame += (0.06 * machine.bang_m_s2 * share) * ringing[:, None] * (rail.along + 0.5 * rail.normal)
    for at_s, size in timeline.knocks:
        blow = shapes.ring(timeline.t_s, at_s, machine.frame_hz, 0.25) * per_m_s2
        frame += size * blow[:, None] * np.array([0.3, 0.8, 0.5])
    rolling = np.abs(np.gradient(sled_m, DT_S)) / 0.2 * machine.roughness_m_s2 / (2 * np.pi * ROLL_HZ) ** 2
    sled += rolling * shapes.wander(rng, n, DT_S, 1.0 / ROLL_HZ)
    return frame, sled


def _pelvis(scenario: Scenario, drives: Drives, give_m: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pelvis orientation, its centre between the hips (N, 3), and tilt (N,)."""
    body, rail = scenario.lifter, rail_of(scenario.machine)
    tilt = tilt_deg(scenario, drives)
    recline = -np.radians(90.0 - scenario.machine.backrest_deg)
    roll, twist = np.radians(drives.pelvis_sway_deg[:, 1]), np.radians(drives.pelvis_sway_deg[:, 2])
    base = rotations.from_angles(recline - np.radians(tilt), roll, twist)
    listing = drives.list_mm / 1000 / (2 * body.hip_half_width_m)
    turned = np.matmul(rotations.from_vectors(listing[:, None] * rail.normal), base)
    centre = tuck_shift_m(body, scenario.machine, tilt)
    centre = centre + (drives.slide_mm / 1000 + give_m)[:, None] * rail.along
    return turned, centre, tilt


def _ankle(scenario: Scenario, drives: Drives, sled_m: FloatArray, leg: int) -> FloatArray:
    """(N, 3) ankle centre: carried by the plate, lifted by the heel, wandering with the ankle's own angle."""
    machine, rail = scenario.machine, rail_of(scenario.machine)
    pitch = np.radians(drives.heel_pitch_deg[:, leg])
    play = ankle_play_m(drives.nominal_deg)
    out = -BALL_M * np.sin(pitch) - ANKLE_HIGH_M * (1 - np.cos(pitch)) - drives.foot_off_m[:, leg]
    up = ANKLE_HIGH_M * np.sin(pitch) + BALL_M * (1 - np.cos(pitch)) * 0.3 + drives.foot_shift_m[:, leg] + play
    side = machine.stance_half_m if leg == 0 else -machine.stance_half_m
    along, normal = (sled_m + out)[:, None] * rail.along, (machine.ankle_offset_m + up)[:, None] * rail.normal
    return along + normal + side * LEFT


def _held(hip: FloatArray, ankle: FloatArray, longest_m: float) -> FloatArray:
    """The hip, drawn after where the leg would otherwise be longer than it is."""
    line = ankle - hip
    distance = np.linalg.norm(line, axis=1)
    drawn: FloatArray = line * (excess_m(distance, longest_m) / distance)[:, None]
    return hip + drawn


def _leg_frames(
    scenario: Scenario, leg: int, hip: FloatArray, ankle: FloatArray, turn: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Thigh and shank matrices, flexion, and the knee's distance off the line, for a turn about that line."""
    body, rail = scenario.lifter, rail_of(scenario.machine)
    line = ankle - hip
    distance = np.linalg.norm(line, axis=1)
    e = line / distance[:, None]
    ahead = rail.normal - (e @ rail.normal)[:, None] * e
    ahead /= np.linalg.norm(ahead, axis=1)[:, None]
    inward = np.cross(ahead, e) * (-1.0 if leg == 0 else 1.0)
    bend = np.cos(turn)[:, None] * ahead + np.sin(turn)[:, None] * inward
    axis = np.cross(bend, e)
    along, off = knee_offset_m(body.thigh_m[leg], body.shank_m[leg], distance)
    knee = hip + along[:, None] * e + off[:, None] * bend
    thigh_up = (hip - knee) / body.thigh_m[leg]
    shank_up = (knee - ankle) / body.shank_m[leg]
    thigh = rotations.from_axes(np.cross(axis, thigh_up), axis, thigh_up)
    shank = rotations.from_axes(np.cross(axis, shank_up), axis, shank_up)
    flexion = flexion_rad(body.thigh_m[leg], body.shank_m[leg], distance)
    return thigh, np.matmul(shank, _no_hinge(scenario, leg, flexion)), flexion, off


def _no_hinge(scenario: Scenario, leg: int, flexion: FloatArray) -> FloatArray:
    """What the shank does beside flexing: turns out over the last 30° to straight, leans as it bends."""
    body, sign = scenario.lifter, 1.0 if leg == 0 else -1.0
    deg = np.degrees(flexion)
    turn = np.radians(body.screw_home_deg) * 0.5 * (1 - np.tanh((deg - 15.0) / 15.0)) * sign
    lean = np.radians(body.carrying_deg) * np.sin(np.minimum(flexion, np.pi / 2)) * sign
    return rotations.from_vectors(np.stack([lean, np.zeros_like(lean), turn], axis=1))


def sit(scenario: Scenario, timeline: Timeline, drives: Drives, force: SledForce, rng: np.random.Generator) -> Seated:
    """The seated pose of the whole session (before and after sitting it is the pose with the sled racked)."""
    body, sled = scenario.lifter, force.sled_m
    shake, ring = _shake(scenario, timeline, sled, rng)
    effort = np.clip(force.feet_n / max(force.static_n, 1.0), 0.0, 2.0)
    give = (force.static_n - force.feet_n) / scenario.machine.pad_n_m
    pelvis, centre, tilt = _pelvis(scenario, drives, shapes.low_pass(give, 0.02 / DT_S))
    out = Seated(sled, shake, ring, pelvis, centre, [], [], [], [], [], [], tilt, effort)
    for leg in (0, 1):
        side = body.hip_half_width_m if leg == 0 else -body.hip_half_width_m
        ankle = _ankle(scenario, drives, sled + ring, leg)
        hip = centre + rotations.apply(pelvis, np.array([0.0, side, 0.0]))
        hip = _held(hip, ankle, reach_m(body.thigh_m[leg], body.shank_m[leg]))
        distance = np.linalg.norm(ankle - hip, axis=1)
        drift = body.plane_drift_deg[leg] * np.minimum(drives.nominal_deg / 90.0, 1.2)
        own = np.radians(body.knee_plane_deg[leg] + drift)
        moved = inward_rad(scenario, leg, drives.knee_in_mm[:, leg], distance)
        moved = moved + np.radians(drives.wander_in_deg[:, leg])
        thigh, shank, flexion, off = _leg_frames(scenario, leg, hip, ankle, own + moved)
        out.thigh.append(thigh)
        out.shank.append(shank)
        out.hip_m.append(hip + shake)
        out.ankle_m.append(ankle + shake)
        out.flexion_rad.append(flexion)
        out.inward_mm.append(1000 * off * np.sin(moved))
    out.pelvis_m = centre + shake
    return out
