"""What is learned of the lifter from stroke to stroke: the legs' chains and their neutrals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edge.events import Side
from edge.motion.chain import BY_SENSOR, ChainFit, StrokePoints, Trust
from edge.motion.known_body import KnownBody
from edge.motion.leg import SHANK_OF_HEIGHT, THIGH_OF_HEIGHT, Leg
from edge.motion.stroke import Path
from edge.samples import FloatArray

SEEN = 0.95
"""Share of a stroke's instants that a leg must have been seen in, for the stroke to teach its chain."""
LEAST = 20
"""Entries (0.2 s) of the shortest stroke: no leg goes down or up quicker."""
SEEN_IN_PART = 0.4
"""The same for its neutral, which needs no whole stroke."""


class Learning:
    """Feed `take` and `show` with every finished stroke; the legs' chain and neutral are refined in place."""

    def __init__(self, legs: Mapping[Side, Leg]) -> None:
        self._legs = legs
        chain = next(iter(legs.values())).chain
        self._fit = ChainFit(chain.thigh_m, chain.shank_m)
        self._taught = False

    def know(self, height_m: float, *known: KnownBody) -> None:
        """What is known of the lifter beforehand, see `ChainFit.know`. Once strokes have told of the legs it counts
        from the next one on, so that no knee jumps on its way.
        """
        self._fit.know(*known, lengths_m=(THIGH_OF_HEIGHT * height_m, SHANK_OF_HEIGHT * height_m))
        if not self._taught:
            self._show_chains()

    def known(self) -> KnownBody | None:
        """What there is to be known of the lifter after this session; None: nothing new."""
        return self._fit.known()

    def expect(self, side: Side, offset_sd_deg: float) -> None:
        """How far a knee's zero can be off by how its sensors were mounted, one standard deviation."""
        self._fit.expect(side, offset_sd_deg)

    def offset_sd_deg(self, side: Side) -> float:
        """How far a knee's zero can still be off, one standard deviation."""
        return self._fit.offset_sd_deg(side)

    @property
    def way_sd(self) -> float:
        """How far off a stroke's length by the legs alone can still be, see `ChainFit.way_sd`."""
        return self._fit.way_sd

    def forget(self, side: Side) -> None:
        """A sensor of this leg moved: what was learned with it no longer holds."""
        self._fit.forget(side)
        self._legs[side].neutral.forget()

    def take(
        self,
        knees: Mapping[Side, FloatArray],
        path: Path,
        span: tuple[int, int],
        *,
        clean: bool,
        trust: Trust | None = BY_SENSOR,
    ) -> None:
        """One stroke for the chains: knees (N, 5) KneeState rows over the path's entries, span of entries from dead
        point to dead point. clean: hip and ankle held still (no pelvis tucked, no heel up), so that the chain holds;
        trust: in the path, None where but the knees told it: then the legs can be held against each other alone.
        """
        part = {side: rows[span[0] : span[1] + 1] for side, rows in knees.items()}
        seen = {side: len(r) >= LEAST and bool(np.isfinite(r[:, 0]).mean() >= SEEN) for side, r in part.items()}
        if clean and any(seen.values()):
            columns = {side: rows if seen[side] else np.full_like(rows, np.nan) for side, rows in part.items()}
            both = np.array([columns["left"], columns["right"]])
            place = path.place_m[span[0] : span[1] + 1]
            told = np.full_like(place, np.nan) if trust is None else place
            self._fit.add(StrokePoints(both[:, :, 3], both[:, :, 1], told, trust or BY_SENSOR))
            self._taught = True
            self._show_chains()

    def _show_chains(self) -> None:
        for side, chain in self._fit.solve().items():
            self._legs[side].chain = chain

    def show(self, knees: Mapping[Side, FloatArray]) -> None:
        """One stroke, down or up, for the neutrals: knees (N, 5) KneeState rows of nothing but the stroke."""
        for side, rows in knees.items():
            known = rows[np.isfinite(rows[:, 0])]
            if len(rows) >= LEAST and len(known) >= SEEN_IN_PART * len(rows):
                self._legs[side].neutral.add(known[:, 0], known[:, 4])
