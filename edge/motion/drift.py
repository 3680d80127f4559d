"""What may lie between the summed-up acceleration of a stroke and the sled's true speed, and how large it can be.

A sensor on the sled errs by its level, even but for a bend at the bottom. The push on the footplate errs by friction,
which turns with the sled, and by how well the force that holds it is known; less in fast strokes than in slow ones, as
cells that share the force in other ways, tremor and stick-slip wander by as much in either. Either lacks what a bang
does to the speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.motion.series import GRID_S
from edge.motion.sled import BANG_M_S2
from edge.samples import FloatArray

LEVEL_SD_M_S2: Final = 0.05
"""Drift to expect in a rep."""
JOLT_SD_M_S, JOLT_APART = 0.15, 30
"""Of a bang of stops or rack, or a knock on the frame: what the sensor's rate leaves out of the ringing is speed that
the sum lacks; and entries (0.3 s) between two such jolts."""
FRICTION_SD_M_S2: Final = 0.05
"""What is left of friction once both directions of the attempt were held against each other."""
HELD_SD_M_S2: Final = 0.05
"""What is left of the force that holds the sled, likewise."""
WANDER_SD_M_S2, WANDER_S = 0.02, 0.25
"""The rest of what a footplate errs by, and how long it stays so: tremor, heels and toes on unlike cells."""


@dataclass(frozen=True, slots=True)
class Drift:
    """ways: (N, K), m/s, the sum of some share of each is what the speed lacks; spreads: (R, K), what the shares are
    likely to be: each row's sum over them is some 0 ± 1.
    """

    ways: FloatArray
    spreads: FloatArray


def of_sensor(acc_m_s2: FloatArray, bend_at: int, bend_sd_m_s2: float) -> Drift:
    """Of what a sensor on the sled felt, (N,): even but for a bend at one entry and a step at each jolt."""
    n = len(acc_m_s2)
    knots = np.array([0, bend_at, n - 1], dtype=float)
    jolts = _jolts(acc_m_s2)
    down, up = (knots[1] - knots[0]) * GRID_S, (knots[2] - knots[1]) * GRID_S
    slopes = np.array([[-1.0 / down, 1.0 / down, 0.0], [0.0, -1.0 / up, 1.0 / up]])
    spreads = np.diag([0.0] * 3 + [1.0 / JOLT_SD_M_S] * len(jolts))
    spreads[:3, :3] = [slopes[0] / LEVEL_SD_M_S2, slopes[1] / LEVEL_SD_M_S2, (slopes[1] - slopes[0]) / bend_sd_m_s2]
    return Drift(np.array(_hats(n, knots) + jolts).T, spreads)


def of_push(acc_m_s2: FloatArray, friction_side: FloatArray) -> Drift:
    """Of what the footplate told, (N,); friction_side: (N,) the way the sled slides, 0 where it rests."""
    n = len(acc_m_s2)
    spans = max(round(n * GRID_S / WANDER_S), 1)
    knots = np.linspace(0.0, n - 1.0, spans + 1)
    jolts = _jolts(acc_m_s2)
    evenly = [summed(friction_side), summed(np.abs(friction_side))]
    wander = np.diff(np.eye(spans + 1), axis=0) / ((knots[1] - knots[0]) * GRID_S * WANDER_SD_M_S2)
    k = spans + 1 + len(jolts) + 2
    spreads = np.zeros((k - 1, k))
    spreads[:spans, : spans + 1] = wander
    rest = [1.0 / JOLT_SD_M_S] * len(jolts) + [1.0 / FRICTION_SD_M_S2, 1.0 / HELD_SD_M_S2]
    spreads[spans:, spans + 1 :] = np.diag(rest)
    return Drift(np.array(_hats(n, knots) + jolts + evenly).T, spreads)


def summed(acc_m_s2: FloatArray) -> FloatArray:
    """(N,) the speed that an acceleration (N,) adds up to, from 0."""
    speed = np.zeros(len(acc_m_s2))
    speed[1:] = np.cumsum(0.5 * GRID_S * (acc_m_s2[1:] + acc_m_s2[:-1]))
    return speed


def _hats(n: int, knots: FloatArray) -> list[FloatArray]:
    """(N,) for each knot: 1 there, 0 at the others, straight between."""
    return [np.interp(np.arange(n), knots, row) for row in np.eye(len(knots))]


def _jolts(acc_m_s2: FloatArray) -> list[FloatArray]:
    """(N,) of each jolt: 0 before it, 1 after it, and within it as far as the acceleration's changes have added up."""
    change = np.abs(np.diff(np.nan_to_num(acc_m_s2), prepend=0.0))
    change[~np.isfinite(acc_m_s2)] = change[0] = 0.0
    sharp = np.flatnonzero(change > BANG_M_S2)
    if not len(sharp):
        return []
    parts = np.split(sharp, np.flatnonzero(np.diff(sharp) > JOLT_APART) + 1)
    out = []
    for part in parts:
        grown = np.zeros(len(change))
        grown[part] = change[part]
        out.append(np.cumsum(grown) / change[part].sum())
    return out
