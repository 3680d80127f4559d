"""Squats without a machine: one lifter standing free, sensors on the pelvis and the legs, and what surrounds a set.

The body is a planar chain from the ankle up, with sway, knees that wander, and steps; a leg may be looked at alone. The
sensors are those of the press sessions, but may be worn any way round and may feel gravity badly, as cheap ones do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from edge.samples import FloatArray, Role
from edge.simulator import imus, radio, rotations, shapes
from edge.simulator.body import Segment
from edge.simulator.scenario import Imus, Lifter, Radio, Scenario, SoftTissue
from edge.simulator.session import Session, Stream
from edge.simulator.timeline import DT_S
from edge.simulator.truth import Truth

Worn = Literal["as told", "any way round"]
STEP_KNEE_DEG, STEP_THIGH_DEG = 48.0, 24.0


@dataclass(frozen=True, slots=True)
class Squat:
    """One repetition. knee_deg: flexion at the bottom; a `dip` is one that nobody counts (tried out, loosened up)."""

    knee_deg: float = 100.0
    down_s: float = 1.2
    bottom_s: float = 0.1
    up_s: float = 1.0
    top_s: float = 0.2
    top_deg: float = 4.0
    skew: tuple[float, float] = (0.0, 0.0)
    dip: bool = False


@dataclass(frozen=True, slots=True)
class SquatScenario:
    """A set of squats. walk_s: steps before and after; cut_s: the recording ends so long after the last rep."""

    seed: int = 1
    lifter: Lifter = field(default_factory=Lifter)
    roles: tuple[Role, ...] = ("pelvis", "right_thigh", "right_shank")
    squats: tuple[Squat, ...] = field(default_factory=lambda: tuple(Squat() for _ in range(8)))
    still_s: float = 1.0
    walk_s: tuple[float, float] = (0.0, 0.0)
    cut_s: float = 1.0
    shank_share: float = 0.3  # of the knee's flexion that the shank makes, the thigh the rest
    lean_share: float = 0.35  # of the thigh's turn that the trunk leans forward
    wobble_deg: float = 2.0  # knees that wander out of their plane
    shift_deg: float = 0.0  # weight from foot to foot at the top
    worn: Worn = "as told"
    acc_bias_m_s2: float = 0.2
    imus: Imus = field(default_factory=Imus)
    tissue: SoftTissue = field(default_factory=SoftTissue)
    radio: Radio = field(default_factory=Radio)


@dataclass(slots=True)
class _Plan:
    """Angles over time (N,) deg, walking effort (N,), and when the counted reps leave, reach the bottom, come back."""

    t_s: FloatArray
    knee_deg: FloatArray
    walking: FloatArray
    reps: list[tuple[float, float, float]]


def _plan(scenario: SquatScenario) -> _Plan:
    pieces: list[FloatArray] = []
    at, now = scenario.squats[0].top_deg, 0.0
    reps = []

    def hold(seconds: float) -> None:
        nonlocal now
        n = max(round(seconds / DT_S), 1)
        pieces.append(np.full(n, at))
        now += n * DT_S

    def move(to: float, seconds: float, skew: float) -> None:
        nonlocal at, now
        n = max(round(seconds / DT_S), 8)
        pieces.append(at + (to - at) * shapes.warped_path(n, 0.5, 0.0, skew))
        at, now = to, now + n * DT_S

    hold(scenario.walk_s[0] + scenario.still_s)
    for one in scenario.squats:
        start = now
        move(one.knee_deg, one.down_s, one.skew[0])
        bottom = now
        hold(one.bottom_s)
        move(one.top_deg, one.up_s, one.skew[1])
        if not one.dip:
            reps.append((start, 0.5 * (bottom + now - one.up_s), now))
        hold(one.top_s if one is not scenario.squats[-1] else scenario.cut_s + scenario.walk_s[1])
    knee = shapes.low_pass(np.concatenate(pieces), 0.02 / DT_S)
    t = np.arange(len(knee), dtype=np.float64) * DT_S
    walking = np.zeros(len(t))
    if scenario.walk_s[0]:
        walking += 1.0 - shapes.smooth_step(t, scenario.walk_s[0] - 0.6, scenario.walk_s[0])
    if scenario.walk_s[1]:
        walking += shapes.smooth_step(t, t[-1] - scenario.walk_s[1], t[-1] - scenario.walk_s[1] + 0.6)
    return _Plan(t, knee, walking, reps)


def _leg(
    scenario: SquatScenario, plan: _Plan, leg: int, rng: np.random.Generator
) -> tuple[Segment, Segment, FloatArray, FloatArray]:
    """Thigh, shank, knee flexion (N,) rad and the hip's path of one leg."""
    body, n = scenario.lifter, len(plan.t_s)
    sign = 1.0 if leg == 0 else -1.0
    pace = np.cumsum(rng.uniform(0.8, 1.0) * plan.walking) * DT_S * 2 * np.pi + np.pi * leg
    swing = np.maximum(np.cos(pace - 0.25), 0.0) ** 2
    depth = np.minimum(plan.knee_deg / 90.0, 1.3)
    uneven = 1.0 + 0.02 * rng.standard_normal()
    still = 0.3 * body.restlessness
    step_knee = plan.walking * (8.0 + STEP_KNEE_DEG * swing)
    step_thigh = plan.walking * (6.0 + STEP_THIGH_DEG * np.sin(pace))
    lean = scenario.shank_share * plan.knee_deg * uneven + still * shapes.wander(rng, n, DT_S, 2.0)
    knee = plan.knee_deg * uneven + step_knee + still * shapes.wander(rng, n, DT_S, 2.0)
    thigh_pitch = -(knee - step_knee - lean) - step_thigh
    shank_pitch = thigh_pitch + knee
    off = scenario.wobble_deg * depth * shapes.wander(rng, n, DT_S, 0.8)
    shift = scenario.shift_deg * np.maximum(1.0 - 2.0 * depth, 0.0) * shapes.wander(rng, n, DT_S, 3.0)
    out = sign * (rng.uniform(0.0, 12.0) * depth) + off + shift
    twist = sign * rng.uniform(-8.0, 8.0) * depth + 0.7 * scenario.wobble_deg * depth * shapes.wander(rng, n, DT_S, 0.6)
    thigh = rotations.from_angles(np.radians(thigh_pitch), np.radians(-out), np.radians(twist))
    shank = rotations.from_angles(np.radians(shank_pitch), np.radians(0.5 * out), np.radians(0.5 * twist))
    ankle = np.array([0.0, sign * 0.14, 0.08]) + np.zeros((n, 3))
    knee_m = ankle + body.shank_m[leg] * shank[:, :, 2]
    hip = knee_m + body.thigh_m[leg] * thigh[:, :, 2]
    return Segment(thigh, hip), Segment(shank, knee_m), np.radians(knee), hip


