"""How far a lifter's own straight knee is from a straight line.

Some knees are never straight. Their owner stands as straight as they go, and that is their zero; the closed chain finds
another one, where hip, knee and ankle are in line, the same distance off in both legs. A standing pose that is off does
the same, but seldom by more than 2°. So a small difference is taken for the pose's error and a large one for the
lifter's own; between, each counts by how likely it is.
Who has been here before brings along what the earlier sessions told.
"""

from __future__ import annotations

from math import erf, exp, pi, sqrt

MOST_DEG = 6.0
"""A knee that lacks more than this cannot press."""
SHARE = 0.1
"""Lifters whose knees lack some degrees; of these any amount is as likely as any other."""
CHAIN_SD_DEG = 0.75
"""What the chain's common zero is off by besides what the strokes' own spread says: ankle and flesh, and what is left
of the hips once their way with the pelvis and into the pad is taken out."""
HABIT_VAR_DEG2 = 1.0
"""How bent a lifter stands is a habit: so much of what makes sessions differ from the truth is the same in all of them,
and however many there are, they do not tell more."""
LEAST_VAR_DEG2 = 0.05
"""Of what is a session's own, at the least."""

Told = tuple[float, float]
"""How far beyond the standing zero the chain has its own, as strokes tell it (deg), and the variance of that (deg²)."""


def together(one: Told, other: Told) -> Told:
    """What two sessions, or two lots of them, tell of the same lifter."""
    own = [max(var - HABIT_VAR_DEG2, LEAST_VAR_DEG2) for _, var in (one, other)]
    share = own[1] / (own[0] + own[1])
    return share * one[0] + (1.0 - share) * other[0], share * own[0] + HABIT_VAR_DEG2


def own_straight(apart_deg: float, sd_deg: float) -> tuple[float, float]:
    """The knee's bend (deg) from anatomically straight in this lifter's own straight, and its spread.

    apart_deg: how far beyond the standing zero the chain has its own; sd_deg: spread of that for a knee that goes
    straight, CHAIN_SD_DEG not included.
    """
    sd = sqrt(sd_deg**2 + CHAIN_SD_DEG**2)
    low, high = -apart_deg / sd, (MOST_DEG - apart_deg) / sd
    within = _below(high) - _below(low)
    if within < 1e-6:
        return (MOST_DEG, 0.0) if apart_deg > MOST_DEG else (0.0, 0.0)
    bent = SHARE * within / MOST_DEG
    share = bent / (bent + (1.0 - SHARE) * _bell(low) / sd)
    edge = (_bell(low) - _bell(high)) / within
    mean = apart_deg + sd * edge
    spread2 = sd**2 * max(1.0 + (low * _bell(low) - high * _bell(high)) / within - edge**2, 0.0)
    return share * mean, sqrt(share * (spread2 + (1.0 - share) * mean**2))


def _bell(z: float) -> float:
    return exp(-0.5 * z * z) / sqrt(2.0 * pi)


def _below(z: float) -> float:
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))
