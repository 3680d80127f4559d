"""Whether what this box publishes really arrives: now and then it sends itself a few bytes by way of the broker.

An MQTT 3.1.1 broker acknowledges a message also where its rules forbid it, and then throws it away. So with 3.1.1 an
acknowledgement counts only once a message that was sent later has come back; with MQTT 5 the broker says so itself, and
the echo tells of a broker that has stopped working. Pure: the time comes in.
"""

from __future__ import annotations

EVERY_S = 4.0
WAIT_S = 3.0
"""Both together stay below the 10 s in which a broker that throws everything away has to be seen."""


class Echo:
    """The echoes of one connection."""

    def __init__(self) -> None:
        self.possible = True
        self._asked: dict[bytes, float] = {}
        self._next_s = 0.0
        self._count = 0
        self._missed = False

    @property
    def problem(self) -> str | None:
        """What is wrong, or None."""
        if not self.possible:
            return "the broker's rules do not let this user read box/BOX/echo, so nobody knows whether messages arrive"
        if self._missed:
            return "the broker takes messages and passes none on; check what its rules let this user write and read"
        return None

    @property
    def is_under_way(self) -> bool:
        """One was sent and has not come back."""
        return bool(self._asked)

    def due(self, now_s: float, *, at_once: bool = False) -> bytes | None:
        """What to send now, or None. at_once: do not wait for the next regular one."""
        self._missed = self._missed or any(now_s - asked_s > WAIT_S for asked_s in self._asked.values())
        if not self.possible or (now_s < self._next_s and not at_once):
            return None
        self._next_s = now_s + EVERY_S
        self._count += 1
        data = b"%d" % self._count
        self._asked = {data: now_s} | {k: v for k, v in self._asked.items() if now_s - v <= WAIT_S}
        return data

    def heard(self, data: bytes) -> float | None:
        """An echo came back: what was acknowledged before this time, s, has arrived. None: it is not ours."""
        asked_s = self._asked.pop(data, None)
        if asked_s is not None:
            self._missed = False
        return asked_s
