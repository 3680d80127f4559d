"""The sled gives the knees their absolute zero.

Hip and ankle are held by seat and sled, so the sled's path fixes the distance between them and with it the knee's true
flexion: `s = √(Lt² + Ls² + 2 Lt Ls cos φ − c²)`, c the ankle's distance from the rail line through the hip. Near
straight the sled hardly moves for a degree of knee, near 90° it moves 5 mm: the shape of that curve over a stroke tells
the flexion's offset and soft tissue's slope apart from the legs' length. Both legs push one sled, so what one reads and
the other does not is error, but for a small difference in length. After each rep all of it is fitted to the last
strokes at once, with what is known beforehand as the prior; the fit never leaves what people and straps can be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import hypot, sqrt

import numpy as np

from edge.events import Side
from edge.motion.known_body import KnownBody, by_tables
from edge.motion.leg import EVEN, Chain
from edge.motion.own_straight import Told, own_straight, together
from edge.motion.person import Prior, Word, after, contradicts, prior_of
from edge.samples import FloatArray

STROKES = 16
"""Strokes (half reps) that the fit looks back on: the last eight reps."""
POINTS = 16
"""Points taken from each stroke, evenly in time."""
PLACE_SD_M = 0.0035
"""Spread of a stroke's points: 1 mm of the sled's path, the rest soft tissue, pad and ankle giving way. Points of one
stroke err together, so this is set well above what one point alone would show."""
PAIR_SD_M = 0.01
"""Spread of the difference between the two legs' reach at one instant, for the same reasons."""
OFFSET_SD_DEG = 1.3
"""How far the standing pose can be off: people stand 0 to 3° bent, and the accelerometer's bias leaves about 1°.
`expect` says it of this lifter's sensors."""
UNMODELLED_DEG = 0.5
"""What ankle and flesh do besides, and what is left of the hips, as the zero shows it once the strokes tell: with it,
two spreads hold in 97 of 100 simulated reps."""
UNMODELLED_OF_KNOWN_DEG = 0.6
"""The same where the lifter's legs are known: the strokes then claim more of the zero, and yet simulated zeros of
lifters who come back were off by as much as strangers'."""
FOLLOWED_SD_DEG = 1.0
"""What a zero is off by once a sensor's turn on its segment was followed. A strap that gives at once is followed to
within 0.8° in six simulated ones; one that crept, by what knees differ from rep to rep."""
SLOPE_SD_DEG = 2.0
"""Soft tissue over 90° of flexion: 1 to 4° on the shank against 3 to 8° on the thigh, partly alike."""
LENGTH_SD = 0.03
"""Segment lengths against body height: 4 % each, and the height is said to within 2 cm."""
SCALE_SD = 0.01
"""The sled's path: scale and tilt of its sensor along the rail."""
LAG_SD_S = 0.004
"""What is left between the clocks of leg and sled."""
DROP2_M2, DROP2_SD_M2 = 0.0046, 0.003
"""The ankle lies some 7 cm off the rail line through the hip."""
TOLD, LEAST_STROKES = 0.99, 3
"""The strokes tell of a zero once its spread is below that share of its prior, and after a press and a whole rep."""
WAY_DEG = (15.0, 90.0)
"""A usual stroke, from top to bottom."""
UNEVEN_SD_M = 0.005
"""Left leg longer than right: most people within 5 mm."""

SIDES: tuple[Side, Side] = ("left", "right")
PRIOR_SD = np.array(
    [OFFSET_SD_DEG, SLOPE_SD_DEG, LAG_SD_S] * 2 + [LENGTH_SD, LENGTH_SD, SCALE_SD, DROP2_SD_M2, UNEVEN_SD_M]
)
"""The unknowns: offset, slope, lag of left and right; thigh, shank, path scale, drop, left leg's surplus."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far off a path can be, one standard deviation: a stroke's points, and its length, in all strokes alike."""

    place_sd_m: float
    scale_sd: float


