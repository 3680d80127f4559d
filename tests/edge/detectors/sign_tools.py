"""Finished reps for the tests of signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from example_events import REP

from edge.detectors.sign import RepFacts
from edge.events import Rep
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit
from edge.motion.phases import Stroke
from edge.motion.series import GRID_S
from edge.motion.stroke import Path
from edge.samples import FloatArray


def rep_of(**fields: Any) -> Rep:
    """A sound rep with some of its figures changed."""
    return msgspec.structs.replace(REP, **fields)


def eased(length_m: float, steps: int) -> FloatArray:
    """Speed (N,) m/s of a smooth move of that length in so many grid steps (minimum jerk)."""
    x = np.linspace(0.0, 1.0, steps)
    return length_m * 30.0 * (x * (1.0 - x)) ** 2 / (steps * GRID_S)


def moved(down_s: float = 2.0, pause_s: float = 0.3, up_s: float = 1.2, rom_m: float = 0.27) -> FloatArray:
    """Speed (N,) m/s of one attempt, half a second of rest at either end."""
    rest = np.zeros(50)
    down, up = eased(-rom_m, round(down_s / GRID_S)), eased(rom_m, round(up_s / GRID_S))
    return np.concatenate([rest, down, np.zeros(round(pause_s / GRID_S)), up, rest])


def motion_of(speed_m_s: FloatArray, knees: dict[str, FloatArray] | None = None, **forces: FloatArray) -> RepMotion:
    """The attempt that has this speed. knees: side -> flexion (N,) deg, the plane's turn 0; forces: force_n, left_n."""
    n = len(speed_m_s)
    place = np.cumsum(speed_m_s) * GRID_S
    bottom = int(np.argmin(place))
    dead = (0, bottom, n - 1)
    unknown = np.full(n, np.nan)
    states = {}
    for side in ("left", "right"):
        flexion = (knees or {}).get(side, unknown)
        rate = np.gradient(flexion, GRID_S)
        states[side] = np.column_stack([flexion, rate, np.zeros(n), flexion, np.zeros(n)])
    fast = np.flatnonzero(np.abs(speed_m_s) > 0.03)
    down, up = fast[fast <= bottom], fast[fast > bottom]
    return RepMotion(
        Stroke(1, 3, int(down[0]), int(down[-1]), int(up[0]), int(up[-1])),
        Path(0, place, speed_m_s, dead),
        down[0] * GRID_S,
        down[-1] * GRID_S,
        up[0] * GRID_S,
        up[-1] * GRID_S,
        states,
        forces.get("force_n", unknown),
        forces.get("left_n", unknown),
    )


def facts_of(
    rep: Rep | None = None, motion: RepMotion | None = None, before: Sequence[Rep] = (), **more: Any
) -> RepFacts:
    """What the signs look at. more: tilt_deg, sled_m_s2, heels, zero_sd_deg, hip_depth_deg, limit, warned_s."""
    motion = motion or motion_of(moved())
    unknown = np.full(len(motion.force_n), np.nan)
    seen: dict[str, Any] = {"tilt_deg": unknown, "sled_m_s2": unknown, "heels": {"left": unknown, "right": unknown}}
    seen |= {"zero_sd_deg": {"left": 1.2, "right": 1.2}, **more}
    return RepFacts(rep=rep or REP, motion=motion, before=tuple(before), **seen)


LIMIT = Limit(knee_deg=95.0, low_deg=92.0, high_deg=98.0, hip_deg=120.0)
