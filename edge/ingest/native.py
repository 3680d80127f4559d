"""One link of the open node protocol: bytes in, samples out; what the host wants to say comes out as bytes too.

No clock, no I/O: time comes in with every call and randomness is seeded, so a replay gives what the live run gave. A
link carries one node, or a hub with the nodes behind it (RELAY), each with its own identity, clock and numbers.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from random import Random
from typing import Final

from edge.events import Send
from edge.ingest.native_node import NativeNode, NodeContext
from edge.ingest.native_types import Item, LinkOptions, RoleOf
from firmware_protocol import wire
from firmware_protocol.commands import Outcome
from firmware_protocol.errors import MalformedError
from firmware_protocol.framing import BareDecoder, FramedDecoder, frame
from firmware_protocol.messages import TYPES, Buzz, Payload, Relay

SUBS_MAX: Final = 32
"""Nodes behind one hub; more than any machine has, and a bound on what a broken hub can make us hold."""

NO_OPTIONS: Final = LinkOptions()

_RELAY: Final = TYPES[Relay]
_BUZZ: Final = TYPES[Buzz]
_SENT_MAX: Final = 64


class NativeLink:
    """One link. framed: serial framing, else each `receive` is one notification.

    seed: of phases and nonces; with authentication it must be new and not to be guessed at each start (and be kept with
    the log, for a replay).
    """

    def __init__(
        self, name: str, *, framed: bool, role_of: RoleOf, seed: int, options: LinkOptions = NO_OPTIONS
    ) -> None:
        self._name = name
        self._framed = framed
        self._counters: Counter[str] = Counter()
        self._decoder = FramedDecoder(self._counters) if framed else BareDecoder(self._counters)
        random = Random(f"{seed} {name}")  # noqa: S311 - phases, and nonces that must only be new
        self._context = NodeContext(name, role_of, options, random, self._counters)
        self.node = NativeNode(self._context)
        self.subs: dict[int, NativeNode] = {}
        self._seq = 0
        self._requests: OrderedDict[int, tuple[NativeNode, int]] = OrderedDict()

    @property
    def counters(self) -> Mapping[str, int]:
        """How often something was dropped, by reason; gap_samples and lost_messages are what never came."""
        nodes = (self.node, *self.subs.values())
        return {**+self._counters, "lost_messages": sum(node.lost_messages for node in nodes)}

    def receive(self, t_ns: int, data: bytes) -> list[Item]:
        """What the bytes that arrived at t_ns say."""
        items: list[Item] = []
        for message in self._decoder.feed(data):
            if message.type == _RELAY:
                items += self._relayed(t_ns, message)
            else:
                items += self.node.receive(t_ns, message)
        return items

    def step(self, t_ns: int) -> list[Send]:
        """What is to be sent now."""
        sends = [self._send(self.node, m, m.encode(), token) for m, token in self.node.step(t_ns)]
        for sub, node in self.subs.items():
            sends += [self._send(node, m, self._relay(sub, m), token) for m, token in node.step(t_ns)]
        return sends

    def sent(self, t_ns: int, seq: int) -> None:
        """The `Send` with this seq left at t_ns."""
        request = self._requests.pop(seq, None)
        if request:
            node, token = request
            node.sent(token, t_ns)

    def submit(self, payload: Payload, *, chan: int = 0, sub: int | None = None, urgent: bool = False) -> int:
        """Queues a command for the link's node, or for node `sub` behind it. Returns the ticket of its outcome."""
        node = self.node if sub is None else self.subs[sub]
        return node.commands.submit(payload, chan=chan, urgent=urgent)

    def outcomes(self, sub: int | None = None) -> list[Outcome]:
        """The commands of one node that ended since the last call, the host's own STREAM among them."""
        return (self.node if sub is None else self.subs[sub]).commands.outcomes()

    def reconfigure(self) -> list[Item]:
        """Roles or calibrations have changed: asks for them anew."""
        return [item for node in (self.node, *self.subs.values()) for item in node.reconfigure()]

    def _relayed(self, t_ns: int, message: wire.Message) -> list[Item]:
        if not self.node.admits_relay(message):
            return []
        try:
            relay = wire.read(message)
        except MalformedError:
            self._counters["malformed"] += 1
            return []
        assert isinstance(relay, Relay)  # noqa: S101
        inner = wire.cut(relay.inner, self._counters)
        if len(inner) != 1 or inner[0].type == _RELAY:
            self._counters["malformed"] += 1
            return []
        if relay.sub not in self.subs and len(self.subs) == SUBS_MAX:
            self._counters["too_many_subs"] += 1
            return []
        node = self.subs.setdefault(relay.sub, NativeNode(self._context))
        return node.receive(t_ns, inner[0])

    def _relay(self, sub: int, message: wire.Message) -> bytes:
        relay = wire.build(Relay(sub, message.encode()), seq=self.node.next_seq(0))
        return self.node.seal(relay).encode()

    def _send(self, node: NativeNode, message: wire.Message, encoded: bytes, token: int | None) -> Send:
        """message: what it says to the node; encoded: as it goes over this link, behind a hub in its wrapping."""
        self._seq += 1
        if token is not None:
            self._requests[self._seq] = (node, token)
            if len(self._requests) > _SENT_MAX:
                self._requests.popitem(last=False)
        data = frame(encoded) if self._framed else encoded
        first = self._framed and self._seq == 1
        data = b"\0" + data if first else data
        return Send(link=self._name, data=data, seq=self._seq, cue=message.type == _BUZZ)
