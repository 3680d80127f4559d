"""Which legs did the work of a rep: both, or one while the other foot only rides along.

Pressing with both legs and lowering with one is a known way to train, as is one leg both ways. Then the other leg's
absence is no asymmetry.
"""

from __future__ import annotations

import numpy as np

from edge.events import LegUse
from edge.motion.look_back import RepMotion
from edge.motion.series import GRID_S
from edge.samples import FloatArray

RIDES = 0.14
"""A foot with less than this share of the force only rides along. Its own weight and the cells' zeros make 40 to 60 N,
of a light sled's 700 N up to 0.08; a lopsided press leaves it 0.2 and more."""
MOST = 0.7
"""For this share of the phase: the change-over at its ends takes some tenths of a second."""
KNOWN = 0.8
"""Share of a phase that the footplate must have been heard in."""


def lowered_with(motion: RepMotion) -> LegUse | None:
    """The legs that let the sled down; None where the footplate did not tell."""
    return _used(motion, motion.start_s, motion.bottom_s)


def pressed_with(motion: RepMotion) -> LegUse | None:
    """The legs that drove it up."""
    return _used(motion, motion.drive_s, motion.top_s)


def _used(motion: RepMotion, from_s: float, to_s: float) -> LegUse | None:
    first, last = (max(round(t / GRID_S) - motion.path.begin, 0) for t in (from_s, to_s))
    force, left = motion.force_n[first : last + 1], motion.left_n[first : last + 1]
    return used(left, force)


def used(left_n: FloatArray, force_n: FloatArray) -> LegUse | None:
    """The same from the left foot's and both feet's force (N,) N over a phase, NaN where not heard."""
    known = np.isfinite(force_n) & (force_n > 0.0)
    if not len(force_n) or known.mean() < KNOWN:
        return None
    share = left_n[known] / force_n[known]
    if (share < RIDES).mean() >= MOST:
        return "right"
    return "left" if (share > 1.0 - RIDES).mean() >= MOST else "both"
