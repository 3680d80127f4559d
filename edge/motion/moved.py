"""What is moved on the machine: what holds it still, and what it takes to set it moving."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final

from edge.motion.inclination import STANDARD_GRAVITY
from edge.motion.plate import static_force_n

FLAT: Final = 3.0
"""A rail said wrong by 1° shifts the weight along it by this many times 1.7 %. Where it is more (one sled on a rail
under 18°) the weight no longer tells the mass."""


@dataclass(frozen=True, slots=True)
class Moved:
    """rail_deg: above horizontal; sled_kg: sled and plates, None where not known; stack_kg: on a cable, 1:1."""

    rail_deg: float = 45.0
    sled_kg: float | None = None
    stack_kg: float = 0.0

    @property
    def static_n(self) -> float | None:
        """What holds the sled still: its weight along the rail, and the stack's through the cable; None: not known."""
        return None if self.sled_kg is None else static_force_n(self.sled_kg, self.rail_deg, self.stack_kg)

    def inertia_kg(self, held_n: float) -> float | None:
        """Newtons that the footplate shows for each m/s² of the sled; None where nothing tells. held_n: what it shows
        while the sled is held, the feet's own weight taken off.

        Weight and inertia are of one mass, seen by the same cells: their gain, and a mass that nobody knows, cancel.
        Only where gravity has no part in it, a mass that is known has to do, and the cells are taken at their word.
        """
        slope, level = sin(radians(self.rail_deg)), cos(radians(self.rail_deg))
        sled_kg = self.sled_kg
        if sled_kg is None:
            if level > FLAT * slope:
                return None
            sled_kg = (held_n / STANDARD_GRAVITY - self.stack_kg) / slope
        moved_kg, weight_n = sled_kg + self.stack_kg, static_force_n(sled_kg, self.rail_deg, self.stack_kg)
        if sled_kg <= 0.0 or held_n <= 0.0:
            return None
        told = sled_kg * level * STANDARD_GRAVITY <= FLAT * weight_n
        return moved_kg * held_n / weight_n if told else moved_kg
