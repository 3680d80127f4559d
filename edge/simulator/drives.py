"""What moves the body besides the sled: envelopes of faults, fidgets and restlessness, as curves over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.samples import FloatArray
from edge.simulator import shapes
from edge.simulator.chain import flexion_rad, hip_ankle_m, knee_offset_m
from edge.simulator.scenario import Fault, Fidget, Scenario
from edge.simulator.timeline import DT_S, PlacedFidget, RepTimes, Timeline

GRIP_HZ, COUGH_HZ = 1.0, 3.0


@dataclass(slots=True)
class Drives:
    """Curves (N,) or (N, 2) for (left, right). Inward, posterior and heel-up are positive."""

    nominal_deg: FloatArray  # (N,) mean anatomical knee flexion the plan alone would give
    knee_in_mm: FloatArray  # (N, 2) wanted inward displacement of the knee
    wander_in_deg: FloatArray  # (N, 2) restless turn of the leg about the hip-ankle line
    tilt_deg: FloatArray  # (N,) posterior pelvic tilt beyond the lifter's habit
    pelvis_sway_deg: FloatArray  # (N, 3) pitch, roll and twist of fidgets, breathing and sway
    heel_factor: FloatArray  # (N, 2) remaining share of the heel's own force
    heel_pitch_deg: FloatArray  # (N, 2) foot turned about its ball
    foot_off_m: FloatArray  # (N, 2) foot off the plate, towards the lifter
    foot_shift_m: FloatArray  # (N, 2) foot moved along the plate
    foot_force: FloatArray  # (N, 2) 1, or less for a foot that unloads
    helped: FloatArray  # (N,) share of the force that somebody else takes over
    strap_deg: FloatArray  # (N, 2) thigh straps pushed aside by hands, and let go
    sink_deg: FloatArray  # (N,) knees sinking at rest, and unsteadiness, in degrees of flexion
    list_mm: FloatArray  # (N,)
    left_share: FloatArray  # (N,) of the force wanted from the left leg
    slide_mm: FloatArray  # (N,)


def legs(side: str) -> tuple[int, ...]:
    """Columns of a side: 0 left, 1 right."""
    return {"left": (0,), "right": (1,)}.get(side, (0, 1))


def _nominal_deg(scenario: Scenario, timeline: Timeline) -> FloatArray:
    body, machine = scenario.lifter, scenario.machine
    across = machine.stance_half_m - body.hip_half_width_m
    distance = np.sqrt(timeline.sled_m**2 + machine.ankle_offset_m**2 + across**2)
    thigh, shank = np.mean(body.thigh_m), np.mean(body.shank_m)
    return np.degrees(flexion_rad(float(thigh), float(shank), distance))


def _fault_window(fault: Fault, rep: RepTimes) -> tuple[float, float, tuple[float, float]]:
    """When a fault runs, and its rise and fall times, s."""
    down, up = rep.bottom_s - rep.start_s, rep.top_s - rep.drive_s
    if fault.kind == "valgus" and fault.on_the_way_down:
        start = rep.bottom_s - 0.32 * down + fault.late_s
        return start, start + (fault.lasts_s or max(0.28 * down, 0.4)), (0.2, 0.2)
    if fault.kind == "valgus":
        start = rep.drive_s - 0.1 + fault.late_s
        lasts = fault.lasts_s or float(np.clip(0.5 * up, 0.4, 1.1))
        return start, start + lasts, (0.35 * lasts, 0.45 * lasts)
    start, end = rep.bottom_s - 0.25 * down + fault.late_s, rep.drive_s + 0.3 * up + fault.late_s
    middle, lasts = 0.5 * (start + end), fault.lasts_s or end - start
    edge = 0.3 * lasts if fault.kind == "heel_lift" else 0.45 * lasts
    return middle - lasts / 2, middle + lasts / 2, (edge, edge)


def _apply_fault(drives: Drives, fault: Fault, rep: RepTimes, t: FloatArray) -> None:
    start, end, edges = _fault_window(fault, rep)
    a, b = max(int(start / DT_S) - 1, 0), min(int(end / DT_S) + 2, len(t))
    curve = shapes.bump(t[a:b], start, end, edges)
    for leg in legs(fault.side):
        if fault.kind == "valgus":
            shake = 1.0 + 0.06 * np.sin(2 * np.pi * 1.7 * (t[a:b] - start) + leg)
            drives.knee_in_mm[a:b, leg] += fault.size * curve * shake
        elif fault.kind == "heel_lift":
            drives.heel_factor[a:b, leg] *= 1.0 - (1.0 - fault.size) * curve
            pitch = 16.0 * max(0.0, 1.0 - fault.size / 0.45) if fault.size < 0.4 else 2.5 * (1.0 - fault.size)
            drives.heel_pitch_deg[a:b, leg] += pitch * curve
    if fault.kind == "lumbar":
        drives.tilt_deg[a:b] += fault.size * curve


def _apply_fidget(drives: Drives, placed: PlacedFidget, t: FloatArray) -> None:
    f, a = placed.fidget, max(int(placed.start_s / DT_S) - 1, 0)
    b = min(int(placed.end_s / DT_S) + 2, len(t))
    edge = float(np.clip(0.3 * f.lasts_s, 0.1, 0.5))
    curve = f.size * shapes.bump(t[a:b], placed.start_s, placed.end_s, (edge, edge))
    since = t[a:b] - placed.start_s
    for leg in legs(f.side):
        _move_leg(drives, f, (slice(a, b), leg), curve, since)
    if f.kind == "rest":
        drives.sink_deg[a:b] += 5.0 * f.size * shapes.bump(t[a:b], placed.start_s, placed.end_s, (99.0, 99.0))
    else:
        _move_trunk(drives, f, slice(a, b), curve, since)


def _move_leg(drives: Drives, f: Fidget, at: tuple[slice, int], curve: FloatArray, since_s: FloatArray) -> None:
    if f.kind in ("unload", "foot_shuffle"):
        drives.foot_force[at] *= 1.0 - curve / f.size
        drives.foot_off_m[at] += 0.018 * curve
        drives.foot_shift_m[at] += 0.012 * curve * np.sin(4.0 * since_s)
    elif f.kind == "knee_flop":
        drives.knee_in_mm[at] += 90.0 * curve
    elif f.kind == "toes":
        drives.heel_factor[at] *= 1.0 + 0.35 * curve * np.sin(9.0 * since_s)
    elif f.kind == "hands":
        drives.strap_deg[at] += 5.0 * curve


def _move_trunk(drives: Drives, f: Fidget, at: slice, curve: FloatArray, since_s: FloatArray) -> None:
    if f.kind == "regrip":
        swing = curve * np.sin(2 * np.pi * GRIP_HZ * since_s)
        drives.pelvis_sway_deg[at] += swing[:, None] * np.array([2.0, 1.2, 1.5])
    elif f.kind == "pelvis_shift":
        drives.tilt_deg[at] += 12.0 * curve
        drives.pelvis_sway_deg[at, 1] += 3.0 * curve
    elif f.kind == "reseat":
        drives.tilt_deg[at] += 3.5 * curve * np.sin(2.0 * since_s)
        drives.list_mm[at] += 2.5 * curve
        drives.slide_mm[at] -= 4.0 * curve
    elif f.kind == "cough":
        jerks = curve * np.maximum(np.sin(2 * np.pi * COUGH_HZ * since_s), 0.0)
        drives.pelvis_sway_deg[at] += jerks[:, None] * np.array([2.0, 0.4, 0.4])
        drives.sink_deg[at] += 0.5 * jerks
    elif f.kind == "look":
        drives.pelvis_sway_deg[at] += curve[:, None] * np.array([0.0, 0.7, 2.0])


def _follow_reps(timeline: Timeline, values: list[float]) -> FloatArray:
    """A curve that is each attempt's value, changing while the sled goes down."""
    out = np.zeros(len(timeline.t_s))
    before = 0.0
    for value, rep in zip(values, timeline.attempts, strict=True):
        out += (value - before) * shapes.smooth_step(timeline.t_s, rep.start_s, rep.bottom_s)
        before = value
    end = timeline.attempts[-1].end_s if timeline.attempts else 0.0
    return out - before * shapes.smooth_step(timeline.t_s, end + 0.2, end + 2.0)


