"""Repetitions by the legs alone: squats, or whatever bends and stretches the knee, where no machine tells.

A thigh that goes down turns about its own axis and comes back, however its sensor is worn; the shank, which turns
against it, tells a squat from a stride. No pose, no mount and no gravity is asked for, since cheap accelerometers feel
13 m/s² at rest. How far a repetition must go is learned from those before it, and the first small ones are held back
until another like them shows that they were meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from edge.events import Phase, Side
from edge.motion.gate import Gate
from edge.motion.one_swing import MARK, MOVING_DEG_S, STOOD, OneSwing
from edge.motion.series import GRID_S
from edge.motion.swing import Swing
from edge.motion.track import ImuTrack
from edge.samples import FloatArray, Role

LOOK = 5
"""Marks (0.1 s) between looks for a repetition."""
LEAST_MARKS = 10
"""Marks (0.2 s) below which there is nothing to look at."""
KEEP = 1500
"""Marks (30 s) looked back upon for the beginning of a repetition."""
LEAST_DEG = {"leg": 22.0, "thigh": 25.0, "shank": 10.0}
"""The smallest swing of the thigh, or of a shank alone, that may be a repetition: a shallow squat turns the thigh by
35°, unracking a bar or a change of weight by 15°. A thigh without its shank can hardly be told from one that walks.
"""
SURE_DEG = {"leg": 50.0, "thigh": 60.0, "shank": 90.0}
"""A swing that is told at once, even as the first; no shank leans so far."""
MOST_SHANK_DEG = 55.0
"""No shank leans further with its heel down; one that does belongs to a leg that walks."""
ORIENTS = 0.8
"""Share of the least swing that says which way is down: the first way that a segment goes, from standing."""
ORIENT_DRIFT_DEG_S = 3.5
"""What goes slower is a gyro whose bias is not known yet."""
ALIKE = 0.55
"""Share of the median swing from which a swing counts as another of the same."""
SHORTEST_S = 0.7
"""From stretched to stretched: nobody squats faster, but a stamping foot does."""
STRIDE_S = 1.6
"""A thigh without its shank that swings for less, and not far, may walk: a stride takes 0.9 to 1.4 s."""
LONGEST_BOTTOM_S = 15.0
"""Who stays down for so long has sat down."""
TOGETHER = 0.6
"""Least correlation of thigh and shank in a squat (0.9 and more); a walking leg's shank lags behind its thigh."""
SHANK_TELLS_DEG = 12.0
"""A shank that turns by less is too quiet to say whether the leg walks."""
STRIDE = 0.85
"""A walking leg's shank turns by as much as its thigh or half as much again, a squatting one's by 0.2 to 0.7 of it."""
SQUATTING = (0.15, 0.6)
"""Of its thigh's turn, a shank's in a squat; in the last step of a walk it turns as far as its thigh."""
OTHER_LEG = 0.4
"""The other thigh's share of the swing at least; in walking and stepping it swings the other way."""
SET_ENDS_S = 20.0
"""So long without a repetition, the set is over."""
STANDS, STANDS_DEG = 50, 4.0
"""Marks (1 s) without movement after a small swing: that was the last step of a walk, and now the lifter stands."""
STEP_S = 0.8
"""A step swings the thigh within half a second, a shallow squat lowers it over one or two."""
UNSEEN = 25
"""Grid steps (0.25 s) without samples after which what was under way was not seen."""


@dataclass(frozen=True, slots=True)
class FreeRep:
    """One repetition: grid indices where it leaves the stretched knee, arrives at and leaves the bottom, and is back;
    swing_deg: of the segment it was seen by; side: the leg's; knee_deg: by how much the knee bent, where that was seen.
    """

    set: int
    rep: int
    start: int
    bottom: int
    drive: int
    top: int
    swing_deg: float
    side: Side
    knee_deg: float | None


