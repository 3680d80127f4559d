"""How the hip stands: the thigh against the trunk, which is the lifter's as set up on the pad."""

from __future__ import annotations

import numpy as np

from edge.motion.inclination import ImuState
from edge.motion.mount import Mount
from edge.motion.rest import RestMean
from edge.motion.series import Series
from edge.motion.track import ImuTrack
from edge.motion.wear import Wear
from edge.samples import FloatArray, Role


def pitch_at_rest(mount: Mount, rest: RestMean, track: ImuTrack) -> float:
    """The pitch (deg) that a segment had in a rest."""
    up = np.array(rest.acc) - np.array(track.acc_bias)
    x, y, z = (float(v) for v in up / np.linalg.norm(up))
    return mount.read((x, y, z, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))[0]


def trunk_deg(wear: Wear, pelvis: ImuTrack) -> float | None:
    """The pelvis' pitch in the seated pose, deg from standing; None without that pose."""
    mount, seated = wear.mounts.get("pelvis"), wear.seated.get("pelvis")
    return None if mount is None or seated is None else pitch_at_rest(mount, seated[0], pelvis)


def hip_flexion_deg(
    wear: Wear, thighs: dict[Role, Series[ImuState]], trunk: float, begin: int, end: int
) -> FloatArray | None:
    """(N,) mean flexion of the hips (0 standing) at every fifth grid instant of begin ≤ k < end, the rest NaN; None
    where no thigh is calibrated. trunk: deg, as `trunk_deg` gives it.
    """
    mounts = [(wear.mounts[role], states) for role, states in thighs.items() if role in wear.mounts]
    if not mounts:
        return None
    out = np.full(end - begin, np.nan)
    for k in range(begin, end, 5):
        seen = [mount.read(state)[0] for mount, states in mounts if (state := states.at(k)) is not None]
        if seen:
            out[k - begin] = trunk - sum(seen) / len(seen)
    return out
