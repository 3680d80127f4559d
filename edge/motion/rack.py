"""When a set is over: the feet are off, the sled has stayed in its rack, or nothing shows it any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.events import Phase

LOST: Final = 100
"""Grid steps (1 s) in which nothing shows the sled, after which the attempt under way is given up: it was not seen."""
RACKED: Final = 500
"""Grid steps (5 s) at the bottom that mean the rack, where no footplate tells: who lowers for 6 s, pauses for 2 and
presses for 4 is slower than 0.03 m/s for over 4 s there. Faults are not judged all that while, see `Parked`."""
PAUSE: Final = 150
"""Grid steps (1.5 s) at the bottom that may still be a pause within a rep; slow lifters make it last for a second."""
FELT_M_S: Final = 0.1
"""A sled that is let down within 4 s feels more than this; one that lies beside the machine does not."""
UNFELT_M_S: Final = 0.15
"""Of what the knees tell beyond twice the speed that the sled has felt: drives so slow that the sled feels nothing stay
below it, legs that lift the lifter out of the seat pass it at once."""
OFF_SEAT_DEG, CURLED_DEG = 25.0, 45.0
"""Of pelvic tilt from the set-up posture, forwards and backwards: no seated lifter rolls forwards so far, one who
stands up does at once, by the backrest's 30 to 60°. Backwards a bad curl at the bottom reaches 30°."""
HANGING: Final = 0.64
"""Share of gravity along a thigh (50° from the horizontal) that hangs from its hip: in a stride it is over 0.8; of who
sits it lies level or points up, whatever the machine."""


class Rack:
    """Feed `left` at every grid instant at which the sled is seen, `lost` at all."""

    def __init__(self) -> None:
        self._unseen = 0
        self._bottom_from = 0

    def lost(self, *, seen: bool) -> bool:
        """Whether at this instant the sled has been out of sight for too long."""
        self._unseen = 0 if seen else self._unseen + 1
        return self._unseen == LOST

    def left(self, k: int, phase: Phase, loaded: bool | None, *, seated: bool) -> bool:  # noqa: FBT001
        """Whether the feet are off the sled: by the footplate, else by a long stay in the rack or an empty seat.

        loaded: whether the feet carry the sled, None without a footplate; seated: what `sits` says.
        """
        if phase != "bottom":
            self._bottom_from = k
        if loaded is not None:
            return not loaded
        return k - self._bottom_from > RACKED or not seated


def sits(tilt_deg: float | None, hanging: Sequence[float]) -> bool:
    """Whether the lifter is on the seat, as far as any sensor shows.

    tilt_deg: the pelvis' from its set-up posture, None where not known; hanging: gravity's share along each thigh that
    is known, 1 where it hangs straight down from the hip.
    """
    if tilt_deg is not None and not -OFF_SEAT_DEG <= tilt_deg <= CURLED_DEG:
        return False
    return not hanging or min(hanging) < HANGING


class Parked:
    """Feed `step` at every grid instant of the sled. may: whether the sled may be back in its rack although the set is
    not over yet: it has stayed there for longer than a pause, or the knees tell of a drive that it does not feel,
    although it felt others of the set: a lifter who gets up.
    """

    def __init__(self) -> None:
        self.may = False
        self._left = 0
        self._feels = False

    def step(self, k: int, phase: Phase, told_m_s: float, felt_m_s: float, *, near_rack: bool) -> None:
        """told_m_s: how fast the sled goes by the knees, felt_m_s: how much speed its own sensor has felt since it last
        rested; NaN where they are not heard.
        """
        if phase == "concentric":
            self.may = self._feels and told_m_s - 2.0 * felt_m_s > UNFELT_M_S
        elif phase == "bottom":
            self.may = near_rack and k - self._left > PAUSE
        else:
            self.may, self._left = False, k
            self._feels = phase != "rest" and (self._feels or felt_m_s > FELT_M_S)
