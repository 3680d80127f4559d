"""A stroke once more after it has ended, with all that was seen of it: what it was, and what it teaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.events import Side
from edge.motion.chain import BY_PUSH, BY_SENSOR
from edge.motion.feet import Feet
from edge.motion.hips import hips_m
from edge.motion.learning import Learning
from edge.motion.leg import SIDES, Leg
from edge.motion.pad import Pad
from edge.motion.pelvis import Pelvis
from edge.motion.phases import Stroke
from edge.motion.push import pushed
from edge.motion.series import GRID_S, columns, mean_known
from edge.motion.sled import SledMotion
from edge.motion.sled_front import SledFront, knee_slides
from edge.motion.stroke import WATCHED, Path, Window, press_path, press_span, retrace
from edge.samples import FloatArray

HELD_TILT_DEG: Final = 5.0
"""A pelvis that tilts by more slides the hip by centimetres: such a stroke teaches nothing of the legs' chain."""
HELD_HEEL: Final = 0.5
"""Below this share of its flat share a heel is lifting, and the ankle with it."""
FELT: Final = 0.95
"""Share of a stroke in which the sled's own sensor must have been heard for its path to teach anything."""
MOSTLY: Final = 0.5
"""Share of an attempt beyond which the sled's sensor alone teaches, of the stroke that it felt whole: it is better."""
APART: Final = 0.2
"""What the knees may tell otherwise than the push: no leg is so far from the tables that a knee tells a sixth more or
less, but a rail that is 10° flatter than said shortens the push's way by a quarter."""
BEFORE_STROKE: Final = 60
"""Grid steps (0.6 s) from before the stroke that are looked at: the stay at the top, where the sled's speed is nil."""


@dataclass(frozen=True, slots=True)
class RepMotion:
    """A finished attempt: its stroke, its path, knees (side -> (N, 5) KneeState rows, NaN where unknown) and plate
    forces (N,) N, left (N,) N over the path's entries, and the entries of the four instants.
    """

    stroke: Stroke
    path: Path
    start_s: float
    bottom_s: float
    drive_s: float
    top_s: float
    knees: dict[Side, FloatArray]
    force_n: FloatArray
    left_n: FloatArray


