"""How the pad gives: driving the sled pushes the hips into it, slowing it down lets them come forward.

How much differs from seat to seat and with what is on the sled, so it is learned from rep to rep: from how the knees'
speed departs from the sled's own when the push changes. What else a push moves, flesh under straps above all, shows
likewise and is learned with it: it bends the path in the same way.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from edge.motion.series import GRID_S
from edge.motion.smooth import evened
from edge.motion.stroke import KNEE_LATE_SD_S, KNEE_SCALE_SD, Path, Window, knee_weight
from edge.samples import FloatArray

GIVE_SD_S2: Final = 0.002
"""Metres for each m/s² of the sled: 200 kg on a pad of 10⁵ N/m."""
DOUBT: Final = 4
"""Reps' worth of a pad that gives nothing, which the first rep alone could not gainsay."""
REPS: Final = 8
"""The last reps alone are gone by: with another load it gives otherwise."""
FELT: Final = 0.95
"""Share of an attempt in which sled and knees must have been heard."""
ROUNDS, ODD = 3, 2.0
"""What lies twice its spread off pulls less."""


class Pad:
    """Feed `learn` with every attempt. give_s2: how far the hips sink, m for each m/s² that the sled speeds up by."""

    def __init__(self) -> None:
        self._told: deque[float] = deque(maxlen=REPS)
        self.give_s2 = 0.0

    def hips_m(self, acc_m_s2: FloatArray) -> FloatArray:
        """How far the pad lets the hips towards the sled, (N,) m; acc_m_s2: (N,), NaN where it was not felt."""
        return evened(-self.give_s2 * np.nan_to_num(acc_m_s2))

    def learn(self, window: Window, path: Path) -> None:
        """An attempt and its path; the window's knees with the hips' speed, as far as it was known, in it."""
        a, _, c = path.dead
        seen = np.isfinite(window.knee_m_s) & np.isfinite(window.acc_m_s2)
        seen[:a] = seen[c + 1 :] = False
        if seen.sum() < FELT * (c + 1 - a):
            return
        acc, speed = np.nan_to_num(window.acc_m_s2), path.speed_m_s
        sinking = np.gradient(evened(acc), GRID_S)
        wrong = np.stack([-acc, speed, sinking], axis=1)[seen]
        off, weight = (window.knee_m_s - speed)[seen], knee_weight(window)[seen]
        prior = np.diag([KNEE_LATE_SD_S**-2, KNEE_SCALE_SD**-2, GIVE_SD_S2**-2])
        x = np.zeros(3)
        for i in range(ROUNDS):
            odd = (off - wrong @ x) ** 2 * weight
            trust = weight / (1.0 + odd / ODD**2) if i else weight
            x = np.linalg.solve((wrong * trust[:, None]).T @ wrong + prior, wrong.T @ (trust * off))
        self._told.append(self.give_s2 + float(x[2]))
        self.give_s2 = max(sum(self._told) / (len(self._told) + DOUBT), 0.0)