BY_SENSOR = Trust(PLACE_SD_M, SCALE_SD)
"""Of a path that a sensor on the sled told."""
BY_PUSH = Trust(0.008, 0.015)
"""Of one that the push on the footplate told: 2 to 3 % of a stroke from one to the next; and alike, what the rail's
slope and the cells are off by."""


@dataclass(frozen=True, slots=True)
class StrokePoints:
    """One half rep. raw_deg, rate_deg_s: (2, N) of left and right, NaN for a leg not seen; place_m: (N,), any zero, NaN
    where nobody told it.
    """

    raw_deg: FloatArray
    rate_deg_s: FloatArray
    place_m: FloatArray
    trust: Trust = BY_SENSOR


class ChainFit:
    """Keeps the last strokes and fits both legs' chains to them. thigh_m, shank_m: as expected from the height; `know`
    where more is known beforehand.
    """

    def __init__(self, thigh_m: float, shank_m: float) -> None:
        self._lengths = (thigh_m, shank_m)
        self._strokes: deque[StrokePoints] = deque(maxlen=STROKES)
        self._prior = PRIOR_SD.copy()
        self._sd = PRIOR_SD.copy()
        self._spread: FloatArray | None = None
        self._moved = False
        self._straight = (0.0, 0.0)
        self.know()

    def know(self, *known: KnownBody, lengths_m: tuple[float, float] | None = None) -> None:
        """What is known of the lifter beforehand, the best first; each other one is for when strokes contradict those
        before it, and the height comes last. The strokes so far are looked at anew. lengths_m: thigh and shank as
        expected from another height.
        """
        self._lengths = lengths_m or self._lengths
        self._known: KnownBody | None = known[0] if known else None
        self._others = known[1:]
        self._mean = np.zeros(len(PRIOR_SD)) if self._known is None else self._prior_of(self._known).mean[:-1]
        self._x = self._mean.copy()
        self._spread = None
        self._refused_tape_m: tuple[float, float] | None = None
        self._word: Word | None = None
        self._straight_told: Told | None = None
        if not self._moved:
            self._straight = self._own_straight(None)
        if self._strokes:
            self.solve()

    def known(self) -> KnownBody | None:
        """What there is to be known of the lifter after these strokes, for the next session; None: nothing new."""
        if self._word is None or len(self._strokes) < LEAST_STROKES:
            return None
        before = self._known or by_tables(*self._lengths, self._refused_tape_m)
        told = self._straight_together(self._straight_told)
        return after(before, self._prior_of(before), self._word, self._lengths, told)

    def _prior_of(self, known: KnownBody) -> Prior:
        return prior_of(known, self._prior, self._lengths)

    def _straight_together(self, told: Told | None) -> Told | None:
        """What this session and those before it tell of the lifter's own straight."""
        if self._known is None or self._known.straight_sd_deg is None:
            return told
        before = (self._known.straight_deg, self._known.straight_sd_deg**2)
        return before if told is None else together(told, before)

    def _own_straight(self, told: Told | None) -> tuple[float, float]:
        told = self._straight_together(told)
        return (0.0, 0.0) if told is None else own_straight(told[0], sqrt(told[1]))

    @property
    def way_sd(self) -> float:
        """How far off a stroke's length by the legs alone can be, one standard deviation, as a share of it."""
        if self._spread is None:
            self._spread = np.asarray(np.linalg.inv(self._precision()), dtype=np.float64)
        nudge = 0.05 * self._prior
        ways = [self._way_m(self._x + step) for step in np.diag(nudge)]
        slope = (np.array(ways) / self._way_m(self._x) - 1.0) / nudge
        return sqrt(float(slope @ self._spread @ slope))

    def _way_m(self, x: FloatArray) -> float:
        """How far the legs say that the sled goes where they read WAY_DEG."""
        way_m = 0.0
        for side in SIDES:
            chain = self._chain(side, x)
            top, bottom = (chain.slide(chain.flexion(raw, 0.0), 0.0)[0] for raw in WAY_DEG)
            way_m += 0.5 * (top - bottom)
        return way_m

    def expect(self, side: Side, offset_sd_deg: float) -> None:
        """How far this leg's zero can be off before any stroke, by how its sensors were mounted."""
        i = 3 * SIDES.index(side)
        self._prior[i] = self._sd[i] = offset_sd_deg
        self._spread = None

    def offset_sd_deg(self, side: Side) -> float:
        """How far the flexion's zero can still be off, one standard deviation."""
        i = 3 * SIDES.index(side)
        left2, first2 = float(self._sd[i]) ** 2, float(self._prior[i]) ** 2
        unmodelled = UNMODELLED_DEG if self._known is None else UNMODELLED_OF_KNOWN_DEG
        return sqrt(left2 + max(1.0 - left2 / first2, 0.0) * (unmodelled**2 + self._straight[1] ** 2))

    def forget(self, side: Side) -> None:
        """A sensor of this leg moved on its segment and was followed: earlier strokes speak of another mount, and the
        zero can be off by how well it was followed, too.
        """
        i = SIDES.index(side)
        self._moved, self._spread = True, None
        kept = list(self._strokes)
        self._strokes.clear()
        for stroke in kept:
            raw = stroke.raw_deg.copy()
            raw[i] = np.nan
            self._strokes.append(replace(stroke, raw_deg=raw))
        self._prior[3 * i] = hypot(self._prior[3 * i], FOLLOWED_SD_DEG)
        self._x[3 * i : 3 * i + 3] = self._mean[3 * i : 3 * i + 3]
        self._sd[3 * i : 3 * i + 3] = self._prior[3 * i : 3 * i + 3]

    def add(self, stroke: StrokePoints) -> None:
        """Take a clean stroke: no heel up, no pelvis tucked, no sensor moving."""
        n = len(stroke.place_m)
        if n < POINTS:
            return
        pick = np.linspace(0, n - 1, POINTS).round().astype(int)
        raw, rate, place = stroke.raw_deg[:, pick], stroke.rate_deg_s[:, pick], stroke.place_m[pick]
        self._strokes.append(StrokePoints(raw, rate, place, stroke.trust))

    def solve(self) -> Mapping[Side, Chain]:
        """The chains that fit the strokes best; with no strokes, the prior."""
        if self._strokes:
            self._gauss_newton(
                np.array([s.raw_deg for s in self._strokes]),
                np.array([s.rate_deg_s for s in self._strokes]),
                self._places(),
            )
            self._believe()
        return {side: self._chain(side, self._x) for side in SIDES}

    def _places(self) -> FloatArray:
        """(S, N) the strokes' paths, m, NaN where nobody told them. Beside what a sensor tells others are not heard:
        they are off by more, and in another way.
        """
        places = np.array([s.place_m for s in self._strokes])
        by_sensor = np.array([s.trust is BY_SENSOR for s in self._strokes])
        if np.isfinite(places[by_sensor]).any():
            places[~by_sensor] = np.nan
        return places

    def _believe(self) -> None:
        """Where the strokes speak clearly against what was known, it was somebody else, or wrongly measured."""
        if self._known is None or self._word is None or len(self._strokes) < LEAST_STROKES:
            return
        by_height = self._prior_of(by_tables(*self._lengths))
        if contradicts(self._prior_of(self._known), by_height, self._word):
            tape_m = self._known.tape_m
            self.know(*self._others)
            self._refused_tape_m = tape_m

    def _chain(self, side: Side, unknowns: FloatArray) -> Chain:
        x = [float(v) for v in unknowns]
        i = 3 * SIDES.index(side)
        share = 1.0 + (0.5 if side == "left" else -0.5) * x[10] / sum(self._lengths)
        return Chain(
            thigh_m=self._lengths[0] * (1.0 + x[6]) * share,
            shank_m=self._lengths[1] * (1.0 + x[7]) * share,
            offset_deg=x[i],
            slope_deg=x[i + 1],
            lag_s=x[i + 2],
            drop2_m2=DROP2_M2 + x[9],
            straight_deg=self._straight[0],
        )

    def _look_at_straight(self, spread: FloatArray) -> None:
        """What of both knees' zero is the lifter's own straight, for the next solution; spread: (11, 11) covariance.
        Once a sensor has moved it stays at what was found: a knee's zero no longer is how its owner stood.
        """
        zeros = [i for i in (0, 3) if self._sd[i] < TOLD * self._prior[i]]
        if not zeros or self._moved or len(self._strokes) < LEAST_STROKES:
            return
        common, first2 = float(self._x[zeros].mean()), float((self._prior[zeros] ** 2).sum()) / len(zeros) ** 2
        left2 = float(spread[np.ix_(zeros, zeros)].mean())
        if left2 >= TOLD**2 * first2:
            return
        # The strokes' own word, the standing pose's taken out of it.
        told2 = 1.0 / (1.0 / left2 - 1.0 / first2)
        self._straight_told = (self._straight[0] - common * told2 / left2, told2 + first2)
        self._straight = self._own_straight(self._straight_told)

    def _gauss_newton(self, raw: FloatArray, rate: FloatArray, place: FloatArray) -> None:
        known = self._precision()
        x, normal, nudge = self._x.copy(), known, 0.05 * self._prior
        for _ in range(4):
            residuals = self._residuals(np.vstack([x, x + np.diag(nudge)]), raw, rate, place)
            base = residuals[0]
            jac = ((residuals[1:] - base) / nudge[:, None]).T
            weighted = jac * _huber(base)[:, None]
            told = weighted.T @ jac
            normal = told + known
            x = x - np.linalg.solve(normal, weighted.T @ base + known @ (x - self._mean))
        self._x = x
        self._word = Word(told, told @ x + known @ (x - self._mean))
        spread = np.asarray(np.linalg.inv(normal), dtype=np.float64)
        self._sd = np.sqrt(np.diag(spread))
        self._spread = spread
        self._look_at_straight(spread)

    def _precision(self) -> FloatArray:
        """(11, 11) of what is known beforehand."""
        if self._known is None:
            return np.diag(1.0 / self._prior**2)
        return self._prior_of(self._known).precision()

    def _residuals(self, xs: FloatArray, raw: FloatArray, rate: FloatArray, place: FloatArray) -> FloatArray:
        """(P, R) residuals of P guesses (P, 11). Stroke by stroke: each leg's reach against the sled's path, and the
        legs against each other; unseen is 0.
        """
        x = xs.T[:, :, None, None, None]
        offset, slope, lag = (np.stack([xs[:, i], xs[:, i + 3]], axis=1)[:, None, :, None] for i in range(3))
        moved = raw + rate * lag - offset
        flexion = moved / (1.0 + slope / 90.0 * (EVEN + (1.0 - EVEN) / 90.0 * moved))
        surplus = 1.0 + np.array([0.5, -0.5])[:, None] * x[10] / sum(self._lengths)
        thigh, shank = self._lengths[0] * (1.0 + x[6]) * surplus, self._lengths[1] * (1.0 + x[7]) * surplus
        reach2 = (
            thigh**2
            + shank**2
            + 2.0 * thigh * shank * np.cos(np.radians(flexion + self._straight[0]))
            - (DROP2_M2 + x[9])
        )
        reach = np.sqrt(np.maximum(reach2, 1e-4))
        trusts = np.array([(s.trust.scale_sd, s.trust.place_sd_m) for s in self._strokes])
        scale_sd, place_sd = trusts.T[..., None, None]
        path = reach * (1.0 + x[8] * (scale_sd / SCALE_SD)) - place[:, None, :]
        path = (path - path.mean(axis=3, keepdims=True)) / place_sd
        pair = (reach[:, :, 0] - reach[:, :, 1]) / PAIR_SD_M
        both = [path.reshape(len(xs), -1), pair.reshape(len(xs), -1)]
        residuals: FloatArray = np.nan_to_num(np.concatenate(both, axis=1))
        return residuals


def _huber(residual: FloatArray) -> FloatArray:
    """Weights: points that a bang or a shifting body bent count less."""
    weight: FloatArray = np.minimum(1.0, 1.5 / np.maximum(np.abs(residual), 1e-9))
    return weight
