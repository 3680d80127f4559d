"""What is asked of the lifter at this moment because of where sensors sit. Pure: notices, states and sensors come in.

A notice has a beginning only; what it asks must not stand there once it was done. It goes when it is taken back, when
the sensor says that it is on again, or with the next set, for which it was asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.events import MachineState, Notice, SensorState

MATTER = {"sensors_in_place": "sensors_exchanged"}
"""Notices that are about the same thing: the newer ends the older. One of severity S0 asks nothing, and only ends."""
ASKS = frozenset(
    {"sensor_moved", "sensors_exchanged", "sensors_in_place", "sensors_on_wrong_legs", "strap_off", "overload"}
)
"""What the lifter can do something about; the rest is for those who look after machine and sensors."""
LASTS = frozenset({"sensors_on_wrong_legs", "strap_off"})
"""What the next set does not end: it says of itself when it is over."""
SHOWN_MAX = 2
"""Sentences that are read before a set; the coach has the whole list."""


@dataclass(frozen=True, slots=True)
class _Asked:
    notice: Notice
    set: int


class NoticeBoard:
    """One session's board."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str | None], _Asked] = {}
        self._newest_s: dict[tuple[str, str | None], float] = {}

    @property
    def now(self) -> list[Notice]:
        """What is asked now, the newest first."""
        return [one.notice for one in reversed(self._asked.values())][:SHOWN_MAX]

    def take(self, notice: Notice, number: int) -> None:
        """A notice has come. number: of the set that is on or was the last."""
        if notice.what not in ASKS:
            return
        matter = _matter(notice)
        self._newest_s[matter] = notice.t_s
        self._asked.pop(matter, None)
        if notice.severity != "S0":
            self._asked[matter] = _Asked(notice, number)

    def recall(self, notice: Notice, number: int) -> None:
        """A notice that the history has kept; where there was a newer word on the matter, that one holds."""
        if notice.t_s > self._newest_s.get(_matter(notice), -math.inf):
            self.take(notice, number)

    def take_state(self, state: MachineState) -> None:
        """The machine's state has come."""
        if state.state == "lifting":
            self.begin_set(state.set)

    def begin_set(self, number: int) -> None:
        """A set that has begun ends what was asked before it."""
        for key, one in list(self._asked.items()):
            lasts = one.notice.what in LASTS and (one.notice.role or one.notice.what != "strap_off")
            if not lasts and number > one.set:
                del self._asked[key]

    def take_sensor(self, sensor: SensorState) -> None:
        """A sensor's state has come: one that is well again is on."""
        asked = self._asked.get(("strap_off", sensor.role))
        if asked is not None and sensor.problem is None and sensor.t_s >= asked.notice.t_s:
            del self._asked["strap_off", sensor.role]


def _matter(notice: Notice) -> tuple[str, str | None]:
    """What a notice is about, and at which sensor."""
    return MATTER.get(notice.what, notice.what), notice.role