def _segments(scenario: SquatScenario, plan: _Plan) -> tuple[dict[Role, Segment], dict[Role, FloatArray]]:
    rng = np.random.default_rng([scenario.seed, 0x5A7])
    segments: dict[Role, Segment] = {}
    bends: dict[Role, FloatArray] = {}
    hips = []
    names: tuple[tuple[Role, Role], ...] = (("left_thigh", "left_shank"), ("right_thigh", "right_shank"))
    for leg, (thigh_role, shank_role) in enumerate(names):
        segments[thigh_role], segments[shank_role], knee, hip = _leg(scenario, plan, leg, rng)
        bends[thigh_role] = bends[shank_role] = knee
        hips.append(hip)
    n = len(plan.t_s)
    trunk = scenario.lean_share * (1.0 - scenario.shank_share) * plan.knee_deg + shapes.wander(rng, n, DT_S, 3.0)
    roll = (1.0 + scenario.shift_deg) * 0.5 * shapes.wander(rng, n, DT_S, 2.5)
    segments["pelvis"] = Segment(
        rotations.from_angles(np.radians(trunk), np.radians(roll), np.radians(shapes.wander(rng, n, DT_S, 3.0))),
        0.5 * (hips[0] + hips[1]),
    )
    bends["pelvis"] = 0.5 * (bends["left_thigh"] + bends["right_thigh"])
    return segments, bends


def _worn(scenario: SquatScenario, role: Role, rng: np.random.Generator) -> FloatArray:
    """(3, 3) sensor axes to segment axes."""
    told = imus.mount(role, scenario.imus, rng)
    if scenario.worn == "as told":
        return told
    turned, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    return np.asarray(told @ (turned * np.sign(np.linalg.det(turned))))


def _stream(scenario: SquatScenario, role: Role, segment: Segment, bend: FloatArray) -> Stream:
    rng = np.random.default_rng([scenario.seed, sum(ord(c) * 131**i for i, c in enumerate(role)) % 2**32])
    worn = imus.skin(role, scenario.tissue, segment, (bend, np.sin(np.clip(bend, 0.0, 1.57))))
    turned = np.matmul(rotations.from_vectors(worn.turn_rad), _worn(scenario, role, rng))
    motion = imus.measure(segment, turned, imus.place_m(role) + worn.shift_m)
    rate = scenario.imus.rate_hz * (1.0 + scenario.imus.rate_error * rng.standard_normal())
    at = radio.sample_times(rate, len(bend) * DT_S, rng)
    arrivals, kept = radio.transmit(at, [], scenario.radio, rng)
    values = np.concatenate(imus.sample(motion, at, scenario.imus, rng), axis=1)
    values[:, :3] += scenario.acc_bias_m_s2 * rng.standard_normal(3)
    return Stream(
        role, scenario.imus.rate_hz, arrivals.device_us, arrivals.host_us, values[kept], arrivals.boot,
        arrivals.true_s, kept,
    )  # fmt: skip


