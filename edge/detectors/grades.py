"""The four faults' milder and graver forms, and whether a knee falls in more from rep to rep.

A milder form never nags where the fault itself was called; a graver one is for the set, not for the moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts, certainty, held
from edge.events import Severity, Side, verdict_key
from edge.motion.leg import SIDES

HELD = 15
"""Entries (0.15 s): what is shorter is a wobble."""
PLANE_DEG = (30.0, 110.0)
"""Flexions in which the leg has a plane to fall out of."""
OWN_REPS = 2
"""A lifter's first reps teach what is neutral; a warning on half of the fault's size needs that."""
MEDIAL_SD_MM, TILT_SD_DEG, HEEL_SD = 3.0, 0.6, 0.05
"""What the signals are off by once their own zero is known."""
RUNNING = 2
"""Severe in so many reps running."""
OF_LAST = (3, 4)
"""Or called in so many of the last so many."""
ALL_SHARE = 0.5
"""A heel that is up for more of the rep than this is no matter of depth."""
SOFT_DEG = 9.0
"""A soft bend holds this much; what ends between here and the lockout came near."""


class GradeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lines of the milder (warn) and graver (severe) forms. valgus: sound knees sway by 24 mm; at 50 mm the kneecap
    is inside the big toe, of which the estimate shows 47 where a knee falls in from the first rep on. lumbar: habit is
    up to 6°; at 18° the pad is left. heel: natural sway is 15 %.
    """

    valgus_warn_mm: Annotated[
        float, Meta(ge=10.0, le=60.0, description="Inward displacement of the knee that is remarked on between reps.")
    ] = 24.0
    valgus_severe_mm: Annotated[
        float, Meta(ge=20.0, le=120.0, description="Displacement that advises to end the set, two reps running.")
    ] = 47.0
    lumbar_warn_deg: Annotated[
        float, Meta(ge=3.0, le=30.0, description="Tilt of the pelvis that is remarked on between reps.")
    ] = 8.0
    lumbar_severe_deg: Annotated[float, Meta(ge=8.0, le=45.0, description="Tilt that advises to end the set.")] = 18.0
    heel_warn_share: Annotated[
        float, Meta(ge=0.2, le=0.95, description="The heel's share over its flat share that is remarked on.")
    ] = 0.6
    trend_mm: Annotated[
        float, Meta(ge=0.5, le=20.0, description="Growth of the inward displacement per rep that is noted.")
    ] = 2.0


