"""The pelvis against its set-up posture: how far it has curled back, and how fast."""

from __future__ import annotations

from typing import Final

from edge.motion.mount import Mount
from edge.motion.posture import pitch_at_rest
from edge.motion.rest import RestMean
from edge.motion.series import Series
from edge.motion.track import ImuTrack
from edge.motion.wear import Wear

BACK: Final = 50
"""Grid steps (0.5 s) that are worked out from before the pose was known; older ones tell nothing any more."""


class Pelvis:
    """Feed `step` at every grid instant. `tilts` holds the posterior tilt (deg) and its rate (deg/s)."""

    def __init__(self, track: ImuTrack, wear: Wear) -> None:
        self.track, self._wear = track, wear
        self.tilts: Series[tuple[float, float]] = Series()
        self._set_up: tuple[object, float] | None = None

    @property
    def mount(self) -> Mount | None:
        """How its sensor sits; None while that is not known."""
        return self._wear.mounts.get("pelvis")

    def step(self) -> None:
        """Work out every instant that the sensor has reached, once its mount and the set-up posture are known."""
        mount, seated = self.mount, self._wear.seated.get("pelvis")
        states = self.track.states
        if mount is None or seated is None or self.tilts.end == states.end:
            return
        set_up = self._set_up_deg(mount, seated[0])
        for k in range(max(self.tilts.end, states.end - BACK), states.end):
            state = states.at(k)
            if state is not None:
                pitch_deg, rate_deg_s, _ = mount.read(state)
                self.tilts.put(k, (set_up - pitch_deg, -rate_deg_s))

    def _set_up_deg(self, mount: Mount, seated: RestMean) -> float:
        """The pitch of the set-up posture, worked out anew when what it stands on has changed."""
        key = (mount, seated, self.track.acc_bias)
        if self._set_up is None or self._set_up[0] != key:
            self._set_up = key, pitch_at_rest(mount, seated, self.track)
        return self._set_up[1]
