"""The sessions that are measured: drawn from seeds that nothing was tuned on, with all sensors or only some."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from accuracy.measures import RepErrors, SignalError, measure_reps, measure_signals, own_limit_error_deg
from accuracy.verdicts import Tally, judge
from msgspec.structs import replace as with_settings
from simulated import play, settings_of

from edge.events import Alert, Kind, MachineState
from edge.machine import MachineSettings
from edge.motion.known_body import TAPE_SD_M
from edge.samples import Role
from edge.simulator.draw import draw_scenario
from edge.simulator.session import Session, simulate

FIRST_SEED = 1_000_000
"""Seeds from here on are for measuring alone."""
LEGS: tuple[Role, ...] = ("left_thigh", "left_shank", "right_thigh", "right_shank")
SUBSETS: dict[str, tuple[Role, ...]] = {
    "all": (),
    "no back pad": ("backpad",),
    "no sled": ("sled",),
    "no footplate": ("footplate",),
    "no pelvis": ("pelvis", "backpad"),
    "left leg alone": ("right_thigh", "right_shank"),
    "left leg and pelvis": ("sled", "right_thigh", "right_shank", "footplate", "backpad"),
    "legs alone": ("sled", "footplate", "pelvis", "backpad"),
    "sled and one thigh": (*LEGS[1:], "footplate", "pelvis", "backpad"),
    "sled and one shank": (LEGS[0], *LEGS[2:], "footplate", "pelvis", "backpad"),
    "sled and footplate": (*LEGS, "pelvis", "backpad"),
    "footplate alone": ("sled", *LEGS, "pelvis", "backpad"),
}
"""Name: the roles that are left out."""


@dataclass(frozen=True)
class Case:
    """One session to measure."""

    seed: int
    hard: bool = False
    subset: str = "all"
    measured: bool = False
    """Whether a tape has measured the lifter's legs; else the height is all that is said of them."""


@dataclass(frozen=True)
class Result:
    """What came of one. labels: (what, which), for tables by group; limit: error of the own limit in degrees and
    whether its interval held; not_assessed: what could not be judged for most of the session.
    """

    case: Case
    labels: tuple[tuple[str, str], ...]
    faults: dict[Kind, Tally]
    reps: RepErrors
    signals: dict[str, SignalError]
    deeper: bool
    limit: tuple[float, bool] | None
    not_assessed: tuple[str, ...]


def run(case: Case) -> Result:
    """Simulate, play through the pipeline, measure."""
    scenario = draw_scenario(case.seed, hard=case.hard)
    gone = tuple(role for role in SUBSETS[case.subset] if role not in scenario.trouble.missing)
    if gone:
        trouble = replace(scenario.trouble, missing=(*scenario.trouble.missing, *gone))
        scenario = replace(scenario, trouble=trouble)
    session = simulate(scenario)
    told = play(session, measured_settings(session, case.seed) if case.measured else None)
    facts = told.session.truth.facts
    states = [state.not_assessed for state in told.of(MachineState) if state.state == "lifting"]
    blind = {name for state in states for name in state}
    return Result(
        case,
        (*scenario.groups, *(("difficulty", tag) for tag in scenario.tags)),
        judge(facts, told.of(Alert)),
        measure_reps(facts, told.reps()),
        measure_signals(told),
        facts["pelvic_onset_knee_flexion_deg"] is not None,
        own_limit_error_deg(facts, told.reps()),
        tuple(sorted(n for n in blind if sum(n in s for s in states) > len(states) / 2)),
    )


def measured_settings(session: Session, seed: int) -> MachineSettings:
    """The settings with legs as a tape has them."""
    rng = np.random.default_rng([seed, 0x7A9E])
    body = session.scenario.lifter
    thigh, shank = (sum(pair) / 2 + rng.normal(0.0, TAPE_SD_M) for pair in (body.thigh_m, body.shank_m))
    return with_settings(settings_of(session), thigh_m=round(thigh, 3), shank_m=round(shank, 3))
