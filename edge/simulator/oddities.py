"""Lifters and sensors odd in other ways than `difficulties` knows: only when asked for by name, like `extremes`.

What people do at the top besides lifting, how they hurry, grind, stall and begin again; and what parts do that hang,
saturate, hum or keep another time than the rest.
"""

from __future__ import annotations

from dataclasses import replace

from edge.simulator.difficulties import WORN, Rng, Spoil, count_attempts, each_rep, some_reps
from edge.simulator.rep_plans import squirm
from edge.simulator.scenario import Fidget, FidgetKind, RepPlan, Scenario, SetPlan, Side, Silence, Stuck

SIDES: tuple[Side, Side] = ("left", "right")


def restless(scenario: Scenario, rng: Rng) -> Scenario:
    """After most reps, at the top: hips set anew, a cough, a look round, toes wiggled, hands on the thighs."""
    kinds: tuple[FidgetKind, ...] = ("reseat", "cough", "look", "toes", "hands")

    def fidget(rep: RepPlan) -> RepPlan:
        after, out = rng.uniform(0.4, 0.9), []
        for number in rng.choice(len(kinds), int(rng.integers(1, 3)), replace=False):
            kind, lasts = kinds[int(number)], rng.uniform(0.7, 2.5)
            side: Side = SIDES[int(rng.integers(2))] if kind in ("toes", "hands") and rng.random() < 0.5 else "both"
            out.append(Fidget(kind, side, after, lasts, rng.uniform(0.6, 1.2)))
            after += lasts
        rest = after + rng.uniform(0.3, 0.8)
        return replace(rep, rest_s=rest, fidgets=tuple(out), top_deg=max(rep.top_deg, 16.0), list_mm=0.0)

    return some_reps(scenario, rng, 0.6, fidget)


def slow_reps(scenario: Scenario, rng: Rng) -> Scenario:
    """Down in four to six seconds, a long stay at the bottom, up in two to four, long rests."""
    down, stay, up = rng.uniform(4.0, 6.0), rng.uniform(0.8, 2.0), rng.uniform(2.2, 4.0)
    return each_rep(
        scenario,
        lambda rep, _: replace(
            rep, eccentric_s=down * rng.uniform(0.9, 1.1), pause_s=stay * rng.uniform(0.6, 1.3),
            concentric_s=up * rng.uniform(0.9, 1.2), rest_s=rep.rest_s + rng.uniform(0.0, 2.0),
        ),
    )  # fmt: skip


def hurried(scenario: Scenario, rng: Rng) -> Scenario:
    """Rep after rep without a stop, down and up in about a second each."""
    down, up = rng.uniform(0.9, 1.3), rng.uniform(0.7, 1.0)
    return each_rep(
        scenario,
        lambda rep, _: replace(
            rep, eccentric_s=down * rng.uniform(0.9, 1.1), pause_s=0.02, concentric_s=up * rng.uniform(0.9, 1.1),
            rest_s=rng.uniform(0.05, 0.3),
        ),
    )  # fmt: skip


def stalled(scenario: Scenario, rng: Rng) -> Scenario:
    """Drives that stop on their way, now and then with somebody's hands on the sled."""

    def stall(rep: RepPlan) -> RepPlan:
        helped = rng.uniform(0.1, 0.4) if rng.random() < 0.5 else 0.0
        return replace(rep, stall_s=rng.uniform(0.4, 3.0), helped=helped, snap=False, bounce_m_s2=0.0)

    return some_reps(scenario, rng, 0.3, stall)


def pulses(scenario: Scenario, rng: Rng) -> Scenario:
    """Now and then half-way up and down again before the whole drive."""
    sets = []
    for one in scenario.sets:
        reps: list[RepPlan] = []
        for number, rep in enumerate(one.reps):
            if number and rng.random() < 0.25:
                half = replace(rep, kind="partial", top_deg=rng.uniform(55.0, 68.0), rest_s=0.05, faults=(), fidgets=(),
                               list_mm=0.0, concentric_s=0.7 * rep.concentric_s, snap=False)  # fmt: skip
                reps.append(half)
                rep = replace(rep, eccentric_s=0.6 * rep.eccentric_s)  # noqa: PLW2901
            reps.append(rep)
        sets.append(replace(one, reps=tuple(reps)))
    return replace(scenario, sets=tuple(sets))


