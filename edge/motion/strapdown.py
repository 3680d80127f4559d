"""A sensor's turn since some moment, from its gyro alone: links poses that gravity alone cannot tell apart."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np

from edge.samples import FloatArray

START_SD_RAD: Final = 0.02
"""Spread of a turn per axis from the outset: 1.1°, mostly the gyro's scale error over a turn of 100°."""
GAP_S: Final = 0.03
"""Steps longer than this are bridged holes: what the rate did inside is guessed from either side."""


class Strapdown:
    """Unit quaternion (scalar first) that takes sensor axes now to sensor axes at the start."""

    __slots__ = ("_px", "_py", "_pz", "_w", "_x", "_y", "_z", "broken", "sd_rad")

    def __init__(self) -> None:
        self.broken = False
        self.sd_rad = START_SD_RAD
        self._w, self._x, self._y, self._z = 1.0, 0.0, 0.0, 0.0
        self._px = self._py = self._pz = 0.0

    def update(self, dt: float, wx: float, wy: float, wz: float) -> None:
        """One sample: rate in rad/s (bias taken off), dt seconds after the one before; trapezoid, second order."""
        if dt > GAP_S:
            change = abs(wx - self._px) + abs(wy - self._py) + abs(wz - self._pz)
            self.sd_rad = sqrt(self.sd_rad**2 + (0.3 * dt * change) ** 2)
        hx, hy, hz = 0.25 * dt * (wx + self._px), 0.25 * dt * (wy + self._py), 0.25 * dt * (wz + self._pz)
        self._px, self._py, self._pz = wx, wy, wz
        hw = 1.0 - 0.5 * (hx * hx + hy * hy + hz * hz)
        w, x, y, z = self._w, self._x, self._y, self._z
        nw = w * hw - x * hx - y * hy - z * hz
        nx = w * hx + x * hw + y * hz - z * hy
        ny = w * hy - x * hz + y * hw + z * hx
        nz = w * hz + x * hy - y * hx + z * hw
        scale = 1.0 / sqrt(nw * nw + nx * nx + ny * ny + nz * nz)
        self._w, self._x, self._y, self._z = nw * scale, nx * scale, ny * scale, nz * scale

    def matrix(self) -> FloatArray:
        """(3, 3) that takes a vector in sensor axes now to sensor axes at the start."""
        w, x, y, z = self._w, self._x, self._y, self._z
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )
