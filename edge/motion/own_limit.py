"""The lifter's own depth limit: the knee flexion past which this pelvis begins to tuck under.

Effort cannot hold the pelvis once the hip is at its end of range, so the limit is the lifter's own and shows itself the
same way in every rep: tilt follows a flat line over flexion (a habit) up to the limit and a steep one beyond it. Each
rep gives its tilt over flexion, less that of its shallow part; the median over the reps, bin by bin, is free of what
happened once. A broken line is fitted to that curve. The limit is told only when it bends plainly, some reps went past
it, and those that went past it agree: a pelvis that curls in one rep and not in the next, as deep, is a fault and no
limit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from edge.samples import FloatArray

BIN_DEG = 2.0
LOW_DEG, HIGH_DEG = 56.0, 136.0
"""Flexions looked at: above the shallow part nothing tucks before 60°, and nobody bends further than 136°."""
SHALLOW_DEG = 72.0
"""Up to here every rep passes, and no pelvis has reached its limit: each rep's own zero of tilt."""
CORNERS = np.arange(74.0, 126.01, 0.5)
"""Limits tried, deg. Hip limits of 88 to 138° lie here on the usual machines."""
SOFT_DEG = 1.5
"""A pelvis begins to tuck over about this much flexion, not at a corner."""
REPS = 24
"""Reps looked back on: a session's, while the first ones with their rough calibration fade."""
TILT_SD_DEG = 0.7
"""Of one rep's tilt in one bin: breathing, sway, skin."""
SHARED_SD_DEG = 0.25
"""What more reps do not average out."""
HABIT_SD = 0.05
"""Prior of the slope below the limit, deg of tilt per deg of flexion: people have 0 to 0.1."""
STEEP, STEEP_SD = 0.6, 0.4
"""Prior of the slope beyond it: people have 0.4 to 0.8."""
LEAST_STEEP, MOST_STEEP = 0.2, 1.6
"""A bend outside this is a habit, or one curl that a hip's end of range does not explain."""
PAST_DEG = 3.0
"""A rep tells of the limit when it went past it by this much: 1.2° or more of tilt."""
LEAST_REPS = 3
REPS_PAST = 2
AGREE = 0.75
"""So many reps, and so many past the limit, are needed; of these and of all that tucked, this share must have done as
the line says."""
TUCKED_DEG = 4.0
"""More than a habit gives."""
ODD_DEG = 2.0
"""Three times a rep's own spread: further off than this and than half of what is expected, a rep does not agree."""
GAIN = 6.0
"""Least gain of the bend over a straight line, in log likelihood: some 400 to 1."""
KNEE_SD_DEG = 1.5
"""Of the knee's flexion itself about 90°: calibration and soft tissue; it moves all reps alike."""
WITHIN = 1.64
"""Standard deviations to either side of a 90 % interval."""


@dataclass(frozen=True, slots=True)
class Limit:
    """knee_deg, with its 90 % interval; hip_deg: thigh against trunk there (0 standing), None where not known."""

    knee_deg: float
    low_deg: float
    high_deg: float
    hip_deg: float | None = None


class OwnLimit:
    """Feed `add` with every finished rep; `limit` holds what is known, None before."""

    def __init__(self) -> None:
        self._tilts: deque[FloatArray] = deque(maxlen=REPS)
        self._hips: deque[FloatArray] = deque(maxlen=REPS)
        self.limit: Limit | None = None

    def forget(self) -> None:
        """The lifter has changed, or a sensor that this rests on has moved."""
        self._tilts.clear()
        self._hips.clear()
        self.limit = None

    def add(self, flexion_deg: FloatArray, tilt_deg: FloatArray, hip_deg: FloatArray | None = None) -> None:
        """One rep, down and up: (N,) mean knee flexion, posterior tilt, thigh against trunk; NaN where not known."""
        tilt = _by_bin(flexion_deg, tilt_deg)
        shallow = tilt[CENTRES < SHALLOW_DEG]
        if np.isfinite(shallow).sum() < 3:
            return
        self._tilts.append(tilt - np.nanmedian(shallow))
        self._hips.append(np.full(len(CENTRES), np.nan) if hip_deg is None else _by_bin(flexion_deg, hip_deg))
        self.limit = self._find()

    def _find(self) -> Limit | None:
        tilts = np.array(self._tilts)
        counts = np.isfinite(tilts).sum(axis=0)
        seen = np.flatnonzero(counts)
        if len(self._tilts) < LEAST_REPS or len(seen) < 6:
            return None
        curve = np.nanmedian(tilts[:, seen], axis=0)
        weight = 1.0 / (TILT_SD_DEG**2 / counts[seen] + SHARED_SD_DEG**2)
        cost, steep, habit = _fit(CENTRES[seen], curve, weight)
        straight = _straight_cost(CENTRES[seen], curve, weight)
        allowed = (steep > LEAST_STEEP) & (steep < MOST_STEEP)
        if not allowed.any():
            return None
        cost = np.where(allowed, cost, np.inf)
        best = int(np.argmin(cost))
        if straight - cost[best] < GAIN or not _agree(tilts, CORNERS[best], float(steep[best]), float(habit[best])):
            return None
        return self._told(cost, best)

    def _told(self, cost: FloatArray, best: int) -> Limit:
        """The mean and spread of the corners by their likelihood, the knee's own error added."""
        chance = np.exp(cost[best] - cost)
        chance /= chance.sum()
        knee = float(chance @ CORNERS)
        spread = float(np.sqrt(chance @ (CORNERS - knee) ** 2 + KNEE_SD_DEG**2))
        return Limit(knee, knee - WITHIN * spread, knee + WITHIN * spread, self._hip_at(knee))

    def _hip_at(self, knee_deg: float) -> float | None:
        hips = np.array(self._hips)
        known = np.isfinite(hips).any(axis=0)
        if known.sum() < 3 or not CENTRES[known][0] <= knee_deg <= CENTRES[known][-1]:
            return None
        return float(np.interp(knee_deg, CENTRES[known], np.nanmedian(hips[:, known], axis=0)))


