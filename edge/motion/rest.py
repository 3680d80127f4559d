"""When does a sensor rest, and what does it feel then.

A rest is a run of samples whose rate and acceleration keep close to their own recent mean: so it is found before the
gyro's bias is known, and a bias of 3°/s is no movement.
"""

from __future__ import annotations

from math import hypot
from typing import Final, NamedTuple

Vec = tuple[float, float, float]

MEAN_TAU_S: Final = 0.5
RATE_RAD_S: Final = 0.06
"""3.4°/s off the recent mean: above gyro noise and standing sway (1 to 2°/s), below any wanted movement."""
ACC_M_S2: Final = 0.3
"""Of the acceleration's recent mean: a turn of 2° at most."""
RATE2: Final = RATE_RAD_S * RATE_RAD_S
ACC2: Final = ACC_M_S2 * ACC_M_S2
STAND_S: Final = 1.5
"""A pose must be held so long: sway averages out to about 0.3°, and nobody stops so long on the way to the seat."""
UPRIGHT: Final = 0.85
"""Share of what is felt along the sensor's long axis, either way up: within 32°, strap errors included. Of what is
felt, not of gravity: a cheap part's bias takes a sixth of that."""
NOTHING = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class RestMean(NamedTuple):
    """What a sensor felt in a rest: mean specific force (m/s²) and rate (rad/s), sensor axes, over `duration_s`."""

    acc: Vec
    gyr: Vec
    duration_s: float

    @property
    def stands(self) -> bool:
        """Whether it was held as on somebody who stands: for long, and with its long axis upright, either way up."""
        return self.duration_s >= STAND_S and abs(self.acc[2]) >= UPRIGHT * hypot(*self.acc)


class Rest:
    """Feed `run` with raw samples; `duration_s` tells how long the present rest lasts, 0 in movement."""

    __slots__ = ("_a", "_n", "_sum", "_w", "duration_s")

    def __init__(self) -> None:
        self._a: Vec | None = None
        self._w: Vec = (0.0, 0.0, 0.0)
        self._sum = NOTHING
        self._n = 0
        self.duration_s = 0.0

    def restart(self) -> None:
        """After a gap in the samples."""
        self._a = None
        self._sum, self._n, self.duration_s = NOTHING, 0, 0.0

    def run(self, steps_s: list[float], accs: list[list[float]], gyrs: list[list[float]]) -> None:
        """Samples in a row, each so many seconds after the one before. One loop over plain numbers: it is run through
        for every sample of every sensor.
        """
        first = 1 if self._a is None else 0
        if self._a is None:
            mx, my, mz = accs[0]
            vx, vy, vz = gyrs[0]
        else:
            mx, my, mz = self._a
            vx, vy, vz = self._w
        sums, n, duration_s = self._sum, self._n, self.duration_s
        for i in range(first, len(steps_s)):
            dt = steps_s[i]
            ax, ay, az = accs[i]
            wx, wy, wz = gyrs[i]
            k = dt / MEAN_TAU_S if dt < MEAN_TAU_S else 1.0
            dax, day, daz = ax - mx, ay - my, az - mz
            dwx, dwy, dwz = wx - vx, wy - vy, wz - vz
            mx, my, mz = mx + k * dax, my + k * day, mz + k * daz
            vx, vy, vz = vx + k * dwx, vy + k * dwy, vz + k * dwz
            if dwx * dwx + dwy * dwy + dwz * dwz > RATE2 or dax * dax + day * day + daz * daz > ACC2:
                sums, n, duration_s = NOTHING, 0, 0.0
                continue
            sax, say, saz, swx, swy, swz = sums
            sums = (sax + ax, say + ay, saz + az, swx + wx, swy + wy, swz + wz)
            n += 1
            duration_s += dt
        self._a, self._w = (mx, my, mz), (vx, vy, vz)
        self._sum, self._n, self.duration_s = sums, n, duration_s

    def mean(self) -> RestMean | None:
        """The mean over the present rest; None in movement."""
        if not self._n:
            return None
        x = [v / self._n for v in self._sum]
        return RestMean((x[0], x[1], x[2]), (x[3], x[4], x[5]), self.duration_s)
