"""Are the sensors where their names say? Nodes look alike, and are strapped on in a hurry.

How far gravity has turned in a sensor between standing and the seat tells its segment for certain: the thigh turns by
140 to 180°, the shank by 50 to 120°, the pelvis by 20 to 70° and less than both shanks. Left and right bend alike on a
machine, but not while walking there: the thigh and the shank of one leg swing together, those of two legs against each
other. Which of two pairs was exchanged between the legs does not show, nor does a whole leg's pair. What is mounted on
the sled does not turn when the lifter walks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import asin, degrees, hypot

import numpy as np

from edge.motion.series import GRID_S
from edge.motion.track import ImuTrack
from edge.samples import FloatArray, Role

Pair = tuple[Role, Role]
LEGS: tuple[Pair, Pair] = (("left_thigh", "left_shank"), ("right_thigh", "right_shank"))

THIGH_DEG, SHANK_DEG, PELVIS_DEG = (120.0, 181.0), (35.0, 125.0), (10.0, 80.0)
"""From standing to the seat, in 99 simulated sessions on machines from flat to steep and in 16 recordings 140 to 179,
53 to 116 and 22 to 70°; crooked straps and odd seats make up the rest.
"""
THIGH_OVER_SHANK_DEG = 20.0
"""The knee is bent by 64° and more on the seat; with crooked straps, gravity's turns differ by 47° at least."""
SHANK_OVER_PELVIS_DEG = 6.0
"""A shank turned by 17° more than the pelvis at least."""
SWINGS_RAD_S = 0.5
"""A thigh that swings in a stride is by 1 rad/s and more faster than the other one at its height."""
SWINGS_S = 1.0
"""About two strides with so fast a swing are enough to tell."""
AGAINST = -0.3
"""Correlation of what thighs and shanks of the two sides differ by, when they are paired wrongly: −0.4 and less, paired
rightly 0.38 and more."""
SMOOTH = 9
"""Grid steps (90 ms): heel strikes shake a strap for less."""
LOOK = 10
"""Grid steps (0.1 s) between looks at who turns."""
TURNS_RAD_S = 0.6
"""34°/s: walking legs and hips turn faster for much of the time, a sled never does."""
TURNED_S = 1.0
"""So long a sled's sensor turns when it is worn on the walk; the one that sits on the sled instead does not once."""
WALK_S = 20.0
"""After the pose; a walk to the machine lasts 3 to 5 s, and whoever strolls about may handle the sled's sensor."""
RAIL_OFF_DEG = 12.0
"""A sensor on the sled feels the rail's slope along its x, within links, bias and how well the rail was measured. On
rails steeper than this, one that lies on a bench does not.
"""


def mixed_up_at_seat(turned_deg: Mapping[Role, float]) -> tuple[Pair, ...] | None:
    """Which worn sensors were exchanged. turned_deg: by how much gravity turned in each from standing to where the
    lifter sits; () where each is what it is called, None where neither that nor anything else is certain.
    """
    if _plausible(turned_deg):
        return ()
    both: list[tuple[Pair, ...]] = [LEGS] if {role for pair in LEGS for role in pair} <= turned_deg.keys() else []
    singles: list[tuple[Pair, ...]] = [(pair,) for pair in combinations(sorted(turned_deg), 2)]
    fits = [pairs for pairs in (*both, *singles) if _plausible(_exchanged(turned_deg, pairs))]
    return fits[0] if len(fits) == 1 and _certain(fits[0], turned_deg) else None


def _exchanged(turned_deg: Mapping[Role, float], pairs: Sequence[Pair]) -> dict[Role, float]:
    out = dict(turned_deg)
    for a, b in pairs:
        out[a], out[b] = out[b], out[a]
    return out


def _certain(pairs: Sequence[Pair], turned_deg: Mapping[Role, float]) -> bool:
    """A lone shank lies too near the pelvis to be told from it."""
    shanks = [role for role in turned_deg if role.endswith("shank")]
    return len(shanks) == 2 or not any("pelvis" in pair and set(pair) & set(shanks) for pair in pairs)


