"""When does a sensor rest, and what does it feel then.

A rest is a run of samples whose rate and acceleration keep close to their own recent mean: so it is found before the
gyro's bias is known, and a bias of 3°/s is no movement.
"""

from __future__ import annotations

from dataclasses import dataclass

Vec = tuple[float, float, float]

MEAN_TAU_S = 0.5
RATE_RAD_S = 0.06
"""3.4°/s off the recent mean: above gyro noise and standing sway (1 to 2°/s), below any wanted movement."""
ACC_M_S2 = 0.3
"""Of the acceleration's recent mean: a turn of 2° at most."""


@dataclass(frozen=True, slots=True)
class RestMean:
    """What a sensor felt in a rest: mean specific force (m/s²) and rate (rad/s), sensor axes, over `duration_s`."""

    acc: Vec
    gyr: Vec
    duration_s: float


class Rest:
    """Feed `update` with raw samples; `duration_s` tells how long the present rest lasts, 0 in movement."""

    __slots__ = ("_a", "_n", "_sum", "_w", "duration_s")

    def __init__(self) -> None:
        self._a: Vec | None = None
        self._w: Vec = (0.0, 0.0, 0.0)
        self._sum = [0.0] * 6
        self._n = 0
        self.duration_s = 0.0

    def restart(self) -> None:
        """After a gap in the samples."""
        self._a = None
        self._clear()

    def update(self, dt: float, acc: Vec, gyr: Vec) -> None:
        """One sample, dt seconds after the one before."""
        if self._a is None:
            self._a, self._w = acc, gyr
            return
        k = dt / MEAN_TAU_S if dt < MEAN_TAU_S else 1.0
        a, w = self._a, self._w
        dax, day, daz = acc[0] - a[0], acc[1] - a[1], acc[2] - a[2]
        dwx, dwy, dwz = gyr[0] - w[0], gyr[1] - w[1], gyr[2] - w[2]
        self._a = (a[0] + k * dax, a[1] + k * day, a[2] + k * daz)
        self._w = (w[0] + k * dwx, w[1] + k * dwy, w[2] + k * dwz)
        if (
            dax * dax + day * day + daz * daz > ACC_M_S2 * ACC_M_S2
            or dwx * dwx + dwy * dwy + dwz * dwz > RATE_RAD_S * RATE_RAD_S
        ):
            self._clear()
            return
        s = self._sum
        s[0] += acc[0]
        s[1] += acc[1]
        s[2] += acc[2]
        s[3] += gyr[0]
        s[4] += gyr[1]
        s[5] += gyr[2]
        self._n += 1
        self.duration_s += dt

    def mean(self) -> RestMean | None:
        """The mean over the present rest; None in movement."""
        if not self._n:
            return None
        x = [v / self._n for v in self._sum]
        return RestMean((x[0], x[1], x[2]), (x[3], x[4], x[5]), self.duration_s)

    def _clear(self) -> None:
        if self._n:
            self._sum = [0.0] * 6
            self._n = 0
            self.duration_s = 0.0
