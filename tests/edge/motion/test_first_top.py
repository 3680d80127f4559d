"""The first time at the top, where the legs alone tell of it."""

from __future__ import annotations

from typing import cast

import numpy as np

from edge.events import Side
from edge.motion.bias import Pose
from edge.motion.first_top import TOP_STEPS, FirstTop
from edge.motion.leg import Leg
from edge.motion.mount import Mount
from edge.motion.press_by_legs import PressByLegs
from edge.motion.rest import RestMean
from edge.motion.track import ImuTrack
from edge.motion.wear import Wear
from edge.samples import Role

ROLES: list[Role] = ["left_thigh", "left_shank"]
STRAIGHT_ON = Mount((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Held:
    """Legs that always look held at the top."""

    def __init__(self) -> None:
        self.began: int | None = 5
        self.forgotten = 0

    def step(self, _k: int, _roles: list[Role], *, loaded: bool) -> bool:
        """Whether the feet carry something is all that counts."""
        return loaded

    def forget(self) -> None:
        """How often it was told to look on."""
        self.forgotten += 1


def first_top(legs: dict[Side, Leg]) -> tuple[FirstTop, Held, Wear]:
    """A first top of these legs, which nobody has been seen to wear yet."""
    held = Held()
    wear = Wear({role: ImuTrack() for role in ROLES})
    return FirstTop(legs, wear, cast(PressByLegs, held)), held, wear


def test_what_mounts_no_leg_was_no_press() -> None:
    """Squirming that looked like a press leaves the real one to be found."""
    top, held, _ = first_top({"left": Leg("left", ImuTrack(), ImuTrack(), 1.75)})
    assert top.by_legs(100, ROLES, loaded=True)
    top.mount(100)
    assert not top.by_legs(101, ROLES, loaded=True)
    top.missed()
    assert held.forgotten == 1
    assert not top.done
    assert top.by_legs(200, ROLES, loaded=True)


def test_a_later_drive_stands_in_for_a_leg_that_was_not_heard() -> None:
    """Only for a leg whose poses are known, that is heard and that is not mounted, and only if the sled stays at the
    top.
    """
    leg = Leg("left", ImuTrack(), ImuTrack(), 1.75)
    top, _, wear = first_top({"left": leg})
    rest = RestMean((0.0, 0.0, 9.8), (0.0, 0.0, 0.0), 2.0)
    top.drive(100, 200, ROLES)
    assert not top.stays_again(200 + TOP_STEPS, top=True)
    for role in ROLES:
        wear.standing[role] = rest
        wear.seated[role] = (rest, Pose(np.array(rest.acc), None, 0.0))
    top.drive(100, 200, ROLES)
    assert not top.stays_again(200 + TOP_STEPS - 1, top=True)
    assert top.stays_again(200 + TOP_STEPS, top=True)
    top.drive(300, 400, ROLES)
    assert not top.stays_again(410, top=False)
    assert not top.stays_again(400 + TOP_STEPS, top=True)
    top.drive(300, 400, ["left_thigh"])
    assert not top.stays_again(400 + TOP_STEPS, top=True)
    leg.thigh_mount = leg.shank_mount = STRAIGHT_ON
    top.drive(500, 600, ROLES)
    assert not top.stays_again(600 + TOP_STEPS, top=True)
