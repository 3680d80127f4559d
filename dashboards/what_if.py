"""What would have fired at other thresholds, on the curves that were kept. Pure.

The curves have 20 rows a second and the detectors saw 100, so a crossing that lasted less than a row may be missed
here, and onsets are to 50 ms. It answers a coach's question, "would 5° have been quieter?", not what a detector would
have done to the millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.events import Kind, Side
from edge.history.queries import Curves
from edge.history.traces import PHASES

TOP_S = 1.0
"""A drive locks the knee as it arrives; later at the top knees only sink."""
BENT_DEG = 20.0
"""Below this the leg has no plane in which a knee could fall inward."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a fault is read off its signal: above or below its limit, in which phases."""

    kind: Kind
    signal: str
    above: bool
    phases: tuple[str, ...]
    unit: str
    scale: float = 1.0


MOVING = ("eccentric", "bottom", "concentric")
RULES: tuple[Rule, ...] = (
    Rule("lockout", "knee_flexion_deg", above=False, phases=("concentric", "top"), unit="°"),
    Rule("valgus", "knee_medial_mm", above=True, phases=MOVING, unit="mm"),
    Rule("heel_lift", "heel_share", above=False, phases=MOVING, unit="%", scale=100.0),
    Rule("lumbar", "posterior_tilt_deg", above=True, phases=MOVING, unit="°"),
)


@dataclass(frozen=True, slots=True)
class Would:
    """One fault on one side in one rep. at_s: first row beyond the limit, None where none is; worst: the extreme."""

    kind: Kind
    side: Side | None
    limit: float
    worst: float | None
    at_s: float | None


def signals_of(rule: Rule) -> tuple[tuple[Side | None, str], ...]:
    """The signals of a rule with their sides."""
    if rule.kind == "lumbar":
        return ((None, rule.signal),)
    return ("left", f"left_{rule.signal}"), ("right", f"right_{rule.signal}")


def would_fire(curves: Curves, start_s: float, top_s: float, limits: dict[Kind, float]) -> list[Would]:
    """Every fault and side at these limits; where none is given, at the one that held then. Unknown limit: left out."""
    out = []
    for rule in RULES:
        for side, signal in signals_of(rule):
            limit = limits.get(rule.kind, curves.limits.get(signal))
            if limit is not None:
                out.append(_judge(curves, rule, (side, signal), limit, _judged(curves, rule, side, start_s, top_s)))
    return out


def _judge(curves: Curves, rule: Rule, which: tuple[Side | None, str], limit: float, judged: Any) -> Would:
    side, signal = which
    values = curves.values[signal]
    known = judged & ~np.isnan(values)
    if not known.any():
        return Would(rule.kind, side, limit, None, None)
    beyond = known & (values >= limit if rule.above else values <= limit)
    worst = values[known].max() if rule.above else values[known].min()
    first = float(curves.t_s[beyond][0]) if beyond.any() else None
    return Would(rule.kind, side, limit, float(worst), first)


def _judged(curves: Curves, rule: Rule, side: Side | None, start_s: float, top_s: float) -> Any:
    """Which rows count."""
    phases = [PHASES.index(phase) for phase in PHASES if phase in rule.phases]
    rows = np.isin(curves.values["phase"], phases) & (curves.t_s >= start_s)
    rows &= (curves.values["phase"] != PHASES.index("top")) | ((curves.t_s >= top_s) & (curves.t_s <= top_s + TOP_S))
    if rule.kind == "valgus":
        rows &= np.nan_to_num(curves.values[f"{side}_knee_flexion_deg"]) >= BENT_DEG
    return rows
