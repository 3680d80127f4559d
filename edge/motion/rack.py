"""When a set is over: the feet are off, the sled has stayed in its rack, or nothing shows it any more."""

from __future__ import annotations

from edge.events import Phase

LOST = 100
"""Grid steps (1 s) in which nothing shows the sled, after which the attempt under way is given up: it was not seen."""
RACKED = 250
"""Grid steps (2.5 s) at the bottom that mean the rack, where no footplate tells: lifters pause there for a second."""
OFF_SEAT_DEG = 25.0
"""Of pelvic tilt from the set-up posture: no seated lifter rolls so far, one who stands up does at once."""


class Rack:
    """Feed `left` at every grid instant at which the sled is seen, `lost` at all."""

    def __init__(self) -> None:
        self._unseen = 0
        self._bottom_from = 0

    def lost(self, *, seen: bool) -> bool:
        """Whether at this instant the sled has been out of sight for too long."""
        self._unseen = 0 if seen else self._unseen + 1
        return self._unseen == LOST

    def left(self, k: int, phase: Phase, loaded: bool | None, tilt_deg: float | None) -> bool:  # noqa: FBT001
        """Whether the feet are off the sled: by the footplate, else by a long stay in the rack or an empty seat.

        loaded: whether the feet carry the sled, None without a footplate; tilt_deg: the pelvis', None where not known.
        """
        if phase != "bottom":
            self._bottom_from = k
        if loaded is not None:
            return not loaded
        return k - self._bottom_from > RACKED or (tilt_deg is not None and abs(tilt_deg) > OFF_SEAT_DEG)
