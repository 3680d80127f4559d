"""One rep looked back upon: the sled's path between its dead points, with the drift taken out.

The sled's acceleration, summed up, gives its speed but for a slow drift; the knees' rates give it without drift, and
near the dead points, where the knee hardly turns, almost without error. So the drift is what lies between the two, as
far as it can be drift, see `drift.py`. A drive that creeps into the top is not over when it is told of: what it will
still cover is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.motion.drift import Drift, of_push, of_sensor
from edge.motion.phases import MOVING_M_S
from edge.motion.series import GRID_S
from edge.samples import FloatArray

SLOW_DEG_S = 6.0
"""The knee turns slower than this only near a dead point: at 0.03 m/s it turns by 6 to 30°/s."""
BANG = 15
"""Entries (0.15 s) at a press's start that are left out: the rack's bang rings so long."""
KNEE_SD_M_S, KNEE_SHARE_SD = 0.005, 0.1
"""What the knees' speed is off by: in itself, and as a share of it (soft tissue)."""
KNEE_LATE_SD_S, KNEE_SCALE_SD = 0.006, 0.05
"""What may be left between the clocks, and between true lengths and those that were found."""
ROUNDS, ODD = 4, 2.0
"""What lies twice its spread off pulls less: a knee that falls in or a heel that lifts bends nothing."""
WATCHED = 0.5
"""Share of a stroke in which a whole leg must have been seen for its speed to be known but for a bridged hole."""
REST_SD_M_S = 0.005
"""Of a sled that rests before the stroke; stands in for the knees."""
BEND_SD_M_S2, PRESS_BEND_SD_M_S2 = 0.02, 0.005
"""How much of a sensor's drift changes at the bottom; and in a press, which is short and does not turn round."""
CREEP_SHARE = 0.6
"""Of v²/a: what is still covered by a drive that slows down as people do (an even stop: 0.5, an easing out: 1)."""
CREEP_OVER = 8
"""Entries (80 ms) at the end over which the slowing down is measured."""
CREEP_MAX_S = 0.15
"""The creeping that is added never lasts longer: beyond that it is a rest."""


@dataclass(frozen=True, slots=True)
class Path:
    """The sled over one attempt. `begin` is the grid index of the first entry; place_m (N,), from the first dead point,
    and speed_m_s (N,); dead: indices into them of the top before, the bottom, the top after; creep_m: what the drive
    still covers after the last entry; sure: whether a whole leg watched. Without one the times hold, but what drift has
    made of place and speed is not known.
    """

    begin: int
    place_m: FloatArray
    speed_m_s: FloatArray
    dead: tuple[int, int, int]
    creep_m: float = 0.0
    sure: bool = True

    @property
    def rom_m(self) -> float:
        """The drive's length, between its dead points."""
        return float(self.place_m[self.dead[2]] - self.place_m[self.dead[1]]) + self.creep_m

    def crossing_s(self, begin: int, end: int, *, last: bool, rising: bool) -> float:
        """Host time (s) where the speed crosses 0.03 m/s away from or back to rest between two entries."""
        speed = np.abs(self.speed_m_s[begin : end + 1])
        fast = np.flatnonzero(speed > MOVING_M_S)
        if not len(fast):
            return (self.begin + (begin if rising else end)) * GRID_S
        i = int(fast[-1] if last else fast[0])
        j = i - 1 if rising else i + 1
        if not 0 <= j < len(speed) or speed[i] == speed[j]:
            return (self.begin + begin + i) * GRID_S
        share = (MOVING_M_S - speed[j]) / (speed[i] - speed[j])
        return float((self.begin + begin + j + share * (i - j)) * GRID_S)


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked back on, (N,) each from grid index `begin`: acceleration along the rail (m/s², NaN: not felt),
    the knees' speed (m/s, NaN: not seen), by how much they differ (m/s), the live speed (m/s). start, drive, top:
    entries where the rough phases begin. friction_side: the way the sled slides (0: it rests) where the footplate tells
    the acceleration, None where a sensor on the sled does; knee_scale_sd: how far off the knees' lengths can be.
    """

    begin: int
    acc_m_s2: FloatArray
    knee_m_s: FloatArray
    apart_m_s: FloatArray
    live_m_s: FloatArray
    start: int
    drive: int
    top: int
    friction_side: FloatArray | None = None
    knee_scale_sd: float = KNEE_SCALE_SD


def retrace(window: Window) -> Path:
    """The sled's path over the window."""
    acc, side = window.acc_m_s2, window.friction_side
    drift = of_sensor(acc, window.drive, BEND_SD_M_S2) if side is None else of_push(acc, side)
    place, speed = _driftless(window, drift)
    bottom = window.start + int(np.argmin(place[window.start : window.top + 1]))
    before = np.flatnonzero(speed[: max(min(window.start + 5, bottom), 1)] >= 0.0)
    a = int(before[-1]) if len(before) else 0
    c = bottom + int(np.argmax(place[bottom:]))
    dead = (a, max(bottom, a + 1), max(c, bottom + 2))
    return Path(window.begin, place - place[a], speed, dead, _creep(speed, c), _watched(window))


