"""A finished attempt with round figures, and what a rep says around it."""

from __future__ import annotations

import numpy as np

from edge.motion.look_back import RepMotion
from edge.motion.phases import Stroke
from edge.motion.stroke import Path
from edge.session.rep_summary import Load, RepContext

TOP, BOTTOM, DRIVE, END = 60, 160, 180, 230
N = 250


def attempt(*, force_n: float = 1000.0, left: float = 0.6) -> RepMotion:
    """Down in 1 s at 0.3 m/s, a pause of 0.2 s, up in 0.5 s at 0.6 m/s; grid index 1000 is the first entry.

    Left knee 10 to 95°, right never seen; before the attempt only the right foot pushes.
    """
    speed = np.zeros(N)
    speed[TOP : BOTTOM + 1], speed[DRIVE : END + 1] = -0.3, 0.6
    place = np.concatenate([[0.0], np.cumsum(speed[1:]) * 0.01])
    flexion = np.interp(np.arange(N), [0, TOP, BOTTOM, DRIVE, END], [14.0, 14.0, 95.0, 95.0, 10.0])
    knee = np.full((N, 5), np.nan)
    knee[:, 0] = flexion
    force = np.full(N, force_n)
    left_n = np.where(np.arange(N) < TOP, 0.0, left * force_n)
    return RepMotion(
        stroke=Stroke(set=2, rep=3, start=1060, bottom=1160, drive=1180, top=1230),
        path=Path(1000, place, speed, (TOP, 170, END)),
        start_s=10.6,
        bottom_s=11.6,
        drive_s=11.8,
        top_s=12.3,
        knees={"left": knee, "right": np.full((N, 5), np.nan)},
        force_n=force,
        left_n=left_n,
    )


def context(best: float | None = None, load: Load | None = None) -> RepContext:
    """Of a rep in which all but the right knee could be judged."""
    return RepContext(
        session="s1",
        best_mean_m_s=best,
        load=load or Load(100.0, "configured", 6.9),
        faults=(),
        assessed=("lockout_left",),
        not_assessed={"lockout_right": "no right thigh sensor"},
        firmware={"sled": "1.2"},
        calibration="s1",
    )
