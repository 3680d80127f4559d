"""How far one segment has turned about its own flexion axis, from its gyro alone: whichever way round it is worn.

A segment that swings to and fro turns about one axis, and the sum of its rates along that axis is its angle. Sums are
kept as vectors and laid on the axis afterwards, so that what was felt before the axis was known counts as well.
"""

from __future__ import annotations

import numpy as np

from edge.motion.series import GRID_S
from edge.motion.track import ImuTrack
from edge.samples import FloatArray

QUIET = 30
"""Grid steps (0.3 s) in which a sensor either moves or is quiet: what the gyro reads then is its bias."""
QUIET_RAD_S = 0.14
"""8°/s between the least and the greatest rate: people who stand sway by less."""
BIAS_RAD_S = 0.2
"""11°/s: no gyro's bias is larger; a steady turn may be."""
CREEP_RAD_S, FIRST_RAD_S = 0.035, 0.2
"""2°/s off the known bias: a squat that begins slowly looks quiet at first, and must not be taken for bias. Before the
bias is well known by more, by this over the number of quiet times: people sway by 5°/s.
"""
BIAS_SHARE = 0.1
"""What a quiet time adds to the known bias at least: a gyro that warms up is followed within seconds of standing."""
DOUBT = 2
"""Quiet times that "no bias" counts for beforehand: a recording may begin in a slow squat, which looks quiet."""
CLOSE_SHARE = 0.2
"""What a repetition that does not close adds to the known bias: people come back to within 3°, which is 1°/s."""
LAG = 30
"""Marks (0.6 s) over which the axis is looked for: knees that wobble turn a thigh as fast as a slow squat does, but not
as far; drift takes longer."""
FORGET = 0.7
"""Share of the older movement in the axis after each repetition: a strap that creeps is followed over three."""

Vec = tuple[float, float, float]


class Swing:
    """Feed `step` at every grid instant; `angles` lays what was felt since `keep` on the axis."""

    def __init__(self, track: ImuTrack) -> None:
        self._track = track
        self._sum: Vec = (0.0, 0.0, 0.0)
        self._bias: Vec = (0.0, 0.0, 0.0)
        self._quiet = 0
        self._recent: list[Vec] = []
        self._sums: list[Vec] = []
        self._past: FloatArray = np.zeros((3, 3))
        self._axis: FloatArray | None = None

    @property
    def end(self) -> int:
        """The first grid instant that the sensor has not reached."""
        return self._track.states.end

    def step(self, k: int) -> bool:
        """Add the turn of one grid instant; False where nothing is known of it."""
        state = self._track.states.at(k)
        if state is None:
            return False
        bx, by, bz = self._bias
        x, y, z = self._sum
        wx, wy, wz = state[3], state[4], state[5]
        self._sum = (x + GRID_S * (wx - bx), y + GRID_S * (wy - by), z + GRID_S * (wz - bz))
        self._recent.append((wx, wy, wz))
        if len(self._recent) == QUIET:
            self._learn_bias()
        return True

    def _learn_bias(self) -> None:
        rates, self._recent = self._recent, []
        axes = list(zip(*rates, strict=True))
        mean = [sum(axis) / QUIET for axis in axes]
        if max(max(axis) - min(axis) for axis in axes) > QUIET_RAD_S or max(map(abs, mean)) > BIAS_RAD_S:
            return
        off = [m - b for m, b in zip(mean, self._bias, strict=True)]
        if self._quiet and max(map(abs, off)) > CREEP_RAD_S + FIRST_RAD_S / self._quiet:
            return
        self._quiet += 1
        share = max(BIAS_SHARE, 1.0 / (self._quiet + DOUBT))
        x, y, z = (b + share * o for b, o in zip(self._bias, off, strict=True))
        self._bias = (x, y, z)

    def mark(self) -> None:
        """Remember the sum as it is now."""
        self._sums.append(self._sum)

    def keep(self, begin: int, *, learn: bool) -> None:
        """Forget the marks before `begin`; learn: the axis is that of the movement in them, too."""
        if learn:
            self._past = FORGET * self._past + _spread(np.array(self._sums[: begin + 1]))
        del self._sums[:begin]

    def angles(self) -> FloatArray:
        """(N,) rad at every mark, about the axis, its sign as before; the zero means nothing."""
        sums = np.array(self._sums)
        axis = np.linalg.eigh(self._past + _spread(sums))[1][:, -1]
        if self._axis is not None and float(axis @ self._axis) < 0.0:
            axis = -axis
        self._axis = axis
        angles: FloatArray = sums @ axis
        return angles

    def close(self, start: int, end: int, seconds: float) -> None:
        """From one mark to another, `seconds` later, the segment came back to where it was: what is left is bias."""
        a, b = self._sums[start], self._sums[end]
        x, y, z = (old + CLOSE_SHARE * (q - p) / seconds for old, p, q in zip(self._bias, a, b, strict=True))
        self._bias = (x, y, z)

    def turn_round(self) -> None:
        """The axis points the other way from now on."""
        if self._axis is not None:
            self._axis = -self._axis


def _spread(sums: FloatArray) -> FloatArray:
    """(3, 3) sum of the squares of the turns over LAG marks, or over as many as there are."""
    lag = min(LAG, len(sums) - 1)
    turns = sums[lag:] - sums[: len(sums) - lag]
    spread: FloatArray = turns.T @ turns
    return spread
