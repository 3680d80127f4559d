"""Has a strap crept? One that gives slowly is never seen to turn; from rep to rep its sensor stands otherwise.

Every descent shows the same leg in the same chain: hip and ankle hold the line between them, so thigh and shank lean
about it as before; and left and right bend alike. A thigh's sensor that has crept by c shows c/2 in the leaning of its
leg and c less of the knee, a shank's c/2 and c more: both must agree, and in two reps running, since a foot put
elsewhere leans the leg alone, and a listing pelvis bends the knees unequally alone.
The pelvis has no such witness: `pelvis_posture.py` tells what can be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import asin, degrees, radians, sin
from statistics import fmean

from edge.events import Side
from edge.motion.leg import LEG_ROLES, SIDES, Leg
from edge.motion.mount import Mount, Vec, line_gain
from edge.motion.pelvis import Pelvis
from edge.motion.pelvis_posture import PelvisPosture
from edge.motion.phases import Stroke
from edge.motion.placement import Slip
from edge.motion.series import GRID_S
from edge.motion.since_first import moved, off
from edge.samples import Role

CREPT_DEG = 4.0
"""In two reps running. From rep to rep the legs' planes come back to within 2.5°."""
LEANS = (0.25, 0.85)
"""Of what the knee shows, the leg's leaning must show about half; 0.25 of 4° is still thrice what a leg leans anew."""
OTHER_LEANS_DEG = 1.5
"""The other leg must not lean anew: then it is the lifter who sits otherwise."""
BENT_DEG = (25.0, 95.0)
"""Flexions looked at: nearer to straight a leg has no plane, further down heels and pelvis may give."""
EVERY, LEAST = 5, 8
"""Grid steps (50 ms) between the instants looked at, and how many a descent must have."""
SEEN = 0.9
"""Share of the instants at which a leg must have been seen."""
BEFORE = 30
"""Grid steps (0.3 s) before the descent in which the pelvis is looked at."""
ENDS = 10
"""Grid steps (0.1 s) at the end of the drive in which it is looked at again."""


@dataclass(frozen=True, slots=True)
class LegPose:
    """Means over a descent. pitch_deg: of thigh and shank; flexion_deg: raw; plane_deg: the turn of the leg's plane;
    up_z: gravity's share along the thigh.
    """

    pitch_deg: float
    flexion_deg: float
    plane_deg: float
    up_z: float


