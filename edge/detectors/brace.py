"""The stop at the top in which a breath is taken and the trunk made firm.

Whether the lifter braces is not seen: that would need a belt or a breath sensor. What is seen is whether there was time
for it, so a reminder is only written down, once a set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts


class BraceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """window_s: a breath in takes about this long. reps: one hurried rep is nothing."""

    window_s: Annotated[
        float, Meta(ge=0.1, le=3.0, description="Least stop at the top before a rep that leaves time to brace.")
    ] = 0.6
    reps: Annotated[int, Meta(ge=1, le=20, description="So many reps running without it are noted.")] = 3


class Brace:
    """Judges the stops between a set's reps; the one before the first is not a rep's end."""

    def __init__(self, settings: BraceSettings) -> None:
        self._settings = settings
        self._told_in: int | None = None
        self._hurried: tuple[int, int] = (0, 0)

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The sign of one finished rep, once a set."""
        rep, s = facts.rep, self._settings
        if not facts.before:
            return
        stop_s = rep.start_s - facts.before[-1].top_s
        before = self._hurried[1] if self._hurried[0] == rep.set else 0
        running = before + 1 if stop_s < s.window_s else 0
        self._hurried = (rep.set, running)
        if running < s.reps or self._told_in == rep.set:
            return
        self._told_in = rep.set
        yield Finding(
            kind="brace", severity="S0", set=rep.set, rep=rep.rep, value=stop_s, threshold=s.window_s, unit="s",
            text=f"{running} reps running without time for a breath at the top.",
        )  # fmt: skip
