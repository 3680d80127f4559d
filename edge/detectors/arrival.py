"""How the knees arrive at the top: snapped straight, or driven beyond straight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts, certainty
from edge.events import Side, verdict_key
from edge.motion.leg import SIDES

RATE_SD_DEG_S = 4.0
"""Of the knee's rate near straight: the gyros' scale and skin."""


class ArrivalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """snap_deg_s, near_deg: a drive that eases in passes its last 15° at 40 to 90°/s. beyond_deg: past 3° the joint's
    own stop carries the load, and the knee is known to 1 to 2° at best. beyond_reps: once may be a slip.
    """

    snap_deg_s: Annotated[
        float, Meta(ge=30.0, le=1000.0, description="Speed of the knee near straight from which a lockout is a snap.")
    ] = 100.0
    near_deg: Annotated[
        float, Meta(ge=5.0, le=40.0, description="Knee flexion below which that speed is looked at.")
    ] = 15.0
    beyond_deg: Annotated[
        float, Meta(ge=0.5, le=15.0, description="Degrees beyond the own straight that are hyperextension.")
    ] = 4.0
    beyond_reps: Annotated[
        int, Meta(ge=1, le=10, description="So many reps of a set with hyperextension advise to end it.")
    ] = 2


class Arrival:
    """Judges the end of each drive, knee by knee; a knee is judged where its lockout is."""

    def __init__(self, settings: ArrivalSettings) -> None:
        self._settings = settings
        self._beyond: tuple[int, int] = (0, 0)

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The signs of one finished rep."""
        seen = [side for side in SIDES if verdict_key("lockout", side) in facts.rep.assessed]
        for side in seen:
            if facts.alerted("lockout", side):
                yield from self._snap(facts, side)
        least = {side: value for side in seen if (value := _least_deg(facts, side)) is not None}
        if least:
            yield from self._overextended(facts, least)

    def _snap(self, facts: RepFacts, side: Side) -> Iterator[Finding]:
        rep, s = facts.rep, self._settings
        rise = facts.motion.knees[side][facts.motion.path.dead[1] :]
        near = np.abs(rise[rise[:, 0] < s.near_deg, 1])
        fastest = float(near.max()) if len(near) else 0.0
        if fastest > s.snap_deg_s:
            yield Finding(
                kind="snap", severity="S2", set=rep.set, rep=rep.rep, side=side, value=fastest,
                threshold=s.snap_deg_s, unit="deg/s", confidence=certainty(fastest - s.snap_deg_s, RATE_SD_DEG_S),
                text=f"The {side} knee snapped straight, at {fastest:.0f}°/s.",
            )  # fmt: skip

    def _overextended(self, facts: RepFacts, least: dict[Side, float]) -> Iterator[Finding]:
        rep, s = facts.rep, self._settings
        side = min(least, key=lambda one: least[one])
        beyond = -least[side]
        if beyond < s.beyond_deg:
            return
        times = self._beyond[1] + 1 if self._beyond[0] == rep.set else 1
        self._beyond = (rep.set, times)
        yield Finding(
            kind="hyperextension", severity="S3" if times >= s.beyond_reps else "S2", set=rep.set, rep=rep.rep,
            side=side, value=-beyond, threshold=-s.beyond_deg, unit="deg",
            confidence=certainty(beyond - s.beyond_deg, facts.zero_sd_deg[side]),
            text=f"The {side} knee went {beyond:.0f}° beyond straight.",
        )  # fmt: skip


def _least_deg(facts: RepFacts, side: Side) -> float | None:
    rise = facts.motion.knees[side][facts.motion.path.dead[1] :, 0]
    known = rise[np.isfinite(rise)]
    return float(known.min()) if len(known) else None
