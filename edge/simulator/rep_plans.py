"""Draws sets of reps: tempo, depth, fatigue, and which rep goes wrong how."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.simulator.scenario import Fault, Fidget, FidgetKind, Lifter, RepPlan, SetPlan, Side

FAULT_SHARE, NEAR_SHARE = 0.36, 0.16
KINDS = ("lockout", "valgus", "heel_lift", "lumbar")


def draw_side(rng: np.random.Generator) -> Side:
    """One leg more often than both."""
    sides: tuple[Side, Side, Side] = ("left", "right", "both")
    return sides[int(rng.choice(3, p=[0.36, 0.36, 0.28]))]


def draw_fault(rng: np.random.Generator, kind: str, *, near: bool) -> Fault:
    """A valgus, heel lift or lumbar fault, or one that only comes near."""
    late = rng.uniform(-0.05, 0.12)
    if kind == "valgus":
        size = rng.uniform(10.0, 17.0) if near else rng.uniform(50.0, 88.0)
        return Fault("valgus", draw_side(rng), size, late)
    if kind == "heel_lift":
        size = rng.uniform(0.56, 0.75) if near else rng.uniform(0.0, 0.06)
        return Fault("heel_lift", draw_side(rng), size, late)
    size = rng.uniform(4.0, 6.5) if near else rng.uniform(16.5, 27.0)
    return Fault("lumbar", "both", size, late)


def with_fault(rng: np.random.Generator, rep: RepPlan, kind: str, *, near: bool = False) -> RepPlan:
    """The rep with one more thing wrong with it, or nearly."""
    if kind != "lockout":
        return replace(rep, faults=(*rep.faults, draw_fault(rng, kind, near=near)))
    top = rng.uniform(10.3, 12.0) if near else rng.uniform(0.3, 2.4)
    tilted = rng.random() < 0.2
    return replace(rep, top_deg=top, list_mm=float(rng.choice([-1, 1])) * rng.uniform(4, 9) if tilted else 0.0)


def _plain_rep(rng: np.random.Generator, base: RepPlan, tired: float) -> RepPlan:
    steady = rng.uniform(0.03, 0.09)
    return replace(
        base,
        eccentric_s=base.eccentric_s * (1 + rng.normal(0, steady)),
        pause_s=max(base.pause_s * (1 + rng.normal(0, 0.3)), 0.02),
        concentric_s=base.concentric_s * tired * (1 + rng.normal(0, steady)),
        rest_s=max(base.rest_s * (1 + rng.normal(0, 0.3)), 0.25),
        bottom_deg=base.bottom_deg + rng.normal(0, 1.6),
        top_deg=max(base.top_deg + rng.normal(0, 1.3), 11.5),
        skew=(rng.uniform(-0.3, 0.3), rng.uniform(-0.35, 0.2)),
    )


def _base_rep(rng: np.random.Generator) -> RepPlan:
    return RepPlan(
        eccentric_s=rng.uniform(1.7, 3.2),
        pause_s=rng.uniform(0.03, 0.5),
        concentric_s=rng.uniform(1.0, 1.9),
        rest_s=rng.uniform(0.35, 1.3),
        bottom_deg=rng.uniform(86.0, 102.0),
        top_deg=rng.uniform(13.5, 20.0),
    )


def _reps(rng: np.random.Generator, lifter: Lifter, count: int, *, deeper: bool) -> list[RepPlan]:
    base, tire, slide = _base_rep(rng), rng.uniform(0.015, 0.05), rng.uniform(0.0, 6.0)
    reps = []
    for k in range(count):
        rep = _plain_rep(rng, base, 1.0 + tire * k)
        rep = replace(rep, slide_mm=slide * k / count)
        draw = rng.random()
        if deeper:
            onset = lifter.tuck_onset_deg
            rep = replace(rep, bottom_deg=float(np.linspace(onset - 12, onset + rng.uniform(14, 24), count)[k]))
        elif draw < FAULT_SHARE + NEAR_SHARE:
            rep = with_fault(rng, rep, KINDS[int(rng.integers(4))], near=bool(draw > FAULT_SHARE))
        reps.append(rep)
    return reps


def squirm(rng: np.random.Generator) -> tuple[Fidget, ...]:
    """What a seated lifter does before the sled is off the rack."""
    kinds: tuple[tuple[FidgetKind, float], ...] = (("knee_flop", 0.7), ("foot_shuffle", 0.5), ("pelvis_shift", 0.4))
    return tuple(
        Fidget(kind, draw_side(rng), rng.uniform(0.2, 1.8), rng.uniform(0.7, 1.6), rng.uniform(0.6, 1.2))
        for kind, chance in kinds
        if rng.random() < chance
    )


def draw_sets(rng: np.random.Generator, lifter: Lifter, *, deeper: bool = False) -> tuple[SetPlan, ...]:
    """One set, now and then two."""
    count = 2 if rng.random() < 0.12 and not deeper else 1
    return tuple(
        SetPlan(
            reps=tuple(_reps(rng, lifter, int(rng.integers(7, 12)), deeper=deeper)),
            still_s=rng.uniform(3.1, 4.5),
            fidgets=squirm(rng),
            pause_s=rng.uniform(1.0, 6.0),
            unrack_s=rng.uniform(1.3, 2.2),
            first_rest_s=rng.uniform(0.8, 2.0),
            rack_s=rng.uniform(1.5, 2.6),
        )
        for _ in range(count)
    )