def _left_share(scenario: Scenario, timeline: Timeline) -> FloatArray:
    """(N,) the share wanted from the left leg: the lifter's own, or the rep's on its way down and up."""
    t, own = timeline.t_s, scenario.lifter.left_share
    out = np.full(len(t), own)
    for rep in timeline.attempts:
        if rep.plan.left_share is None:
            continue
        down, up = rep.plan.left_share
        begun, turned = (shapes.smooth_step(t, at - 0.2, at + 0.2) for at in (rep.start_s - 0.1, rep.bottom_s))
        done = shapes.smooth_step(t, rep.end_s - 0.5, rep.end_s - 0.1)
        out += (down - own) * begun + (up - down) * turned + (own - up) * done
    return out


def _restless(scenario: Scenario, drives: Drives, timeline: Timeline, rng: np.random.Generator) -> None:
    """Unsteadiness of knees, pelvis and effort."""
    n, r = len(timeline.t_s), scenario.lifter.restlessness
    for leg in (0, 1):
        slow, quick = shapes.wander(rng, n, DT_S, 3.0), shapes.wander(rng, n, DT_S, 0.9)
        drives.wander_in_deg[:, leg] = r * (0.25 + 0.55 * timeline.carried) * (slow + 0.35 * quick)
    drives.sink_deg += 0.35 * r * timeline.carried * shapes.wander(rng, n, DT_S, 3.5)
    breath = np.sin(2 * np.pi * 0.28 * timeline.t_s + rng.uniform(0, 6))
    drives.pelvis_sway_deg[:, 0] += r * (0.15 * breath + 0.2 * shapes.wander(rng, n, DT_S, 4.0))
    for axis in (1, 2):
        drives.pelvis_sway_deg[:, axis] += 0.25 * r * shapes.wander(rng, n, DT_S, 3.0)


