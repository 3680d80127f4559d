"""Reps and live estimates held against the truth of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from simulated import Told

from edge.events import Rep
from edge.samples import FloatArray

SAME_REP_S = 0.8
"""A rep told is the true one whose middle of the stay at the bottom is nearer than this."""
NEAR_S = 0.04
"""An estimate speaks for so long around its instant."""
SIGNALS: dict[str, tuple[int, tuple[str, ...]]] = {
    "left_knee_flexion_deg": (2, ("left_thigh", "left_shank")),
    "right_knee_flexion_deg": (3, ("right_thigh", "right_shank")),
    "left_knee_medial_mm": (4, ("left_thigh", "left_shank")),
    "right_knee_medial_mm": (5, ("right_thigh", "right_shank")),
    "posterior_tilt_deg": (6, ("pelvis", "backpad")),
}
"""Signal: its place in a row of `take_signals`, and the roles it needs."""
ERRORS = ("rom_m", "mean_concentric_m_s", "eccentric_s", "concentric_s", "known_s")


@dataclass
class RepErrors:
    """told: reps told; true: reps made; errors: name to each rep's, what was told less what was true."""

    told: int = 0
    true: int = 0
    matched: int = 0
    errors: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ERRORS})

    @property
    def exact(self) -> bool:
        """Whether every rep was told, and no other."""
        return self.told == self.true == self.matched


@dataclass(frozen=True)
class SignalError:
    """Of one signal of a session: mean squared error, how many instants, share of the reps' time that it was there."""

    squared: float
    count: int
    coverage: float


def measure_reps(facts: Mapping[str, Any], reps: Sequence[Rep]) -> RepErrors:
    """The counted reps against the true ones."""
    out = RepErrors(told=len(reps), true=len(facts["reps"]))
    middles = np.array([(rep["bottom"] + rep["drive"]) / 2 for rep in facts["reps"]])
    taken: set[int] = set()
    for rep in reps:
        nearest = int(np.argmin(np.abs(middles - rep.bottom_s))) if len(middles) else -1
        if nearest < 0 or nearest in taken or abs(middles[nearest] - rep.bottom_s) >= SAME_REP_S:
            continue
        taken.add(nearest)
        true = facts["reps"][nearest]
        pairs = (
            ("rom_m", rep.rom_m, true["rom_m"]),
            ("mean_concentric_m_s", rep.mean_concentric_m_s, true["mean_concentric_mps"]),
            ("eccentric_s", rep.eccentric_s, true["eccentric_s"]),
            ("concentric_s", rep.concentric_s, true["concentric_s"]),
            ("known_s", rep.t_s, true["top"]),
        )
        for name, mine, theirs in pairs:
            if mine is not None:
                out.errors[name].append(mine - theirs)
    out.matched = len(taken)
    return out


def measure_signals(told: Told) -> dict[str, SignalError]:
    """Each live estimate, over the reps' time in which its sensors could be relied on."""
    truth = told.session.truth
    rows = np.array(told.rows)
    at = rows[:, 0]
    within, due = _in_reps(truth.facts, at), truth.t_s[_in_reps(truth.facts, truth.t_s)][::20]
    out: dict[str, SignalError] = {}
    for name, (column, needs) in SIGNALS.items():
        blind = [(u["from"], u["to"]) for u in truth.facts["unseen"] if u["role"] in needs]
        wanted = due[~_inside(blind, due)]
        if not len(wanted):
            continue
        values = rows[:, column]
        known = np.isfinite(values) & ~_inside(blind, at)
        judged = known & within
        error = values[judged] - np.interp(at[judged], truth.t_s, truth.columns[name])
        error = error[np.isfinite(error)]
        squared = float(np.mean(error**2)) if len(error) else 0.0
        out[name] = SignalError(squared, len(error), _coverage(at[known], wanted))
    return out


def own_limit_error_deg(facts: Mapping[str, Any], reps: Sequence[Rep]) -> tuple[float, bool] | None:
    """The last own limit told against the true onset of the tuck, and whether its interval holds it; None: no tuck, or
    nothing was told (then the error is not known, not nil).
    """
    true, last = facts["pelvic_onset_knee_flexion_deg"], reps[-1] if reps else None
    if true is None or last is None or last.own_limit_knee_flexion_deg is None:
        return None
    assert last.own_limit_low_deg is not None
    assert last.own_limit_high_deg is not None
    holds = last.own_limit_low_deg <= true <= last.own_limit_high_deg
    return last.own_limit_knee_flexion_deg - float(true), holds


def _inside(spans: Sequence[tuple[float, float]], t: FloatArray) -> FloatArray:
    inside = np.zeros(len(t), bool)
    for begin, end in spans:
        inside |= (t >= begin) & (t <= end)
    return inside


def _in_reps(facts: Mapping[str, Any], t: FloatArray) -> FloatArray:
    return _inside([(rep["start"], rep["end"]) for rep in facts["reps"]], t)


def _coverage(known: FloatArray, wanted: FloatArray) -> float:
    if not len(known):
        return 0.0
    near = np.clip(np.searchsorted(known, wanted), 1, max(len(known) - 1, 1))
    away = np.minimum(np.abs(known[near - 1] - wanted), np.abs(known[np.minimum(near, len(known) - 1)] - wanted))
    return float(np.mean(away <= NEAR_S))
