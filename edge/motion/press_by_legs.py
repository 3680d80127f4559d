"""The first press, seen by the legs alone: where no sled sensor tells that the sled has come to the top.

Feet on the plate, a leg's segments turn away from the seated pose and then are held. What the lifter does on the seat
besides, squirming or shifting a foot, is not loaded, or comes back at once.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edge.motion.track import ImuTrack
from edge.motion.wear import Wear
from edge.samples import Role

SEATED_DEG = 4.0
"""Within this of the seated pose a segment has not begun to press."""
PRESSED_DEG = 12.0
"""A press turns thigh and shank by 25 to 50°."""
HELD_RAD_S = 0.16
"""9°/s: a leg held at the top sways slower, one that presses turns at 30°/s and more."""
HELD = 15
"""Grid steps (0.15 s) that the top is held before it counts: some lifters turn round at once."""


class PressByLegs:
    """Feed `step` at every grid instant of the seated, loaded lifter; True once the top is held. began: grid index
    of the last instant at which they sat, or were still not far from it: a foot put elsewhere before is no part of it.
    """

    def __init__(self, tracks: Mapping[Role, ImuTrack], wear: Wear) -> None:
        self._tracks, self._wear = tracks, wear
        self._held = 0
        self.began: int | None = None

    def step(self, k: int, roles: list[Role], *, loaded: bool) -> bool:
        """roles: the leg sensors that are live."""
        turned = [self._turned_deg(role, k) for role in roles if role in self._wear.seated]
        if not turned or any(t is None for t in turned):
            return False
        least, most = min(t for t in turned if t is not None), max(t for t in turned if t is not None)
        still = all(self._still(role, k) for role in roles)
        if most < SEATED_DEG or self.began is None or (still and least <= PRESSED_DEG):
            self.began = k
        self._held = self._held + 1 if loaded and still and least > PRESSED_DEG else 0
        return self._held >= HELD

    def forget(self) -> None:
        """What was held was not the top."""
        self._held, self.began = 0, None

    def _turned_deg(self, role: Role, k: int) -> float | None:
        state = self._tracks[role].states.at(k)
        if state is None:
            return None
        track = self._tracks[role]
        seat = np.array(self._wear.seated[role][0].acc) - np.array(track.acc_bias)
        return float(np.degrees(np.arccos(np.clip(seat @ np.array(state[:3]) / np.linalg.norm(seat), -1.0, 1.0))))

    def _still(self, role: Role, k: int) -> bool:
        state = self._tracks[role].states.at(k)
        return state is not None and max(abs(state[3]), abs(state[4]), abs(state[5])) < HELD_RAD_S
