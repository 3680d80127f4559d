"""A drive that went into a lockout faster than anybody can be warned: said afterwards, since nothing helped before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts
from edge.events import Side
from edge.motion.leg import SIDES
from edge.motion.series import GRID_S


class TooFastSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """lead_s: people need a quarter of a second to answer a sound, and the sled takes some more to slow down."""

    lead_s: Annotated[
        float, Meta(ge=0.1, le=2.0, description="Least time from the first warning to the lockout that helps anybody.")
    ] = 0.3


class TooFast:
    """Judges reps that ended in a lockout, where the ramp ran. straight_deg: the lockout's line."""

    def __init__(self, settings: TooFastSettings, straight_deg: float) -> None:
        self._lead_s, self._straight_deg = settings.lead_s, straight_deg

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The sign of one finished rep."""
        rep = facts.rep
        for side in SIDES:
            if facts.warned_s is None or not facts.alerted("lockout", side):
                continue
            locked, warned = self._locked_s(facts, side), facts.warned_s[side]
            if locked is None:
                continue
            lead = max(locked - warned, 0.0) if warned is not None else 0.0
            if lead < self._lead_s:
                yield Finding(
                    kind="too_fast_to_warn", severity="S0", set=rep.set, rep=rep.rep, side=side, seen_in="concentric",
                    value=lead, threshold=self._lead_s, unit="s",
                    text=f"Too fast to warn: the {side} knee locked {lead:.2f} s after it came near."
                    if warned is not None
                    else f"Too fast to warn: the {side} knee locked before it was seen to come near.",
                )  # fmt: skip
                return

    def _locked_s(self, facts: RepFacts, side: Side) -> float | None:
        """When the knee came to the lockout's line in the drive, s."""
        path = facts.motion.path
        beyond = np.flatnonzero(facts.motion.knees[side][path.dead[1] :, 0] <= self._straight_deg)
        return (path.begin + path.dead[1] + int(beyond[0])) * GRID_S if len(beyond) else None
