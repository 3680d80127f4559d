"""The live estimates as rows of signals.csv, each once it is final."""

from __future__ import annotations

from typing import Final, TypeAlias

from edge.motion.body import Body
from edge.motion.series import GRID_S

DELAY: Final = 30
"""Grid steps after which a row is final: later batches than 300 ms are too rare to wait for."""
NAN = float("nan")

SignalRow: TypeAlias = tuple[float, ...]


class SignalRows:
    """Feed `step` at every grid instant; `take` gives the rows that have become final since."""

    def __init__(self) -> None:
        self._rows: list[SignalRow] = []
        self._next: int | None = None

    def step(self, body: Body, now: int) -> None:
        """Write the rows up to DELAY before grid instant `now`."""
        for k in range(now - DELAY if self._next is None else self._next, now - DELAY + 1):
            self._rows.append(_row(body, k))
        self._next = now - DELAY + 1

    def take(self) -> list[SignalRow]:
        """t_s, then the columns of signals.csv; NaN where not known."""
        rows, self._rows = self._rows, []
        return rows


def _row(body: Body, k: int) -> SignalRow:
    sled, plate, tilt = body.sled.states.at(k), body.feet.plates.at(k), body.pelvis.tilts.at(k)
    left, right = body.legs["left"].knees.at(k), body.legs["right"].knees.at(k)
    left_heel, right_heel = (plate.left_heel_share, plate.right_heel_share) if plate else (None, None)
    return (
        k * GRID_S,
        sled[0] if sled else NAN,
        left[0] if left else NAN,
        right[0] if right else NAN,
        left[2] if left else NAN,
        right[2] if right else NAN,
        tilt[0] if tilt else NAN,
        NAN if left_heel is None else left_heel,
        NAN if right_heel is None else right_heel,
    )
