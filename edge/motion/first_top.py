"""The first time at the top in a session: the press there and the stay there tell how the leg sensors sit."""

from __future__ import annotations

from collections.abc import Mapping

from edge.events import Side
from edge.motion.leg import LEG_ROLES, Leg
from edge.motion.press_by_legs import HELD, PressByLegs
from edge.motion.wear import BEFORE_PRESS, Wear
from edge.samples import Role

TOP_STEPS = 40
"""Grid steps (0.4 s) at the top that make a pose; most lifters gather themselves for longer before the first rep."""


class FirstTop:
    """Feed `stays`, `leaves` or `by_legs`; `mount` once one of them says that the stay is long enough.

    done: whether the leg sensors have been mounted. legs_from: the grid instant from which the legs are worked out.
    """

    def __init__(self, legs: Mapping[Side, Leg], wear: Wear, by_legs: PressByLegs) -> None:
        self._legs, self._wear, self._by_legs = legs, wear, by_legs
        self.done = False
        self.legs_from = 0
        self._press: tuple[int, int] | None = None
        self._top_from: int | None = None
        self._again: tuple[int, int] | None = None

    def stays(self, k: int, press_start: int) -> bool:
        """The sled is at the top, pressed out since press_start; whether it has stayed there long enough."""
        if self._top_from is None:
            self._top_from = k
        if self._press is None:
            self._press = (press_start, k)
        return k - self._top_from >= TOP_STEPS

    def leaves(self) -> None:
        """The sled is not at the top, or no longer."""
        self._top_from = None

    def drive(self, begin: int, end: int, live: list[Role]) -> None:
        """A later drive has ended: for a leg of whose press too little was heard, and that is heard now, it may stand
        in. live: the leg sensors that are.
        """
        known = (self._wear.standing, self._wear.seated, live)
        if any(
            not leg.calibrated and all(role in roles for role in LEG_ROLES[side] for roles in known)
            for side, leg in self._legs.items()
        ):
            self._again = begin, end

    def stays_again(self, k: int, *, top: bool) -> bool:
        """Whether the sled has stayed at the top for long enough after such a drive; top: whether it is there."""
        if self._again is None:
            return False
        if not top:
            self._again = None
            return False
        if k - self._again[1] < TOP_STEPS:
            return False
        self._press, self._top_from, self._again = self._again, self._again[1], None
        return True

    def by_legs(self, k: int, roles: list[Role], *, loaded: bool) -> bool:
        """The same where no sled sensor tells: the legs have turned away from the seat and are held."""
        if self.done or not self._by_legs.step(k, roles, loaded=loaded):
            return False
        self._press, self._top_from = (self._by_legs.began or k, k - HELD), k - HELD
        return True

    def missed(self) -> None:
        """What the legs took for the press was none, as nothing turned enough to mount them: look on."""
        self.done = False
        self._press = self._top_from = None
        self._by_legs.forget()

    def mount(self, k: int) -> tuple[tuple[int, int], list[Side]]:
        """Mount the leg sensors by the poses known and by the press between them. The grid indices of the press, from
        before its beginning to the end of the stay, and the legs that are whole only now.
        """
        assert self._press is not None and self._top_from is not None  # noqa: S101, PT018 - set by both callers
        self.done = True
        begin, end = self._press
        roles = [role for pair in LEG_ROLES.values() for role in pair]
        self._wear.arrive(roles, (begin, end), (self._top_from + 5, k))
        self.legs_from = begin - BEFORE_PRESS
        new = [side for side, leg in self._legs.items() if not leg.calibrated]
        for side in new:
            leg = self._legs[side]
            leg.thigh_mount, leg.shank_mount = (self._wear.mounts.get(role) for role in LEG_ROLES[side])
            leg.step(self.legs_from)
        return (self.legs_from, min(k, end + TOP_STEPS)), [side for side in new if self._legs[side].calibrated]
