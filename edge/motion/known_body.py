"""What is known of one lifter's legs from one session to the next, and nothing of how sensors were strapped to them.

Leg lengths tell a strap that turns as a knee bends from a leg of another length (README.md): whoever has been here
before, or was measured, is shown better from the first repetition on. Beside the lengths a lifter takes along flesh
that turns the sensors much the same way every time, and a knee that is never straight. `person.py` says how it is
learned.
"""

from __future__ import annotations

from math import isfinite, sqrt
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta

from edge.motion.leg import SHANK_OF_HEIGHT, THIGH_OF_HEIGHT
from edge.samples import FloatArray

TAPE_SD_M: Final = 0.01
"""A segment by the tape: 5 mm of reading and of finding the same place twice, and the joints' middles, which are not
where bones are felt through the skin."""
TABLE_SD: Final = 0.04
"""A segment by the tables of body height: people differ by so much of it."""
UNEVEN_SD_M: Final = 0.005
"""Left leg longer than right: in half of all people by less than 4 mm."""
TISSUE_SD_DEG: Final = 1.6
"""What of soft tissue's turn over 90° is the lifter's own, session after session: taken to be half of its variance. The
other half is how the straps were put on this time."""
LEAST_SD: Final = (0.0005, 0.0005, 0.0002, 0.05)
MOST_SD: Final = (0.1, 0.1, 0.03, 10.0)
"""Of thigh, shank (m), left leg's surplus (m), tissue (deg). Below or above, it is nothing that this has learned."""

SegmentLength = Annotated[float, Meta(ge=0.25, le=0.65)]
Covariance = tuple[float, float, float, float, float, float, float, float, float, float]


class KnownBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lifter's legs, as well as they are known; msgspec.ValidationError where that cannot be.

    thigh_m, shank_m: hip to knee, knee to ankle, mean of both legs. left_surplus_m: by how much the left leg is longer.
    tissue_deg: what flesh adds to both knees' reading at 90°. covariance: of these four in this order, the upper
    triangle row by row, in their units. straight_deg: how far past the standing zero hip, knee and ankle came into
    line, before anything is made of it; straight_sd_deg: None where no session told. sessions: how many it rests on.
    tape_m: thigh and shank as measured, where a tape has gone into it, or was found to be wrong.
    """

    thigh_m: SegmentLength
    shank_m: SegmentLength
    left_surplus_m: Annotated[float, Meta(ge=-0.05, le=0.05)] = 0.0
    tissue_deg: Annotated[float, Meta(ge=-15.0, le=15.0)] = 0.0
    covariance: Covariance
    straight_deg: Annotated[float, Meta(ge=-30.0, le=30.0)] = 0.0
    straight_sd_deg: Annotated[float, Meta(ge=0.1, le=30.0)] | None = None
    sessions: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    tape_m: tuple[SegmentLength, SegmentLength] | None = None

    def __post_init__(self) -> None:
        numbers = (self.thigh_m, self.shank_m, self.left_surplus_m, self.tissue_deg, self.straight_deg)
        if not all(isfinite(value) for value in (*numbers, *self.covariance)):
            raise ValueError("a number is not finite")
        spread = self.spread()
        for value, least, most in zip(np.diag(spread).tolist(), LEAST_SD, MOST_SD, strict=True):
            if not least**2 <= value <= most**2:
                raise ValueError(f"covariance: a variance is {value:g}, possible are {least**2:g} to {most**2:g}")
        scale = 1.0 / np.sqrt(np.diag(spread))
        if float(np.linalg.eigvalsh(spread * np.outer(scale, scale))[0]) < 1e-6:
            raise ValueError("covariance: no spread of anything, two of its numbers contradict each other")

    def values(self) -> FloatArray:
        """(4,) thigh (m), shank (m), left leg's surplus (m), tissue (deg)."""
        return np.array([self.thigh_m, self.shank_m, self.left_surplus_m, self.tissue_deg])

    def spread(self) -> FloatArray:
        """(4, 4) their covariance."""
        full = np.zeros((4, 4))
        full[np.triu_indices(4)] = self.covariance
        return np.asarray(full + np.triu(full, 1).T, dtype=np.float64)

    def length_sd_m(self) -> float:
        """How well the whole leg is known, one standard deviation."""
        spread = self.spread()
        return sqrt(float(spread[:2, :2].sum()))


def by_height(height_m: float) -> KnownBody:
    """What the height alone tells of a lifter's legs."""
    thigh, shank = THIGH_OF_HEIGHT * height_m, SHANK_OF_HEIGHT * height_m
    return by_tables(thigh, shank)


def by_tables(thigh_m: float, shank_m: float, refused_m: tuple[float, float] | None = None) -> KnownBody:
    """The same of segments read off the tables. refused_m: what a tape had said, and was found to be wrong."""
    sd = np.array([TABLE_SD * thigh_m, TABLE_SD * shank_m, UNEVEN_SD_M, TISSUE_SD_DEG])
    return KnownBody(thigh_m=thigh_m, shank_m=shank_m, covariance=flat(np.diag(sd**2)), tape_m=refused_m)


def measured(thigh_m: float, shank_m: float, height_m: float) -> KnownBody:
    """A lifter measured with a tape, who has not been here before. thigh_m: from the greater trochanter, the bone felt
    at the side of the hip, to the joint line of the knee; shank_m: from there to the lateral malleolus, the outer bone
    of the ankle.
    """
    return with_tape(by_height(height_m), thigh_m, shank_m)


def with_tape(known: KnownBody, thigh_m: float, shank_m: float) -> KnownBody:
    """What is known once a tape has measured thigh and shank as well. msgspec.ValidationError: both cannot be true."""
    spread, values = known.spread(), known.values()
    gain = spread[:, :2] @ np.linalg.inv(spread[:2, :2] + TAPE_SD_M**2 * np.eye(2))
    values = values + gain @ (np.array([thigh_m, shank_m]) - values[:2])
    return changed(known, values, spread - gain @ spread[:2], tape_m=(thigh_m, shank_m))


def changed(known: KnownBody, values: FloatArray, spread: FloatArray, **other: Any) -> KnownBody:
    """The same lifter with other `values` and another `spread`; other: fields that change besides.
    msgspec.ValidationError: no such legs.
    """
    thigh, shank, surplus, tissue = (float(value) for value in values)
    lengths = {"thigh_m": thigh, "shank_m": shank, "left_surplus_m": surplus, "tissue_deg": tissue}
    table = msgspec.structs.asdict(known) | lengths | {"covariance": flat(spread)} | other
    return msgspec.convert(table, KnownBody)


def beforehand(known: KnownBody | None, tape_m: tuple[float, float] | None, height_m: float) -> tuple[KnownBody, ...]:
    """What to go by besides the height, the best first: what earlier sessions have left and a tape's figures, and those
    alone. With other figures than an earlier tape's, that one is taken to have been wrong, and all that rests on it; so
    is what the tape says cannot be.
    """
    if tape_m is None:
        return () if known is None else (known,)
    alone = measured(*tape_m, height_m)
    if known is None or known.tape_m not in (None, tape_m):
        return (alone,)
    try:
        return (known if known.tape_m == tape_m else with_tape(known, *tape_m), alone)
    except msgspec.ValidationError:
        return (alone,)


def flat(spread: FloatArray) -> Covariance:
    """The upper triangle of a (4, 4) covariance, row by row."""
    a, b, c, d, e, f, g, h, i, j = (float(value) for value in spread[np.triu_indices(4)])
    return (a, b, c, d, e, f, g, h, i, j)
