"""Which way is up, seen from one IMU: gravity carried along by the gyro and mended by the accelerometer.

The accelerometer shows gravity plus the sensor's own acceleration. The gyro carries the known direction through a
movement; when the sensor rests the accelerometer is right within its bias and corrects fast, while it moves only
slowly (accelerations of a rep average out), and in large motion not at all. No magnetometer: it is useless beside
steel. Plain floats: the work is one sample at a time.
"""

from __future__ import annotations

from math import exp, sqrt

STANDARD_GRAVITY = 9.80665
STILL_RATE_RAD_S = 0.087
"""5°/s: a limb that is held turns slower, a moving one faster."""
STILL_ACC_M_S2 = 0.2
"""2 % of gravity: within it, what acceleration is left tilts the direction by about 1° at most."""
STILL_HOLD_S = 0.06
"""Both must hold so long, since a turning point passes through rest."""
TAU_STILL_S = 0.25
TAU_MOVING_S = 5.0
"""Time constants of the correction. Moving: long against a rep's phases (1 to 3 s), short against a gyro's drift."""
WEIGHTLESS_M_S2 = 1e-3
"""A specific force below this points nowhere: a dead sensor, or one in free fall."""
LARGE_ACC_M_S2 = 2.5
"""Beyond this much off 1 g the accelerometer says nothing about up."""
BIAS_TAU_S = 4.0
"""At rest the gyro's bias is what keeps pulling the direction away from the accelerometer's: followed over seconds."""


class Inclination:
    """Tracks the unit vector `up` in sensor axes. Feed `update` sample by sample, accelerometer bias taken off."""

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

    def update(self, dt: float, acc: tuple[float, float, float], gyr: tuple[float, float, float]) -> None:
        """One sample, dt seconds after the one before: acc m/s² (bias taken off), gyr rad/s, sensor axes."""
        ax, ay, az = acc
        wx, wy, wz = gyr[0] - self.bx, gyr[1] - self.by, gyr[2] - self.bz
        norm = sqrt(ax * ax + ay * ay + az * az)
        weightless = norm < WEIGHTLESS_M_S2
        if weightless:
            norm = WEIGHTLESS_M_S2
        ux, uy, uz = self.ux, self.uy, self.uz
        if ux == uy == uz == 0.0:
            if weightless:
                return
            self.ux, self.uy, self.uz = ax / norm, ay / norm, az / norm
            self.wx, self.wy, self.wz = wx, wy, wz
            return
        # Up is fixed in the world: seen from the turning sensor it turns the other way. Mean rate, second order.
        px, py, pz = 0.5 * dt * (wx + self.wx), 0.5 * dt * (wy + self.wy), 0.5 * dt * (wz + self.wz)
        cx, cy, cz = py * uz - pz * uy, pz * ux - px * uz, px * uy - py * ux
        ux += -cx + 0.5 * (py * cz - pz * cy)
        uy += -cy + 0.5 * (pz * cx - px * cz)
        uz += -cz + 0.5 * (px * cy - py * cx)
        rate2 = wx * wx + wy * wy + wz * wz
        off = abs(norm - STANDARD_GRAVITY)
        if rate2 < STILL_RATE_RAD_S * STILL_RATE_RAD_S and off < STILL_ACC_M_S2:
            self._still_s += dt
        else:
            self._still_s = 0.0
        if off < LARGE_ACC_M_S2:
            still = self._still_s >= STILL_HOLD_S
            gain = 1.0 - exp(-dt / (TAU_STILL_S if still else TAU_MOVING_S))
            ux, uy, uz = ux + gain * (ax / norm - ux), uy + gain * (ay / norm - uy), uz + gain * (az / norm - uz)
            if still:
                k = dt / (TAU_STILL_S * BIAS_TAU_S * norm)
                self.bx += k * (uy * az - uz * ay)
                self.by += k * (uz * ax - ux * az)
                self.bz += k * (ux * ay - uy * ax)
        scale = 1.0 / sqrt(ux * ux + uy * uy + uz * uz)
        self.ux, self.uy, self.uz = ux * scale, uy * scale, uz * scale
        self.wx, self.wy, self.wz = wx, wy, wz
