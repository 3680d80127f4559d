"""The pelvis against its set-up posture: how far it has curled back, and how fast."""

from __future__ import annotations

import numpy as np

from edge.motion.series import Series
from edge.motion.track import ImuTrack
from edge.motion.wear import Wear

BACK = 50
"""Grid steps (0.5 s) that are worked out from before the pose was known; older ones tell nothing any more."""


class Pelvis:
    """Feed `step` at every grid instant. `tilts` holds the posterior tilt (deg) and its rate (deg/s)."""

    def __init__(self, track: ImuTrack, wear: Wear) -> None:
        self._track, self._wear = track, wear
        self.tilts: Series[tuple[float, float]] = Series()

    def step(self) -> None:
        """Work out every instant that the sensor has reached, once its mount and the set-up posture are known."""
        mount, seated = self._wear.mounts.get("pelvis"), self._wear.seated.get("pelvis")
        if mount is None or seated is None:
            return
        zero = np.array(seated[0].acc) - np.array(self._track.acc_bias)
        zero = zero / np.linalg.norm(zero)
        set_up = mount.read((float(zero[0]), float(zero[1]), float(zero[2]), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)).pitch_deg
        states = self._track.states
        for k in range(max(self.tilts.end, states.end - BACK), states.end):
            state = states.at(k)
            if state is not None:
                seen = mount.read(state)
                self.tilts.put(k, (set_up - seen.pitch_deg, -seen.rate_deg_s))