class LookBack:
    """Ask `press` after the first press, `descent` as each drive begins, `stroke` after each attempt: they teach
    `learning` what they show.
    """

    def __init__(self, legs: dict[Side, Leg], sled: SledMotion, front: SledFront, feet: Feet, pelvis: Pelvis) -> None:
        self._legs, self._sled, self._front, self._feet, self._pelvis = legs, sled, front, feet, pelvis
        self.learning = Learning(legs)
        self._pad = Pad()

    def press(self, begin: int, end: int, sides: Sequence[Side]) -> None:
        """The press out of the rack is the first stroke: it holds no lowering, and usually no fault. sides: the legs it
        is the first of; to another one a later drive was a stroke already.
        """
        unseen = np.full((end - begin, 5), np.nan)
        knees = {side: rows if side in sides else unseen for side, rows in self._knees(begin, end).items()}
        turning = _mean_turning([kn[:, 1] for kn in knees.values()])
        if not np.isfinite(turning).any():
            return
        span = press_span(np.nan_to_num(turning))
        window = self._press_window(begin, end, span)
        felt = bool(np.isfinite(window.acc_m_s2[: window.top]).mean() > FELT)
        clean = self._clean(begin, span)
        seen = {side: rows[span[0] :] for side, rows in knees.items()}
        path = _from_hips(press_path(window), self._hips(window.begin, window.acc_m_s2))
        self.learning.take(seen, path, (0, window.top), clean=clean, trust=BY_SENSOR if felt else None)
        self.learning.show({side: rows[: window.top + 1] for side, rows in seen.items()})

    def descent(self, begin: int, end: int) -> None:
        """A way down has ended: where the knees were on it is neutral to the drive that follows."""
        self.learning.show(self._knees(begin, end))

    def stroke(self, stroke: Stroke, k: int) -> RepMotion:
        """An attempt that was found to have ended at grid instant k."""
        begin, end = stroke.start - BEFORE_STROKE, k + 1
        knees = self._knees(begin, end)
        plates = [self._feet.plates.at(i) for i in range(begin, end)]
        force_n = np.array([np.nan if p is None else p.force_n for p in plates])
        live = np.array([0.0 if s is None else s[1] for s in self._sled.states.span(begin, end)])
        rough = (stroke.start - begin, stroke.drive - begin, stroke.top - begin)
        acc = self._acc(begin, end)
        felt = Window(begin, acc, *self._knee_speed(begin, self._hips(begin, acc)), live, *rough)
        push = self._pushed(felt, force_n)
        # What is told goes by all that is known of the legs; what teaches must not lean on it.
        window = felt if push is None or _heard(felt) > MOSTLY else push
        lesson = retrace(window)
        seen = _from_hips(lesson, self._hips(begin, window.acc_m_s2))
        self._pad.learn(window, lesson)
        path = lesson if push is None else retrace(replace(push, knee_scale_sd=self.learning.way_sd))
        whole = any(np.isfinite(rows[:, 0]).mean() > WATCHED for rows in knees.values())
        path = replace(path, sure=path.sure and whole)
        self._teach(window, seen, knees)
        a, b, c = path.dead
        self.learning.show({side: rows[b : c + 1] for side, rows in knees.items()})
        return RepMotion(
            stroke,
            path,
            path.crossing_s(a, b, last=False, rising=True),
            path.crossing_s(a, b, last=True, rising=False),
            path.crossing_s(b, c, last=False, rising=True),
            path.crossing_s(b, c, last=True, rising=False),
            knees,
            force_n,
            np.array([np.nan if p is None else p.left_n for p in plates]),
        )

    def _teach(self, window: Window, seen: Path, knees: dict[Side, FloatArray]) -> None:
        """What an attempt's way down and its way up show of the legs. seen: its path from the hips."""
        by, (a, b, c) = BY_SENSOR if window.friction_side is None else BY_PUSH, seen.dead
        for span in ((a, b), (b, c)):
            felt = bool(np.isfinite(window.acc_m_s2[span[0] : span[1]]).mean() > FELT)
            clean = self._clean(window.begin, span)
            self.learning.take(knees, seen, span, clean=clean, trust=by if felt else None)

    def _pushed(self, felt: Window, force_n: FloatArray) -> Window | None:
        """An attempt that the sled's sensor did not feel throughout, as the footplate did; None where it was felt, or
        the footplate does not tell it.
        """
        if _heard(felt) > FELT:
            return None
        attempt = slice(felt.start, felt.top + 1)
        push = pushed(force_n, self._feet.resting_n, felt.knee_m_s, attempt, self._feet.moved)
        if push is None:
            return None
        further = self._hips(felt.begin, push.acc_m_s2) - self._hips(felt.begin, felt.acc_m_s2)
        knee_m_s = felt.knee_m_s + np.gradient(further, GRID_S)
        window = replace(felt, acc_m_s2=push.acc_m_s2, knee_m_s=knee_m_s, friction_side=push.friction_side)
        return window if _agree(window, retrace(window)) else None

    def _press_window(self, begin: int, end: int, span: tuple[int, int]) -> Window:
        """The press from after the rack's bang to the end of the stay that follows."""
        begin, top = begin + span[0], span[1] - span[0]
        acc = self._acc(begin, end)
        speed, apart = self._knee_speed(begin, self._hips(begin, acc))
        return Window(begin, acc, speed, apart, np.zeros(len(acc)), 0, top // 2, top)

    def _knees(self, begin: int, end: int) -> dict[Side, FloatArray]:
        return {side: columns(leg.knees.span(begin, end), 5) for side, leg in self._legs.items()}

    def _acc(self, begin: int, end: int) -> FloatArray:
        """(N,) m/s² along the rail, NaN where not felt. Against one level all along: the live one follows whatever is
        felt at rest, and a sled that turns round slowly is slow enough for that.
        """
        felt = [self._front.felt_m_s2(k) for k in range(begin, end)]
        return np.array([np.nan if f is None else f for f in felt]) - self._sled.level_m_s2

    def _hips(self, begin: int, acc: FloatArray) -> FloatArray:
        """(N,) how far the hips are towards the sled, m; acc: the sled's acceleration (N,) from grid index begin on."""
        tilts = columns(self._pelvis.tilts.span(begin, begin + len(acc)), 2)[:, 0]
        return hips_m(tilts) + self._pad.hips_m(acc)

    def _knee_speed(self, begin: int, hips: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) the sled's speed by the mean of the knees and by the hips, m/s, NaN where neither knee was seen; and how
        far each knee is off. hips: (N,) where they are, m.
        """
        ends = range(begin, begin + len(hips))
        told = [[s.speed_m_s for s in knee_slides(self._legs, k, alone=True)] for k in ends]
        mean = np.array([sum(t) / len(t) if t else np.nan for t in told])
        return mean + np.gradient(hips, GRID_S), np.array([0.5 * abs(t[0] - t[-1]) if t else 0.0 for t in told])

    def _clean(self, begin: int, span: tuple[int, int]) -> bool:
        """Whether hip and ankle were held through a stroke: the pelvis on the pad, the heels down."""
        first, last = begin + span[0], begin + span[1] + 1
        tilts = [t[0] for t in self._pelvis.tilts.span(first, last) if t is not None]
        heels = [h for side in SIDES for h in self._feet.heels[side].span(first, last) if h is not None]
        return max(tilts, default=0.0) < HELD_TILT_DEG and min(heels, default=1.0) > HELD_HEEL


def _heard(window: Window) -> float:
    """Share of an attempt in which the sled's sensor was heard."""
    return float(np.isfinite(window.acc_m_s2[window.start : window.top + 1]).mean())


def _agree(window: Window, path: Path) -> bool:
    """Whether the knees tell of about as fast a sled as the path, where it is fast; by the middle of what they tell, as
    a knock shakes straps for a moment.
    """
    fast = np.abs(path.speed_m_s) > 0.5 * np.abs(path.speed_m_s).max()
    told = window.knee_m_s[fast] / path.speed_m_s[fast]
    return bool(abs(float(np.nanmedian(told)) - 1.0) < APART)


def _from_hips(path: Path, hips: FloatArray) -> Path:
    """The sled's path as seen from the hips, which is all that a leg's length tells of; hips: (N,) m."""
    return replace(path, place_m=path.place_m - hips)


def _mean_turning(rates: list[FloatArray]) -> FloatArray:
    """|Mean rate| of the knees (N,) deg/s, NaN where neither is known."""
    return np.abs(mean_known(np.array(rates)))
