"""The turn at the bottom: bounced off the knees' and hips' end, or the sled run into its stops.

A bounce is a turn that is both quick and hard: slow grinders turn gently, and a hard push after a pause is no bounce.
Sled into stops rings: its acceleration is far beyond what legs do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from edge.detectors.sign import Finding, RepFacts, certainty
from edge.motion.series import GRID_S
from edge.motion.stroke import Path

TURN_M_S = 0.05
"""The turn runs from this speed downwards to the same upwards: plainly moving on either side."""
SMOOTH = 5
"""Entries (50 ms) over which a push is averaged: rail rumble and ringing at 15 Hz and more is no push."""
BEFORE_S, AFTER_S = 0.35, 0.15
"""A stop is hit so long before the sled rests at the bottom, or after, at most: its ringing blurs the path."""
FELT = 0.9
"""Share of that time in which the sled's sensor must have been heard."""
TURN_SD_S = 0.012
"""Of the turn's time: two crossings, each known to a grid step or so."""
HIT_SD_M_S2 = 2.0
"""Of the peak: how much of a ring is felt depends on where in it the samples fall."""


class TurnSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """bounce_s, bounce_m_s2: a smooth turn without a pause takes 0.25 s and more, with under 1.5 m/s²; 2.8 m/s² makes
    1.4 times the static force on a 45° rail. stop_m_s2: what legs do stays below 8 m/s². A stop makes 15 and more, of
    which a sensor at 52 Hz on a ringing sled feels two thirds.
    """

    bounce_s: Annotated[
        float, Meta(ge=0.03, le=0.5, description="Turning round quicker than this, and as hard as below, is a bounce.")
    ] = 0.15
    bounce_m_s2: Annotated[
        float, Meta(ge=1.0, le=10.0, description="Acceleration of the turn from which it is a bounce.")
    ] = 2.8
    stop_m_s2: Annotated[
        float, Meta(ge=5.0, le=60.0, description="Acceleration at the bottom that means the stops were hit.")
    ] = 9.5


class Turn:
    """Judges a rep's turn; a bounce twice in a row is graver."""

    def __init__(self, settings: TurnSettings) -> None:
        self._settings = settings
        self._bounced: tuple[int, int] | None = None

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The signs of one finished rep. Needs the sled's own sensor: the knees tell no hard turn."""
        hit = jolt_m_s2(facts)
        if hit is None:
            return
        rep, s = facts.rep, self._settings
        if hit > s.stop_m_s2:
            yield Finding(
                kind="stop_hit", severity="S2", set=rep.set, rep=rep.rep, seen_in="bottom", value=hit,
                threshold=s.stop_m_s2, unit="m/s2", confidence=certainty(hit - s.stop_m_s2, HIT_SD_M_S2),
                text=f"The sled ran into its stops: {hit:.0f} m/s².",
            )  # fmt: skip
            return
        took_s, push = turn_of(facts.motion.path)
        if took_s >= s.bounce_s or push < s.bounce_m_s2:
            return
        again = self._bounced == (rep.set, facts.attempt - 1)
        self._bounced = (rep.set, facts.attempt)
        yield Finding(
            kind="bounce", severity="S2" if again else "S1", set=rep.set, rep=rep.rep, seen_in="bottom",
            value=push, threshold=s.bounce_m_s2, unit="m/s2", confidence=certainty(s.bounce_s - took_s, TURN_SD_S),
            text=f"Bounced: turned round within {took_s:.2f} s at {push:.1f} m/s².",
        )  # fmt: skip


def turn_of(path: Path) -> tuple[float, float]:
    """How long the turn took (s), and the push in it (m/s²)."""
    speed, bottom = path.speed_m_s, path.dead[1]
    before = np.flatnonzero(speed[: bottom + 1] < -TURN_M_S)
    after = np.flatnonzero(speed[bottom:] > TURN_M_S)
    if not len(before) or not len(after):
        return float("inf"), 0.0
    i, j = int(before[-1]), bottom + int(after[0])
    begun = i + (-TURN_M_S - speed[i]) / max(speed[i + 1] - speed[i], 1e-9)
    over = j - (speed[j] - TURN_M_S) / max(speed[j] - speed[j - 1], 1e-9)
    acc = np.convolve(np.diff(speed), np.ones(SMOOTH) / SMOOTH, mode="same") / GRID_S
    return float(over - begun) * GRID_S, float(acc[max(i - SMOOTH, 0) : j + SMOOTH].max())


def jolt_m_s2(facts: RepFacts) -> float | None:
    """The largest acceleration felt at the bottom, either way; None where the sled's sensor was not heard there."""
    begin = facts.motion.path.begin
    first = max(round((facts.motion.bottom_s - BEFORE_S) / GRID_S) - begin, 0)
    last = round((facts.motion.drive_s + AFTER_S) / GRID_S) - begin
    felt = facts.sled_m_s2[first : last + 1]
    if not len(felt) or np.isfinite(felt).mean() < FELT:
        return None
    return float(np.nanmax(np.abs(felt)))