def _plausible(turned_deg: Mapping[Role, float]) -> bool:
    thighs = {r.partition("_")[0]: deg for r, deg in turned_deg.items() if r.endswith("thigh")}
    shanks = {r.partition("_")[0]: deg for r, deg in turned_deg.items() if r.endswith("shank")}
    pelvis = turned_deg.get("pelvis")
    return (
        all(THIGH_DEG[0] < deg < THIGH_DEG[1] for deg in thighs.values())
        and all(SHANK_DEG[0] < deg < SHANK_DEG[1] for deg in shanks.values())
        and all(thighs[side] > shanks[side] + THIGH_OVER_SHANK_DEG for side in thighs.keys() & shanks.keys())
        and (pelvis is None or PELVIS_DEG[0] < pelvis < PELVIS_DEG[1])
        and (pelvis is None or pelvis + SHANK_OVER_PELVIS_DEG < min(shanks.values(), default=180.0))
    )


def on_wrong_legs(pitch_rad_s: Mapping[Role, FloatArray]) -> bool:
    """Whether a left and a right sensor were exchanged. pitch_rad_s: (N,) each segment's rate about its flexion axis in
    the walk to the machine, NaN where unknown.
    """
    if not {"left_thigh", "right_thigh", "left_shank", "right_shank"} <= pitch_rad_s.keys():
        return False
    thighs = _smooth(pitch_rad_s["left_thigh"] - pitch_rad_s["right_thigh"])
    shanks = _smooth(pitch_rad_s["left_shank"] - pitch_rad_s["right_shank"])
    seen = np.isfinite(thighs) & np.isfinite(shanks)
    a, b = thighs[seen], shanks[seen]
    if float((np.abs(a) > SWINGS_RAD_S).sum()) * GRID_S < SWINGS_S:
        return False
    return float(a @ b) < AGAINST * float(np.sqrt((a @ a) * (b @ b)))


def _smooth(rates: FloatArray) -> FloatArray:
    """(N,) mean over SMOOTH entries; NaN beside a hole."""
    if len(rates) < SMOOTH:
        return rates
    smooth: FloatArray = np.convolve(rates, np.full(SMOOTH, 1.0 / SMOOTH), "same")
    return smooth


class SledWorn:
    """Feed `step` at every grid instant; the role of the sensor that sits on the sled while the sled's own is worn,
    None as long as there is none for certain: only who has stood still with it and then walks shows that.
    """

    def __init__(self, rail_deg: float) -> None:
        self._rail_deg = rail_deg
        self._turned_s: dict[Role, float] = {}
        self._stood: int | None = None

    def step(self, k: int, tracks: Mapping[Role, ImuTrack], live: Sequence[Role]) -> Role | None:
        """tracks: all IMUs; live: the worn ones that are heard."""
        if k % LOOK:
            return None
        if _stands(tracks["sled"]) and sum(_stands(tracks[role]) for role in live) >= max(2, len(live) - 1):
            self._stood, self._turned_s = k, {}
        if self._stood is None or (k - self._stood) * GRID_S > WALK_S:
            return None
        for role in (*live, "sled"):
            self._turned_s[role] = self._turned_s.get(role, 0.0) + LOOK * GRID_S * _turns(tracks[role])
        if self._turned_s["sled"] < TURNED_S:
            return None
        still = [role for role in live if not self._turned_s[role]]
        turned = [role for role in live if self._turned_s[role] > 0.5 * TURNED_S]
        found = len(still) == 1 and len(turned) >= 2 and self._on_rail(tracks[still[0]])
        return still[0] if found else None

    def _on_rail(self, track: ImuTrack) -> bool:
        """Whether a sensor that does not move lies as the sled's should."""
        state = track.states.last()
        if state is None:
            return False
        slope_deg = degrees(asin(min(abs(state[6]) / max(hypot(*state[6:9]), 1e-9), 1.0)))
        return abs(slope_deg - self._rail_deg) < RAIL_OFF_DEG


def _turns(track: ImuTrack) -> bool:
    state = track.states.last()
    return state is not None and max(abs(state[3]), abs(state[4]), abs(state[5])) > TURNS_RAD_S


def _stands(track: ImuTrack) -> bool:
    mean = track.rest.mean()
    return mean is not None and mean.stands