def many_sets(scenario: Scenario, rng: Rng) -> Scenario:
    """The sled is racked and pressed out again after every two to four reps."""
    reps = [rep for one in scenario.sets for rep in one.reps]
    first, sets = scenario.sets[0], []
    while reps:
        count = int(rng.integers(2, 5))
        count = count if len(reps) - count != 1 else count + 1
        sets.append(_short_set(first, tuple(reps[:count]), rng))
        reps = reps[count:]
    return replace(scenario, sets=tuple(sets))


def _short_set(model: SetPlan, reps: tuple[RepPlan, ...], rng: Rng) -> SetPlan:
    fidgets = squirm(rng) if rng.random() < 0.6 else ()
    return replace(model, reps=reps, fidgets=fidgets, still_s=rng.uniform(3.0, 5.0), pause_s=rng.uniform(0.8, 3.0))


def long_set(scenario: Scenario, rng: Rng) -> Scenario:
    """Twenty reps, the last ones twice as slow."""
    one, tire = scenario.sets[0], rng.uniform(0.6, 1.0)
    reps = (one.reps * 3)[:20]
    slower = [replace(rep, concentric_s=rep.concentric_s * (1.0 + tire * (k / 19) ** 2)) for k, rep in enumerate(reps)]
    return replace(scenario, sets=(replace(one, reps=tuple(slower)), *scenario.sets[1:]))


def bent_knees(scenario: Scenario, rng: Rng) -> Scenario:
    """Knees that cannot straighten: eight to ten degrees short."""
    return replace(scenario, lifter=replace(scenario.lifter, own_straight_deg=rng.uniform(8.0, 10.0)))


def high_heels(scenario: Scenario, rng: Rng) -> Scenario:
    """Feet whose heels carry little, always: high soles, or feet low on the plate."""
    share = rng.uniform(0.26, 0.36)
    heels = (share, float(share + rng.uniform(-0.03, 0.03)))
    return replace(scenario, lifter=replace(scenario.lifter, heel_share=heels))


def lopsided(scenario: Scenario, rng: Rng) -> Scenario:
    """One leg always carries 12 % more than the other."""
    share = 0.5 + float(rng.choice([-1.0, 1.0])) * rng.uniform(0.028, 0.034)
    return replace(scenario, lifter=replace(scenario.lifter, left_share=share))


def deep(scenario: Scenario, rng: Rng) -> Scenario:
    """Very deep, with a flat back."""
    more = rng.uniform(12.0, 22.0)
    return each_rep(scenario, lambda rep, _: replace(rep, bottom_deg=min(rep.bottom_deg + more, 124.0)))


def far_feet(scenario: Scenario, rng: Rng) -> Scenario:
    """Feet high or low on the plate, together or far apart."""
    machine, hips = scenario.machine, scenario.lifter.hip_half_width_m
    place, stance = rng.choice([-0.04, 0.16]) + rng.uniform(-0.03, 0.03), rng.choice([0.7, 1.9]) * hips
    return replace(scenario, machine=replace(machine, ankle_offset_m=float(place), stance_half_m=float(stance)))


def very_tall_or_short(scenario: Scenario, rng: Rng) -> Scenario:
    """1.45 m or 2.05 m, with segments as long as such people have."""
    body = scenario.lifter
    height = float(rng.choice([1.46, 2.04]))
    by = height / body.height_m
    return replace(
        scenario,
        lifter=replace(
            body, height_m=height, said_height_m=round(height + rng.uniform(-0.02, 0.02), 2),
            thigh_m=(body.thigh_m[0] * by, body.thigh_m[1] * by), shank_m=(body.shank_m[0] * by, body.shank_m[1] * by),
        ),
    )  # fmt: skip


def saturated(scenario: Scenario, rng: Rng) -> Scenario:
    """Parts set to ±2 g and ±125 or ±250°/s: bangs and quick turns go beyond."""
    gyr = float(rng.choice([125.0, 250.0]))
    return replace(scenario, imus=replace(scenario.imus, acc_limit_m_s2=19.6, gyr_limit_deg_s=gyr))


