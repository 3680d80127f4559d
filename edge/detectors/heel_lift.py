"""Heel lift: the heel comes off the plate and the load goes to the forefoot.

Usually near the bottom, where hip or ankle has run out of range. Judged by the heel's share of its foot's force against
that foot's own flat share, since the foot's place on the plate alone moves it from 0.35 to 0.65.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.base import Detection, Fault, Line, Reading
from edge.events import Side
from edge.motion.gate import Gate


class HeelLiftSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alert_share: of the flat share. A lifted heel carries under 0.1 of it, one that only grows light 0.45 and more;
    0.25 is the usual line, and the midpoint 0.27 loses no time.
    """

    alert_share: Annotated[
        float,
        Meta(
            ge=0.05,
            le=0.6,
            description="The heel's share of the foot's force, over its own flat share, that counts as lifted.",
        ),
    ] = 0.27
    clear_share: Annotated[
        float, Meta(ge=0.1, le=0.9, description="Share at which it counts as down again; above alert_share.")
    ] = 0.45
    hold_s: Annotated[float, Meta(ge=0.0, le=1.0, description="How long it must last.")] = 0.03
    foot_share: Annotated[
        float,
        Meta(ge=0.0, le=0.5, description="Least share of the static force that the foot must carry to be judged."),
    ] = 0.12

    def __post_init__(self) -> None:
        """ValueError: the fault would be over before it began."""
        if self.clear_share <= self.alert_share:
            raise ValueError(f"clear_share = {self.clear_share:g}: must be above alert_share, {self.alert_share:g}")


CLEAR_S = 0.25
LEAD_S = 0.0
"""Cells are quick and their shares noisy: nothing is carried forward."""


class HeelLift:
    """One heel. Readings: heel share over its flat share."""

    def __init__(self, side: Side, settings: HeelLiftSettings) -> None:
        s = settings
        self.fault = Fault("heel_lift", side, Line(s.alert_share, s.clear_share, s.hold_s, CLEAR_S, LEAD_S, "share"))
        self._foot_share = s.foot_share

    def step(self, reading: Reading, foot_share: float, gate: Gate) -> Detection | None:
        """One instant; foot_share: this foot's force over the static force (a foot off the plate is no heel lift)."""
        if not gate.judged or not gate.moving or foot_share < self._foot_share:
            self.fault.pass_over()
            return None
        return self.fault.judge(reading, gate, ("footplate",))
