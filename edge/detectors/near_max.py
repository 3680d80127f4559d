"""How near the load is to the most that this lifter can press once; near it, the back's lines are stricter. Pure.

A pelvis that curls under a load that can hardly be moved is worse than the same curl in a warm-up. What "near" is must
be known, though: it is said (the lifter's one-rep maximum on this machine), or follows from this lifter's own drives at
three loads and more, two drives at each, in this session. Speed says something of the load only where every drive is as
fast as it can be; slow drives are what a careful lifter is asked for, so without the lifter's word for it speed is not
used at all. Curves of other people are not used either: published ones for leg presses contradict each other by half of
the maximum. Nor is a loss of speed within a set: it tells of tiredness, not of the load, and differs from day to day.
Where nothing is known, nothing is stricter, and the state says that it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from edge.events import Rep

Source = Literal["said", "speeds"]

SAME_LOAD = 0.05
"""Loads that differ by less are one: a footplate tells a load within some percent."""
DRIVES_MIN = 2
"""Drives at a load before its fastest counts: one alone may have been slow, or the plate may have told it wrong."""
LOADS_MIN = 3
"""Two points are always on a line; the third tells whether there is one."""
SPREAD_MIN = 1.3
"""Heaviest over lightest load: closer together, the speeds' scatter of some percent turns the line at will."""
FIT_MIN = 0.9
"""Share of the speeds' variance that the line explains. One lifter's drives give 0.95 and more (Conceição 2016: 0.96
over fifteen people on a leg press); less is a lifter who did not push every drive."""
LAST_M_S = 0.21
"""Mean speed of the drive that just succeeds on a leg press: 0.21, sd 0.06 m/s (Conceição 2016, PubMed 26395837), which
is 3.5 % of the maximum either way."""
REACH = 0.6
"""The heaviest load must be this much of the maximum that the line gives: estimates from light loads alone are off by
10 to 30 %."""


class NearMaxSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Near the lifter's maximum a tucking pelvis is called sooner. from_share and lines_times: at more than 80 % of it
    the lines are taken times 0.8, an engineering choice: a plain habit of 6° of tilt stays below them.
    """

    one_rep_max_kg: (
        Annotated[
            float,
            Meta(
                ge=1.0,
                le=2000.0,
                description="The most that this lifter can press once on this machine, sled included.",
                examples=[180.0],
            ),
        ]
        | None
    ) = None
    every_drive_fast: Annotated[
        bool,
        Meta(
            description="The lifter pushes every drive as fast as possible. Only then do the speeds at three loads and "
            "more, of two drives at each, tell the maximum where it is not said."
        ),
    ] = False
    from_share: Annotated[
        float, Meta(ge=0.5, le=1.0, description="Share of the maximum above which a load is near it.")
    ] = 0.8
    lines_times: Annotated[
        float, Meta(ge=0.5, le=1.0, description="What the lumbar fault's lines are multiplied by near the maximum.")
    ] = 0.8


@dataclass(frozen=True, slots=True)
class LoadShare:
    """The load as a share of the lifter's maximum, and where the maximum comes from."""

    share: float
    source: Source


class NearMax:
    """Feed `note` with every finished rep, `end_set` with every set, `begin` with every session, and `say`."""

    def __init__(self, settings: NearMaxSettings) -> None:
        self._settings = settings
        self._commanded_kg: float | None = None
        self.begin()

    def suit(self, settings: NearMaxSettings) -> None:
        """Another lifter's values; what was commanded in this session stays."""
        self._settings = settings

    def begin(self) -> None:
        """Another lifter may have come: what was seen is over."""
        self._drives: list[tuple[float, float]] = []
        self._found_kg: float | None = None
        self._set_kg: float | None = None

    def say(self, one_rep_max_kg: float | None) -> None:
        """The lifter's maximum, as commanded; None: as configured, if it is."""
        self._commanded_kg = one_rep_max_kg

    def end_set(self) -> None:
        """The load may change: what the plate told of it is over."""
        self._set_kg = None

    def note(self, rep: Rep) -> None:
        """A finished rep: what it was done with, and how fast its drive was."""
        self._set_kg = rep.load_kg
        if not rep.counted or rep.load_kg is None or rep.mean_concentric_m_s is None or rep.load_kg <= 0.0:
            return
        if self._settings.every_drive_fast:
            self._drives.append((rep.load_kg, rep.mean_concentric_m_s))
            found_kg = maximum_kg(fastest_drives(self._drives))
            self._found_kg = None if found_kg is None else max(found_kg, *(kg for kg, _ in self._drives))

    def nearness(self, said_load_kg: float | None) -> LoadShare | None:
        """The present load's; None where load or maximum is not known. said_load_kg: as configured or commanded, None
        where the plate has to tell, which it has after a set's first rep.
        """
        load_kg = self._set_kg if said_load_kg is None else said_load_kg
        if load_kg is None:
            return None
        said_kg = self._settings.one_rep_max_kg if self._commanded_kg is None else self._commanded_kg
        if said_kg is not None:
            return LoadShare(load_kg / said_kg, "said")
        return None if self._found_kg is None else LoadShare(load_kg / self._found_kg, "speeds")

    def lines_times(self, nearness: LoadShare | None) -> float:
        """What the back's lines are to be multiplied by: 1 unless the load is known to be near the maximum."""
        near = nearness is not None and nearness.share > self._settings.from_share
        return self._settings.lines_times if near else 1.0


def fastest_drives(drives: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The fastest drive (kg, m/s) at each load that was driven often enough, whatever order the drives came in.

    Drives are at one load where no gap of SAME_LOAD parts them: a load whose scatter is wide stays one.
    """
    loads: list[list[tuple[float, float]]] = []
    for drive in sorted(drives):
        if loads and drive[0] - loads[-1][-1][0] < SAME_LOAD * loads[-1][-1][0]:
            loads[-1].append(drive)
        else:
            loads.append([drive])
    return [max(load, key=itemgetter(1)) for load in loads if len(load) >= DRIVES_MIN]


def maximum_kg(fastest: Sequence[tuple[float, float]]) -> float | None:
    """The load at which a lifter's line of speeds over loads comes down to LAST_M_S; None where there is no such line.

    fastest: (kg, m/s), the fastest drive at each load. What was moved can be moved: never less than the heaviest.
    """
    if len(fastest) < LOADS_MIN:
        return None
    kg, speed = np.array(fastest, dtype=np.float64).T
    if kg.max() < SPREAD_MIN * kg.min():
        return None
    slope, at_zero = np.polyfit(kg, speed, 1)
    fit = float(np.corrcoef(kg, speed)[0, 1]) ** 2 if np.ptp(speed) > 0.0 else 0.0
    if slope >= 0.0 or fit < FIT_MIN:
        return None
    found_kg = max(float((LAST_M_S - at_zero) / slope), float(kg.max()))
    return found_kg if kg.max() >= REACH * found_kg else None