class Creep:
    """Feed `rep` with every finished attempt; the sensors that have crept since the set's first reps.

    posture: the pelvis's.
    """

    def __init__(self, legs: Mapping[Side, Leg], pelvis: Pelvis) -> None:
        self._legs, self._pelvis = legs, pelvis
        self._set = 0
        self._seen: dict[str, list[float]] = {}
        self.posture = PelvisPosture()

    def slipped(self, slip: Slip) -> bool:
        """A sensor was seen to turn on its segment; whether that is certain, so that its mount turns along."""
        if slip.role == "pelvis":
            self.posture.slipped(slip)
            return False
        self.forget(slip.role)
        return True

    def forget(self, role: Role) -> None:
        """A leg's sensor is known to have moved: what is said of it, or with it, begins anew."""
        side = role.partition("_")[0]
        for key in ("knees", f"{side}_leans", f"{side}_plane"):
            self._seen.pop(key, None)

    def rep(self, stroke: Stroke) -> list[Slip]:
        """One finished attempt."""
        if stroke.set != self._set:
            self._set, self._seen = stroke.set, {}
            self.posture.new_set()
        poses = self._poses(stroke)
        for side, pose in poses.items():
            self._note(f"{side}_leans", pose.pitch_deg)
            self._note(f"{side}_plane", pose.plane_deg)
        if len(poses) == len(SIDES):
            self._note("knees", poses["left"].flexion_deg - poses["right"].flexion_deg)
        slips = list(self._crept_limb(stroke))
        for slip in slips:
            self.forget(slip.role)
        rolled = list(self._crept_planes(stroke, poses))
        for slip in rolled:
            self.forget(slip.role)
        pelvis = self._posture(stroke)
        return slips + rolled + ([pelvis] if pelvis is not None else [])

    def _posture(self, stroke: Stroke) -> Slip | None:
        mount = self._pelvis.mount
        if mount is None:
            return None
        spans = ((stroke.start - BEFORE, stroke.start), (stroke.top - ENDS, stroke.top))
        before, ends = ([t[0] for t in self._pelvis.tilts.span(*span) if t is not None] for span in spans)
        return self.posture.rep(before, ends, mount)

    def _note(self, key: str, value: float) -> None:
        self._seen.setdefault(key, []).append(value)

    def _off_deg(self, key: str) -> tuple[float, float]:
        return off(self._seen.get(key, []))

    def _moved_deg(self, key: str) -> float:
        return moved(self._seen.get(key, []), CREPT_DEG)

    def _crept_limb(self, stroke: Stroke) -> Iterator[Slip]:
        """A thigh or shank that pitched on its leg: in both of the last reps knees and leaning must say the same."""
        knees = self._off_deg("knees")
        if not self._moved_deg("knees"):
            return
        leans = {side: self._off_deg(f"{side}_leans") for side in SIDES}
        for side, other in (SIDES, SIDES[::-1]):
            if any(abs(lean) > OTHER_LEANS_DEG for lean in leans[other]):
                continue
            shares = [lean / knee for lean, knee in zip(leans[side], knees, strict=True)]
            if not all(LEANS[0] < abs(share) < LEANS[1] for share in shares) or shares[0] * shares[1] < 0.0:
                continue
            more = knees[1] if side == "left" else -knees[1]
            shank = (more > 0.0) == (leans[side][1] > 0.0)
            mount = self._legs[side].shank_mount if shank else self._legs[side].thigh_mount
            if mount is not None:
                yield _slip(LEG_ROLES[side][shank], stroke, mount.y, more if shank else -more)

    def _crept_planes(self, stroke: Stroke, poses: Mapping[Side, LegPose]) -> Iterator[Slip]:
        """A thigh's sensor that rolled on it: the leg seems to turn about the line from hip to ankle."""
        for side, pose in poses.items():
            plane, mount, leg = self._moved_deg(f"{side}_plane"), self._legs[side].thigh_mount, self._legs[side]
            if plane and mount is not None:
                lean = leg.inward * line_gain(pose.pitch_deg) * sin(radians(plane))
                rolled = degrees(asin(max(-0.5, min(0.5, lean / pose.up_z)))) if abs(pose.up_z) > 0.3 else 0.0
                yield _slip(LEG_ROLES[side][0], stroke, mount.x, rolled or plane)

    def _poses(self, stroke: Stroke) -> dict[Side, LegPose]:
        """Of the legs that are seen, both at the same instants."""
        rows: dict[Side, list[tuple[float, ...]]] = {side: [] for side in SIDES}
        for k in range(stroke.start, stroke.bottom, EVERY):
            seen = {side: row for side, leg in self._legs.items() if (row := _row(leg, k)) is not None}
            if seen and BENT_DEG[0] < fmean(row[1] for row in seen.values()) < BENT_DEG[1]:
                for side, row in seen.items():
                    rows[side].append(row)
        most = max(len(of_leg) for of_leg in rows.values())
        return {
            side: LegPose(*(fmean(column) for column in zip(*of_leg, strict=True)))
            for side, of_leg in rows.items()
            if len(of_leg) >= max(LEAST, SEEN * most)
        }


def _row(leg: Leg, k: int) -> tuple[float, float, float, float] | None:
    """What `LegPose` is the mean of, at one instant."""
    knee, thigh, shank = leg.knees.at(k), leg.thigh.states.at(k), leg.shank.states.at(k)
    if knee is None or thigh is None or shank is None or leg.thigh_mount is None or leg.shank_mount is None:
        return None
    pitch = 0.5 * (leg.thigh_mount.read(thigh)[0] + leg.shank_mount.read(shank)[0])
    return pitch, knee[3], knee[4], _along(leg.thigh_mount, thigh)


def _along(mount: Mount, state: tuple[float, ...]) -> float:
    return state[0] * mount.z[0] + state[1] * mount.z[1] + state[2] * mount.z[2]


def _slip(role: Role, stroke: Stroke, axis: Vec, deg: float) -> Slip:
    x, y, z = (radians(deg) * part for part in axis)
    return Slip(role, stroke.top * GRID_S, (x, y, z))
