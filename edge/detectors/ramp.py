"""The parking sensor: how near straight knees and the lifter's own depth limit are, before they are reached.

Near straight the knee turns ever faster for the same travel of the sled, so its angle warns too late. What is foreseen
is the sled: how far it still has to go until the knee is at the limit, how fast it goes, and whether at its present
slowing down it would stop before. Nearness is the larger of what the place says (for a lifter who rests there) and what
the movement says (for one who is about to arrive).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from edge.events import Side
from edge.motion.body import Body
from edge.motion.gate import Gate
from edge.motion.leg import SIDES, Leg
from edge.motion.series import GRID_NS, GRID_S

EVERY: Final = 5
"""Grid steps between looks: 20 a second, as they are published."""
HORIZON_S: Final = 0.35
"""Time to the limit, at the present speed, at which the ramp begins. A drive that eases into its end has three times as
long to go as its speed says, so a drive of one second is warned of half a second before its end."""
PLAIN: Final = 0.2
"""Nearness from which a warning is heard; below it is for the eye."""
SOFT_DEG: Final = 7.0
"""Flexion above the lockout's line at which its place is far: a soft bend of 13° and more is no matter."""
DEEP_DEG: Final = 8.0
"""The same before the depth limit: depth varies by some degrees from rep to rep."""
SLOWING: Final = 10
"""Grid steps (0.1 s) over which slowing down is measured."""
STILL_M_S, STILL_DEG_S = 0.01, 3.0
"""Slower is no approach."""
STALE: Final = 30
"""Grid steps (0.3 s) after which a knee is not known any more."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """0 far, 1 reached, None not known; times to the limit in s at the present speed, None where it is not approached.

    lockout: by leg; depth: of the mean of the knees.
    """

    lockout: dict[Side, float | None] = field(default_factory=lambda: dict.fromkeys(SIDES))
    lockout_s: float | None = None
    depth: float | None = None
    depth_s: float | None = None

    @property
    def lockout_worst(self) -> float | None:
        """Of the nearer leg."""
        return max((near for near in self.lockout.values() if near is not None), default=None)


FAR = Nearness()
"""In the rack nothing is ahead."""


class Ramp:
    """Feed `step` 20 times a second. now: the newest nearness; warned_s: when it became plain in this drive, by leg."""

    def __init__(self, straight_deg: float) -> None:
        self._straight_deg = straight_deg
        self.now = FAR
        self.warned_s: dict[Side, float | None] = dict.fromkeys(SIDES)
        self._attempt = -1

    def step(self, body: Body, t_ns: int, limit_deg: float) -> None:
        """limit_deg: mean knee flexion not to be passed."""
        gate = body.gate()
        if gate.attempt != self._attempt:
            self._attempt, self.warned_s = gate.attempt, dict.fromkeys(SIDES)
        self.now = FAR if gate.phase == "rest" else self._look(body, t_ns // GRID_NS, gate, limit_deg)
        for side, near in self.now.lockout.items():
            if near is not None and near >= PLAIN and self.warned_s[side] is None and gate.phase == "concentric":
                self.warned_s[side] = t_ns * 1e-9

    def _look(self, body: Body, k: int, gate: Gate, limit_deg: float) -> Nearness:
        lockout: dict[Side, float | None] = {}
        times, known = [], []
        for side in SIDES:
            leg = body.legs[side]
            at = leg.knees.end - 1
            knee = leg.knees.last() if at > k - STALE else None
            lockout[side] = None
            if knee is None:
                continue
            late_s = (k - at) * GRID_S
            known.append((knee[0] + knee[1] * late_s, knee[1], self._slowed(leg, at)))
            if gate.phase not in ("concentric", "top"):
                lockout[side] = 0.0
                continue
            lockout[side], left_s = self._lockout(leg, at, late_s)
            times.append(left_s)
        depth, depth_s = _depth(known, limit_deg) if gate.phase in ("eccentric", "bottom") else (None, None)
        if known and depth is None:
            depth = 0.0
        return Nearness(lockout, min((t for t in times if t is not None), default=None), depth, depth_s)

    def _lockout(self, leg: Leg, at: int, late_s: float) -> tuple[float, float | None]:
        """Nearness of one knee to straight, and the time left; at: its newest entry, late_s old."""
        knee = leg.knees.last()
        assert knee is not None  # noqa: S101 - the caller has looked
        place, speed = leg.chain.slide(knee[0], knee[1])
        left_m = leg.chain.slide(self._straight_deg, 0.0)[0] - place - speed * late_s
        by_place = (self._straight_deg + SOFT_DEG - knee[0]) / SOFT_DEG
        before = leg.knees.at(at - SLOWING)
        slowing = 0.0 if before is None else (leg.chain.slide(before[0], before[1])[1] - speed) / (SLOWING * GRID_S)
        by_speed, left_s = foreseen(left_m, speed, slowing, STILL_M_S)
        return min(max(by_place, by_speed, 0.0), 1.0), left_s

    @staticmethod
    def _slowed(leg: Leg, at: int) -> float:
        """By how much the knee's rate has fallen, deg/s²."""
        knee, before = leg.knees.at(at), leg.knees.at(at - SLOWING)
        return 0.0 if knee is None or before is None else (before[1] - knee[1]) / (SLOWING * GRID_S)


def _depth(known: list[tuple[float, float, float]], limit_deg: float) -> tuple[float | None, float | None]:
    """Nearness of the knees' mean to the depth limit, and the time left. known: flexion, rate, its fall, by leg."""
    if not known:
        return None, None
    flexion, rate, slowing = (sum([one[i] for one in known]) / len(known) for i in range(3))
    by_speed, left_s = foreseen(limit_deg - flexion, rate, slowing, STILL_DEG_S)
    return min(max((flexion - limit_deg + DEEP_DEG) / DEEP_DEG, by_speed, 0.0), 1.0), left_s


def foreseen(left: float, speed: float, slowing: float, still: float) -> tuple[float, float | None]:
    """Nearness by movement alone, and the time left at this speed. left: way to the limit; slowing: fall of the speed
    per second. An even slowing stops within half of speed²/slowing; one that eases out, within the whole at most.
    """
    if left <= 0.0:
        return 1.0, 0.0
    if speed < still:
        return 0.0, None
    left_s = left / speed
    reach = speed * speed / slowing if slowing > 0.0 else left
    return max(1.0 - left_s / HORIZON_S, 0.0) * min(reach / left, 1.0), left_s
