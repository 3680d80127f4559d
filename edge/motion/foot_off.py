"""A foot that comes off the plate moves its own leg: that shows which sensors are on which leg.

Both legs bend alike on a machine, and so nothing else tells the left leg's pair of sensors from the right one's. While
one leg alone holds the sled still it cannot move, and the other foot does not come off and back by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from edge.events import Side
from edge.motion.feet import UNKNOWN_STATIC_N, Feet
from edge.motion.leg import LEG_ROLES
from edge.motion.leg_use import RIDES
from edge.motion.plate import LOADED_SHARE, PlateState
from edge.motion.series import Series, columns
from edge.motion.sled import SledState
from edge.motion.track import ImuTrack
from edge.samples import FloatArray, Role

LEAST: Final = 10
"""Grid steps (0.1 s) that a foot is off; what is shorter is a knock."""
AROUND: Final = 30
"""Grid steps (0.3 s) before and after, in which the foot comes off and back."""
LONGEST: Final = 150
"""Grid steps (1.5 s) that are looked at: who rests with a foot off has taken it off by then."""
LATE: Final = 100
"""Grid steps (1 s) that a sensor is waited for; one that is silent by then shows nothing."""
STILL_M_S: Final = 0.03
"""Slower than this the sled stands; in a rep with one leg both of them move."""
MOVES_DEG_S: Final = 6.0
"""Root mean square of a segment's rates: 8 to 45°/s in simulated legs whose foot comes off, 1 to 3°/s in the others."""
TIMES: Final = 3.0
"""So much more than the other leg's: 3.5 times in the most restless of 20 lifters."""


class _Off(NamedTuple):
    """One foot was off the plate from one grid index to another."""

    side: Side
    begin: int
    end: int


class FootOff:
    """Feed `step` at every grid instant, after plate and sled. What the plate told before grid index `begin` is passed.

    wrong: True since a foot has come off and a thigh or shank of the other side moved instead of its own; False since
    both of its own moved; None before.
    """

    def __init__(self, imus: Mapping[Role, ImuTrack], begin: int) -> None:
        self._imus = imus
        self._read = begin
        self._side: Side | None = None
        self._since = 0
        self._seen: _Off | None = None
        self.wrong: bool | None = None

    def step(self, feet: Feet, sled: Series[SledState]) -> None:
        """Follow the plate as far as it has come, and judge what the legs have reached."""
        least_n = LOADED_SHARE * (feet.static_n or UNKNOWN_STATIC_N)
        for k in range(max(self._read, feet.plates.start), feet.plates.end):
            self._follow(k, _light(feet.plates.at(k), least_n))
        self._read = max(feet.plates.end, self._read)
        if self._seen is None:
            return
        come = min(sled.end, *(track.states.end for track in self._tracks(self._seen.side)))
        if come >= self._seen.end or feet.plates.end > self._seen.end + LATE:
            self._judge(self._seen, sled)
            self._seen = None

    def _follow(self, k: int, side: Side | None) -> None:
        lasted = k - self._since
        ended = side != self._side or lasted == LONGEST
        if self._side is not None and ended and LEAST <= lasted <= LONGEST:
            self._seen = _Off(self._side, self._since - AROUND, k + AROUND)
        if side != self._side:
            self._side, self._since = side, k

    def _tracks(self, side: Side) -> list[ImuTrack]:
        """Thigh and shank of the foot's leg, then of the other leg."""
        other: Side = "right" if side == "left" else "left"
        return [self._imus[role] for role in (*LEG_ROLES[side], *LEG_ROLES[other])]

    def _judge(self, off: _Off, sled: Series[SledState]) -> None:
        if not _stands(sled.span(off.begin, off.end)):
            return
        thigh, shank, other_thigh, other_shank = (_moved_deg_s(track, off) for track in self._tracks(off.side))
        if _instead(other_thigh, thigh) or _instead(other_shank, shank):
            self.wrong = True
        elif _instead(thigh, other_thigh) and _instead(shank, other_shank):
            self.wrong = False


def _light(plate: PlateState | None, least_n: float) -> Side | None:
    """The foot that only rides along while the other one holds the sled."""
    if plate is None or plate.force_n < least_n or plate.left_share is None:
        return None
    return "left" if plate.left_share < RIDES else "right" if plate.left_share > 1.0 - RIDES else None


def _stands(sled: Sequence[SledState | None]) -> bool:
    return all(state is not None and abs(state[1]) < STILL_M_S for state in sled)


def _moved_deg_s(track: ImuTrack, off: _Off) -> float:
    """Root mean square of the rates about their mean, which is the gyro's bias; NaN where any of it is missing."""
    rates: FloatArray = columns(track.states.span(off.begin, off.end), 9)[:, 3:6]
    return float(np.degrees(np.sqrt(rates.var(axis=0).sum())))


def _instead(this_deg_s: float, that_deg_s: float) -> bool:
    """Whether this one moved and that one did not; False where either was not heard."""
    return this_deg_s > MOVES_DEG_S and this_deg_s > TIMES * that_deg_s
