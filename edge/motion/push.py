"""How the feet's push tells the sled's acceleration, where no sensor on the sled does.

What the feet push more than holds the sled speeds it up, or rubs. In one attempt the sled goes down and up between
stands: over either way its acceleration comes to nothing, and friction is against it. So the mean of what is pushed on
the ways down and up is what holds the sled, and half of what lies between them is friction. What holds it tells its
mass as well, see `moved.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.motion.moved import Moved
from edge.motion.plate import LOADED_SHARE
from edge.motion.series import GRID_S
from edge.motion.sled import QUIET_ACC_M_S2, QUIET_KNEE_M_S, QUIET_S
from edge.samples import FloatArray

REST: Final = round(QUIET_S / GRID_S)
"""Entries for which the knees must be quiet for the sled to rest: then friction takes whatever side holds it, as far as
it can. Knees alone may be quiet while a pelvis that tucks under takes up what the sled moves."""
LEAST_WAY: Final = 20
"""Entries (0.2 s) in which the sled must slide down, and up, for either to be a way."""
HEARD: Final = 0.95
"""Share of the attempt in which the footplate must have been heard, and the knees seen."""
FRICTION_M_S2: Final = (-0.1, 1.2)
"""What friction can be: rails and cables rub by 1 to 10 % of the weight. Beyond it somebody else pushed along: a
spotter, or a stop that carries."""


@dataclass(frozen=True, slots=True)
class Push:
    """acc_m_s2: (N,) the sled's acceleration along the rail, upwards, nil where it rests, NaN where the footplate does
    not tell it; friction_side: (N,) the way it slides, -1 to 1, 0 where it rests.
    """

    acc_m_s2: FloatArray
    friction_side: FloatArray


def pushed(force_n: FloatArray, resting_n: float, knee_m_s: FloatArray, attempt: slice, moved: Moved) -> Push | None:
    """What the push tells of an attempt; None where it does not tell enough, or somebody else pushed along.

    force_n: (N,) of both feet, NaN where not heard; resting_n: what they rest with on the plate of a racked sled;
    knee_m_s: (N,) the sled's speed by the knees, NaN where not seen; attempt: entries from stand to stand.
    """
    if np.isfinite(force_n[attempt] + knee_m_s[attempt]).mean() < HEARD:
        return None
    seen = np.flatnonzero(np.isfinite(knee_m_s))
    speed = np.interp(np.arange(len(knee_m_s)), seen, knee_m_s[seen])
    quiet = np.abs(speed) < QUIET_KNEE_M_S
    side: FloatArray = np.where(_lasting(quiet), 0.0, np.tanh(speed / QUIET_KNEE_M_S))
    ways = [force_n[attempt][side[attempt] * way > 0.0] for way in (-1.0, 1.0)]
    down_n, up_n = (way[np.isfinite(way)] for way in ways)
    if min(len(down_n), len(up_n)) < LEAST_WAY:
        return None
    held_n, rubs_n = float(0.5 * (up_n.mean() + down_n.mean())), float(0.5 * (up_n.mean() - down_n.mean()))
    inertia_kg = moved.inertia_kg(held_n - resting_n)
    if inertia_kg is None or not FRICTION_M_S2[0] <= rubs_n / inertia_kg <= FRICTION_M_S2[1]:
        return None
    holds_n = max(rubs_n, 0.0) + QUIET_ACC_M_S2 * inertia_kg
    rests = _lasting(quiet & (np.abs(force_n - held_n) < holds_n))
    side = np.where(rests, 0.0, np.tanh(speed / QUIET_KNEE_M_S))
    acc = np.where(rests, 0.0, (force_n - held_n - rubs_n * side) / inertia_kg)
    return Push(np.where(force_n > LOADED_SHARE * held_n, acc, np.nan), side)


def _lasting(quiet: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(N,) where it is quiet for long enough."""
    begun = np.convolve(quiet, np.ones(REST), "valid") > REST - 0.5
    return np.convolve(begun, np.ones(REST)) > 0.5