class Grades:
    """Judges counted reps. Needs what the fault needs, and the fault to have been assessed."""

    def __init__(self, settings: GradeSettings) -> None:
        self._settings = settings
        self._reps = 0
        self._set = 0
        self._severe: dict[Side, int] = {}
        self._tucked: list[bool] = []

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The milder and graver forms in one finished rep."""
        rep = facts.rep
        if rep.set != self._set:
            self._set, self._severe, self._tucked = rep.set, {}, []
        if not rep.counted:
            return
        self._reps += 1
        for side in SIDES:
            yield from self._valgus(facts, side)
            yield from self._heel(facts, side)
            yield from self._near_lockout(facts, side)
        yield from self._lumbar(facts)

    def _valgus(self, facts: RepFacts, side: Side) -> Iterator[Finding]:
        rep, s = facts.rep, self._settings
        severity: Severity
        if verdict_key("valgus", side) not in rep.assessed:
            return
        worst = inward_mm(facts, side)
        if worst is None:
            return
        running = self._severe.get(side, 0) + 1 if worst >= s.valgus_severe_mm else 0
        self._severe[side] = running
        if running >= RUNNING:
            severity, line = "S3", s.valgus_severe_mm
        elif self._reps > OWN_REPS and worst >= s.valgus_warn_mm and not facts.alerted("valgus", side):
            severity, line = "S1", s.valgus_warn_mm
        else:
            return
        yield Finding(
            kind="valgus", severity=severity, set=rep.set, rep=rep.rep, side=side, seen_in="concentric",
            value=worst, threshold=line, unit="mm", confidence=certainty(worst - line, MEDIAL_SD_MM),
            text=f"The {side} knee fell in by {worst:.0f} mm.",
        )  # fmt: skip

    def _lumbar(self, facts: RepFacts) -> Iterator[Finding]:
        s = self._settings
        severity: Severity
        if "lumbar" not in facts.rep.assessed:
            return
        a, _, c = facts.motion.path.dead
        worst = held(facts.tilt_deg[a : c + 1], HELD)
        if worst is None:
            return
        called = facts.alerted("lumbar", None)
        self._tucked.append(called)
        warn_deg, severe_deg = s.lumbar_warn_deg * facts.lumbar_times, s.lumbar_severe_deg * facts.lumbar_times
        if worst >= severe_deg:
            severity, line = "S3", severe_deg
        elif called and sum(self._tucked[-OF_LAST[1] :]) >= OF_LAST[0]:
            severity, line = "S3", warn_deg
        elif worst >= warn_deg and not called:
            severity, line = "S1", warn_deg
        else:
            return
        yield Finding(
            kind="lumbar", severity=severity, set=facts.rep.set, rep=facts.rep.rep, seen_in="bottom",
            value=worst, threshold=line, unit="deg", confidence=certainty(worst - line, TILT_SD_DEG),
            text=f"The pelvis tucked by {worst:.0f}°.",
        )  # fmt: skip

    def _heel(self, facts: RepFacts, side: Side) -> Iterator[Finding]:
        """A light heel, and where in the rep it was up; of a foot that only rides along it says nothing."""
        a, _, c = facts.motion.path.dead
        ratio = facts.heels[side][a : c + 1]
        other = "right" if side == "left" else "left"
        rides = other in (facts.rep.lowered_with, facts.rep.pressed_with)
        if rides or verdict_key("heel_lift", side) not in facts.rep.assessed:
            return
        line = self._settings.heel_warn_share
        most = held(-ratio, HELD)
        if most is None or -most >= line:
            return
        least = -most
        known = ratio[np.isfinite(ratio)]
        scope: Literal["all_phases", "bottom_only"] = (
            "all_phases" if (known < line).mean() > ALL_SHARE else "bottom_only"
        )
        where = "throughout" if scope == "all_phases" else "about the bottom"
        severity: Severity = "S0" if facts.alerted("heel_lift", side) else "S1"
        yield Finding(
            kind="heel_lift", severity=severity, set=facts.rep.set, rep=facts.rep.rep, side=side, seen_in="bottom",
            value=least, threshold=line, unit="share", confidence=certainty(line - least, HEEL_SD), scope=scope,
            text=f"The {side} heel kept {100 * max(least, 0.0):.0f} % of its own share, light {where}.",
        )  # fmt: skip

    def _near_lockout(self, facts: RepFacts, side: Side) -> Iterator[Finding]:
        top = facts.rep.left_top_deg if side == "left" else facts.rep.right_top_deg
        seen = verdict_key("lockout", side) in facts.rep.assessed and not facts.alerted("lockout", side)
        if top is None or top >= SOFT_DEG or not seen:
            return
        yield Finding(
            kind="lockout", severity="S0", set=facts.rep.set, rep=facts.rep.rep, side=side, value=top,
            threshold=SOFT_DEG, unit="deg", text=f"The {side} knee came within {max(top, 0.0):.0f}° of straight.",
        )  # fmt: skip


def inward_mm(facts: RepFacts, side: Side) -> float | None:
    """The displacement that lasted 0.15 s, where the leg has a plane; None where it was not seen for so long."""
    a, _, c = facts.motion.path.dead
    knee = facts.motion.knees[side][a : c + 1]
    inside = (knee[:, 0] > PLANE_DEG[0]) & (knee[:, 0] < PLANE_DEG[1])
    return held(np.where(inside, knee[:, 2], np.nan), HELD)
