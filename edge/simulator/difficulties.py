"""What makes a session hard, one function a tag: each takes a drawn scenario and spoils it.

These are drawn at random; `extremes` holds what is worse, or rarer, and comes only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from edge.samples import Role
from edge.simulator.rep_plans import draw_fault, with_fault
from edge.simulator.scenario import Fault, Fidget, RepPlan, Scenario, Silence, Slip

Rng: TypeAlias = np.random.Generator
Spoil: TypeAlias = Callable[[Scenario, Rng], Scenario]
LIMBS: tuple[Role, ...] = ("left_thigh", "left_shank", "right_thigh", "right_shank")
WORN: tuple[Role, ...] = (*LIMBS, "pelvis")


def each_rep(scenario: Scenario, change: Callable[[RepPlan, int], RepPlan]) -> Scenario:
    """Every rep changed; the number counts attempts over the session from 1."""
    number, sets = 0, []
    for one in scenario.sets:
        reps = []
        for rep in one.reps:
            number += 1
            reps.append(change(rep, number))
        sets.append(replace(one, reps=tuple(reps)))
    return replace(scenario, sets=tuple(sets))


def count_attempts(scenario: Scenario) -> int:
    """Attempts in all sets."""
    return sum(len(one.reps) for one in scenario.sets)


def some_reps(scenario: Scenario, rng: Rng, share: float, change: Callable[[RepPlan], RepPlan]) -> Scenario:
    """A share of the reps changed, at least one."""
    count = count_attempts(scenario)
    chosen = {int(k) + 1 for k in rng.choice(count, max(1, round(share * count)), replace=False)}
    return each_rep(scenario, lambda rep, number: change(rep) if number in chosen else rep)


def odd_body(scenario: Scenario, rng: Rng) -> Scenario:
    """Knees that are never straight, bowed or knocked, legs of unequal length, feet placed high or low."""
    body = scenario.lifter
    longer = float(np.clip(rng.normal(0, 5.0), -9, 9)) / 2000
    plane = rng.uniform(-8.0, 8.0)
    foot = rng.uniform(0.36, 0.64)
    heel = tuple(float(np.clip(foot + rng.normal(0, 0.02), 0.35, 0.65)) for _ in range(2))
    return replace(
        scenario,
        lifter=replace(
            body,
            own_straight_deg=rng.uniform(0.0, 6.0),
            knee_plane_deg=(plane + rng.normal(0, 1.0), plane + rng.normal(0, 1.0)),
            thigh_m=(body.thigh_m[0] + longer / 2, body.thigh_m[1] - longer / 2),
            shank_m=(body.shank_m[0] + longer / 2, body.shank_m[1] - longer / 2),
            heel_share=(heel[0], heel[1]),
            tuck_slope_below=rng.uniform(0.02, 0.1),
        ),
    )


def loaded_nuisance(scenario: Scenario, rng: Rng) -> Scenario:
    """At the top, on soft knees: a foot off the plate, a long rest, hands that grip anew."""
    kinds = ("unload", "rest", "regrip")

    def fidget(rep: RepPlan) -> RepPlan:
        kind = kinds[int(rng.integers(3))]
        lasts = {"unload": rng.uniform(0.5, 1.5), "rest": rng.uniform(3.0, 14.0), "regrip": rng.uniform(1.0, 2.5)}[kind]
        after = rng.uniform(0.4, 1.0)
        side = ("left", "right")[int(rng.integers(2))] if kind == "unload" else "both"
        one = Fidget(kind, side, after, lasts, rng.uniform(0.6, 1.2))  # type: ignore[arg-type]
        rest = after + lasts + rng.uniform(0.3, 0.8)
        return replace(
            rep, rest_s=rest, fidgets=(one,), top_deg=max(rep.top_deg, 12.5) if kind == "rest" else rep.top_deg
        )

    return some_reps(scenario, rng, 0.35, fidget)


def slip(scenario: Scenario, rng: Rng) -> Scenario:
    """A strap or two give between reps."""
    last = max(count_attempts(scenario) - 2, 1)
    slips = tuple(
        Slip(WORN[int(k)], int(rng.integers(1, last + 1)), rng.uniform(8.0, 20.0), rng.uniform(0.3, 0.9))
        for k in rng.choice(len(WORN), int(rng.integers(1, 3)), replace=False)
    )
    after = {s.after_rep for s in slips}
    wider = each_rep(scenario, lambda rep, n: replace(rep, rest_s=max(rep.rest_s, 1.8)) if n in after else rep)
    return replace(wider, trouble=replace(scenario.trouble, slips=slips))


def missing_role(scenario: Scenario, rng: Rng) -> Scenario:
    """One sensor is not there."""
    roles: tuple[Role, ...] = (*WORN, "sled", "footplate")
    gone = roles[int(rng.integers(len(roles)))]
    return replace(scenario, trouble=replace(scenario.trouble, missing=(*scenario.trouble.missing, gone)))


def _silence(scenario: Scenario, rng: Rng, *, restart: bool) -> Scenario:
    roles: tuple[Role, ...] = (*WORN, "sled", "footplate", *(("backpad",) if scenario.backpad else ()))
    count = int(rng.integers(1, 3))
    lasts = (0.3, 1.5) if restart else (1.5, 6.0)
    new = tuple(
        Silence(
            roles[int(k)], int(rng.integers(1, count_attempts(scenario) + 1)), round(rng.uniform(*lasts), 3), restart
        )
        for k in rng.choice(len(roles), count, replace=False)
    )
    return replace(scenario, trouble=replace(scenario.trouble, silences=(*scenario.trouble.silences, *new)))


def dropout(scenario: Scenario, rng: Rng) -> Scenario:
    """A node or two fall silent for seconds."""
    return _silence(scenario, rng, restart=False)


def restart(scenario: Scenario, rng: Rng) -> Scenario:
    """A node or two restart."""
    return _silence(scenario, rng, restart=True)


def swapped(scenario: Scenario, rng: Rng) -> Scenario:
    """Left and right nodes exchanged: thighs, shanks, or both."""
    choices = (("thigh",), ("shank",), ("thigh", "shank"), ("thigh", "shank"))
    return replace(scenario, trouble=replace(scenario.trouble, swapped=choices[int(rng.integers(4))]))  # type: ignore[arg-type]


def upside_down(scenario: Scenario, rng: Rng) -> Scenario:
    """A node worn the wrong way round."""
    role = WORN[int(rng.integers(len(WORN)))]
    axis = ("x", "z")[int(rng.integers(2))]
    return replace(scenario, trouble=replace(scenario.trouble, upside_down=((role, axis),)))  # type: ignore[arg-type]


def cheap_sensors(scenario: Scenario, rng: Rng) -> Scenario:
    """Old parts: large offsets that wander while warming up, more noise."""
    worse = replace(
        scenario.imus,
        acc_bias_mg=60.0,
        gyr_bias_deg_s=3.0,
        warm_up=rng.uniform(0.1, 0.3),
        acc_scale=0.008,
        gyr_scale=0.012,
        cross_axis=0.008,
        g_sensitivity_deg_s=0.1,
        acc_noise_m_s2=scenario.imus.acc_noise_m_s2 * 2,
        gyr_noise_deg_s=scenario.imus.gyr_noise_deg_s * 1.5,
    )
    return replace(scenario, imus=worse)


def clock_drift(scenario: Scenario, rng: Rng) -> Scenario:
    """Node clocks that run by an RC oscillator."""
    return replace(scenario, radio=replace(scenario.radio, clock_ppm=rng.uniform(800.0, 3000.0), clock_jitter_us=60.0))


def bad_radio(scenario: Scenario, rng: Rng) -> Scenario:
    """Many batches lost, some in a row; many late."""
    worse = replace(
        scenario.radio,
        lost_share=rng.uniform(0.02, 0.05),
        burst=rng.uniform(1.0, 3.0),
        late_share=rng.uniform(0.01, 0.03),
        jitter_s=rng.uniform(0.001, 0.006),
    )
    return replace(scenario, radio=worse)


def other_machine(scenario: Scenario, rng: Rng) -> Scenario:
    """Flat with a weight stack, shallow, or steep; rough rails, soft pads, loud racks."""
    machine = scenario.machine
    kind = int(rng.integers(3))
    rail = (rng.uniform(0.0, 15.0), rng.uniform(15.0, 33.0), rng.uniform(50.0, 60.0))[kind]
    back = (rng.uniform(45.0, 70.0), rng.uniform(35.0, 55.0), rng.uniform(18.0, 32.0))[kind]
    said = float(np.clip(rail + rng.uniform(-0.9, 0.9), 0.0, 60.0))
    flat = kind == 0
    rough = replace(
        machine,
        rail_deg=rail,
        said_rail_deg=round(said, 1),
        backrest_deg=round(back, 1),
        sled_kg=round(rng.uniform(18.0, 45.0), 1) if flat else machine.sled_kg,
        stack_kg=round(rng.uniform(40.0, 160.0), 1) if flat else 0.0,
        friction_share=rng.uniform(0.01, 0.03),
        friction_n=rng.uniform(20.0, 60.0),
        stick_slip_n=rng.uniform(5.0, 15.0),
        roughness_m_s2=rng.uniform(0.1, 0.35),
        pad_n_m=rng.uniform(0.7e5, 2.0e5),
        bang_m_s2=rng.uniform(20.0, 80.0),
    )
    return replace(scenario, machine=rough)


def knocks(scenario: Scenario, rng: Rng) -> Scenario:
    """Somebody bumps the frame."""
    return some_reps(scenario, rng, 0.25, lambda rep: replace(rep, bump_m_s2=rng.uniform(3.0, 15.0)))


def two_faults(scenario: Scenario, rng: Rng) -> Scenario:
    """Two things wrong in one rep."""
    pairs = (("lumbar", "heel_lift"), ("valgus", "lockout"), ("valgus", "lumbar"), ("heel_lift", "lockout"))

    def both(rep: RepPlan) -> RepPlan:
        first, second = pairs[int(rng.integers(len(pairs)))]
        return with_fault(rng, with_fault(rng, replace(rep, faults=()), first), second)

    return some_reps(scenario, rng, 0.25, both)


def growing_valgus(scenario: Scenario, rng: Rng) -> Scenario:
    """One knee that falls in a little more every rep."""
    side = ("left", "right")[int(rng.integers(2))]
    first, last, count = rng.uniform(6.0, 14.0), rng.uniform(55.0, 85.0), count_attempts(scenario)

    def grow(rep: RepPlan, number: int) -> RepPlan:
        size = first + (last - first) * (number - 1) / max(count - 1, 1)
        kept = tuple(f for f in rep.faults if f.kind != "valgus")
        return replace(rep, faults=(*kept, Fault("valgus", side, size)))  # type: ignore[arg-type]

    return each_rep(scenario, grow)


def late_valgus(scenario: Scenario, rng: Rng) -> Scenario:
    """Knees that fall in on the way down."""

    def spoil(rep: RepPlan) -> RepPlan:
        one = replace(draw_fault(rng, "valgus", near=False), on_the_way_down=True, late_s=0.0)
        return replace(rep, faults=(*(f for f in rep.faults if f.kind != "valgus"), one))

    return some_reps(scenario, rng, 0.25, spoil)


def long_lockout(scenario: Scenario, rng: Rng) -> Scenario:
    """Resting on straight knees, or snapped into them."""

    def spoil(rep: RepPlan) -> RepPlan:
        snap = bool(rng.random() < 0.5)
        rest = rep.rest_s if snap else rng.uniform(2.0, 5.0)
        return replace(rep, top_deg=rng.uniform(0.3, 2.0), rest_s=rest, snap=snap)

    return some_reps(scenario, rng, 0.25, spoil)


def fast_eccentric(scenario: Scenario, rng: Rng) -> Scenario:
    """Descents under a second."""
    return some_reps(
        scenario, rng, 0.5, lambda rep: replace(rep, eccentric_s=rng.uniform(0.5, 0.95), skew=(0.0, rep.skew[1]))
    )


def bounce(scenario: Scenario, rng: Rng) -> Scenario:
    """Turned round at the bottom without a stop."""

    def spoil(rep: RepPlan) -> RepPlan:
        fast = replace(rep, eccentric_s=rng.uniform(0.8, 1.3), pause_s=0.0, skew=(0.0, 0.0))
        return replace(fast, bounce_m_s2=rng.uniform(3.0, 7.0))

    return some_reps(scenario, rng, 0.4, spoil)


def sticking_point(scenario: Scenario, rng: Rng) -> Scenario:
    """The drive nearly stops half-way."""

    def spoil(rep: RepPlan) -> RepPlan:
        slower = rep.concentric_s * rng.uniform(1.2, 2.0)
        return replace(rep, concentric_s=slower, stick_by=rng.uniform(0.5, 0.9), stick_at=rng.uniform(0.25, 0.45))

    return some_reps(scenario, rng, 0.5, spoil)


def partial_reps(scenario: Scenario, rng: Rng) -> Scenario:
    """Half reps between the whole ones."""
    sets = []
    for one in scenario.sets:
        reps = list(one.reps)
        for at in sorted(rng.choice(np.arange(1, len(reps)), min(2, len(reps) - 1), replace=False), reverse=True):
            model = reps[int(at)]
            half = RepPlan(
                model.eccentric_s * 0.6, 0.15, model.concentric_s * 0.6, model.rest_s,
                bottom_deg=rng.uniform(40.0, 62.0), top_deg=max(model.top_deg, 14.0), kind="partial",
                slide_mm=model.slide_mm,
            )  # fmt: skip
            reps.insert(int(at), half)
        sets.append(replace(one, reps=tuple(reps)))
    return replace(scenario, sets=tuple(sets))


def failed_rep(scenario: Scenario, rng: Rng) -> Scenario:
    """The last attempt does not come up."""
    last = scenario.sets[-1]
    model = last.reps[-1]
    failed = replace(
        model, kind="failed", concentric_s=model.concentric_s * 1.3, top_deg=rng.uniform(52.0, 70.0), list_mm=0.0,
        rest_s=rng.uniform(1.2, 4.0), faults=(), fidgets=(), bounce_m_s2=0.0, snap=False, stick_by=0.0,
        bottom_deg=max(model.bottom_deg, 88.0),
    )  # fmt: skip
    return replace(scenario, sets=(*scenario.sets[:-1], replace(last, reps=(*last.reps, failed))))


TAGS: dict[str, Spoil] = {
    "odd-body": odd_body,
    "other-machine": other_machine,
    "cheap-sensors": cheap_sensors,
    "clock-drift": clock_drift,
    "bad-radio": bad_radio,
    "two-faults": two_faults,
    "growing-valgus": growing_valgus,
    "late-valgus": late_valgus,
    "long-lockout": long_lockout,
    "fast-eccentric": fast_eccentric,
    "sticking-point": sticking_point,
    "bounce": bounce,
    "loaded-nuisance": loaded_nuisance,
    "knocks": knocks,
    "partial-reps": partial_reps,
    "failed-rep": failed_rep,
    "slip": slip,
    "dropout": dropout,
    "restart": restart,
    "missing-role": missing_role,
    "swapped": swapped,
    "upside-down": upside_down,
}
