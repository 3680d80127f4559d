"""The life of a session: one lifter on one machine, from a standing pose, or a command, to its end.

It begins when the lifter stands still with the straps on, or by command; it ends by command, with the next lifter's
standing pose after a set, or when nobody has moved or lifted for a quiet time. Calibration of worn sensors belongs to
it.
"""

from __future__ import annotations

from random import Random
from typing import Final, Literal, TypeAlias

from edge.events import Activity
from edge.motion.body import Body

QUIET_END_S: Final = 300.0
"""Five minutes in which nobody moved or lifted: longer than any rest between sets that is still one session."""


Change: TypeAlias = Literal["began", "taken_over", "ended"]
"""Taken over: another session began while one was on, so that what was said in that one is over with its lifter."""


class Life:
    """Feed `step` after the body, at every grid instant. session: opaque id, None between sessions."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - an opaque id, no secret
        self.session: str | None = None
        self._known = 0
        self._stood = False
        self._stirred_ns = 0

    def step(self, body: Body, t_ns: int) -> Change | None:
        """What became of the session at this instant, if anything. A session that was begun by command, or calibrated
        anew, has waited for its own lifter to stand: that pose takes nothing over.
        """
        stood, self._stood = self._stood, bool(body.wear.standing)
        if (body.sessions != self._known and body.wear.standing) or (self.session is None and body.free.in_set):
            over = stood and self.session is not None
            self.begin(body, t_ns)
            return "taken_over" if over else "began"
        if body.gate().phase != "rest" or body.sensors.stirs(t_ns):
            self._stirred_ns = t_ns
        if t_ns - self._stirred_ns > QUIET_END_S * 1e9 and (self.session is not None or body.sensors.renamed):
            ended = self.session is not None
            self.end(body)
            return "ended" if ended else None
        return None

    def begin(self, body: Body, t_ns: int) -> None:
        """A new session from here on."""
        self._known, self._stirred_ns = body.sessions, t_ns
        self.session = f"{self._random.getrandbits(48):012x}"

    def end(self, body: Body) -> None:
        """No session from here on; the next lifter is calibrated anew."""
        self.calibrate(body)
        self._known, self.session = body.sessions, None

    def calibrate(self, body: Body) -> None:
        """The session's lifter is to stand again."""
        body.forget_lifter()
        self._stood = False

    def activity(self, body: Body) -> Activity:
        """What the machine is doing."""
        if self.session is None:
            return "idle"
        if body.gate().phase != "rest":
            return "lifting"
        return "resting" if body.phases.set or body.free.set else "setup"

    def asks(self, body: Body) -> str | None:
        """What the lifter should do so that more can be judged."""
        wear = body.wear
        if not wear.standing:
            worn = any(role in body.sensors.worn for role in body.sensors.roles())
            return "Stand still and upright for 2 s." if worn else None
        if wear.walked and not wear.seated:
            return "Sit, feet on the plate, and hold still for 2 s."
        return None
