"""Tempo: the sled is let down too fast.

Slow lowering is where muscle is made and where form can still be felt going; a fast push with a slow return is fine, so
nothing is said of a quick drive by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts, certainty, held

TIME_SD_S = 0.04
"""Of a lowering's time: the sled's speed is known to some mm/s, and crosses 0.03 m/s within a few hundredths."""
DASH_STEPS = 10
"""The speed must last for 0.1 s: a bang or a knock does not."""


USUAL_STROKE_M = 0.27
"""From soft knees to 95° of flexion at a height of 1.75 m; 0.31 m at 2.05 m, and 0.37 m to 110°."""


class TempoSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """warn_s, alert_s: two seconds and more are what coaches ask for; under one the sled is dropped, not lowered.
    dash_m_s: a stroke of 0.27 m peaks at 0.25 m/s when lowered in 2 s, and at 0.51 m/s when lowered in 1 s. Longer legs
    have longer strokes, of which as much in as much time is as well under control: there it counts in proportion.
    """

    warn_s: Annotated[
        float, Meta(ge=0.3, le=6.0, description="Lowering faster than this is remarked on between reps.")
    ] = 1.5
    alert_s: Annotated[
        float, Meta(ge=0.2, le=4.0, description="Lowering faster than this is remarked on at once; below warn_s.")
    ] = 1.0
    dash_m_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=2.0,
            description="Speed downwards for 0.1 s that is remarked on at once as well; more in longer strokes.",
        ),
    ] = 0.45

    def __post_init__(self) -> None:
        """ValueError: the graver line must lie beyond the milder one."""
        if self.alert_s >= self.warn_s:
            raise ValueError(f"alert_s = {self.alert_s:g}: must be below warn_s, {self.warn_s:g}")


class Tempo:
    """Judges a counted rep's lowering; a partial one is short, and fast for that."""

    def __init__(self, settings: TempoSettings) -> None:
        self._settings = settings

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The signs of one finished rep."""
        rep, s = facts.rep, self._settings
        if not rep.counted:
            return
        lasts, dash = rep.eccentric_s, fastest_m_s(facts)
        most = s.dash_m_s * max(lowered_m(facts) / USUAL_STROKE_M, 1.0)
        if lasts < s.alert_s:
            value, line, unit = lasts, s.alert_s, "s"
        elif dash > most:
            value, line, unit = dash, most, "m/s"
        elif lasts < s.warn_s:
            value, line, unit = lasts, s.warn_s, "s"
        else:
            return
        severe = lasts < s.alert_s or dash > most
        yield Finding(
            kind="fast_lowering", severity="S2" if severe else "S1", set=rep.set, rep=rep.rep, seen_in="eccentric",
            value=value, threshold=line, unit=unit, text=f"Lowered in {lasts:.1f} s, at up to {dash:.2f} m/s.",
            confidence=certainty(line - value, TIME_SD_S) if unit == "s" else 1.0,
        )  # fmt: skip


def lowered_m(facts: RepFacts) -> float:
    """How far the sled was let down."""
    a, b, _ = facts.motion.path.dead
    return float(facts.motion.path.place_m[a] - facts.motion.path.place_m[b])


def fastest_m_s(facts: RepFacts) -> float:
    """The speed downwards that lasted for 0.1 s."""
    a, b, _ = facts.motion.path.dead
    return held(-facts.motion.path.speed_m_s[a : b + 1], DASH_STEPS) or 0.0
