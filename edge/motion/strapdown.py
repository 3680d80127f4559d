"""A sensor's turn since some moment, from its gyro alone: links poses that gravity alone cannot tell apart."""

from __future__ import annotations

from math import sqrt

import numpy as np

from edge.samples import FloatArray


class Strapdown:
    """Unit quaternion (scalar first) that takes sensor axes now to sensor axes at the start."""

    __slots__ = ("_px", "_py", "_pz", "_w", "_x", "_y", "_z")

    def __init__(self) -> None:
        self._w, self._x, self._y, self._z = 1.0, 0.0, 0.0, 0.0
        self._px = self._py = self._pz = 0.0

    def update(self, dt: float, wx: float, wy: float, wz: float) -> None:
        """One sample: rate in rad/s (bias taken off), dt seconds after the one before; trapezoid, second order."""
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
