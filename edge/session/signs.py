"""A finding as the `Sign` that is published."""

from __future__ import annotations

from edge.alerts.manager import Decision
from edge.detectors.sign import Finding
from edge.events import Sign


def sign_of(finding: Finding, decision: Decision, t_s: float, session: str | None) -> Sign:
    """The sign to publish: what was found, and what the alert manager made of it."""
    f = finding
    return Sign(
        t_s=t_s, session=session, set=f.set, rep=f.rep, kind=f.kind, side=f.side, severity=decision.severity,
        phase=f.seen_in, value=f.value, threshold=f.threshold, unit=f.unit, confidence=round(f.confidence, 3),
        text=f.text, scope=f.scope, cue=decision.cue, spoken=decision.spoken, buzzer=decision.buzzer,
    )  # fmt: skip
