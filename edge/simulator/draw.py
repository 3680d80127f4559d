"""Draws a session from a seed: people, machines, sensors and sets spread as widely as gyms have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.simulator.difficulties import TAGS
from edge.simulator.extremes import ALL_TAGS, apply_tags
from edge.simulator.rep_plans import draw_sets
from edge.simulator.scenario import (
    Imus,
    Lifter,
    LoadCells,
    Machine,
    Radio,
    Scenario,
    SoftTissue,
    Timing,
)

THIGH_SHARE, SHANK_SHARE, HIP_SHARE = 0.245, 0.246, 0.191  # of body height; hips: the whole pelvis's width
DEEPER_SHARE = 0.08  # of sessions in which every rep goes deeper, past the lifter's own limit
MAX_TAGS = 3


def draw_lifter(rng: np.random.Generator) -> Lifter:
    """A person whose knees and feet are nothing special; `difficulties` makes odd ones of them."""
    male = rng.random() < 0.55
    mean, spread = (1.76, 0.07) if male else (1.63, 0.065)
    height = float(np.clip(rng.normal(mean, spread), 1.48, 2.05))
    thigh = height * THIGH_SHARE * (1 + float(np.clip(rng.normal(0, 0.04), -0.08, 0.08)))
    shank = height * SHANK_SHARE * (1 + float(np.clip(rng.normal(0, 0.04), -0.08, 0.08)))
    plane = rng.normal(0.0, 2.0)
    heel = float(np.clip(rng.normal(0.54, 0.03), 0.45, 0.62))
    return Lifter(
        height_m=round(height, 3),
        said_height_m=round(height + rng.uniform(-0.02, 0.02), 2),
        mass_kg=round(float(np.clip(rng.normal(25.0, 3.5), 18, 38)) * height**2, 1),
        thigh_m=(thigh, thigh),
        shank_m=(shank, shank),
        hip_half_width_m=0.5 * HIP_SHARE * height * rng.uniform(0.85, 1.0),
        own_straight_deg=0.0,
        standing_bend_deg=(abs(rng.normal(1.3, 0.9)), abs(rng.normal(1.3, 0.9))),
        standing_lean_deg=rng.normal(0.0, 1.2),
        knee_plane_deg=(plane + rng.normal(0, 0.7), plane + rng.normal(0, 0.7)),
        plane_drift_deg=(rng.normal(0, 1.2), rng.normal(0, 1.2)),
        screw_home_deg=rng.uniform(2.0, 9.0),
        carrying_deg=rng.uniform(0.0, 3.0),
        heel_share=(heel, heel),
        left_share=float(np.clip(rng.normal(0.5, 0.02), 0.44, 0.56)),
        tuck_onset_deg=135.0,
        tuck_slope_below=rng.uniform(0.0, 0.06),
        tuck_slope_above=rng.uniform(0.4, 0.8),
        tuck_pivot_m=rng.uniform(0.03, 0.09),
        restlessness=rng.uniform(0.6, 1.4),
    )


def draw_machine(rng: np.random.Generator, lifter: Lifter) -> Machine:
    """A plate-loaded sled of the common kind; `difficulties` brings flat, steep and rough ones."""
    rail = float(np.clip(rng.normal(43.5, 3.5), 33.0, 52.0))
    return Machine(
        rail_deg=rail,
        said_rail_deg=round(rail + rng.uniform(-0.9, 0.9), 1),
        backrest_deg=round(rng.uniform(28.0, 42.0), 1),
        sled_kg=round(float(np.clip(lifter.mass_kg * rng.uniform(1.2, 3.4), 70.0, 330.0)), 1),
        ankle_offset_m=rng.uniform(0.02, 0.11),
        stance_half_m=lifter.hip_half_width_m * rng.uniform(0.8, 1.6),
        rack_deg=rng.uniform(78.0, 92.0),
        friction_share=rng.uniform(0.005, 0.02),
        friction_n=rng.uniform(5.0, 40.0),
        stick_slip_n=rng.uniform(0.0, 8.0),
        roughness_m_s2=rng.uniform(0.02, 0.12),
        pad_n_m=rng.uniform(1.2e5, 4.0e5),
        bang_m_s2=rng.uniform(12.0, 55.0),
        frame_hz=rng.uniform(15.0, 40.0),
        frame_zeta=rng.uniform(0.03, 0.1),
    )


def draw_tissue(rng: np.random.Generator) -> SoftTissue:
    """Skin and muscle under the straps."""
    return SoftTissue(
        thigh_flexion_deg=rng.uniform(-4.0, 4.5),
        thigh_twist_deg=rng.uniform(-5.0, 5.0),
        shank_flexion_deg=rng.uniform(-2.0, 2.0),
        slide_mm=rng.uniform(4.0, 16.0),
        contraction_deg=rng.uniform(0.3, 2.0),
        wobble=rng.uniform(0.4, 1.5),
        wobble_hz=rng.uniform(6.0, 12.0),
        pelvis_deg=rng.uniform(0.1, 0.8),
    )


def draw_sensors(rng: np.random.Generator) -> tuple[Imus, LoadCells, Radio]:
    """A kit of sound consumer parts and a radio in a gym."""
    imus = Imus(
        rate_hz=float(rng.choice([52.0, 100.0, 104.0, 200.0])),
        delay_ms=rng.uniform(0.0, 3.0),
        acc_noise_m_s2=rng.uniform(0.008, 0.016),
        gyr_noise_deg_s=rng.uniform(0.05, 0.12),
        acc_lsb_m_s2=float(rng.choice([0.0047884, 0.0023942])),
        gyr_lsb_deg_s=float(rng.choice([0.0610352, 0.0305176])),
    )
    cells = LoadCells(rate_hz=float(rng.choice([80.0, 80.0, 160.0])), delay_ms=rng.uniform(0.0, 12.0))
    lossy = rng.random() < 0.4
    radio = Radio(
        batch_s=rng.uniform(0.02, 0.052),
        interval_s=float(rng.choice([0.0075, 0.015, 0.015, 0.015, 0.0225, 0.03])),
        jitter_s=rng.uniform(0.0003, 0.002),
        late_share=rng.uniform(0.002, 0.012),
        lost_share=rng.uniform(0.003, 0.03) if lossy else 0.0,
    )
    return imus, cells, radio


def _timing(rng: np.random.Generator) -> Timing:
    return Timing(
        standing_s=rng.uniform(4.1, 6.0),
        walking_s=rng.uniform(2.6, 5.0),
        sitting_s=rng.uniform(1.6, 2.6),
        after_s=rng.uniform(1.5, 4.0),
        leaving_s=rng.uniform(3.5, 5.5),
        turn_deg=float(rng.choice([-1.0, 1.0])) * rng.uniform(60.0, 180.0),
    )


def _band(value: float, edges: tuple[float, float], names: tuple[str, str, str]) -> str:
    return names[int(value >= edges[0]) + int(value >= edges[1])]


def group_of(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """Labels for tables by group."""
    body, machine = scenario.lifter, scenario.machine
    odd = body.own_straight_deg > 2 or max(map(abs, body.knee_plane_deg)) > 5 or body.heel_share[0] < 0.45
    uneven = 1000 * abs(sum((body.thigh_m[0], body.shank_m[0])) - sum((body.thigh_m[1], body.shank_m[1]))) > 2
    return (
        ("height", _band(body.height_m, (1.62, 1.8), ("short", "middle", "tall"))),
        ("rail", _band(machine.rail_deg, (25.0, 50.0), ("flat", "common", "steep"))),
        ("body", "odd" if odd else "usual"),
        ("legs", "uneven" if uneven else "even"),
        ("rate", f"{scenario.imus.rate_hz:g} Hz"),
        ("radio", "lossy" if scenario.radio.lost_share > 0 else "whole"),
    )


def draw_scenario(seed: int, *, hard: bool = False, tags: tuple[str, ...] = ()) -> Scenario:
    """A session drawn from `seed`.

    tags: difficulties it must have (names of `extremes.ALL_TAGS`); hard: draws one to three where none are given.
    Raises KeyError, with the names there are, for an unknown tag.
    """
    unknown = sorted(set(tags) - set(ALL_TAGS))
    if unknown:
        message = f"no such difficulty: {', '.join(unknown)}; there are {', '.join(sorted(ALL_TAGS))}"
        raise KeyError(message)
    rng = np.random.default_rng([seed, 0x51ED])
    lifter = draw_lifter(rng)
    imus, cells, radio = draw_sensors(rng)
    deeper = rng.random() < DEEPER_SHARE
    if deeper:
        lifter = replace(lifter, tuck_onset_deg=round(rng.uniform(86.0, 98.0), 1))
    drawn = Scenario(
        seed=seed,
        name=f"session-{seed}",
        lifter=lifter,
        machine=draw_machine(rng, lifter),
        timing=_timing(rng),
        tissue=draw_tissue(rng),
        imus=imus,
        cells=cells,
        radio=radio,
        backpad=bool(rng.random() < 0.6),
        sets=draw_sets(rng, lifter, deeper=deeper),
    )
    if hard and not tags:
        count = int(rng.integers(1, MAX_TAGS + 1))
        tags = tuple(str(tag) for tag in rng.choice(sorted(TAGS), count, replace=False))
    drawn = apply_tags(drawn, tags, rng)
    return replace(drawn, groups=group_of(drawn))