CENTRES: FloatArray = np.arange(LOW_DEG, HIGH_DEG, BIN_DEG) + 0.5 * BIN_DEG


def _by_bin(flexion_deg: FloatArray, values: FloatArray) -> FloatArray:
    """The mean of `values` in each bin of flexion, NaN where there is none."""
    ok = np.isfinite(flexion_deg) & np.isfinite(values) & (flexion_deg >= LOW_DEG) & (flexion_deg < HIGH_DEG)
    which = ((flexion_deg[ok] - LOW_DEG) / BIN_DEG).astype(int)
    count = np.bincount(which, minlength=len(CENTRES))
    total = np.bincount(which, weights=values[ok], minlength=len(CENTRES))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _beyond(flexion_deg: FloatArray) -> FloatArray:
    """(corners, N) how far each flexion is past each corner, deg, softly."""
    past: FloatArray = SOFT_DEG * np.logaddexp(0.0, (flexion_deg[None, :] - CORNERS[:, None]) / SOFT_DEG)
    return past


def _fit(flexion: FloatArray, tilt: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per corner: the cost (half chi squared) of the best broken line, its slope beyond and its slope below."""
    past, along = _beyond(flexion), flexion - SHALLOW_DEG
    ones = np.broadcast_to(np.ones_like(flexion), past.shape)
    design = np.stack([ones, np.broadcast_to(along, past.shape), past], axis=2)
    prior = np.array([1.0, HABIT_SD, STEEP_SD]) ** -2
    wanted = np.array([0.0, 0.0, STEEP])
    normal = np.einsum("cni,n,cnj->cij", design, weight, design) + np.diag(prior)
    right = np.einsum("cni,n,n->ci", design, weight, tilt) + prior * wanted
    x = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
    off = tilt - np.einsum("cni,ci->cn", design, x)
    cost = 0.5 * (off**2 @ weight) + 0.5 * ((x - wanted) ** 2 @ prior)
    return cost, x[:, 2], x[:, 1]


def _straight_cost(flexion: FloatArray, tilt: FloatArray, weight: FloatArray) -> float:
    """The same of a line that does not bend."""
    design = np.stack([np.ones_like(flexion), flexion - SHALLOW_DEG], axis=1)
    prior = np.array([1.0, HABIT_SD]) ** -2
    normal = (design * weight[:, None]).T @ design + np.diag(prior)
    x = np.linalg.solve(normal, (design * weight[:, None]).T @ tilt)
    return float(0.5 * (weight @ (tilt - design @ x) ** 2) + 0.5 * (prior @ x**2))


def _agree(tilts: FloatArray, corner_deg: float, steep: float, habit: float) -> bool:
    """Whether the reps that went past the corner, or tucked at all, mostly did as the line says."""
    past = tell = told = 0
    for tilt in tilts:
        known = np.flatnonzero(np.isfinite(tilt))
        deepest = CENTRES[known[-1]]
        expected = habit * (deepest - SHALLOW_DEG) + steep * max(deepest - corner_deg, 0.0)
        went = deepest >= corner_deg + PAST_DEG
        if went or tilt[known[-1]] > TUCKED_DEG:
            tell += 1
            told += bool(abs(tilt[known[-1]] - expected) < max(0.5 * expected, ODD_DEG))
        past += bool(went)
    return past >= REPS_PAST and told >= AGREE * tell
