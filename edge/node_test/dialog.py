"""Talking to a node without I/O: checks are generators that say something, then wait for an answer or a time.

A check yields whenever it has to wait; whoever runs it hands in bytes and time (`Dialog.receive`, `Dialog.now_ns`) and
resumes it. So an examination runs on a real line in real time, and on a simulated one as fast as it goes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from firmware_protocol import wire
from firmware_protocol.auth import Session, Verdict
from firmware_protocol.errors import ProtocolError
from firmware_protocol.framing import BareDecoder, FramedDecoder, frame
from firmware_protocol.messages import TYPES, Ack, Info, Payload

T = TypeVar("T")
Steps: TypeAlias = Generator[None, None, T]

SECOND_NS = 1_000_000_000
ANSWER_S = 1.0
"""A node answers a command within a second: three retries of 300 ms would be over by then."""

INFO = TYPES[Info]

KEPT = 20_000
"""Messages kept for checks that look back: some seconds of the fastest hub."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the node. payload: None where its type is unknown. verdict: of its tag, where there is a session.

    index: how many messages came before it.
    """

    index: int
    t_ns: int
    message: wire.Message
    payload: Payload | None
    verdict: Verdict | None = None


class Dialog:
    """One link to one node. session: set to tag what is said and to judge what is heard.

    outgoing: bytes to write, in order. on_heard: is shown every message. malformed: payloads that could not be read.
    """

    def __init__(self, *, framed: bool) -> None:
        self.framed = framed
        self.now_ns = 0
        self.outgoing: deque[bytes] = deque()
        self.dropped: Counter[str] = Counter()
        self.session: Session | None = None
        self.on_heard: list[Callable[[Heard], None]] = []
        self._decoder = FramedDecoder(self.dropped) if framed else BareDecoder(self.dropped)
        self._heard: deque[Heard] = deque(maxlen=KEPT)
        self._count = 0
        self._seqs: Counter[int] = Counter()
        if framed:
            self.outgoing.append(b"\0")

    def receive(self, t_ns: int, data: bytes) -> None:
        """Bytes that arrived at t_ns."""
        self.now_ns = max(self.now_ns, t_ns)
        for message in self._decoder.feed(data):
            heard = self._read(t_ns, message)
            if heard:
                self._heard.append(heard)
                self._count += 1
                for listener in self.on_heard:
                    listener(heard)

    def say(self, payload: Payload, *, chan: int = 0, seq: int | None = None) -> wire.Message:
        """Sends a message; seq: a number to use again, else the next. Gives the message without its tag."""
        return self.say_message(wire.build(payload, chan=chan, seq=self.next_seq(chan) if seq is None else seq))

    def say_message(self, message: wire.Message, *, tagged: bool = True) -> wire.Message:
        """Sends a message as it is; its tag is added where there is a session, unless `tagged` says no."""
        sealed = self.session.seal(message) if self.session and tagged and not message.tag else message
        self.say_bytes(sealed.encode())
        return message

    def say_bytes(self, encoded: bytes) -> None:
        """Sends the bytes of a message, framed where the link is."""
        self.outgoing.append(frame(encoded) if self.framed else encoded)

    def next_seq(self, chan: int = 0) -> int:
        """The next sequence number to a channel."""
        seq = self._seqs[chan]
        self._seqs[chan] = (seq + 1) & 0xFFFF
        return seq

    def wait(self, seconds: float) -> Steps[None]:
        """Waits."""
        end_ns = self.now_ns + round(seconds * SECOND_NS)
        while self.now_ns < end_ns:
            yield

    @property
    def mark(self) -> int:
        """The index that the next message will have."""
        return self._count

    def until(
        self, wanted: Callable[[Heard], bool], timeout_s: float = ANSWER_S, *, since: int | None = None
    ) -> Steps[Heard | None]:
        """The first wanted message from now on, or from index `since` on; None where none comes in time."""
        end_ns, seen = self.now_ns + round(timeout_s * SECOND_NS), self._count if since is None else since
        while True:
            fresh = self._count - seen
            seen = self._count
            for heard in list(self._heard)[len(self._heard) - fresh :] if fresh else ():
                if wanted(heard):
                    return heard
            if self.now_ns >= end_ns:
                return None
            yield

    def ask(self, payload: Payload, *, chan: int = 0, timeout_s: float = ANSWER_S) -> Steps[Ack | None]:
        """Sends a command once and gives its ACK."""
        message = self.say(payload, chan=chan)
        return (yield from self.ack_of(message, timeout_s))

    def ack_of(self, message: wire.Message, timeout_s: float = ANSWER_S) -> Steps[Ack | None]:
        """The ACK of a command that was just sent."""
        heard = yield from self.until(lambda h: _acknowledges(h, message), timeout_s)
        return heard.payload if heard and isinstance(heard.payload, Ack) else None

    def _read(self, t_ns: int, message: wire.Message) -> Heard | None:
        verdict = self.session.judge(message) if self.session and message.type != INFO else None
        try:
            return Heard(self._count, t_ns, message, wire.read(message), verdict)
        except wire.UnknownTypeError:
            return Heard(self._count, t_ns, message, None, verdict)
        except ProtocolError:
            self.dropped["malformed"] += 1
            return None


def _acknowledges(heard: Heard, message: wire.Message) -> bool:
    ack = heard.payload
    return isinstance(ack, Ack) and (ack.req_type, ack.req_seq) == (message.type, message.seq)


def is_a(kind: type[Payload]) -> Callable[[Heard], bool]:
    """Whether a message is of a kind."""
    number = TYPES[kind]
    return lambda heard: heard.message.type == number and heard.payload is not None
