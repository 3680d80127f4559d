"""The hips are not fixed: a pelvis that curls back rolls on its sit bones and carries the hip joints towards the sled.

Some degrees from top to bottom, which many have by habit, move them by a few millimetres, anew with every stroke and
just as the knees bend: left out, they would pass for legs of another length or for soft tissue.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from edge.motion.smooth import evened
from edge.samples import FloatArray

PIVOT_M: Final = 0.06
"""The hip joints' height over the line on which the pelvis rolls: 8 cm over bare sit bones, less what flesh and a
yielding pad take."""


def hips_m(tilt_deg: FloatArray) -> FloatArray:
    """How far the hips are towards the sled, (N,) m, any zero; zeros where nothing is known of the pelvis.

    tilt_deg: its posterior tilt (N,), NaN where it is not known: holes are bridged and ends held.
    """
    known = np.flatnonzero(np.isfinite(tilt_deg))
    if not len(known):
        return np.zeros(len(tilt_deg))
    tilt = np.interp(np.arange(len(tilt_deg)), known, tilt_deg[known])
    return evened(PIVOT_M * np.sin(np.radians(tilt)))
