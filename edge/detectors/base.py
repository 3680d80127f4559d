"""What every detector sees and says.

A detector gets one reading of its signal per grid instant and what the machine is doing then; it says when its fault
begins. It does not know alerts: whether anything is spoken is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.events import Kind, Phase, Severity, Side


@dataclass(frozen=True, slots=True)
class Gate:
    """What the machine is doing: judged: whether a fault may be called at all (loaded, and in a rep).

    since_top_s: time since the drive arrived at the top, 0 before it. foot_share: this foot's share of the static
    force, None without a footplate.
    """

    phase: Phase
    set: int
    rep: int
    judged: bool
    since_top_s: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One instant of a signal: when it was (s), when its last sample came in (s), its value, its rate (per s), and how
    far it can be off (one standard deviation, same unit).
    """

    t_s: float
    arrival_s: float
    value: float
    rate: float
    sd: float


@dataclass(frozen=True, slots=True)
class Detection:
    """A fault that has just begun."""

    kind: Kind
    side: Side | None
    severity: Severity
    phase: Phase
    set: int
    rep: int
    onset_s: float
    value: float
    threshold: float
    unit: str
    confidence: float
    sensors: tuple[str, ...]
    sample_s: float
    arrival_s: float
