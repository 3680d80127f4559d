"""When a set is over: the feet are off, the sled has stayed in its rack, or nothing shows it any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.events import Phase

LOST: Final = 100
"""Grid steps (1 s) in which nothing shows the sled, after which the attempt under way is given up: it was not seen."""
RACKED: Final = 250
"""Grid steps (2.5 s) at the bottom that mean the rack, where no footplate tells: lifters pause there for a second."""
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
