"""Alerts held against the truth of a session: found, missed, false, and how soon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from edge.events import Alert, Kind, Side

KINDS: tuple[Kind, ...] = get_args(Kind)

EARLY_S = 0.15
"""An alert may come so much before the onset: the fault was under way."""
LATE_S = 1.5
"""One that comes later has missed its fault; that alone makes no false alert of it while it lasts."""
LEAVING_S = 0.2
ARRIVING_S = 0.8
"""A rep's surroundings, before and after: what is said there is said of the rep."""


@dataclass
class Tally:
    """Counts of one kind of fault. latency_s: from the true onset to the alert, of each that was found."""

    found: int = 0
    missed: int = 0
    false: int = 0
    outside: int = 0
    clean: int = 0
    latency_s: list[float] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        self.found += other.found
        self.missed += other.missed
        self.false += other.false
        self.outside += other.outside
        self.clean += other.clean
        self.latency_s += other.latency_s
        return self

    @property
    def precision(self) -> float:
        """Share of the alerts that were right; 1 where there was none."""
        return self.found / max(self.found + self.false, 1) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of the faults that were told; 1 where there was none."""
        return self.found / max(self.found + self.missed, 1) if self.found + self.missed else 1.0


def sides_of(alert: Alert) -> tuple[Side | None, ...]:
    """The sides an alert speaks of."""
    if alert.kind == "lumbar":
        return (None,)
    return (alert.side,) if alert.side else ("left", "right")


def judge(facts: Mapping[str, Any], alerts: Sequence[Alert]) -> dict[Kind, Tally]:
    """Hold a session's alerts against its truth: a claim is right, wrong, or about what is too close to call."""
    tallies: dict[Kind, Tally] = {kind: Tally() for kind in KINDS}
    reps = {rep["index"]: rep for rep in facts["reps"]}
    claims = [(alert, side) for alert in alerts for side in sides_of(alert)]
    excused: set[int] = set()
    for verdict in facts["verdicts"]:
        tally, rep = tallies[verdict["kind"]], reps[verdict["rep"]]
        mine = [
            (i, alert.t_s)
            for i, (alert, side) in enumerate(claims)
            if alert.kind == verdict["kind"] and (side or "") == verdict["side"]
        ]
        if verdict["state"] == "fault":
            excused |= _meet(tally, verdict, mine)
        elif verdict["state"] == "ok":
            tally.clean += 1
        else:
            excused |= {i for i, t in mine if _about(rep, t)}
    for i, (alert, _) in enumerate(claims):
        if i not in excused:
            tallies[alert.kind].false += 1
            tallies[alert.kind].outside += not any(_about(rep, alert.t_s) for rep in facts["reps"])
    return tallies


def _meet(tally: Tally, verdict: Mapping[str, Any], mine: Iterable[tuple[int, float]]) -> set[int]:
    """Count a fault as found or missed; the claims that speak of it."""
    onset = verdict["onset"]
    from_s = min(onset - EARLY_S, verdict["near"])
    until_s = max(onset, verdict.get("until") or onset) + LATE_S
    about = [(i, t) for i, t in mine if from_s <= t <= until_s]
    first = next((t for _, t in about if t <= onset + LATE_S), None)
    if first is None:
        tally.missed += 1
    else:
        tally.found += 1
        tally.latency_s.append(first - onset)
    return {i for i, _ in about}


def _about(rep: Mapping[str, Any], t_s: float) -> bool:
    return bool(rep["start"] - LEAVING_S <= t_s <= rep["end"] + ARRIVING_S)
