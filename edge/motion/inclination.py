"""Which way is up, seen from one IMU: gravity carried along by the gyro and mended by the accelerometer.

The accelerometer shows gravity plus the sensor's own acceleration. The gyro carries the known direction through a
movement; when the sensor rests the accelerometer is right within its bias and corrects fast, while it moves only
slowly (accelerations of a rep average out), and in large motion not at all. No magnetometer: it is useless beside
steel. Plain floats: the work is one sample at a time.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import Final

STANDARD_GRAVITY: Final = 9.80665
STILL_RATE_RAD_S: Final = 0.087
"""5°/s: a limb that is held turns slower, a moving one faster."""
STILL_RATE2: Final = STILL_RATE_RAD_S * STILL_RATE_RAD_S
STILL_ACC_M_S2: Final = 0.2
"""2 % of gravity: within it, what acceleration is left tilts the direction by about 1° at most."""
STILL_HOLD_S: Final = 0.06
"""Both must hold so long, since a turning point passes through rest."""
TAU_STILL_S: Final = 0.25
TAU_MOVING_S: Final = 5.0
"""Time constants of the correction. Moving: long against a rep's phases (1 to 3 s), short against a gyro's drift."""
WEIGHTLESS_M_S2: Final = 1e-3
"""A specific force below this points nowhere: a dead sensor, or one in free fall."""
LARGE_ACC_M_S2: Final = 2.5
"""Beyond this much off 1 g the accelerometer says nothing about up."""
BIAS_TAU_S: Final = 4.0
"""At rest the gyro's bias is what keeps pulling the direction away from the accelerometer's: followed over seconds."""

ImuState = tuple[float, float, float, float, float, float, float, float, float]
"""up (3, unit), rate (3, rad/s), specific force (3, m/s²), in sensor axes, bias taken off."""


class Inclination:
    """Tracks the unit vector `up` in sensor axes. Feed `run` with samples; bx, by, bz: the gyro's bias, rad/s."""

    __slots__ = ("_still_s", "bx", "by", "bz", "ux", "uy", "uz", "wx", "wy", "wz")

    def __init__(self) -> None:
        self.ux, self.uy, self.uz = 0.0, 0.0, 0.0
        self.bx, self.by, self.bz = 0.0, 0.0, 0.0
        self.wx, self.wy, self.wz = 0.0, 0.0, 0.0
        self._still_s = 0.0

    @property
    def still(self) -> bool:
        """Whether the sensor has been at rest for STILL_HOLD_S."""
        return self._still_s >= STILL_HOLD_S

    def restart(self) -> None:
        """After a gap: forget the direction, keep the gyro's bias."""
        self.ux = self.uy = self.uz = 0.0
        self._still_s = 0.0

    def run(
        self,
        steps_s: list[float],
        accs: list[list[float]],
        gyrs: list[list[float]],
        acc_bias: tuple[float, float, float],
    ) -> list[ImuState]:
        """Samples in a row, each so many seconds after the one before: acc m/s², gyr rad/s, sensor axes. What is known
        after each. One loop over plain numbers: it is run through for every sample of every sensor.
        """
        ox, oy, oz = acc_bias
        ux, uy, uz, lx, ly, lz = self.ux, self.uy, self.uz, self.wx, self.wy, self.wz
        bx, by, bz, still_s = self.bx, self.by, self.bz, self._still_s
        states: list[ImuState] = []
        for i, dt in enumerate(steps_s):
            ax, ay, az = accs[i]
            wx, wy, wz = gyrs[i]
            ax, ay, az = ax - ox, ay - oy, az - oz
            wx, wy, wz = wx - bx, wy - by, wz - bz
            norm = sqrt(ax * ax + ay * ay + az * az)
            if ux == uy == uz == 0.0:
                if norm >= WEIGHTLESS_M_S2:
                    ux, uy, uz, lx, ly, lz = ax / norm, ay / norm, az / norm, wx, wy, wz
                states.append((ux, uy, uz, lx, ly, lz, ax, ay, az))
                continue
            # Up is fixed in the world: seen from the turning sensor it turns the other way. Mean rate, second order.
            half = 0.5 * dt
            px, py, pz = half * (wx + lx), half * (wy + ly), half * (wz + lz)
            cx, cy, cz = py * uz - pz * uy, pz * ux - px * uz, px * uy - py * ux
            ux += -cx + 0.5 * (py * cz - pz * cy)
            uy += -cy + 0.5 * (pz * cx - px * cz)
            uz += -cz + 0.5 * (px * cy - py * cx)
            lx, ly, lz = wx, wy, wz
            off = abs(norm - STANDARD_GRAVITY)
            still_s = still_s + dt if off < STILL_ACC_M_S2 and wx * wx + wy * wy + wz * wz < STILL_RATE2 else 0.0
            if off < LARGE_ACC_M_S2:
                still = still_s >= STILL_HOLD_S
                gain = 1.0 - exp(-dt / (TAU_STILL_S if still else TAU_MOVING_S))
                ux, uy, uz = ux + gain * (ax / norm - ux), uy + gain * (ay / norm - uy), uz + gain * (az / norm - uz)
                if still:
                    k = dt / (TAU_STILL_S * BIAS_TAU_S * norm)
                    bx, by, bz = (
                        bx + k * (uy * az - uz * ay),
                        by + k * (uz * ax - ux * az),
                        bz + k * (ux * ay - uy * ax),
                    )
            scale = 1.0 / sqrt(ux * ux + uy * uy + uz * uz)
            ux, uy, uz = ux * scale, uy * scale, uz * scale
            states.append((ux, uy, uz, wx, wy, wz, ax, ay, az))
        self.ux, self.uy, self.uz, self.wx, self.wy, self.wz = ux, uy, uz, lx, ly, lz
        self.bx, self.by, self.bz, self._still_s = bx, by, bz, still_s
        return states
