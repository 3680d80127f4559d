"""The first press as the legs alone show it."""

from __future__ import annotations

from olga import SEATED_DEG, TOP_DEG, Olga

from edge.motion.press_by_legs import HELD, PressByLegs
from edge.samples import Role

LEGS: list[Role] = ["left_thigh", "left_shank"]
ELSEWHERE_DEG: dict[Role, float] = {"left_thigh": -163.0, "left_shank": -87.0, "pelvis": -45.0}


def seated() -> tuple[Olga, PressByLegs]:
    """Who has stood and sits."""
    olga = Olga()
    olga.hold(2.5)
    olga.turn_to({r: SEATED_DEG[r] for r in olga.roles}, 3.0)
    olga.hold(2.5)
    return olga, PressByLegs(olga.tracks, olga.wear)


def look(press: PressByLegs, begin: int, end: int) -> int | None:
    """When the top was held for long enough; grid instants from begin on, before end."""
    return next((k for k in range(begin, end) if press.step(k, LEGS, loaded=True)), None)


def test_a_press_begins_where_the_legs_sat() -> None:
    """From the seat straight to the top: it began within the first degrees, and is told once the top is held."""
    olga, press = seated()
    began = olga.now
    olga.turn_to({r: TOP_DEG[r] for r in olga.roles})
    at_top = olga.now
    olga.hold(0.5)
    told = look(press, began - 20, olga.now)
    assert told is not None
    assert at_top <= told <= at_top + HELD + 5
    assert press.began is not None
    assert began <= press.began <= began + 40


def test_a_foot_put_elsewhere_before_is_no_part_of_the_press() -> None:
    """After the feet have found another place the legs do not come back to the seated pose; the press begins there."""
    olga, press = seated()
    fidgets = olga.now
    olga.swing_out(25.0)
    olga.turn_to(ELSEWHERE_DEG, 0.8)
    olga.hold(1.0)
    began = olga.now
    olga.turn_to({r: TOP_DEG[r] for r in olga.roles})
    olga.hold(0.5)
    assert look(press, fidgets - 20, olga.now) is not None
    assert press.began is not None
    assert began - 2 <= press.began <= began + 40
