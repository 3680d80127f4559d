"""How far the sled has been worked out, and what it is worked out from at each instant.

The sled waits for all that it needs, the knees included, but not for long: they steady it, they do not make it.
"""

from __future__ import annotations

from typing import Final

from edge.events import Side
from edge.motion.leg import Leg
from edge.motion.sled import KneeSlide
from edge.motion.track import ImuTrack

WAIT: Final = 8
"""Grid steps (80 ms) that the sled waits for the knees: a late batch is usual, one later than this is rare."""
LONG_WAIT: Final = 50
"""The same (0.5 s) before the knees can carry the sled over a hole: then a late batch is waited for."""
TURNED_M_S2: Final = 1.5
"""Gravity along a rail of 9°; flatter rails do not tell which way the sled's sensor is turned."""


class SledFront:
    """Ask `advance` for the instants that are due. at: the newest instant worked out, 0 before the first."""

    def __init__(self, sled: ImuTrack) -> None:
        self._states = sled.states
        self._next: int | None = None
        self._upwards: float | None = None

    def watch(self, sled: ImuTrack) -> None:
        """Another sensor is the sled's from now on; what it sent before, on somebody's leg, is not looked at."""
        self._states, self._upwards = sled.states, None

    def watches(self, sled: ImuTrack) -> bool:
        """Whether this is the sensor that the sled is worked out from."""
        return sled.states is self._states

    @property
    def at(self) -> int:
        """The newest instant worked out."""
        return (self._next or 1) - 1

    def advance(self, now: int, tracks: list[ImuTrack], *, calibrated: bool) -> range:
        """The instants that these tracks have reached, or that have waited long enough at `now`: to be worked out."""
        begun = [t.states for t in tracks if t.states.end]
        if self._next is None:
            if not begun:
                return range(0)
            self._next = min(s.start for s in begun)
        first, late = self._next, now - (WAIT if calibrated else LONG_WAIT)
        least = max(late, first)
        reached = begun[0].end if begun else least
        for states in begun:
            reached = min(reached, states.end)
        self._next = max(reached, least)
        return range(first, self._next)

    def felt_m_s2(self, k: int) -> float | None:
        """What the sled's sensor feels along the rail, upwards; a sensor turned round shows gravity the wrong way. None
        where it was not heard.
        """
        state = self._states.at(k)
        if state is None:
            return None
        if self._upwards is None:
            self._upwards = -1.0 if state[6] < -TURNED_M_S2 else 1.0
        return self._upwards * state[6]


def limbs_rad_s(tracks: list[ImuTrack], k: int, *, known: bool) -> float | None:
    """How fast the limbs turn, the mean of their sensors' fastest axes; None without any. known: the knees tell it
    better, so that nobody looks at the figure.
    """
    if not tracks:
        return None
    return 0.0 if known else sum([_turning(t, k) for t in tracks]) / len(tracks)


def knee_slides(legs: dict[Side, Leg], k: int, *, alone: bool) -> list[KneeSlide]:
    """What the legs that are calibrated and seen say of the sled. alone: where no leg is whole, a thigh or shank may
    speak for its leg; it watches a sled that is felt well enough, but is no witness of it by itself.
    """
    whole = [
        _slide(side, leg.chain.slide(knee[0], knee[1]))
        for side, leg in legs.items()
        if (knee := leg.knees.at(k)) is not None
    ]
    if whole or not alone:
        return whole
    return [_slide(side, told) for side, leg in legs.items() if (told := leg.slide_of_one(k)) is not None]


def _slide(side: Side, told: tuple[float, float]) -> KneeSlide:
    return KneeSlide(side, told[0], told[1])


def _turning(track: ImuTrack, k: int) -> float:
    """The fastest rate about any axis of a sensor, rad/s; 0 where unknown."""
    state = track.states.at(k) or track.states.last()
    return max(abs(state[3]), abs(state[4]), abs(state[5])) if state else 0.0
