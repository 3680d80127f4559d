"""One leg: knee flexion and the knee's inward displacement from the thigh's and the shank's sensor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, sin, sqrt
from typing import Final

from edge.events import Side
from edge.motion.mount import RAD, Mount, Vec, lean_deg, line_gain
from edge.motion.neutral import Neutral
from edge.motion.series import Series
from edge.motion.track import ImuTrack
from edge.samples import Role

SIDES: tuple[Side, Side] = ("left", "right")
LEG_ROLES: Final[dict[Side, tuple[Role, Role]]] = {
    "left": ("left_thigh", "left_shank"),
    "right": ("right_thigh", "right_shank"),
}
"""Thigh and shank."""
STANDING_FLEXION_DEG: Final = 1.5
"""People stand with their knees about this much bent."""
LEAST_OFF_DEG, MOST_OFF_DEG = 1.0, 65.0
"""A segment is never further from the line between hip and ankle; at 130° of flexion it is at 65°."""
THIGH_OF_HEIGHT, SHANK_OF_HEIGHT = 0.245, 0.246
"""Segment lengths over body height (Drillis and Contini); people differ by some 4 %."""

EVEN: Final = 0.8
"""Share of soft tissue's part that grows evenly with flexion; the rest comes late, with its square, as flesh bulges.
Were all of it taken to come late, what comes evenly would pass for an offset of the zero."""


LEAN_NOISE: Final = 0.01
"""What flesh, straps and a neutral not quite known put into gravity's share along y: 0.6°. By half of it simulated
knees are shown worse by 2 %."""


def likely(read: float, noise: float) -> float:
    """The turn of the leg's plane that a reading makes most likely, noise: as large as a turn that is half believed. A
    small one is mostly noise, as knees are near their neutral most of the time; of a fall of 31 mm some hundredths are
    taken off.
    """
    square = read * read
    return read * square / (square + noise * noise)


@dataclass(slots=True)
class Chain:
    """What turns raw angles into the lifter's own: refined rep by rep.

    offset_deg: taken off the raw flexion; slope_deg: soft tissue's share, deg over 90° of flexion; lag_s: how much the
    rate leads. thigh_m, shank_m: hip to knee, knee to ankle; drop2_m2: squared distance of the ankle from the rail line
    through the hip; straight_deg: how far the knee is from a straight line in the lifter's own straight, flexion 0.
    """

    thigh_m: float
    shank_m: float
    offset_deg: float = 0.0
    slope_deg: float = 0.0
    lag_s: float = 0.0
    drop2_m2: float = 0.0046
    straight_deg: float = 0.0

    def flexion(self, raw_deg: float, rate_deg_s: float) -> float:
        """The knee flexion behind a raw one."""
        moved = raw_deg + rate_deg_s * self.lag_s - self.offset_deg
        return moved / (1.0 + self.slope_deg / 90.0 * (EVEN + (1.0 - EVEN) / 90.0 * moved))

    def reach_m(self, flexion_deg: float) -> float:
        """Distance hip to ankle."""
        a, b = self.thigh_m, self.shank_m
        return sqrt(a * a + b * b + 2.0 * a * b * cos((flexion_deg + self.straight_deg) * RAD))

    def knee_arm_m(self, flexion_deg: float) -> float:
        """Distance of the knee from the hip-ankle line."""
        bend = max(flexion_deg + self.straight_deg, 0.0) * RAD
        return self.thigh_m * self.shank_m * sin(bend) / self.reach_m(flexion_deg)

    def slide(self, flexion_deg: float, raw_rate_deg_s: float) -> tuple[float, float]:
        """Where the ankle is along the rail, from the hip (m), and how fast it goes out (m/s)."""
        a, b, phi = self.thigh_m, self.shank_m, (flexion_deg + self.straight_deg) * RAD
        place = sqrt(max(a * a + b * b + 2.0 * a * b * cos(phi) - self.drop2_m2, 1e-4))
        slope = self.slope_deg / 90.0
        late = 1.0 - slope * (1.0 - EVEN) / 90.0 * flexion_deg
        return place, -a * b * sin(phi) / place * (raw_rate_deg_s * RAD) * late * late / (1.0 + slope * EVEN)

    def slide_of_one(self, off_deg: float, rate_deg_s: float, *, thigh: bool) -> tuple[float, float]:
        """The same by one segment alone, from its angle to the line from hip to ankle and how fast that opens."""
        own, other = (self.thigh_m, self.shank_m) if thigh else (self.shank_m, self.thigh_m)
        off = min(max(off_deg, LEAST_OFF_DEG), MOST_OFF_DEG) * RAD
        across, along = own * sin(off), own * cos(off)
        rest = sqrt(max(other * other - across * across, 1e-4))
        return along + rest, -(across + across * along / rest) * (rate_deg_s * RAD)


KneeState = tuple[float, float, float, float, float]
"""flexion (deg), its rate (deg/s), inward displacement of the knee (mm), raw flexion (deg), turn of the leg's plane
inwards (deg, the lifter's neutral not taken off)."""


class Leg:
    """Joins the two tracks of one leg. `knees` holds KneeState per grid instant. line_deg: see `slide_of_one`."""

    def __init__(self, side: Side, thigh: ImuTrack, shank: ImuTrack, height_m: float) -> None:
        self.side = side
        self.thigh, self.shank = thigh, shank
        self.thigh_mount: Mount | None = None
        self.shank_mount: Mount | None = None
        self.chain = Chain(THIGH_OF_HEIGHT * height_m, SHANK_OF_HEIGHT * height_m)
        self.knees: Series[KneeState] = Series()
        self.neutral = Neutral()
        self.line_deg = -135.0
        self.inward = 1.0 if side == "left" else -1.0

    @property
    def calibrated(self) -> bool:
        """Whether both sensors' mounts are known."""
        return self.thigh_mount is not None and self.shank_mount is not None

    def thigh_hangs(self, k: int) -> float | None:
        """Gravity's share along the thigh, 1 where it hangs straight down from the hip; None where it is not known."""
        state, mount = self.thigh.states.at(k), self.thigh_mount
        if state is None or mount is None:
            return None
        return state[0] * mount.z[0] + state[1] * mount.z[1] + state[2] * mount.z[2]

    def slide_of_one(self, k: int) -> tuple[float, float] | None:
        """Where the sled is (m from the hip) and how fast it goes out (m/s), by the thigh or the shank where the other
        is not worn; None where neither is known. line_deg: the pitch of a straight leg, as the rail has it: within 5°.
        """
        if self.calibrated:
            return None
        if self.thigh_mount is not None and (state := self.thigh.states.at(k)) is not None:
            deg, deg_s, _ = self.thigh_mount.read(state)
            return self.chain.slide_of_one(self.line_deg - deg, -deg_s, thigh=True)
        if self.shank_mount is not None and (state := self.shank.states.at(k)) is not None:
            deg, deg_s, _ = self.shank_mount.read(state)
            return self.chain.slide_of_one(deg - self.line_deg, deg_s, thigh=False)
        return None

    def slipped(self, turn_rad: Vec, *, thigh: bool) -> None:
        """The thigh's or the shank's sensor has turned on its segment by a rotation vector in its axes: its mount turns
        along, and the knee's zero, as far as it was known, goes into the mounts.
        """
        if self.thigh_mount is None or self.shank_mount is None:
            return
        if thigh:
            self.thigh_mount = self.thigh_mount.turned(turn_rad)
        else:
            self.shank_mount = self.shank_mount.turned(turn_rad)
        self.shank_mount = self.shank_mount.pitched(self.chain.offset_deg)
        self.chain = replace(self.chain, offset_deg=0.0)

    def step(self, begin: int) -> None:
        """Work out every instant, from `begin` on, that both sensors have reached."""
        thigh_mount, shank_mount = self.thigh_mount, self.shank_mount
        if thigh_mount is None or shank_mount is None:
            return
        end = min(self.thigh.states.end, self.shank.states.end)
        for k in range(max(self.knees.end, begin), end):
            thigh, shank = self.thigh.states.at(k), self.shank.states.at(k)
            if thigh is None or shank is None:
                continue
            thigh_deg, thigh_deg_s, lean = thigh_mount.read(thigh)
            shank_deg, shank_deg_s, _ = shank_mount.read(shank)
            raw = shank_deg - thigh_deg + STANDING_FLEXION_DEG
            rate = shank_deg_s - thigh_deg_s
            gain = line_gain(0.5 * (thigh_deg + shank_deg))
            turn = self.inward * lean_deg(lean, gain)
            flexion = self.chain.flexion(raw, rate)
            off = likely(sin((turn - self.neutral.at(flexion)) * RAD), LEAN_NOISE / gain)
            self.knees.put(k, (flexion, rate, 1000.0 * self.chain.knee_arm_m(flexion) * off, raw, turn))
