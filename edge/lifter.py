"""Who is lifting, as a machine is told it: all that follows from it, and not whose it is.

The box looks up what it was told and what it keeps; the machine gets all of it in one command, which stands in the byte
log, so that a replay needs nothing that was kept (decision 0010).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from edge.alerts.policy import AlertSettings
from edge.commands import Command, PassedOn, SetLifter, name_of
from edge.detectors.near_max import NearMaxSettings
from edge.detectors.settings import DetectorSettings, SignSettings
from edge.motion.known_body import KnownBody
from edge.settings import Height, Segment


class Lifter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that depends on who is lifting. is_known: somebody, if under an opaque id, rather than anybody.

    tape_m: thigh and shank as measured; body: what earlier sessions have left of the legs; None: nothing.
    """

    is_known: bool = False
    height_m: Height = 1.72
    tape_m: tuple[Segment, Segment] | None = None
    body: KnownBody | None = None
    faults: DetectorSettings = DetectorSettings()
    signs: SignSettings = SignSettings()
    alerts: AlertSettings = AlertSettings()
    near_max: NearMaxSettings = NearMaxSettings()


class LifterTold(Command, frozen=True, kw_only=True, tag=name_of(SetLifter)):
    """`SetLifter`, looked up. It has the id of the command that it answers."""

    lifter: Lifter


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the body of the lifter whom the command of this id told."""

    command_id: str
    body: KnownBody


LoggedCommand: TypeAlias = PassedOn | LifterTold
"""What a pipeline is given, and a byte log holds."""
