"""How much is said: cues in reps that are sound, and cues by setting of the policy. Run: python -m accuracy.fatigue.

Sound reps come of drawn lifters, machines and sensors whose every fault was taken out of the plan; a rep counts as
clean if the simulator's truth calls nothing in it a fault, nor too close to call, and if no sign that may be spoken is
truly there or too close: who lowers at half a metre a second is told so, and rightly. What was found is decided upon
anew with each setting, so that all of them judge the very same reps. With --near-max all of them lift so near to their
maximum that the back's lines are stricter. Ctrl-C ends it with what has been heard by then.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, get_args
from unittest.mock import patch

from accuracy.verdicts import ARRIVING_S, LEAVING_S
from bench.sign_truth import signs_of
from msgspec.structs import replace as with_settings
from simulated import arrivals, settings_of

from edge.alerts.manager import AlertManager, Decision, Detection
from edge.alerts.policy import AlertSettings
from edge.detectors.near_max import NearMaxSettings
from edge.events import Kind
from edge.pipeline import Pipeline
from edge.simulator.draw import draw_scenario
from edge.simulator.rep_plans import RepPlan
from edge.simulator.scenario import Scenario
from edge.simulator.session import simulate

FIRST_SEED = 950_000
"""Seeds from here on are for these figures alone."""
SETS = 3
STRAIGHT_MIN_DEG = 11.5
"""A top that no drawn rep without a fault goes beyond."""
OWN_LIMIT_DEG = 130.0
"""A lifter whose pelvis gives way before this is drawn to fail."""
STRIDE_NS = 100_000_000
FAULTS = get_args(Kind)
SILENT = ("asymmetry/knees", "brace", "leg_mode", "stall", "valgus_trend")
"""Signs that are for the log alone."""
NOT_CLOSE = ("asymmetry", "seat", "valgus/S1")
"""Signs whose truth is called close by lines for the log, before the set, or in the first reps whatever they are: a rep
in which one is close is clean all the same.
"""
NEAR_MAX = NearMaxSettings(one_rep_max_kg=1.0)

SETTINGS: dict[str, AlertSettings] = {
    "as shipped": AlertSettings(),
    "no fading": AlertSettings(fading=False),
    "only the surest (0.8)": AlertSettings(min_confidence=0.8),
    "whatever is found (0)": AlertSettings(min_confidence=0.0),
    "stop after 1 unheeded": AlertSettings(unheeded_before_stop=1),
    "stop after 6 unheeded": AlertSettings(unheeded_before_stop=6),
}


@dataclass(frozen=True)
class Asked:
    """What the manager was asked at one instant."""

    t_ns: int
    found: tuple[Detection, ...]


@dataclass
class Heard:
    """Of one session or many. cues: by setting and kind, in all reps; in_clean: the same in clean reps."""

    reps: int = 0
    clean: int = 0
    faulty: int = 0
    cues: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in SETTINGS})
    in_clean: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in SETTINGS})

    def __iadd__(self, other: Heard) -> Heard:
        self.reps += other.reps
        self.clean += other.clean
        self.faulty += other.faulty
        for name in SETTINGS:
            self.cues[name] += other.cues[name]
            self.in_clean[name] += other.in_clean[name]
        return self


class Noting(AlertManager):
    """Decides as ever, and notes what it was asked. asked: by the manager made last."""

    asked: list[Asked]

    def __init__(self, settings: AlertSettings) -> None:
        super().__init__(settings)
        Noting.asked = []

    def decide(self, detections: Sequence[Detection], t_ns: int) -> list[Decision]:
        """See AlertManager."""
        if detections:
            Noting.asked.append(Asked(t_ns, tuple(detections)))
        return super().decide(detections, t_ns)


def sound(scenario: Scenario) -> Scenario:
    """The same session without a fault in it, and with more sets."""
    sets = [replace(one, reps=tuple(_sound(rep) for rep in one.reps)) for one in scenario.sets]
    return replace(scenario, sets=tuple(sets[i % len(sets)] for i in range(SETS)))


def _sound(rep: RepPlan) -> RepPlan:
    return replace(rep, faults=(), list_mm=0.0, top_deg=max(rep.top_deg, STRAIGHT_MIN_DEG))


def scenarios(first_seed: int) -> Iterator[Scenario]:
    """Drawn sessions of lifters who can go as deep as they are told to, without end."""
    seed = first_seed
    while True:
        drawn = draw_scenario(seed)
        if drawn.lifter.tuck_onset_deg >= OWN_LIMIT_DEG:
            yield drawn
        seed += 1


def hear(scenario: Scenario, *, near_max: bool = False) -> Heard:
    """Simulate, play through the pipeline, decide with every setting."""
    session = simulate(scenario)
    settings = settings_of(session)
    with patch("edge.session.judges.AlertManager", Noting):
        pipeline = Pipeline(with_settings(settings, near_max=NEAR_MAX) if near_max else settings)
    now_ns = 0
    for t_ns, samples in arrivals(session):
        while t_ns > now_ns + STRIDE_NS:
            now_ns += STRIDE_NS
            pipeline.advance(now_ns)
        pipeline.accept(t_ns, samples)
    pipeline.advance(round(session.duration_s * 1e9))
    remarked = {
        (known.set, known.rep)
        for known in signs_of(session)
        if known.kind not in SILENT and known.state in (("yes",) if known.kind in NOT_CLOSE else ("yes", "close"))
    }
    return _count(session.truth.facts, remarked, Noting.asked)


def _count(facts: dict[str, Any], remarked: set[tuple[int, int | None]], asked: Sequence[Asked]) -> Heard:
    """remarked: set and rep (None: all of the set's) of signs that are there, or may be."""
    states: dict[int, set[str]] = {rep["index"]: set() for rep in facts["reps"]}
    for verdict in facts["verdicts"]:
        states[verdict["rep"]].add(verdict["state"])
    plain = {number for number in _numbers(facts) if number not in remarked and (number[0], None) not in remarked}
    clean = [
        rep
        for rep, number in zip(facts["reps"], _numbers(facts), strict=True)
        if number in plain and not states[rep["index"]] & {"fault", "grey"}
    ]
    faulty = sum("fault" in found for found in states.values())
    heard = Heard(reps=len(facts["reps"]), clean=len(clean), faulty=faulty)
    for name, settings in SETTINGS.items():
        manager = AlertManager(settings)
        for one in asked:
            for detection, decision in zip(one.found, manager.decide(one.found, one.t_ns), strict=True):
                if not decision.spoken:
                    continue
                heard.cues[name][detection.kind] += 1
                t_s = one.t_ns / 1e9
                of_another = detection.kind not in FAULTS and (detection.set, detection.rep) not in plain
                if not of_another and any(rep["start"] - LEAVING_S <= t_s <= rep["end"] + ARRIVING_S for rep in clean):
                    heard.in_clean[name][detection.kind] += 1
    return heard


def _numbers(facts: dict[str, Any]) -> list[tuple[int, int]]:
    """Set, and number in it, of every rep."""
    sets = [rep["set"] for rep in facts["reps"]]
    return [(one, sets[: i + 1].count(one)) for i, one in enumerate(sets)]


def table(title: str, heard: Heard, cues: dict[str, Counter[str]], reps: int) -> list[str]:
    """A line for each setting."""
    lines = [f"{title}: {heard.reps} reps, {heard.clean} clean, {heard.faulty} with a fault"]
    lines.append(f"  {'setting':<24}{'of faults':>10}{'of signs':>10}{'cues per 100 reps':>19}   most")
    for name, counted in cues.items():
        faults = sum(n for kind, n in counted.items() if kind in FAULTS)
        rate = 100 * counted.total() / max(reps, 1)
        most = ", ".join(f"{kind} {n}" for kind, n in counted.most_common(4))
        lines.append(f"  {name:<24}{faults:>10}{counted.total() - faults:>10}{rate:>19.2f}   {most}")
    return lines


def main() -> None:
    """Run the sessions and print the tables."""
    parser = argparse.ArgumentParser(prog="accuracy.fatigue", description=__doc__)
    parser.add_argument("--clean", type=int, default=10_000, help="clean reps to hear")
    parser.add_argument("--as-drawn", type=int, default=200, help="sessions with their faults")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--near-max", action="store_true", help="all of them near their maximum")
    asked = parser.parse_args()
    listen = partial(hear, near_max=asked.near_max)
    with ProcessPoolExecutor(asked.jobs) as pool:
        clean, drawn = Heard(), Heard()
        source = scenarios(asked.first_seed)
        for heard in pool.map(listen, [next(source) for _ in range(asked.as_drawn)]):
            drawn += heard
        sys.stdout.write("\n".join(table("sessions as drawn, all cues", drawn, drawn.cues, drawn.reps)) + "\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            while clean.clean < asked.clean:
                for heard in pool.map(listen, [sound(next(source)) for _ in range(4 * asked.jobs)]):
                    clean += heard
                sys.stderr.write(f"{clean.clean} clean reps, {clean.in_clean['as shipped'].total()} cues\n")
    lines = table("sound sessions, cues in clean reps", clean, clean.in_clean, clean.clean)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
