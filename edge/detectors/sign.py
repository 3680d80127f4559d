"""What a sign is made of: the remarks of a coach beside the four faults, found at an instant or after a rep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import erf, sqrt
from typing import Literal

import numpy as np

from edge.events import Kind, Phase, Rep, Severity, Side, SignKind
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit
from edge.samples import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sign that was just found; the fields are those of `events.Sign`. value, threshold in `unit`.

    phase: where in the rep the lifter is now, for who decides on speaking; seen_in: the phase that the sign is about.
    """

    kind: Kind | SignKind
    severity: Severity
    set: int
    rep: int
    text: str
    side: Side | None = None
    phase: Phase = "top"
    seen_in: Phase = "top"
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    confidence: float = 1.0
    scope: Literal["bottom_only", "all_phases"] | None = None


@dataclass(frozen=True, slots=True)
class RepFacts:
    """One finished attempt as the signs look at it.

    before: the set's attempts so far, this one left out. Over the path's entries, NaN where not known: tilt_deg (N,);
    sled_m_s2 (N,), the acceleration that the sled's sensor felt; heels (N,), a heel's share over its flat share.
    zero_sd_deg: how far each knee's zero can be off, one standard deviation, as known after this rep.
    hip_depth_deg: largest flexion of the hips. limit: the lifter's own, as known after this rep. warned_s: when the
    ramp towards straight knees was first plain in this drive, by leg (None: never); None where nothing ran it.
    lumbar_times: by what the back's lines were multiplied in this attempt.
    """

    rep: Rep
    motion: RepMotion
    before: tuple[Rep, ...]
    tilt_deg: FloatArray
    sled_m_s2: FloatArray
    heels: Mapping[Side, FloatArray]
    zero_sd_deg: Mapping[Side, float]
    hip_depth_deg: float | None = None
    limit: Limit | None = None
    warned_s: Mapping[Side, float | None] | None = None
    lumbar_times: float = 1.0

    @property
    def attempt(self) -> int:
        """Its number among the set's attempts, from 1."""
        return len(self.before) + 1

    def alerted(self, kind: Kind, side: Side | None) -> bool:
        """Whether this attempt had the fault itself."""
        return any(f.kind == kind and f.side == side and f.severity in ("S2", "S3") for f in self.rep.faults)

    @property
    def counted_before(self) -> tuple[Rep, ...]:
        """The set's counted reps before this one."""
        return tuple(rep for rep in self.before if rep.counted)


def certainty(margin: float, sd: float) -> float:
    """How likely (0 to 1) a value that lies `margin` beyond its line truly does, with a normal error of sd."""
    return 0.5 * (1.0 + erf(margin / (sd * sqrt(2.0)))) if sd > 0.0 else float(margin >= 0.0)


def held(values: FloatArray, entries: int) -> float | None:
    """The largest level that lasted for so many entries of values (N,); None where never so many running are known."""
    if len(values) < entries:
        return None
    known = np.where(np.isfinite(values), values, -np.inf)
    level = float(np.lib.stride_tricks.sliding_window_view(known, entries).min(axis=1).max())
    return level if np.isfinite(level) else None
