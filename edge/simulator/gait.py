"""Standing, walking to the machine, turning, sitting down; and the way back.

A segment's orientation is (pitch, roll, twist) in the heading frame (see rotations.from_angles); the press gives the
same three angles for the seated body, so that sitting down is a blend of angles and never of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.samples import FloatArray
from edge.simulator import shapes
from edge.simulator.scenario import Scenario
from edge.simulator.timeline import DT_S, Timeline

SEAT_ABOVE_FLOOR_M = 0.42
STRIKE_HZ, STRIKE_ZETA = 14.0, 0.25  # the jolt of a heel strike as it reaches a strap


@dataclass(slots=True)
class Upright:
    """The free body: angles (N, 3) in rad per segment, heading (N,), pelvis centre (N, 3) in m."""

    heading_rad: FloatArray
    pelvis: FloatArray
    thigh: tuple[FloatArray, FloatArray]
    shank: tuple[FloatArray, FloatArray]
    pelvis_m: FloatArray


def seated_weight(timeline: Timeline) -> FloatArray:
    """0 free .. 1 on the machine, (N,)."""
    down = shapes.smooth_step(timeline.t_s, timeline.walking_end_s, timeline.seated_from_s)
    return down - shapes.smooth_step(timeline.t_s, timeline.seated_to_s, timeline.seated_to_s + 1.8)


def _stride(timeline: Timeline, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Walking effort 0..1 and gait phase (rad), (N,)."""
    t, end = timeline.t_s, timeline.t_s[-1]
    to = shapes.bump(t, timeline.standing_end_s, timeline.walking_end_s + 0.4, (0.7, 0.7))
    away = shapes.bump(t, timeline.seated_to_s + 1.3, end + 1.5, (0.7, 0.7))
    effort = np.maximum(to, away)
    pace = rng.uniform(0.75, 1.0) * (1 + 0.05 * shapes.wander(rng, len(t), DT_S, 2.0))
    phase = 2 * np.pi * np.cumsum(pace * effort) * DT_S + rng.uniform(0, 6)
    return effort, phase


def _leg_angles(
    scenario: Scenario, timeline: Timeline, leg: int, stride: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Thigh and shank angles (N, 3) of one leg."""
    body, n = scenario.lifter, len(timeline.t_s)
    effort, phase = stride[0], stride[1] + np.pi * leg
    sign = 1.0 if leg == 0 else -1.0
    sway = 0.4 * body.restlessness
    bend = body.own_straight_deg + body.standing_bend_deg[leg] + 0.5 * sway * shapes.wander(rng, n, DT_S, 3.0)
    hip = (
        0.45 * bend
        - body.standing_lean_deg
        + sway * shapes.wander(rng, n, DT_S, 2.5)
        + effort * (6.0 + 17.0 * np.sin(phase))
    )
    swing = np.maximum(np.cos(phase - 0.25), 0.0) ** 2
    knee = bend + effort * (8.0 + rng.uniform(36, 48) * swing + 6.0 * np.sin(2 * phase))
    roll = sign * (-2.0 + effort * 2.0 * np.sin(phase + 0.5)) + 0.3 * sway * shapes.wander(rng, n, DT_S, 3.0)
    twist = sign * rng.normal(4.0, 3.0) + effort * 5.0 * np.sin(phase + 1.0)
    quiver = effort * 1.2 * shapes.wander(rng, n, DT_S, 0.25)
    thigh = np.radians(np.stack([-hip + quiver, roll, twist], axis=1))
    shank = np.radians(np.stack([knee - hip + quiver, 0.6 * roll, twist + sign * body.screw_home_deg * 0.3], axis=1))
    return thigh, shank


def _heights_m(scenario: Scenario, thigh: FloatArray, shank: FloatArray, leg: int) -> FloatArray:
    """How far this leg's hip stands above its ankle."""
    body = scenario.lifter
    return body.thigh_m[leg] * np.cos(thigh[:, 0]) + body.shank_m[leg] * np.cos(shank[:, 0])


def _reach_m(scenario: Scenario, thigh: FloatArray, shank: FloatArray, leg: int) -> FloatArray:
    """How far this leg's ankle is in front of its hip."""
    body = scenario.lifter
    return -(body.thigh_m[leg] * np.sin(thigh[:, 0]) + body.shank_m[leg] * np.sin(shank[:, 0]))


def _path_m(scenario: Scenario, timeline: Timeline, walk: Upright, phase: FloatArray) -> FloatArray:
    """Pelvis path: the standing foot stays where it is, the higher leg carries, every strike jolts."""
    high, reach = (
        np.stack([f(scenario, walk.thigh[leg], walk.shank[leg], leg) for leg in (0, 1)], axis=1)
        for f in (_heights_m, _reach_m)
    )
    top = shapes.low_pass(high.max(axis=1), 0.045 / DT_S)
    share = 1.0 / (1.0 + np.exp(-np.clip((high[:, 0] - high[:, 1]) * 150.0, -30, 30)))
    back = -np.gradient(reach, DT_S, axis=0)
    speed = shapes.low_pass(share * back[:, 0] + (1 - share) * back[:, 1], 0.06 / DT_S)
    for strike in timeline.t_s[1:][np.diff(np.floor((phase + 1.0) / np.pi)) > 0]:
        top = top + 0.0006 * shapes.ring(timeline.t_s, strike, STRIKE_HZ, STRIKE_ZETA)
    x, y = (np.cumsum(speed * f(walk.heading_rad)) * DT_S for f in (np.cos, np.sin))
    at = int(timeline.walking_end_s / DT_S)
    foot = 0.039 * scenario.lifter.height_m
    path = np.stack([x - x[at] + 0.35, y - y[at], top + foot - SEAT_ABOVE_FLOOR_M], axis=1)
    leaving = int(timeline.seated_to_s / DT_S)
    path[leaving:, :2] += np.array([0.35, 0.0]) - path[leaving, :2]
    return path


def plan_upright(scenario: Scenario, timeline: Timeline, rng: np.random.Generator) -> Upright:
    """The whole session as if the lifter never sat down."""
    n, t = len(timeline.t_s), timeline.t_s
    stride = _stride(timeline, rng)
    effort, phase = stride
    turn = np.radians(scenario.timing.turn_deg)
    to = 1.0 - shapes.smooth_step(t, timeline.standing_end_s + 0.3, timeline.walking_end_s)
    away = shapes.smooth_step(t, timeline.seated_to_s + 1.8, t[-1] + 0.5)
    heading = turn * to - 0.7 * turn * away
    legs = [_leg_angles(scenario, timeline, leg, stride, rng) for leg in (0, 1)]
    lean = 0.4 * scenario.lifter.restlessness
    pelvis = np.radians(
        np.stack(
            [
                lean * shapes.wander(rng, n, DT_S, 4.0) + effort * (4.0 + 1.5 * np.sin(2 * phase)),
                0.5 * lean * shapes.wander(rng, n, DT_S, 3.0) + effort * 3.5 * np.sin(phase),
                0.5 * lean * shapes.wander(rng, n, DT_S, 3.0) + effort * 5.0 * np.cos(phase),
            ],
            axis=1,
        )
    )
    walk = Upright(heading, pelvis, (legs[0][0], legs[1][0]), (legs[0][1], legs[1][1]), np.zeros((n, 3)))
    walk.pelvis_m = _path_m(scenario, timeline, walk, phase)
    return walk
