"""The whole body over the whole session: rigid segments with orientation and position in the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from edge.samples import FloatArray, Role
from edge.simulator import rotations
from edge.simulator.chain import LEFT, rail_of
from edge.simulator.gait import Upright, seated_weight
from edge.simulator.press import Seated
from edge.simulator.scenario import Scenario
from edge.simulator.timeline import Timeline


@dataclass(slots=True)
class Segment:
    """Orientation (N, 3, 3), segment axes (x anterior, y left, z proximal) to world, and origin (N, 3), m.

    Origins: hip centre for a thigh, knee for a shank, midway between the hips for the pelvis, the sled's own point.
    """

    axes: FloatArray
    origin_m: FloatArray


@dataclass(slots=True)
class Body:
    """Segments by role, and the knee angle that they really make, anatomical, (N, 2) rad."""

    segments: dict[Role, Segment]
    flexion_rad: FloatArray
    effort: FloatArray  # (N,) of the legs, 1 = holding the sled still
    strap_deg: FloatArray  # (N, 2) thigh straps pushed aside


def _blend(free: FloatArray, seated: FloatArray, heading_rad: FloatArray, weight: FloatArray) -> FloatArray:
    """Mixes free angles (N, 3) with a seated matrix (N, 3, 3); exact where weight is 1."""
    own = np.stack(rotations.to_angles(seated), axis=1)
    mixed = free + weight[:, None] * (own - free)
    turned = rotations.from_angles(mixed[:, 0], mixed[:, 1], mixed[:, 2])
    c, s = np.cos(heading_rad), np.sin(heading_rad)
    out = turned.copy()
    out[:, 0] = c[:, None] * turned[:, 0] - s[:, None] * turned[:, 1]
    out[:, 1] = s[:, None] * turned[:, 0] + c[:, None] * turned[:, 1]
    on = weight >= 1.0
    out[on] = seated[on]
    return out


def _knee_rad(thigh: FloatArray, shank: FloatArray) -> FloatArray:
    """Flexion between two segments: how far the shank's long axis leans forward in the thigh."""
    z = shank[:, :, 2]
    ahead = np.einsum("ni,ni->n", z, thigh[:, :, 0])
    along = np.einsum("ni,ni->n", z, thigh[:, :, 2])
    return cast(FloatArray, np.arctan2(ahead, along))


def assemble(scenario: Scenario, timeline: Timeline, walk: Upright, seated: Seated, strap_deg: FloatArray) -> Body:
    """Blends walking and sitting and chains the segments from the pelvis down."""
    body, weight = scenario.lifter, seated_weight(timeline)
    heading = walk.heading_rad * (1.0 - weight)
    pelvis = _blend(walk.pelvis, seated.pelvis, heading, weight)
    centre = walk.pelvis_m + weight[:, None] * (seated.pelvis_m - walk.pelvis_m)
    segments: dict[Role, Segment] = {"pelvis": Segment(pelvis, centre)}
    flexion = np.empty((len(weight), 2))
    roles: tuple[tuple[Role, Role], ...] = (("left_thigh", "left_shank"), ("right_thigh", "right_shank"))
    for leg, (thigh_role, shank_role) in enumerate(roles):
        thigh = _blend(walk.thigh[leg], seated.thigh[leg], heading, weight)
        shank = _blend(walk.shank[leg], seated.shank[leg], heading, weight)
        side = body.hip_half_width_m if leg == 0 else -body.hip_half_width_m
        free_hip = centre + rotations.apply(pelvis, side * LEFT)
        hip = free_hip + (weight >= 1.0)[:, None] * (seated.hip_m[leg] - free_hip)
        knee = hip - body.thigh_m[leg] * thigh[:, :, 2]
        segments[thigh_role] = Segment(thigh, hip)
        segments[shank_role] = Segment(shank, knee)
        flexion[:, leg] = np.where(weight >= 1.0, seated.flexion_rad[leg], _knee_rad(thigh, shank))
    rail = rail_of(scenario.machine)
    axes = rotations.from_axes(rail.along[None], LEFT[None], rail.normal[None])
    place = (seated.sled_m + seated.sled_ring_m)[:, None] * rail.along + seated.shake_m
    segments["sled"] = Segment(np.broadcast_to(axes, (len(weight), 3, 3)), place)
    return Body(segments, flexion, seated.effort, strap_deg)
