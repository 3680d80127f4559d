"""Depth: too deep for this lifter's own hips, or plainly short of the set's own stroke.

A cue is only wanted against going deeper: nobody is nagged into more depth, a shortened stroke is always fine and is
only written down. The own limit is where this pelvis begins to tuck; a little before it the hip is nearly out of range.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts, certainty

INTERVAL_SDS = 3.29
"""The limit's 90 % interval is so many standard deviations wide."""
CLEARED_SD_DEG = 2.0
"""Of the knee's depth itself."""
HIP_OVER_KNEE = 0.5
"""Near the bottom the hip bends by about half of what the knee does (closed chain)."""


class DepthSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """margin_deg: 3° before the hip's end of range the next rep passes it: depth varies by as much from rep to rep.
    cleared_deg: beyond 110° of knee flexion most hips are at their end. shallow: half squats and less, and strokes that
    the partial-rep rule (80 % of the median) has let through as attempts.
    """

    margin_deg: Annotated[
        float, Meta(ge=0.0, le=15.0, description="Hip flexion short of the lifter's own limit that counts as too deep.")
    ] = 3.0
    cleared_deg: Annotated[
        float,
        Meta(ge=80.0, le=140.0, description="Knee flexion that is too deep while no own limit is known."),
    ] = 110.0
    shallow_deg: Annotated[
        float, Meta(ge=20.0, le=90.0, description="Knee flexion at the bottom below which a rep is noted as shallow.")
    ] = 60.0
    shallow_share: Annotated[
        float, Meta(ge=0.3, le=0.95, description="Share of the set's median stroke below which it is noted as well.")
    ] = 0.75


class Depth:
    """Judges a rep's bottom."""

    def __init__(self, settings: DepthSettings) -> None:
        self._settings = settings

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The signs of one finished rep."""
        depths = [d for d in (facts.rep.left_depth_deg, facts.rep.right_depth_deg) if d is not None]
        depth = sum(depths) / len(depths) if depths else None
        if depth is not None:
            yield from self._deep(facts, depth)
        yield from self._shallow(facts, depth)

    def _deep(self, facts: RepFacts, depth: float) -> Iterator[Finding]:
        rep, limit, s = facts.rep, facts.limit, self._settings
        if limit is None:
            value, end, line, sd, what = depth, s.cleared_deg, s.cleared_deg, CLEARED_SD_DEG, "knees"
        elif facts.hip_depth_deg is not None and limit.hip_deg is not None:
            value, end, line, what = facts.hip_depth_deg, limit.hip_deg, limit.hip_deg - s.margin_deg, "hips"
            sd = HIP_OVER_KNEE * (limit.high_deg - limit.low_deg) / INTERVAL_SDS
        else:
            value, end, what = depth, limit.knee_deg, "knees"
            line, sd = end - s.margin_deg / HIP_OVER_KNEE, (limit.high_deg - limit.low_deg) / INTERVAL_SDS
        if value > line:
            whose = "your own limit is" if limit else "the usual limit is"
            yield Finding(
                kind="deep", severity="S1", set=rep.set, rep=rep.rep, value=value, threshold=line, unit="deg",
                confidence=certainty(value - line, sd), text=f"Deep: {what} bent to {value:.0f}°, {whose} {end:.0f}°.",
            )  # fmt: skip

    def _shallow(self, facts: RepFacts, depth: float | None) -> Iterator[Finding]:
        rep, s = facts.rep, self._settings
        strokes = [r.rom_m for r in facts.counted_before if r.rom_m is not None]
        if depth is not None and depth < s.shallow_deg:
            value, line, unit, text = depth, s.shallow_deg, "deg", f"Shallow: knees bent to {depth:.0f}°."
        elif strokes and rep.rom_m is not None and rep.rom_m < s.shallow_share * median(strokes):
            value, line, unit = rep.rom_m, s.shallow_share * median(strokes), "m"
            text = f"Shallow: {100 * value:.0f} cm, {100 * value / median(strokes):.0f} % of this set's usual stroke."
        else:
            return
        yield Finding(
            kind="shallow", severity="S0", set=rep.set, rep=rep.rep, value=value, threshold=line, unit=unit, text=text
        )
