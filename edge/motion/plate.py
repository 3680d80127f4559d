"""The footplate: how hard the feet push, how it is shared, and whether a heel is down."""

from __future__ import annotations

from math import radians, sin
from typing import Final

from edge.motion.inclination import STANDARD_GRAVITY

LOADED_SHARE: Final = 0.45
"""Of the static force: a racked sled shows only the feet (a few percent), a moving one swings between 0.6 and 1.6."""
FOOT_MIN_N: Final = 30.0
"""A foot that pushes less says nothing of its heel: cell noise and tare drift are some newtons."""


class PlateState:
    """force_n: all four cells; left_share: of the force; heel shares: heel over the foot's force, None when light."""

    __slots__ = ("force_n", "left_heel_share", "left_n", "right_heel_share", "right_n")

    def __init__(
        self,
        force_n: float,
        left_n: float,
        right_n: float,
        left_heel_share: float | None,
        right_heel_share: float | None,
    ) -> None:
        self.force_n, self.left_n, self.right_n = force_n, left_n, right_n
        self.left_heel_share, self.right_heel_share = left_heel_share, right_heel_share

    @property
    def left_share(self) -> float | None:
        """The left foot's share of the force."""
        return self.left_n / self.force_n if self.force_n > FOOT_MIN_N else None


def read_plate(cells: tuple[float, ...]) -> PlateState:
    """From the four cells (N): left heel, left toe, right heel, right toe."""
    lh, lt, rh, rt = cells
    left, right = lh + lt, rh + rt
    return PlateState(
        left + right, left, right, lh / left if left > FOOT_MIN_N else None, rh / right if right > FOOT_MIN_N else None
    )


def static_force_n(sled_kg: float, rail_deg: float, stack_kg: float) -> float:
    """What holds the sled still: its weight along the rail, and a stack's through the cable."""
    return STANDARD_GRAVITY * (sled_kg * sin(radians(rail_deg)) + stack_kg)
