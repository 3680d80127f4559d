"""Does the pelvis stand before each descent as it did? Where it does not, its strap gave, or the lifter has slumped.

Nothing holds the pelvis in the chain, so no other sensor is its witness. A sensor that was seen to turn at once, and in
two reps running stands otherwise by just that turn, before the descent and after the drive alike, is taken to have
slipped; when the old posture is back after all, that was wrong, and is taken back. Who came to stand otherwise slowly
is never corrected: the lower back is not judged until the pelvis stands as before, since a fault that is silenced costs
more than one that is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import degrees
from statistics import fmean
from typing import Final

from edge.motion.mount import Mount
from edge.motion.placement import Slip
from edge.motion.since_first import FIRST_REPS, base, moved

ELSEWHERE_DEG: Final = 4.0
"""In two reps running; from rep to rep a pelvis comes back to within 1°."""
STILL_DEG: Final = 2.0
"""Within which it must stay before the descent: who shifts on the pad stands nowhere. Breathing rocks it by 1°."""
BACK_DEG: Final = 2.5
"""Nearer to a posture than this is that posture."""
AGREE: Final = 2
"""Reps running that must tell the same."""


class PelvisPosture:
    """Feed `slipped` when its sensor was seen to turn, and `rep` with what was seen before each descent.

    elsewhere: whether the pelvis, or its sensor, stands otherwise than it did, or may do so.
    """

    def __init__(self) -> None:
        self._seen: list[float] = []
        self._away = False
        self._pending: Slip | None = None
        self._turned: Slip | None = None
        self._before_deg = 0.0
        self._agreed = 0

    @property
    def elsewhere(self) -> bool:
        """See the class."""
        return self._away or self._pending is not None

    def new_set(self) -> None:
        """Racking the sled brings no strap back: a pelvis that stood otherwise is held against what it was."""
        if not self.elsewhere:
            self._seen.clear()

    def slipped(self, slip: Slip) -> None:
        """Its sensor has turned while the sled stood: a strap that gave, or the lifter, who may come back."""
        if self._away:
            return
        if self._pending is None:
            self._before_deg = fmean(self._seen[-FIRST_REPS:]) if self._seen else 0.0
        else:
            slip = _sum(self._pending, slip)
        self._pending, self._turned, self._agreed = slip, None, 0

    def rep(self, tilts_deg: Sequence[float], ends_deg: Sequence[float], mount: Mount) -> Slip | None:
        """One finished attempt: the tilts before its descent and at the end of its drive. A slip that has become
        certain, or is taken back.
        """
        if not tilts_deg or max(tilts_deg) - min(tilts_deg) > STILL_DEG:
            return None
        tilt = fmean(tilts_deg)
        if self._pending is not None:
            return self._decide(self._pending, (tilt, fmean(ends_deg or tilts_deg)), mount)
        if self._turned is not None and (back := self._taken_back(self._turned, tilt, mount)) is not None:
            return back
        self._watch(tilt)
        return None

    def _decide(self, slip: Slip, tilts: tuple[float, float], mount: Mount) -> Slip | None:
        """Whether the pelvis stands as the turn would have it, before and after the rep."""
        tilt, pitch_deg = tilts[0], _pitch_deg(slip, mount)
        off, end_off = (value - self._before_deg for value in tilts)
        if min(abs(off), abs(end_off)) < BACK_DEG or max(abs(off + pitch_deg), abs(end_off + pitch_deg)) > BACK_DEG:
            # Neither where it was nor where the turn alone would have it: then it is the lifter, until she is back.
            self._pending, self._away = None, abs(off) > BACK_DEG
            self._watch(tilt)
            return None
        self._agreed += 1
        if self._agreed < AGREE:
            return None
        self._seen.clear()
        self._pending, self._turned, self._agreed, self._away = None, slip, 0, False
        return slip

    def _taken_back(self, slip: Slip, tilt: float, mount: Mount) -> Slip | None:
        """Whether what is read since the mount was turned along is the old posture, misread by that turn."""
        back = abs(tilt - self._before_deg - _pitch_deg(slip, mount)) < BACK_DEG
        self._agreed = self._agreed + 1 if back else 0
        if self._agreed < AGREE:
            return None
        x, y, z = slip.turn_rad
        self._seen.clear()
        self._turned, self._agreed, self._away = None, 0, False
        return replace(slip, turn_rad=(-x, -y, -z), taken_back=True)

    def _watch(self, tilt: float) -> None:
        """Whether the last two reps agree that it stands otherwise; once it does, until it is back."""
        if self._away and abs(tilt - self._before_deg) > BACK_DEG:
            return
        self._away = False
        self._seen.append(tilt)
        if moved(self._seen, ELSEWHERE_DEG):
            self._away, self._before_deg = True, base(self._seen)


def _pitch_deg(slip: Slip, mount: Mount) -> float:
    """By how much a turn pitches the sensor: the tilt then reads less by so much."""
    return degrees(sum(turn * axis for turn, axis in zip(slip.turn_rad, mount.y, strict=True)))


def _sum(a: Slip, b: Slip) -> Slip:
    """Two turns, one after the other."""
    x, y, z = (p + q for p, q in zip(a.turn_rad, b.turn_rad, strict=True))
    return replace(b, turn_rad=(x, y, z))
