"""One link of a bought sensor, as the pipeline serves it: bytes in, samples out, and what it must be told to stream.

Like `NativeLink` it has no clock and no I/O. Whether the link is up it sees by what arrives and what is reported as
sent: a sensor that was silent for a second may have lost its link, so its clock begins anew when it speaks again, and
it is told its rate again unless that has reached it meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from edge.events import Kind, Send
from edge.ingest.driver import REPLY_TIMEOUT_NS, Command, Driver, Run
from edge.samples import Role, Samples

SILENCE_NS = 1_000_000_000
"""Every kind sends at least ten packets a second while it streams."""

ASK_AGAIN_NS = 3_000_000_000
"""Time to take the commands one by one, to change the rate and to begin; asked too often, some begin anew each time."""

COMMAND_GAP_NS = 100_000_000
"""Between commands that are not answered: a sensor writes its settings to flash, and takes no other meanwhile."""


class DriverLink:
    """A link with one sensor of a kind."""

    def __init__(self, name: str, driver: Driver) -> None:
        self._name, self._driver = name, driver
        self._seq = 0
        self._heard_ns: int | None = None
        self._asked_ns: int | None = None
        self._next_ns = 0
        self._waiting: deque[Command] = deque()
        self._leaving: dict[int, Command] = {}

    @property
    def role(self) -> Role:
        """What the sensor is fixed to."""
        return self._driver.role

    @property
    def counters(self) -> Mapping[str, int]:
        """What was received, lost and refused."""
        return dict(self._driver.counters)

    @property
    def rate_hz(self) -> float | None:
        """Samples per second as measured lately; None: not yet."""
        return self._driver.rate_hz

    @property
    def delay_ms(self) -> float:
        """How old the oldest sample of a packet of this kind is."""
        return self._driver.spec.capability.delay_ms

    def refusal(self, kind: Kind) -> str | None:
        """Why this sensor may not serve a fault; None: it may."""
        return self._driver.refusal(kind)

    def silent(self, t_ns: int) -> bool:
        """Whether nothing has come for longer than a link that lives is silent."""
        return self._heard_ns is None or t_ns - self._heard_ns > SILENCE_NS

    def receive(self, t_ns: int, data: bytes) -> list[Samples]:
        """What the bytes that arrived at t_ns say."""
        if self.silent(t_ns):
            if self._heard_ns is not None:
                self._driver.linked()
            if self._leaving:
                self._ask(t_ns)  # what was said before the link was up did not reach it
        self._heard_ns = t_ns
        received = self._driver.receive(t_ns, data)
        if any(not isinstance(one, Run) for one in received):
            self._next_ns = t_ns  # an answer: the next command may go
        return [one.samples for one in received if isinstance(one, Run)]

    def step(self, t_ns: int) -> list[Send]:
        """What is to be sent now: the commands that make it stream, one at a time."""
        if self.silent(t_ns) and (self._asked_ns is None or t_ns - self._asked_ns >= ASK_AGAIN_NS):
            self._ask(t_ns)
        if not self._waiting or t_ns < self._next_ns:
            return []
        command = self._waiting.popleft()
        self._next_ns = t_ns + (REPLY_TIMEOUT_NS if command.reply else COMMAND_GAP_NS)
        self._seq += 1
        self._leaving[self._seq] = command
        return [Send(link=self._name, data=command.data, seq=self._seq)]

    def sent(self, t_ns: int, seq: int) -> None:
        """The `Send` with this seq left at t_ns."""
        command = self._leaving.pop(seq, None)
        if command is not None:
            self._driver.sent(t_ns, command)

    def _ask(self, t_ns: int) -> None:
        """Tell it all over again."""
        self._asked_ns = self._next_ns = t_ns
        self._waiting = deque(self._driver.start())
        self._leaving.clear()
