"""Asymmetry: one leg does more of the work, or goes ahead of the other.

The footplate tells how the force is shared; A is (more - less) / more of the two feet's impulses, so 54:46 is 15 % and
57:43 is 25 %. Where the knees are seen, one that straightens ahead of the other, more than at the set's start, is
noted: a pelvis that lists. Legs of unequal length differ from the first rep on, and that is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean, median
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts, certainty
from edge.events import Severity, Side
from edge.motion.leg import SIDES

SHARE_SD_PCT = 2.5
"""Of A: cells of 1 % gain and some newtons of zero."""
LEAST_REPS = 3
"""Fewer reps are no habit."""
MIDDLE_DEG = (30.0, 60.0)
"""Flexions of the drive in which the knees are compared: nearer to straight a millimetre is degrees."""
OWN_REPS = 2
"""The set's first reps tell how the knees of this lifter differ anyway."""


class AsymmetrySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """note_pct, warn_pct: healthy people differ by up to 12 %. rep_pct: one such rep is beyond any habit. knees_deg: a
    pelvis that lists by a centimetre makes 4° between the knees.
    """

    note_pct: Annotated[
        float, Meta(ge=5.0, le=60.0, description="Mean difference over the last reps that is written down.")
    ] = 15.0
    warn_pct: Annotated[
        float, Meta(ge=5.0, le=80.0, description="The same that is remarked on between reps; above note_pct.")
    ] = 25.0
    rep_pct: Annotated[
        float, Meta(ge=10.0, le=95.0, description="Difference in a single rep that is remarked on at once.")
    ] = 40.0
    reps: Annotated[int, Meta(ge=3, le=20, description="Over so many of the last reps the mean is taken.")] = 5
    knees_deg: Annotated[
        float,
        Meta(ge=1.0, le=30.0, description="Difference between the knees, beyond that at the set's start, to note."),
    ] = 4.5

    def __post_init__(self) -> None:
        """ValueError: the graver line must lie beyond the milder one."""
        if self.warn_pct <= self.note_pct:
            raise ValueError(f"warn_pct = {self.warn_pct:g}: must be above note_pct, {self.note_pct:g}")


class Asymmetry:
    """Judges counted reps that both legs did; a rep on one leg neither counts nor is judged."""

    def __init__(self, settings: AsymmetrySettings) -> None:
        self._settings = settings
        self._set = 0
        self._leans: list[float] = []
        self._knees: list[float] = []
        self._noted = False

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The signs of one finished rep."""
        rep = facts.rep
        if rep.set != self._set:
            self._set, self._leans, self._knees, self._noted = rep.set, [], [], False
        if not rep.counted or {rep.lowered_with, rep.pressed_with} & {"left", "right"}:
            return
        if rep.left_share is not None:
            self._leans.append(lean_pct(rep.left_share))
            yield from self._force(facts)
        ahead = _ahead_deg(facts)
        if ahead is not None:
            self._knees.append(ahead)
            yield from self._timing(facts)

    def _force(self, facts: RepFacts) -> Iterator[Finding]:
        rep, s, now = facts.rep, self._settings, self._leans[-1]
        severity: Severity
        last = self._leans[-s.reps :]
        usual = mean(last) if len(last) >= LEAST_REPS else 0.0
        if abs(now) >= s.rep_pct:
            severity, value, line = "S2", now, s.rep_pct
        elif abs(usual) >= s.warn_pct:
            severity, value, line = "S1", usual, s.warn_pct
        elif abs(usual) >= s.note_pct:
            severity, value, line = "S0", usual, s.note_pct
        else:
            return
        side: Side = "left" if value > 0.0 else "right"
        of = "this rep" if severity == "S2" else f"the last {len(last)} reps"
        yield Finding(
            kind="asymmetry", severity=severity, set=rep.set, rep=rep.rep, side=side, seen_in="concentric",
            value=abs(value), threshold=line, unit="%", confidence=certainty(abs(value) - line, SHARE_SD_PCT),
            text=f"The {side} leg did {abs(value):.0f} % more of the work, (more - less) / more, in {of}.",
        )  # fmt: skip

    def _timing(self, facts: RepFacts) -> Iterator[Finding]:
        rep, line = facts.rep, self._settings.knees_deg
        if len(self._knees) < OWN_REPS + LEAST_REPS or self._noted:
            return
        off = median(self._knees[-LEAST_REPS:]) - median(self._knees[:OWN_REPS])
        if abs(off) < line:
            return
        self._noted = True
        side: Side = "left" if off > 0.0 else "right"
        yield Finding(
            kind="asymmetry", severity="S0", set=rep.set, rep=rep.rep, side=side, seen_in="concentric",
            value=abs(off), threshold=line, unit="deg",
            text=f"The {side} knee straightens {abs(off):.0f}° ahead of the other, more than at the set's start.",
        )  # fmt: skip


def lean_pct(left_share: float) -> float:
    """(more - less) / more of the two feet, in percent; positive where the left did more."""
    more, less = max(left_share, 1.0 - left_share), min(left_share, 1.0 - left_share)
    return (100.0 if left_share > 0.5 else -100.0) * (more - less) / more


def _ahead_deg(facts: RepFacts) -> float | None:
    """How far the left knee is ahead of the right in the drive, deg; None: not seen, or a heel was up."""
    if any(f.kind == "heel_lift" for f in facts.rep.faults):
        return None
    rise = slice(facts.motion.path.dead[1], facts.motion.path.dead[2] + 1)
    left, right = (facts.motion.knees[side][rise, 0] for side in SIDES)
    both = 0.5 * (left + right)
    inside = (both > MIDDLE_DEG[0]) & (both < MIDDLE_DEG[1])
    return float((right - left)[inside].mean()) if inside.sum() >= 5 else None
