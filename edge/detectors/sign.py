"""What a sign is made of: the remarks of a coach beside the four faults, found at an instant or after a rep."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt
from typing import Literal

from edge.events import Kind, Phase, Rep, Severity, Side, SignKind
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit
from edge.samples import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sign that was just found; the fields are those of `events.Sign`. value, threshold in `unit`."""

    kind: Kind | SignKind
    severity: Severity
    set: int
    rep: int
    text: str
    side: Side | None = None
    phase: Phase = "top"
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    confidence: float = 1.0
    scope: Literal["bottom_only", "all_phases"] | None = None


@dataclass(frozen=True, slots=True)
class RepFacts:
    """One finished attempt as the signs look at it.

    before: the set's reps so far, this one left out. tilt_deg: (N,) over the path's entries, NaN where not known.
    hip_depth_deg: largest flexion of the hips. limit: the lifter's own, as known after this rep.
    """

    rep: Rep
    motion: RepMotion
    before: tuple[Rep, ...]
    tilt_deg: FloatArray
    hip_depth_deg: float | None = None
    limit: Limit | None = None

    @property
    def counted_before(self) -> tuple[Rep, ...]:
        """The set's counted reps before this one."""
        return tuple(rep for rep in self.before if rep.counted)


def certainty(margin: float, sd: float) -> float:
    """How likely (0 to 1) a value that lies `margin` beyond its line truly does, with a normal error of sd."""
    return 0.5 * (1.0 + erf(margin / (sd * sqrt(2.0)))) if sd > 0.0 else float(margin >= 0.0)
