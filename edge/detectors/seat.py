"""The seat: with the sled racked the knees should stand about at a right angle, and the hips not yet at their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from edge.detectors.sign import Finding, certainty
from edge.motion.body import Body
from edge.motion.leg import SIDES
from edge.motion.own_limit import Limit

BEFORE_PRESS = 15
"""Grid steps (0.15 s) at the press's beginning: the feet are set, the sled is still in its rack."""
WAIT_S = 2.0
"""After this at the top the legs' sensors are mounted, or will not be in this set."""
KNEE_SD_DEG = 2.0
"""Of the knee's flexion before the first rep; later it is better."""


class SeatSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """About a right angle at the start; sources differ on which side of it, so both are taken. margin_deg: so near to
    the knee flexion at which this pelvis tucks a rep begins at the hips' end.
    """

    least_deg: Annotated[
        float, Meta(ge=40.0, le=100.0, description="Knee flexion in the rack below which the seat is too far.")
    ] = 80.0
    most_deg: Annotated[
        float, Meta(ge=80.0, le=140.0, description="Knee flexion above which it is too near; above least_deg.")
    ] = 105.0
    margin_deg: Annotated[
        float, Meta(ge=0.0, le=30.0, description="Knee flexion short of the lifter's own limit that is too near, too.")
    ] = 6.0

    def __post_init__(self) -> None:
        """ValueError: no seat would be right."""
        if self.most_deg <= self.least_deg:
            raise ValueError(f"most_deg = {self.most_deg:g}: must be above least_deg, {self.least_deg:g}")


class Seat:
    """Feed `step` at every grid instant; judged once in each set, when the sled has been pressed out."""

    def __init__(self, settings: SeatSettings) -> None:
        self._settings = settings
        self._set = 0
        self._due = False
        self._since_s = 0.0

    def step(self, body: Body, t_s: float, limit: Limit | None) -> Iterator[Finding]:
        """The sign of a set that has just begun."""
        phases = body.phases
        if phases.set != self._set:
            self._set, self._due, self._since_s = phases.set, phases.set > 0, t_s
        if not self._due:
            return
        knees = racked_deg(body)
        if knees is None:
            self._due = t_s - self._since_s < WAIT_S
            return
        self._due = False
        yield from self._judge(knees, limit)

    def _judge(self, knees: float, limit: Limit | None) -> Iterator[Finding]:
        s = self._settings
        most = min(s.most_deg, limit.knee_deg - s.margin_deg) if limit else s.most_deg
        if s.least_deg <= knees <= most:
            return
        far = knees < s.least_deg
        line, off = (s.least_deg, s.least_deg - knees) if far else (most, knees - most)
        yield Finding(
            kind="seat", severity="S1", set=self._set, rep=0, value=knees, threshold=line, unit="deg",
            confidence=certainty(off, KNEE_SD_DEG), seen_in="rest",
            text=f"The knees start at {knees:.0f}°: the seat is too {'far away' if far else 'near'}.",
        )  # fmt: skip


def racked_deg(body: Body) -> float | None:
    """The mean flexion of the knees as the press out of the rack began, deg; None where no leg was seen."""
    begin = body.phases.press_start
    seen = []
    for side in SIDES:
        leg = body.legs[side]
        rows = [knee for knee in leg.knees.span(begin - BEFORE_PRESS, begin + 1) if knee is not None]
        if rows:
            seen.append(float(np.median([leg.chain.flexion(row[3], row[1]) for row in rows])))
    return sum(seen) / len(seen) if seen else None
