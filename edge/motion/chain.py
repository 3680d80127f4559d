"""The sled gives the knee its absolute zero.

Hip and ankle are held by seat and sled, so the sled's path fixes the distance between them and with it the knee's true
flexion: `s = √(Lt² + Ls² + 2 Lt Ls cos φ − c²)`, c the ankle's distance from the rail line through the hip. Near
straight the sled hardly moves for a degree of knee, near 90° it moves 5 mm: the shape of that curve over a stroke tells
the flexion's offset and soft tissue's slope apart from the legs' length. After each rep the curve is fitted to the last
strokes, with what is known beforehand as the prior; the fit never leaves what people and straps can be.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from edge.motion.leg import Chain
from edge.samples import FloatArray

STROKES = 16
"""Strokes (half reps) that the fit looks back on: the last eight reps."""
POINTS = 20
"""Points taken from each stroke, evenly in time."""
PLACE_SD_M = 0.004
"""Spread of a stroke's points: 1 to 2 mm of the sled's path, the rest soft tissue, pad and ankle giving way. Points of
one stroke err together, so this is set well above what one point alone would show."""
OFFSET_SD_DEG = 1.3
"""How far the standing pose can be off: people stand 0 to 3° bent, and the accelerometer's bias leaves about 1°."""
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


@dataclass(frozen=True, slots=True)
class StrokePoints:
    """One half rep: raw flexion (N,) deg, its rate (N,) deg/s, the sled's place (N,) m, from any zero."""

    flexion_deg: FloatArray
    rate_deg_s: FloatArray
    place_m: FloatArray


class ChainFit:
    """Keeps one leg's last strokes and fits its `Chain` to them."""

    def __init__(self, thigh_m: float, shank_m: float) -> None:
        self._lengths = (thigh_m, shank_m)
        self._strokes: deque[StrokePoints] = deque(maxlen=STROKES)
        self._x = np.zeros(7)
        self.offset_sd_deg = OFFSET_SD_DEG

    def __len__(self) -> int:
        """Strokes kept."""
        return len(self._strokes)

    def forget(self) -> None:
        """A sensor moved on its segment: earlier strokes speak of another mount."""
        self._strokes.clear()
        self._x[:3] = 0.0
        self.offset_sd_deg = OFFSET_SD_DEG

    def add(self, stroke: StrokePoints) -> None:
        """Take a clean stroke: no heel up, no pelvis tucked, no sensor moving."""
        n = len(stroke.place_m)
        if n < POINTS:
            return
        pick = np.linspace(0, n - 1, POINTS).round().astype(int)
        self._strokes.append(StrokePoints(stroke.flexion_deg[pick], stroke.rate_deg_s[pick], stroke.place_m[pick]))

    def solve(self) -> Chain:
        """The chain that fits the strokes best. With no strokes, the prior."""
        if self._strokes:
            raw = np.array([s.flexion_deg for s in self._strokes])
            rate = np.array([s.rate_deg_s for s in self._strokes])
            place = np.array([s.place_m for s in self._strokes])
            place = place - place.mean(axis=1, keepdims=True)
            self._gauss_newton(raw, rate, place)
        return self._chain(self._x)

    def _chain(self, x: FloatArray) -> Chain:
        thigh, shank = self._lengths
        return Chain(
            thigh * (1.0 + float(x[3])), shank * (1.0 + float(x[4])), float(x[0]), float(x[1]), float(x[2]),
            DROP2_M2 + float(x[6]),
        )  # fmt: skip

    def _gauss_newton(self, raw: FloatArray, rate: FloatArray, place: FloatArray) -> None:
        prior = np.array([OFFSET_SD_DEG, SLOPE_SD_DEG, LAG_SD_S, LENGTH_SD, LENGTH_SD, SCALE_SD, DROP2_SD_M2])
        x = self._x.copy()
        normal = np.eye(7)
        for _ in range(4):
            base = self._residual(x, raw, rate, place)
            jac = np.empty((base.size, 7))
            for i in range(7):
                step = 0.05 * prior[i]
                moved = x.copy()
                moved[i] += step
                jac[:, i] = (self._residual(moved, raw, rate, place) - base) / step
            weight = self._robust(base)
            weighted = jac * weight[:, None]
            normal = weighted.T @ jac + np.diag(1.0 / prior**2)
            x = x - np.linalg.solve(normal, weighted.T @ base + x / prior**2)
        self._x = x
        self.offset_sd_deg = float(np.sqrt(np.linalg.inv(normal)[0, 0]))

    @staticmethod
    def _robust(residual: FloatArray) -> FloatArray:
        """Huber weights: strokes that a bang or a shifting body bent count less."""
        size = np.abs(residual)
        weight: FloatArray = np.where(size < 1.5, 1.0, 1.5 / np.maximum(size, 1e-9))
        return weight

    def _residual(self, x: FloatArray, raw: FloatArray, rate: FloatArray, place: FloatArray) -> FloatArray:
        thigh, shank = self._lengths[0] * (1.0 + x[3]), self._lengths[1] * (1.0 + x[4])
        moved = raw + rate * x[2] - x[0]
        flexion = np.radians(moved / (1.0 + x[1] / 90.0 * moved / 90.0))
        reach2 = thigh**2 + shank**2 + 2.0 * thigh * shank * np.cos(flexion) - (DROP2_M2 + x[6])
        reach = (1.0 + x[5]) * np.sqrt(np.maximum(reach2, 1e-4))
        reach = reach - reach.mean(axis=1, keepdims=True)
        residual: FloatArray = ((reach - place) / PLACE_SD_M).ravel()
        return residual
