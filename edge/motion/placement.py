"""Has a sensor moved on its segment? A strap that gives turns its sensor and nothing else.

At the top the sled stands still and the chain seat, hip, knee, ankle, sled is closed: a thigh cannot turn without its
shank. So a sensor that turns by many degrees there while its partner does not has slipped, and its own gyro says by how
much and about which axis: the mount can be turned along. What it reads is believed again after some reps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import degrees, sqrt
from typing import Final

from edge.motion.inclination import ImuState
from edge.motion.series import GRID_S, Series
from edge.motion.track import ImuTrack
from edge.samples import Role

BLOCK: Final = 5
"""Grid steps (50 ms) between looks: short against a slip, which lasts 0.3 to 1 s."""
WINDOW: Final = 26
"""Blocks (1.3 s) looked back upon: the longest slip, and what it takes to see that it is over."""
SLIP_DEG: Final = 6.0
"""Least turn that is a slip: knees that sink at rest and re-gripping hands turn a sensor by 5° at most."""
PELVIS_SLIP_DEG: Final = 7.0
"""The pelvis has no partner in the chain; hands that grip anew rock it by up to 3° to either side."""
MOST_DEG: Final = 24.0
"""A strap that turned further at once has come off, or the lifter gets up."""
APART_DEG: Final = 3.5
"""The partner must turn less by so much."""
APART: Final = 1.8
"""And the sensor by this factor more, since a whole leg that shifts turns both its segments about alike."""
SUSPECT_DEG: Final = 3.5
"""From here on a sensor that turns alone is not believed, although it may come back."""
QUIET_DEG: Final = 0.7
"""Less turn than this in the last QUIET_BLOCKS is rest: 5°/s."""
QUIET_BLOCKS, PELVIS_QUIET_BLOCKS = 3, 8
"""A slip is over after 0.15 s of rest; a rocking pelvis rests that long at its turning points, too, so 0.4 s there."""
RELEARN_REPS: Final = 3
"""Reps after which chain and neutral stand on the new seat of the sensor."""

Vec = tuple[float, float, float]

PARTNERS: dict[Role, tuple[Role, ...]] = {
    "left_thigh": ("left_shank", "right_shank"),
    "left_shank": ("left_thigh", "right_thigh"),
    "right_thigh": ("right_shank", "left_shank"),
    "right_shank": ("right_thigh", "left_thigh"),
    "pelvis": ("left_thigh", "right_thigh"),
}
"""Whom a sensor cannot turn without. The other leg's segment is asked as well: sensors of the two legs may have been
exchanged, and a lifter who gets up turns everything.
"""


@dataclass(frozen=True, slots=True)
class Slip:
    """A sensor's turn on its segment: turn (rad, rotation vector in sensor axes, from before to after), host time.

    taken_back: whether it is an earlier one's reverse, which has turned out to be none.
    """

    role: Role
    t_s: float
    turn_rad: Vec
    taken_back: bool = False

    @property
    def deg(self) -> float:
        """By how much it turned."""
        return degrees(_size(self.turn_rad))


class Placement:
    """Feed `step` at every grid instant of the sled, `rep` after every counted rep; `untrusted` tells whom not to
    believe at present. pelvis_elsewhere: whether the pelvis, or its sensor, stands otherwise than when the set began.
    """

    def __init__(self, tracks: Mapping[Role, ImuTrack]) -> None:
        self._tracks = tracks
        self._from = 0
        self._turns: dict[Role, _Turn] = {}
        self._relearn: dict[Role, int] = {}
        self._suspects: frozenset[Role] = frozenset()
        self.pelvis_elsewhere = False

    @property
    def untrusted(self) -> dict[Role, int]:
        """Sensors that moved, or seem to be moving -> reps until what they read is believed again."""
        return dict.fromkeys(self._suspects, RELEARN_REPS) | self._relearn

    def rep(self) -> None:
        """A rep was counted, and taught what it could."""
        self._relearn = {role: left - 1 for role, left in self._relearn.items() if left > 1}

    def crept(self, role: Role) -> None:
        """A sensor was found to have moved over several reps."""
        self._relearn[role] = RELEARN_REPS

    def step(self, k: int, *, still: bool) -> list[Slip]:
        """One grid instant; still: the loaded sled stands at the top. The slips that have just become certain."""
        if still and not self._turns:
            self._from = k
            self._turns = {role: _Turn() for role in PARTNERS}
        if not self._turns or (still and (k - self._from) % BLOCK):
            return []
        for role, turn in self._turns.items():
            turn.take(self._tracks[role].states, self._from, k)
        slips = list(self._slips(over=not still))
        for slip in slips:
            if slip.role != "pelvis":
                self._relearn[slip.role] = RELEARN_REPS
        if not still:
            self._turns.clear()
            self._suspects = frozenset()
        return slips

    def _slips(self, *, over: bool) -> Iterator[Slip]:
        """Sensors that turned alone and have come to rest; over: the sled moves off, it is now or never."""
        suspects = set()
        for role, turn in self._turns.items():
            at = self._watched_to(role)
            begin = max(turn.begin, at - WINDOW)
            if not (self._alone(role, begin, at) and self._alone(role, turn.begin, at)):
                continue
            suspects.add(role)
            net = turn.between(begin, at)
            rest = PELVIS_QUIET_BLOCKS if role == "pelvis" else QUIET_BLOCKS
            quiet = turn.deg(max(at - rest, 0), at) < QUIET_DEG
            if degrees(_size(net)) >= (PELVIS_SLIP_DEG if role == "pelvis" else SLIP_DEG) and (quiet or over):
                yield Slip(role, (self._from + BLOCK * turn.moved_at()) * GRID_S, net)
                turn.begin = at
        self._suspects = frozenset(suspects)

    def _watched_to(self, role: Role) -> int:
        """The last block that a sensor has reached, and with a limb's sensor its leg's other one: what that did since,
        while its batches were late or lost, nobody knows.
        """
        partner = PARTNERS[role][0] if role != "pelvis" else role
        return min(len(self._turns[role].sums), len(self._turns[partner].sums)) - 1

    def _alone(self, role: Role, begin: int, end: int) -> bool:
        """Whether the sensor turned in these blocks as a strap may, and no partner did; False where none is seen."""
        deg, others = self._turns[role].deg(begin, end), []
        for partner in PARTNERS[role]:
            turn = self._turns[partner]
            if len(turn.sums) > begin + 1 and not turn.broken:
                others.append(turn.deg(begin, min(end, len(turn.sums) - 1)))
            elif partner.partition("_")[0] == role.partition("_")[0]:
                return False
        most = max(others, default=MOST_DEG)
        return SUSPECT_DEG <= deg <= MOST_DEG and deg > max(most + APART_DEG, APART * most)


class _Turn:
    """How far one sensor has turned since the sled came to stand: sums (rad, rotation vectors) after each block. Small
    turns, and larger ones about one axis, simply add. begin: the block from which it is looked at.
    """

    def __init__(self) -> None:
        self.sums: list[Vec] = [(0.0, 0.0, 0.0)]
        self.begin = 0
        self.broken = False

    def take(self, states: Series[ImuState], start: int, end: int) -> None:
        """Every block that the sensor has reached, from grid index `start` to `end`; a hole ends the watch."""
        while not self.broken:
            first = start + BLOCK * (len(self.sums) - 1)
            if first + BLOCK > min(end, states.end):
                return
            x, y, z = self.sums[-1]
            for state in states.span(first, first + BLOCK):
                if state is None:
                    self.broken = True
                    return
                x, y, z = x + GRID_S * state[3], y + GRID_S * state[4], z + GRID_S * state[5]
            self.sums.append((x, y, z))

    def between(self, begin: int, end: int) -> Vec:
        """The turn from one block to another."""
        a, b = self.sums[begin], self.sums[end]
        return (b[0] - a[0], b[1] - a[1], b[2] - a[2])

    def deg(self, begin: int, end: int) -> float:
        """How large that turn is."""
        return degrees(_size(self.between(begin, end)))

    def moved_at(self) -> int:
        """The block in which the sensor had turned by its first degree."""
        begin = max(self.begin, len(self.sums) - 1 - WINDOW)
        return next((i for i in range(begin, len(self.sums)) if self.deg(begin, i) > 1.0), begin)


def _size(v: Vec) -> float:
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