def plan_drives(scenario: Scenario, timeline: Timeline, rng: np.random.Generator) -> Drives:
    """All envelopes of the session."""
    n, t = len(timeline.t_s), timeline.t_s
    reps = timeline.attempts
    drives = Drives(
        nominal_deg=_nominal_deg(scenario, timeline),
        knee_in_mm=np.zeros((n, 2)),
        wander_in_deg=np.zeros((n, 2)),
        tilt_deg=np.zeros(n),
        pelvis_sway_deg=np.zeros((n, 3)),
        heel_factor=np.ones((n, 2)),
        heel_pitch_deg=np.zeros((n, 2)),
        foot_off_m=np.zeros((n, 2)),
        foot_shift_m=np.zeros((n, 2)),
        foot_force=np.ones((n, 2)),
        helped=np.zeros(n),
        strap_deg=np.zeros((n, 2)),
        sink_deg=np.zeros(n),
        list_mm=_follow_reps(timeline, [rep.plan.list_mm for rep in reps]),
        left_share=_left_share(scenario, timeline),
        slide_mm=_follow_reps(timeline, [rep.plan.slide_mm for rep in reps]),
    )
    _restless(scenario, drives, timeline, rng)
    for rep in reps:
        for fault in rep.plan.faults:
            _apply_fault(drives, fault, rep, t)
        if rep.plan.helped > 0:
            drives.helped += rep.plan.helped * shapes.bump(t, rep.drive_s + 0.3, rep.top_s, (0.3, 0.3))
    for placed in timeline.fidgets:
        _apply_fidget(drives, placed, t)
    return drives


def degrees_to_sled_m(scenario: Scenario, nominal_deg: FloatArray) -> FloatArray:
    """Sled travel per degree of knee flexion (m/deg, positive) at a nominal flexion."""
    body = scenario.lifter
    thigh, shank = float(np.mean(body.thigh_m)), float(np.mean(body.shank_m))
    flexion = np.radians(np.maximum(nominal_deg, 2.0))
    return np.radians(thigh * shank * np.sin(flexion) / hip_ankle_m(thigh, shank, flexion))


def inward_rad(scenario: Scenario, leg: int, wanted_mm: FloatArray, distance_m: FloatArray) -> FloatArray:
    """Turn about the hip-ankle line that brings this leg's knee `wanted_mm` inward."""
    _, off = knee_offset_m(scenario.lifter.thigh_m[leg], scenario.lifter.shank_m[leg], distance_m)
    return np.arcsin(np.clip(wanted_mm / 1000 / np.maximum(off, 0.03), -0.9, 0.9))
