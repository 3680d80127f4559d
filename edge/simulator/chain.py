"""The closed chain seat - hip - knee - ankle - sled, in one leg's plane and in space.

Lengths in m, angles in radians from the anatomical straight (hip, knee and ankle in one line).
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from edge.samples import FloatArray
from edge.simulator.scenario import Lifter, Machine

FORWARD, LEFT, UP = np.eye(3)
ANKLE_PLAY_M = 0.006  # the ankle's centre wanders this far over 90° of knee flexion
TUCK_SOFT_DEG = 1.5  # the pelvis begins to tuck over about this much flexion, not at a corner
STRAIGHT_RAD = 0.004  # a leg is never pulled straighter than this: the hips give way instead
GIVE_M = 0.0002  # softness of that limit


class Rail(NamedTuple):
    """Unit vectors of the machine: along the rail (out), normal to it (towards the head side), both in the world."""

    along: FloatArray
    normal: FloatArray


def rail_of(machine: Machine) -> Rail:
    """The rail's directions; x points from the lifter to the plate, y to the lifter's left, z up."""
    a = np.radians(machine.rail_deg)
    return Rail(np.array([np.cos(a), 0.0, np.sin(a)]), np.array([-np.sin(a), 0.0, np.cos(a)]))


def hip_ankle_m(thigh_m: float, shank_m: float, flexion_rad: float | FloatArray) -> FloatArray:
    """Distance from hip to ankle at a knee flexion."""
    square = thigh_m**2 + shank_m**2 + 2 * thigh_m * shank_m * np.cos(flexion_rad)
    return cast(FloatArray, np.sqrt(square))


def flexion_rad(thigh_m: float, shank_m: float, distance_m: FloatArray) -> FloatArray:
    """Knee flexion at a distance from hip to ankle (clipped to what the leg can reach)."""
    cosine = (distance_m**2 - thigh_m**2 - shank_m**2) / (2 * thigh_m * shank_m)
    return cast(FloatArray, np.arccos(np.clip(cosine, -1.0, 1.0)))


def knee_offset_m(thigh_m: float, shank_m: float, distance_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far the knee is along the line from hip to ankle, and how far off it."""
    along = (distance_m**2 + thigh_m**2 - shank_m**2) / (2 * distance_m)
    return along, np.sqrt(np.maximum(thigh_m**2 - along**2, 1e-12))


def habit_tilt_deg(lifter: Lifter, machine: Machine, knee_deg: FloatArray) -> FloatArray:
    """Posterior tilt from the set-up posture that this lifter has at a knee flexion (own straight = 0)."""
    habit = lifter.tuck_slope_below * (np.minimum(knee_deg, lifter.tuck_onset_deg) - machine.rack_deg)
    past = (knee_deg - lifter.tuck_onset_deg) / TUCK_SOFT_DEG
    return habit + lifter.tuck_slope_above * TUCK_SOFT_DEG * np.logaddexp(0.0, past)


def tuck_shift_m(lifter: Lifter, machine: Machine, tilt_deg: FloatArray) -> FloatArray:
    """(N, 3) how a tilting pelvis, rolling on the pad, carries the hips forward and up."""
    recline = -np.radians(90.0 - machine.backrest_deg)
    headward = np.array([np.sin(recline), 0.0, np.cos(recline)])
    forward = np.array([np.cos(recline), 0.0, -np.sin(recline)])
    rolled = np.radians(tilt_deg)[:, None]
    turned: FloatArray = np.sin(rolled) * forward + (1 - np.cos(rolled)) * headward
    return lifter.tuck_pivot_m * turned


def ankle_play_m(anatomical_deg: FloatArray) -> FloatArray:
    """How far the ankle's centre has wandered along the plate at a knee flexion."""
    return ANKLE_PLAY_M * (anatomical_deg / 90.0 - 0.6)


def reach_m(thigh_m: float, shank_m: float) -> float:
    """The longest distance from hip to ankle: the last bit of straightening moves the hips instead."""
    return float(hip_ankle_m(thigh_m, shank_m, STRAIGHT_RAD))


def excess_m(distance_m: FloatArray, longest_m: float) -> FloatArray:
    """By how much a distance from hip to ankle is beyond the leg's reach, softly (never negative)."""
    return GIVE_M * np.logaddexp(0.0, (distance_m - longest_m) / GIVE_M)


def sled_for_knee_m(lifter: Lifter, machine: Machine, leg: int, knee_deg: float, hip_m: FloatArray) -> float:
    """Sled position that gives one leg (0 left, 1 right) this flexion from its own straight.

    hip_m: (3,) where the plan has moved that hip joint from its set-up place, world axes.
    """
    rail = rail_of(machine)
    anatomical = max(knee_deg + lifter.own_straight_deg, 0.5)
    wanted = float(hip_ankle_m(lifter.thigh_m[leg], lifter.shank_m[leg], np.radians(anatomical)))
    short = (wanted - reach_m(lifter.thigh_m[leg], lifter.shank_m[leg])) / GIVE_M
    distance = wanted - GIVE_M * float(np.log1p(-np.exp(min(short, -1e-3))))
    tilt = habit_tilt_deg(lifter, machine, np.array([knee_deg]))
    hip = hip_m + tuck_shift_m(lifter, machine, tilt)[0]
    across = machine.stance_half_m - lifter.hip_half_width_m
    normal = machine.ankle_offset_m + float(ankle_play_m(np.array(anatomical))) - hip @ rail.normal
    return float(np.sqrt(distance**2 - normal**2 - across**2) + hip @ rail.along)
