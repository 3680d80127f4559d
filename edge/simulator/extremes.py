"""Difficulties beyond the usual ones, only when asked for by name: they show where an estimator's model ends."""

from __future__ import annotations

from dataclasses import replace

from edge.simulator.difficulties import TAGS, WORN, Rng, Spoil, count_attempts, each_rep, some_reps
from edge.simulator.oddities import ODDITIES
from edge.simulator.scenario import RepPlan, Scenario


def soft_seat(scenario: Scenario, rng: Rng) -> Scenario:
    """A pad that gives many millimetres with every push, and hips that slide down it over the set."""
    machine = replace(scenario.machine, pad_n_m=rng.uniform(3.5e4, 9e4))
    slide, count = rng.uniform(8.0, 18.0), count_attempts(scenario)
    moved = each_rep(scenario, lambda rep, number: replace(rep, slide_mm=slide * (number - 1) / count))
    return replace(moved, machine=machine)


def soft_tissue(scenario: Scenario, rng: Rng) -> Scenario:
    """Straps over much soft flesh: twice the usual turn, slide and wobble."""
    tissue = scenario.tissue
    doubled = replace(
        tissue,
        thigh_flexion_deg=2 * tissue.thigh_flexion_deg,
        thigh_twist_deg=2 * tissue.thigh_twist_deg,
        shank_flexion_deg=2 * tissue.shank_flexion_deg,
        slide_mm=2 * tissue.slide_mm,
        contraction_deg=rng.uniform(2.0, 4.0),
        wobble=2 * tissue.wobble,
    )
    return replace(scenario, tissue=doubled)


def creeping_strap(scenario: Scenario, rng: Rng) -> Scenario:
    """A strap that turns all the time, some degrees a minute."""
    role = WORN[int(rng.integers(len(WORN)))]
    return replace(scenario, trouble=replace(scenario.trouble, creeps=((role, rng.uniform(4.0, 8.0)),)))


def sliding_strap(scenario: Scenario, rng: Rng) -> Scenario:
    """A strap that gives all through the first set, by 8 to 15° in the end."""
    role = WORN[int(rng.integers(len(WORN)))]
    lasts_s = sum(rep.eccentric_s + rep.pause_s + rep.concentric_s + rep.rest_s for rep in scenario.sets[0].reps)
    slide = (role, 60.0 * rng.uniform(8.0, 15.0) / lasts_s)
    return replace(scenario, trouble=replace(scenario.trouble, creeps=(*scenario.trouble.creeps, slide)))


def mixed_up(scenario: Scenario, rng: Rng) -> Scenario:
    """Two nodes that carry each other's names: thigh and shank of a leg, or the pelvis's and a leg's."""
    side = ("left", "right")[int(rng.integers(2))]
    pairs = ((f"{side}_thigh", f"{side}_shank"), ("pelvis", f"{side}_thigh"), ("pelvis", f"{side}_shank"))
    pair = pairs[int(rng.integers(3))]
    return replace(scenario, trouble=replace(scenario.trouble, mixed_up=(pair,)))  # type: ignore[arg-type]


def sled_mixed_up(scenario: Scenario, rng: Rng) -> Scenario:
    """The sled's node is worn, and a worn one sits on the sled."""
    role = WORN[int(rng.integers(len(WORN)))]
    return replace(scenario, trouble=replace(scenario.trouble, mixed_up=(("sled", role),)))


def uneven_push(scenario: Scenario, rng: Rng) -> Scenario:
    """One leg does clearly more of the work in some reps."""

    def lean(rep: RepPlan) -> RepPlan:
        share = 0.5 + (0.5 if rng.random() < 0.5 else -0.5) * rng.uniform(0.2, 0.45)
        return replace(rep, left_share=(share, share))

    return some_reps(scenario, rng, 0.5, lean)


def single_leg(scenario: Scenario, rng: Rng) -> Scenario:
    """Every rep with one leg, or up with both and down with one; the other foot only rides along."""
    one = 0.97 if rng.random() < 0.5 else 0.03
    both_up = rng.random() < 0.5
    shares = (one, 0.5 if both_up else one)
    return each_rep(scenario, lambda rep, _: replace(rep, left_share=shares, rest_s=max(rep.rest_s, 1.0)))


def stop_hit(scenario: Scenario, rng: Rng) -> Scenario:
    """The sled bangs into its lower stops."""
    hit = rng.uniform(15.0, 60.0)
    return some_reps(
        scenario,
        rng,
        0.4,
        lambda rep: replace(rep, eccentric_s=rng.uniform(0.8, 1.4), stop_hit_m_s2=hit, bounce_m_s2=0.0),
    )


def uneven_drive(scenario: Scenario, rng: Rng) -> Scenario:
    """A pelvis that lists more and more from the third rep on: one knee goes ahead of the other."""
    most, count = float(rng.choice([-1, 1])) * rng.uniform(18.0, 26.0), count_attempts(scenario)

    def lean(rep: RepPlan, number: int) -> RepPlan:
        share = min(max((number - 3) / max(count - 5, 1), 0.0), 1.0)
        return replace(rep, list_mm=most * share, top_deg=max(rep.top_deg, 16.0), faults=())

    return each_rep(scenario, lean)


def overextended(scenario: Scenario, rng: Rng) -> Scenario:
    """Knees whose own straight is bent, driven beyond it."""
    bent = replace(scenario, lifter=replace(scenario.lifter, own_straight_deg=rng.uniform(6.0, 7.0)))
    return some_reps(bent, rng, 0.35, lambda rep: replace(rep, top_deg=rng.uniform(-5.5, -5.0), list_mm=0.0))


def wrong_seat(scenario: Scenario, rng: Rng) -> Scenario:
    """The seat so far away, or so near, that the knees start too straight or too bent."""
    rack = rng.uniform(64.0, 75.0) if rng.random() < 0.5 else rng.uniform(109.0, 116.0)
    return replace(scenario, machine=replace(scenario.machine, rack_deg=rack))


EXTREMES: dict[str, Spoil] = {
    "soft-seat": soft_seat,
    "soft-tissue": soft_tissue,
    "creeping-strap": creeping_strap,
    "sliding-strap": sliding_strap,
    "mixed-up": mixed_up,
    "sled-mixed-up": sled_mixed_up,
    "uneven-push": uneven_push,
    "single-leg": single_leg,
    "stop-hit": stop_hit,
    "uneven-drive": uneven_drive,
    "overextended": overextended,
    "wrong-seat": wrong_seat,
}
ALL_TAGS: dict[str, Spoil] = {**TAGS, **EXTREMES, **ODDITIES}


def apply_tags(scenario: Scenario, tags: tuple[str, ...], rng: Rng) -> Scenario:
    """Spoils a scenario with each tag, in the order of ALL_TAGS (later ones count the reps that earlier ones made)."""
    for name, spoil in ALL_TAGS.items():
        if name in tags:
            scenario = spoil(scenario, rng)
    return replace(scenario, tags=tuple(name for name in ALL_TAGS if name in tags))
