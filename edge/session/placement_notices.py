"""Words for sensors that do not sit as they should: which ones, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from edge.events import Notice, Severity
from edge.motion.body import Body
from edge.motion.mixed_up import Pair
from edge.motion.placement import RELEARN_REPS, Slip

STAND = "Stand still and upright for 2 s."


class PlacementNotices:
    """Feed `step` after the body, at every instant; what has been found of the sensors' places is told once."""

    def __init__(self) -> None:
        self._doubted, self._doubted_in = False, ""

    def step(self, body: Body, t_s: float, session: str | None) -> Iterator[Notice]:
        """The notices of this instant."""
        for pair in body.mixed_up:
            exchanged = any(body.sensors.named(role) != role for role in pair)
            yield mixed_up(pair, t_s, session) if exchanged else as_named(pair, t_s, session)
        if body.on_wrong_legs != self._doubted:
            yield from self._doubt(t_s, session)
        for slip in body.slips:
            yield stands_as_before(slip, t_s, session) if slip.taken_back else moved(slip, t_s, session)

    def _doubt(self, t_s: float, session: str | None) -> Iterator[Notice]:
        """Left and right are doubted, or no longer: another session has other straps, and nothing is taken back."""
        self._doubted = not self._doubted
        if self._doubted:
            self._doubted_in = session or ""
            yield on_wrong_legs(t_s, session)
        elif self._doubted_in == session:
            yield no_longer_doubted(t_s, session)


def moved(slip: Slip, t_s: float, session: str | None) -> Notice:
    """A strap gave."""
    name = slip.role.replace("_", " ")
    text = f"The {name} sensor moved by {slip.deg:.0f}°: tighten its strap before the next set."
    if slip.role != "pelvis":
        text = f"{text} It is learned anew over {RELEARN_REPS} reps."
    return Notice(t_s=t_s, session=session, what="sensor_moved", severity="S1", text=text, role=slip.role)


def stands_as_before(slip: Slip, t_s: float, session: str | None) -> Notice:
    """What was taken for a strap that gave was the lifter, who is back."""
    text = f"The {slip.role.replace('_', ' ')} stands as before: its sensor had not moved, and is read as before."
    return Notice(t_s=t_s, session=session, what="sensor_moved", severity="S0", text=text, role=slip.role)


def mixed_up(pair: Pair, t_s: float, session: str | None) -> Notice:
    """Two sensors carry each other's names: each is known by where it is, but one on the sled has missed the poses."""
    read = "Leave them where they are." if "sled" in pair else "Each is read where it sits: nothing need be done."
    severity, text = _of_both(pair, f"are exchanged. {read}")
    a, b = pair
    return Notice(
        t_s=t_s, session=session, what="sensors_exchanged", severity=severity, text=text, role=b, other_role=a
    )


def as_named(pair: Pair, t_s: float, session: str | None) -> Notice:
    """Two sensors that were read as each other are again in their own places."""
    severity, text = _of_both(pair, "are in their own places again, and read as such.")
    a, b = pair
    return Notice(t_s=t_s, session=session, what="sensors_in_place", severity=severity, text=text, role=b, other_role=a)


def _of_both(pair: Pair, said: str) -> tuple[Severity, str]:
    """How grave it is and what is said: where one of them is the sled's, the other has missed the poses."""
    a, b = (role.replace("_", " ") for role in pair)
    text = f"The {a} and {b} sensors {said}"
    return ("S1", f"{text} {STAND}") if "sled" in pair else ("S0", text)


def on_wrong_legs(t_s: float, session: str | None) -> Notice:
    """A left and a right sensor are exchanged; whether the thighs', the shanks' or both does not matter."""
    text = (
        "Left and right sensors seem swapped: strap each to its own leg, then stand still for 2 s. "
        "Until then knees are not judged."
    )
    return Notice(t_s=t_s, session=session, what="sensors_on_wrong_legs", severity="S1", text=text)


def no_longer_doubted(t_s: float, session: str | None) -> Notice:
    """Somebody has said that left and right are right, or the lifter stood anew: what was said of them is over."""
    text = "Left and right are no longer doubted: knees are judged as far as they are known."
    return Notice(t_s=t_s, session=session, what="sensors_on_wrong_legs", severity="S0", text=text)
