"""The feet on the plate: whether they carry the sled, what each of them carries, and whether its heel is down."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from edge.events import Side
from edge.motion.heel import FlatShare
from edge.motion.leg import SIDES
from edge.motion.moved import Moved
from edge.motion.plate import LOADED_SHARE, PlateState, read_plate
from edge.motion.series import Series

PLATE_SILENT: Final = 20
"""Grid steps (0.2 s) after which a footplate that says nothing is no witness of the load: a late batch is not meant."""
SHARE_SILENT: Final = 100
"""The same (1 s) for what a foot carries: a foot is judged on, in doubt."""
LIGHT: Final = 50
"""Grid steps (0.5 s) seen without load before the feet are off: a sled that is let drop weighs little for 0.3 s."""
UNKNOWN_STATIC_N: Final = 300.0
"""Where the masses are not known: an empty sled on a 45° rail."""
FOOT_STANDS: Final = 0.12
"""Least share of the static force on a foot that is judged; even a lopsided press leaves a foot 0.3."""

RESTING: Final = 400
"""Instants (4 s) without load, the last ones, by whose middle the feet's own weight is told: the sitting down is over
by then, and who braces himself before a press does so for a second."""
RESTING_N: Final = 100.0
"""Both feet and shanks of a heavy lifter rest with less; who presses with more against the rack does not rest."""


class Feet:
    """Feed `step` at every grid instant. moved: what is on the machine."""

    def __init__(self, forces: Series[tuple[float, ...]]) -> None:
        self._forces = forces
        self.moved = Moved()
        self.plates: Series[PlateState] = Series()
        self.heels: dict[Side, Series[float]] = {s: Series() for s in SIDES}
        self._light = LIGHT
        self._unloaded: deque[float] = deque(maxlen=RESTING)
        self.forget_lifter()

    def forget_lifter(self) -> None:
        """Other feet: their flat shares are learned anew."""
        self._flat = {s: FlatShare() for s in SIDES}

    def step(self) -> None:
        """Read the plate at every instant that its cells have reached."""
        forces = self._forces
        for k in range(max(self.plates.end, forces.start), forces.end):
            cells = forces.at(k)
            if cells is None:
                continue
            state = read_plate(cells)
            self.plates.put(k, state)
            self._light += 1
            if state.force_n <= LOADED_SHARE * (self.static_n or UNKNOWN_STATIC_N):
                self._unloaded.append(state.force_n)
                continue
            self._light = 0
            for side in SIDES:
                share = state.left_heel_share if side == "left" else state.right_heel_share
                ratio = self._flat[side].step(share) if share is not None else None
                if ratio is not None:
                    self.heels[side].put(k, ratio)

    @property
    def static_n(self) -> float | None:
        """The force that holds the sled still, None where not known."""
        return self.moved.static_n

    @property
    def resting_n(self) -> float:
        """What the feet rest with on the plate of a racked sled: their own weight, and what the cells read without any.
        Nil until it was seen.
        """
        return min(median(self._unloaded), RESTING_N) if self._unloaded else 0.0

    def loaded(self, k: int) -> bool | None:
        """Whether the feet carry the sled at grid instant k; None without a footplate."""
        if not self.plates.end or self.plates.end < k - PLATE_SILENT:
            return None
        return self._light < LIGHT

    def share(self, side: Side, k: int) -> float:
        """The foot's force over the static force at grid instant k; 1 where there is no footplate to tell."""
        plate = self.plates.at(k) or self.plates.last()
        if plate is None or self.plates.end < k - SHARE_SILENT:
            return 1.0
        return (plate.left_n if side == "left" else plate.right_n) / (self.static_n or UNKNOWN_STATIC_N)

    def stands(self, side: Side, k: int) -> bool:
        """Whether the foot carries its part; a leg without load is not judged."""
        return self.share(side, k) > FOOT_STANDS

    def flat_share(self, side: Side) -> float | None:
        """The heel's share of this foot's force while the foot is flat; None until known."""
        return self._flat[side].share
