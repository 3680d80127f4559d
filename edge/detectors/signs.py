"""All signs of one machine: the remarks beside the four faults, found at an instant or after a rep."""

from __future__ import annotations

import msgspec

from edge.detectors.depth import Depth, DepthSettings
from edge.detectors.sign import Finding, RepFacts


class SignSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signs beside the four faults: from where on each is remarked upon."""

    depth: DepthSettings = DepthSettings()


class Signs:
    """Feed `finish` with every finished attempt."""

    def __init__(self, settings: SignSettings) -> None:
        self._after_reps = (Depth(settings.depth),)

    def finish(self, facts: RepFacts) -> list[Finding]:
        """What is to be remarked on after an attempt."""
        return [finding for sign in self._after_reps for finding in sign.judge(facts)]