def humming(scenario: Scenario, rng: Rng) -> Scenario:
    """Music and fans: 40 to 80 Hz on everything, which slow parts see as something else."""
    return replace(scenario, imus=replace(scenario.imus, buzz_m_s2=rng.uniform(0.05, 0.2)))


def hanging(scenario: Scenario, rng: Rng) -> Scenario:
    """Sensors that repeat one value for a moment."""
    roles = (*WORN, "sled", "footplate")
    last = count_attempts(scenario)
    stuck = tuple(
        Stuck(roles[int(rng.integers(len(roles)))], int(rng.integers(1, last + 1)), rng.uniform(0.05, 0.3))
        for _ in range(4)
    )
    return replace(scenario, trouble=replace(scenario.trouble, stuck=stuck))


def silent_press(scenario: Scenario, rng: Rng) -> Scenario:
    """A node or two fall silent, or restart, while the sled is pressed out for the first time."""
    roles = (*WORN, "sled", "footplate")
    new = tuple(
        Silence(roles[int(k)], 0, round(rng.uniform(0.5, 2.5), 3), bool(rng.random() < 0.5))
        for k in rng.choice(len(roles), int(rng.integers(1, 3)), replace=False)
    )
    return replace(scenario, trouble=replace(scenario.trouble, silences=(*scenario.trouble.silences, *new)))


def warming(scenario: Scenario, rng: Rng) -> Scenario:
    """Parts that drift by as much as their offset while they warm up."""
    return replace(scenario, imus=replace(scenario.imus, warm_up=rng.uniform(0.6, 1.2)))


def mixed_rates(scenario: Scenario, rng: Rng) -> Scenario:
    """Every node at a rate of its own, from 26 to 208 Hz; cells at 40 to 160."""
    imus = tuple((role, float(rng.choice([26.0, 52.0, 104.0, 208.0]))) for role in (*WORN, "sled"))
    rates = (*imus, ("footplate", float(rng.choice([40.0, 80.0, 160.0]))))
    return replace(scenario, trouble=replace(scenario.trouble, rates_hz=rates))


def slow_radio(scenario: Scenario, rng: Rng) -> Scenario:
    """Large batches that come late, some of them twice."""
    worse = replace(
        scenario.radio, batch_s=rng.uniform(0.06, 0.12), jitter_s=rng.uniform(0.005, 0.02),
        late_share=rng.uniform(0.02, 0.06), doubled_share=rng.uniform(0.02, 0.1),
    )  # fmt: skip
    return replace(scenario, radio=worse)


def bursts(scenario: Scenario, rng: Rng) -> Scenario:
    """Half a second lost now and then."""
    count = rng.uniform(6.0, 12.0)
    return replace(scenario, radio=replace(scenario.radio, lost_share=rng.uniform(0.03, 0.06), burst=count))


def loose_sled_sensor(scenario: Scenario, rng: Rng) -> Scenario:
    """The sled's sensor some degrees off its rail, on a rail that rumbles."""
    crooked = replace(scenario.imus, sled_mount_deg=rng.uniform(3.0, 5.0))
    return replace(scenario, imus=crooked, machine=replace(scenario.machine, roughness_m_s2=rng.uniform(0.3, 0.8)))


ODDITIES: dict[str, Spoil] = {
    "restless": restless,
    "slow-reps": slow_reps,
    "hurried": hurried,
    "stalled": stalled,
    "pulses": pulses,
    "many-sets": many_sets,
    "long-set": long_set,
    "bent-knees": bent_knees,
    "high-heels": high_heels,
    "lopsided": lopsided,
    "deep": deep,
    "far-feet": far_feet,
    "very-tall-or-short": very_tall_or_short,
    "saturated": saturated,
    "humming": humming,
    "hanging": hanging,
    "silent-press": silent_press,
    "warming": warming,
    "mixed-rates": mixed_rates,
    "slow-radio": slow_radio,
    "bursts": bursts,
    "loose-sled-sensor": loose_sled_sensor,
}