class FreeReps:
    """Feed `step` at every grid instant with the leg sensors that are live; the repetitions that became certain."""

    def __init__(self, tracks: Mapping[Role, ImuTrack]) -> None:
        self._tracks = tracks
        self.set = 0
        self.rep = 0
        self.phase: Phase = "rest"
        self._k: int | None = None
        self._last_top = 0
        self._attempts = 0
        self._begin([])

    @property
    def in_set(self) -> bool:
        """Whether repetitions are being done."""
        return self.phase != "rest"

    def gate(self) -> Gate:
        """What the lifter is doing, in the terms of a machine; no fault is judged."""
        moving = self.phase in ("eccentric", "bottom", "concentric")
        return Gate(self.phase, self.set, self.rep + moving, self._attempts + moving, judged=False, since_top_s=0.0)

    def step(self, now: int, live: list[Role]) -> list[FreeRep]:
        """Advance as far as the sensors have come, at most to grid index `now`."""
        roles = _chosen(live)
        told: list[FreeRep] = []
        if set(roles) != set(self._swings):
            told += self.end()
            self._begin(roles)
        if not roles:
            return told
        front = min(*(s.end for s in self._swings.values()), now)
        if self._k is None or front - self._k > UNSEEN * 4:
            self._k = front
        while self._k < front:
            told += self._one(self._k)
            self._k += 1
        return told

    def end(self) -> list[FreeRep]:
        """Nothing more is going to be seen: a repetition that was as good as done is one."""
        return self._look(ended=True)

    def stop(self) -> None:
        """The set is over, and what was under way is none."""
        self.phase = "rest"
        self._swing_degs: list[float] = []
        self._held: list[FreeRep] = []
        self._oriented = self._stood = self._walked = False

    def _begin(self, roles: list[Role]) -> None:
        """Look with these sensors from now on."""
        self._swings = {role: Swing(self._tracks[role]) for role in roles}
        self._main = [r for r in roles if r.partition("_")[0] == roles[0].partition("_")[0]] if roles else []
        self._kind = "leg" if len(self._main) == 2 else (self._main[0].partition("_")[2] if self._main else "leg")
        self._marks: list[int] = []
        self._unseen = 0
        self.stop()
        self._stood = True

    def _one(self, k: int) -> list[FreeRep]:
        seen = [swing.step(k) for swing in self._swings.values()]
        self._unseen = 0 if all(seen) else self._unseen + 1
        if self._unseen == UNSEEN:
            told = self.end()
            self._forget_before(len(self._marks) - 1, learn=False)
            return told
        if k % MARK:
            return []
        self._marks.append(k)
        for swing in self._swings.values():
            swing.mark()
        if len(self._marks) > KEEP:
            self._forget_before(len(self._marks) - KEEP // 2, learn=False)
        if self.in_set and (k - self._last_top) * GRID_S > SET_ENDS_S:
            self.stop()
        return [] if (k // MARK) % LOOK else self._look()

    def _look(self, *, ended: bool = False) -> list[FreeRep]:
        """Is there a whole swing in what was kept? ended: no more of it is going to be seen."""
        if len(self._marks) < LEAST_MARKS:
            return []
        angles = {role: np.degrees(swing.angles()) for role, swing in self._swings.items()}
        way = self._flexion(angles)
        if not self._stood:
            return self._wait(way)
        found = OneSwing(way, self._due(), ended=ended)
        self._tell_phase(found, way)
        if found.bottom is None:
            return []
        if not found.home:
            self._give_up(angles, way, found)
            return []
        self._oriented = True
        rep = self._rep(angles, found) if self._meant(angles, found) else None
        if rep is not None:
            for swing in self._swings.values():
                swing.close(found.start, found.top, (rep.top - rep.start) * GRID_S)
        self._forget_before(found.top, learn=rep is not None)
        if rep is None and not self.in_set:
            self._stood, self._walked = False, True
        return self._take(rep) if rep else []

    def _give_up(self, angles: Mapping[Role, FloatArray], way: FloatArray, found: OneSwing) -> None:
        """What goes down and stays there is no repetition."""
        assert found.bottom is not None  # noqa: S101 - seen by the caller
        sat = (self._marks[-1] - self._marks[found.bottom]) * GRID_S > LONGEST_BOTTOM_S
        step = (found.bottom_from - found.start) * MARK * GRID_S < STEP_S
        small = self._walked and step and not self.in_set and found.swing_deg < SURE_DEG[self._kind]
        rests = len(way) > STANDS and float(np.ptp(way[-STANDS:])) < STANDS_DEG
        stands = small and rests and not self._squats(angles, found)
        if sat or stands:
            self._forget_before(len(self._marks) - 1, learn=False)
            self.stop()
            self._stood = self._walked = stands

    def _squats(self, angles: Mapping[Role, FloatArray], found: OneSwing) -> bool:
        """Whether the shank says that what went down is a squat: it turned less than the thigh by far, but turned."""
        assert found.bottom is not None  # noqa: S101 - seen by the caller
        if len(self._main) < 2:
            return False
        thigh, shank = (float(np.ptp(angles[role][found.start : found.bottom + 1])) for role in self._main)
        return SQUATTING[0] * thigh < shank < SQUATTING[1] * thigh

    def _wait(self, way: FloatArray) -> list[FreeRep]:
        """People stand, be it for a moment, before they squat: what comes before that is a walk."""
        paused = _pause(way)
        self._oriented = False
        if paused is not None:
            self._forget_before(paused, learn=False)
            self._stood = True
        return []

    def _flexion(self, angles: Mapping[Role, FloatArray]) -> FloatArray:
        """(N,) deg from the first mark: the thigh's turn, or a lone shank's, so that going down counts up."""
        way = angles[self._main[0]]
        away: FloatArray = way - way[0]
        if not self._oriented:
            first = _first_way(way, ORIENTS * LEAST_DEG[self._kind])
            if first < 0:
                self._swings[self._main[0]].turn_round()
            return first * away
        return away

    def _due(self) -> float:
        """The least swing that is looked at."""
        return ALIKE * median(self._swing_degs) if self._swing_degs else LEAST_DEG[self._kind]

    def _meant(self, angles: Mapping[Role, FloatArray], found: OneSwing) -> bool:
        """Whether this swing may be a repetition, and not a stride."""
        lasts_s = (found.top - found.start) * MARK * GRID_S
        if lasts_s < SHORTEST_S:
            return False
        if self._kind == "thigh" and lasts_s < STRIDE_S and found.swing_deg < SURE_DEG["thigh"]:
            return False
        ways = {role: _closed(angle[found.start : found.top + 1]) for role, angle in angles.items()}
        sizes = {role: float(np.ptp(way)) for role, way in ways.items()}
        first = self._main[0]
        if self._kind == "shank":
            return sizes[first] <= MOST_SHANK_DEG
        if len(self._main) == 2 and sizes[self._main[1]] > SHANK_TELLS_DEG:
            shank = self._main[1]
            if sizes[shank] > STRIDE * sizes[first] or abs(_together(ways[first], ways[shank])) < TOGETHER:
                return False
        others = [role for role in angles if role not in self._main and role.endswith("thigh")]
        return all(sizes[role] >= OTHER_LEG * sizes[first] for role in others)

    def _rep(self, angles: Mapping[Role, FloatArray], found: OneSwing) -> FreeRep:
        at = (found.start, found.bottom_from, found.bottom_to, found.top)
        start, bottom, drive, top = (self._marks[i] for i in at)
        side: Side = "left" if self._main[0].startswith("left") else "right"
        turns = [float(np.ptp(_closed(angles[role][found.start : found.top + 1]))) for role in self._main]
        knee_deg = sum(turns) if self._kind == "leg" else None
        return FreeRep(self.set, 0, start, bottom, drive, top, found.swing_deg, side, knee_deg)

    def _take(self, rep: FreeRep) -> list[FreeRep]:
        """Tell it, with those held back that are like it, or hold it back."""
        alike = [h for h in self._held if ALIKE <= h.swing_deg / rep.swing_deg <= 1.0 / ALIKE]
        if not self.in_set and not alike and rep.swing_deg < SURE_DEG[self._kind]:
            self._held = [rep]
            return []
        if not self.in_set:
            self.set, self.rep = self.set + 1, 0
        self._held = []
        told = []
        for one in (*alike, rep):
            self.rep += 1
            self._attempts += 1
            self._swing_degs.append(one.swing_deg)
            told.append(replace(one, set=self.set, rep=self.rep))
        self.phase, self._last_top = "top", rep.top
        return told

    def _tell_phase(self, found: OneSwing, way: FloatArray) -> None:
        if not self.in_set:
            return
        if found.bottom is None:
            self.phase = "top"
            return
        speed = (way[-1] - way[-6]) / (5 * MARK * GRID_S)
        self.phase = "bottom" if abs(speed) < MOVING_DEG_S else "eccentric" if speed > 0.0 else "concentric"

    def _forget_before(self, begin: int, *, learn: bool) -> None:
        if begin <= 0:
            return
        del self._marks[:begin]
        for swing in self._swings.values():
            swing.keep(begin, learn=learn)


def _chosen(live: list[Role]) -> list[Role]:
    """The sensors to look with: a whole leg first, the other thigh as a witness; else whatever there is of a leg."""
    legs: dict[Side, list[Role]] = {
        "left": [r for r in ("left_thigh", "left_shank") if r in live],
        "right": [r for r in ("right_thigh", "right_shank") if r in live],
    }
    main = max(legs.values(), key=lambda roles: (len(roles), any(r.endswith("thigh") for r in roles)))
    others = [r for roles in legs.values() if roles is not main for r in roles if r.endswith("thigh")]
    return [*main, *others]


def _first_way(way: FloatArray, far_deg: float) -> int:
    """Which way (N,) deg first goes by so much, faster than drift: 1, −1, or 0 where it does not."""
    gone = 0.0
    drift = ORIENT_DRIFT_DEG_S * MARK * GRID_S
    for change in np.diff(way).tolist():
        gone += change
        gone = max(gone - drift, 0.0) if gone > 0.0 else min(gone + drift, 0.0)
        if abs(gone) > far_deg:
            return 1 if gone > 0.0 else -1
    return 0


def _pause(way: FloatArray) -> int | None:
    """The mark of way (N,) deg at which the knee has first paused."""
    slow_for = 0
    for i, change in enumerate(np.abs(np.diff(way)).tolist()):
        slow_for = slow_for + 1 if change < MOVING_DEG_S * MARK * GRID_S else 0
        if slow_for >= STOOD:
            return i
    return None


def _closed(way: FloatArray) -> FloatArray:
    """A way (N,) that ends where it began: what it was off by at its end is the gyro's drift."""
    return way - np.linspace(way[0], way[-1], len(way))


def _together(a: FloatArray, b: FloatArray) -> float:
    """Correlation of two ways (N,)."""
    x, y = a - a.mean(), b - b.mean()
    return float(x @ y) / max(float(np.sqrt((x @ x) * (y @ y))), 1e-12)