def simulate_squats(scenario: SquatScenario) -> Session:
    """Runs a scenario; the machine in its session file is none that takes part."""
    plan = _plan(scenario)
    segments, bends = _segments(scenario, plan)
    streams = {role: _stream(scenario, role, segments[role], bends[role]) for role in scenario.roles}
    reps = [
        {"index": i, "set": 1, "start": a, "bottom": b, "drive": b, "top": c, "end": c}
        for i, (a, b, c) in enumerate(plan.reps, start=1)
    ]
    truth = Truth({"reps": reps, "verdicts": [], "seated_s": [0.0, 0.0]}, plan.t_s, {})
    about = Scenario(seed=scenario.seed, name=f"squats-{scenario.seed}", lifter=scenario.lifter)
    return Session(about, round(float(plan.t_s[-1]), 3), truth, streams)


def draw_squats(seed: int) -> SquatScenario:
    """A set drawn from `seed`: people, depths, tempos, straps and parts spread widely."""
    rng = np.random.default_rng([seed, 0x50A7])
    depth, down, up = rng.uniform(55.0, 130.0), rng.uniform(0.6, 3.0), rng.uniform(0.5, 2.2)
    hurried = rng.random() < 0.5
    top = rng.uniform(0.0, 14.0)
    squats = []
    for _ in range(int(rng.integers(5, 16))):
        pause = 0.02 if hurried else float(rng.choice([0.1, 0.4, 1.0, 3.0, 7.0]))
        squats.append(
            Squat(
                knee_deg=depth * rng.uniform(0.88, 1.12),
                down_s=down * rng.uniform(0.8, 1.25),
                bottom_s=float(rng.choice([0.02, 0.1, 0.5, 1.5], p=[0.4, 0.3, 0.2, 0.1])),
                up_s=up * rng.uniform(0.8, 1.3),
                top_s=pause * rng.uniform(0.7, 1.3),
                top_deg=max(top + rng.normal(0.0, 3.0), 0.0),
                skew=(rng.uniform(-0.4, 0.4), rng.uniform(-0.4, 0.4)),
            )
        )
    if rng.random() < 0.35:
        dip = Squat(rng.uniform(12.0, 24.0), 0.6, 0.1, 0.6, rng.uniform(0.4, 2.0), top, dip=True)
        squats.insert(int(rng.integers(0, len(squats))), dip)
    side = ("left", "right")[int(rng.integers(2))]
    one_leg: tuple[Role, ...] = ("pelvis", f"{side}_thigh", f"{side}_shank")  # type: ignore[assignment]
    both: tuple[Role, ...] = ("pelvis", "left_thigh", "left_shank", "right_thigh", "right_shank")
    bad = rng.random() < 0.5
    parts = Imus(
        rate_hz=float(rng.choice([50.0, 60.0, 100.0, 110.0, 200.0])),
        mount_deg=6.0,
        gyr_bias_deg_s=float(rng.choice([0.6, 3.0])),
        acc_scale=0.1 if bad else 0.004,
    )
    walk = (rng.uniform(2.0, 6.0), rng.uniform(2.0, 6.0)) if rng.random() < 0.35 else (0.0, 0.0)
    body = Lifter()
    return SquatScenario(
        seed=seed,
        lifter=replace(body, restlessness=rng.uniform(0.5, 2.0)),
        roles=both if rng.random() < 0.15 else one_leg,
        squats=tuple(squats),
        still_s=float(rng.choice([0.02, 0.2, 0.5, 1.0, 2.0, 5.0])),
        walk_s=walk,
        cut_s=float(rng.choice([0.1, 0.3, 1.0, 3.0])),
        shank_share=rng.uniform(0.18, 0.38),
        lean_share=rng.uniform(0.1, 0.6),
        wobble_deg=rng.uniform(0.5, 3.5),
        shift_deg=rng.uniform(0.0, 3.0),
        worn="any way round" if rng.random() < 0.5 else "as told",
        acc_bias_m_s2=rng.uniform(0.5, 2.5) if bad else 0.2,
        imus=parts,
        tissue=SoftTissue(thigh_flexion_deg=rng.uniform(-6.0, 6.0), thigh_twist_deg=rng.uniform(-8.0, 8.0)),
        radio=Radio(lost_share=float(rng.choice([0.0, 0.0, 0.02]))),
    )
