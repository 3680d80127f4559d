"""Commands to one node, each acted upon at most once however often it must be sent.

A command is repeated with the same sequence number, so that a node that has already acted only repeats its answer.
Nodes remember their last four answers; with one ordinary and one urgent command under way none is forgotten too soon.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from firmware_protocol import wire
from firmware_protocol.messages import Ack, Payload
from firmware_protocol.registries import AckCode

RETRY_NS = 300_000_000
"""Four connection intervals of the slowest link in use (75 ms): an answer that is only late is not asked for again."""

RETRIES = 3
BUSY_RETRIES = 5
WAITING_MAX = 64
"""Commands that wait; beyond it the oldest is given up, so that a node that is away costs no memory."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended. ack: the node's answer, None where none came."""

    ticket: int
    payload: Payload
    chan: int
    ack: Ack | None


@dataclass(slots=True)
class _Command:
    ticket: int
    payload: Payload
    chan: int
    due_ns: int = 0
    message: wire.Message | None = None
    tries: int = 0
    busy: int = 0


class Commands:
    """The commands of one node: submit, step, acknowledge; outcomes gather until taken. next_seq: of a channel."""

    def __init__(self, next_seq: Callable[[int], int]) -> None:
        self._next_seq = next_seq
        self._ticket = 0
        self._waiting: deque[_Command] = deque()
        self._lanes: dict[str, _Command | None] = {"ordinary": None, "urgent": None}
        self._urgent: deque[_Command] = deque()
        self._outcomes: deque[Outcome] = deque(maxlen=WAITING_MAX)

    def submit(self, payload: Payload, *, chan: int = 0, urgent: bool = False) -> int:
        """Queues a command; an urgent one does not wait for ordinary ones. Returns the ticket of its outcome."""
        self._ticket += 1
        queue = self._urgent if urgent else self._waiting
        if len(queue) == WAITING_MAX:
            self._finish(queue.popleft(), None)
        queue.append(_Command(self._ticket, payload, chan))
        return self._ticket

    def cancel(self) -> None:
        """Ends everything unanswered: the node has restarted and knows nothing of it."""
        for command in (*self._lanes.values(), *self._urgent, *self._waiting):
            if command:
                self._finish(command, None)
        self._lanes = dict.fromkeys(self._lanes)
        self._urgent.clear()
        self._waiting.clear()

    def step(self, t_ns: int) -> list[wire.Message]:
        """What is to be sent now: new commands and repetitions."""
        messages = []
        for lane, queue in (("urgent", self._urgent), ("ordinary", self._waiting)):
            command = self._lanes[lane]
            if command and t_ns >= command.due_ns and command.tries > RETRIES:
                self._finish(command, None)
                command = self._lanes[lane] = None
            if command is None and queue:
                command = self._lanes[lane] = queue.popleft()
            if command and t_ns >= command.due_ns:
                messages.append(self._send(command, t_ns))
        return messages

    def acknowledge(self, ack: Ack, t_ns: int) -> bool:
        """Takes the node's answer; False where it answers nothing that is under way."""
        for lane, command in self._lanes.items():
            if command and command.message and _answers(command.message, ack):
                if ack.code == AckCode.BUSY and command.busy < BUSY_RETRIES:
                    self._again(command, t_ns + ack.detail * 1_000_000)
                else:
                    self._lanes[lane] = None
                    self._finish(command, ack)
                return True
        return False

    def outcomes(self) -> list[Outcome]:
        """The commands that ended since the last call."""
        ended = list(self._outcomes)
        self._outcomes.clear()
        return ended

    def _send(self, command: _Command, t_ns: int) -> wire.Message:
        if command.message is None:
            command.message = wire.build(command.payload, chan=command.chan, seq=self._next_seq(command.chan))
        command.tries += 1
        command.due_ns = t_ns + RETRY_NS
        return command.message

    def _again(self, command: _Command, due_ns: int) -> None:
        """A busy node wants a new command later: a new sequence number."""
        command.message, command.tries, command.due_ns = None, 0, due_ns
        command.busy += 1

    def _finish(self, command: _Command, ack: Ack | None) -> None:
        self._outcomes.append(Outcome(command.ticket, command.payload, command.chan, ack))


def _answers(sent: wire.Message, ack: Ack) -> bool:
    """ACKs come on channel 0, whatever the command's; two commands under way are never of one type."""
    return (sent.type, sent.seq) == (ack.req_type, ack.req_seq)
