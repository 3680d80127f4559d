"""What is asked of the lifter at this moment because of where sensors sit. Pure: notices, states and sensors come in.

A notice has a beginning only; what it asks must not stand there once it was done. It goes when it is taken back, when
the sensor says that it is on again, or with the next set, for which it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.events import MachineState, Notice, SensorState

TAKES_BACK = {"sensors_in_place": "sensors_exchanged"}
"""Which notice ends which other; one of severity S0 ends those of its own name."""
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

    @property
    def now(self) -> list[Notice]:
        """What is asked now, the newest first."""
        return [one.notice for one in reversed(self._asked.values())][:SHOWN_MAX]

    def take(self, notice: Notice, number: int) -> None:
        """A notice has come. number: of the set that is on or was the last."""
        self._asked.pop((TAKES_BACK.get(notice.what, notice.what), notice.role), None)
        if notice.what in ASKS and notice.severity != "S0":
            self._asked[notice.what, notice.role] = _Asked(notice, number)

    def take_state(self, state: MachineState) -> None:
        """The machine's state has come: a set that has begun ends what was asked before it."""
        for key, one in list(self._asked.items()):
            lasts = one.notice.what in LASTS and (one.notice.role or one.notice.what != "strap_off")
            if not lasts and state.state == "lifting" and state.set > one.set:
                del self._asked[key]

    def take_sensor(self, sensor: SensorState) -> None:
        """A sensor's state has come: one that is well again is on."""
        asked = self._asked.get(("strap_off", sensor.role))
        if asked is not None and sensor.problem is None and sensor.t_s >= asked.notice.t_s:
            del self._asked["strap_off", sensor.role]