def _watched(window: Window) -> bool:
    """Whether the knees were seen for most of it."""
    return bool(np.isfinite(window.knee_m_s).mean() > WATCHED)


def _summed(window: Window) -> FloatArray:
    """(N,) the acceleration summed up; where it was not felt, the knees' change of speed."""
    acc, knee = window.acc_m_s2, window.knee_m_s
    felt = 0.5 * GRID_S * (acc[1:] + acc[:-1])
    seen = np.nan_to_num(np.diff(knee))
    speed = np.zeros(len(acc))
    speed[1:] = np.cumsum(np.where(np.isfinite(felt), felt, seen))
    return speed


def _missed(window: Window, rough: FloatArray, drift: Drift) -> FloatArray:
    """(N,) what is to be added to the summed speed, found by least squares together with how late and how much too fast
    the knees tell it.
    """
    n = drift.ways.shape[1]
    seen, weight, wrong = _seen(window, rough)
    prior = np.zeros((len(drift.spreads) + 2, n + 2))
    prior[:-2, :-2] = drift.spreads
    prior[-2, -2], prior[-1, -1] = 1.0 / KNEE_LATE_SD_S, 1.0 / window.knee_scale_sd
    columns, x = np.column_stack([drift.ways, wrong]), np.zeros(n + 2)
    for i in range(ROUNDS):
        odd = (seen - rough - columns @ x) ** 2 * weight
        trust = weight / (1.0 + odd / ODD**2) if i else weight
        normal = (columns * trust[:, None]).T @ columns + prior.T @ prior + 1e-6 * np.eye(n + 2)
        x = np.linalg.solve(normal, columns.T @ (trust * (seen - rough)))
    missed: FloatArray = drift.ways @ x[:n]
    return missed


def _seen(window: Window, rough: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(N,) the speed as known otherwise, (N,) how much it is to be trusted (1/variance), and (N, 2) how it would differ
    if told 1 s late or twice as fast.
    """
    knee = window.knee_m_s
    known = np.isfinite(knee)
    if _watched(window):
        wrong = np.column_stack([-np.nan_to_num(window.acc_m_s2), np.nan_to_num(knee)])
        return np.where(known, knee, rough), knee_weight(window), wrong
    weight = np.where((window.live_m_s == 0.0) & (np.arange(len(rough)) <= window.start), REST_SD_M_S**-2, 0.0)
    near = slice(max(window.drive - 15, 0), window.drive + 1)
    weight[near.start + int(np.argmin(np.abs(window.live_m_s[near])))] = REST_SD_M_S**-2
    return np.zeros(len(rough)), weight, np.zeros((len(rough), 2))


def knee_weight(window: Window) -> FloatArray:
    """(N,) how much the knees' speed is to be trusted, 1/variance; 0 where they were not seen."""
    knee = window.knee_m_s
    variance = KNEE_SD_M_S**2 + (KNEE_SHARE_SD * np.nan_to_num(knee)) ** 2 + window.apart_m_s**2
    weight: FloatArray = np.where(np.isfinite(knee), 1.0 / variance, 0.0)
    return weight


def _creep(speed: FloatArray, top: int) -> float:
    """What is still covered after the last entry by a sled that has not come to rest there."""
    if top < len(speed) - 1 or top < CREEP_OVER:
        return 0.0
    v = float(speed[-1])
    slowing = (float(speed[-1 - CREEP_OVER]) - v) / (CREEP_OVER * GRID_S)
    return min(CREEP_SHARE * v * v / slowing, CREEP_MAX_S * v) if slowing > 0.0 else CREEP_MAX_S * v


def press_span(turning: FloatArray) -> tuple[int, int]:
    """Entries of the dead points on either side of the fastest turning of a press out of the rack."""
    peak = int(np.argmax(turning))
    before = np.flatnonzero(turning[:peak] < SLOW_DEG_S)
    after = np.flatnonzero(turning[peak:] < SLOW_DEG_S)
    begin = min((int(before[-1]) if len(before) else 0) + BANG, max(peak - 5, 0))
    return begin, peak + int(after[0]) if len(after) else len(turning) - 1


def press_path(window: Window) -> Path:
    """Path of the press out of the rack: the window begins after the rack's bang, and its top is where the legs have
    all but stopped.
    """
    place, speed = _driftless(window, of_sensor(window.acc_m_s2, window.drive, PRESS_BEND_SD_M_S2))
    return Path(window.begin, place, speed, (0, 0, window.top))


def _driftless(window: Window, drift: Drift) -> tuple[FloatArray, FloatArray]:
    """(N,) place (m, 0 at the first entry) and speed (m/s) with the drift taken out."""
    rough = _summed(window)
    speed = rough + _missed(window, rough, drift)
    place = np.zeros(len(speed))
    place[1:] = np.cumsum(0.5 * (speed[1:] + speed[:-1])) * GRID_S
    return place, speed
