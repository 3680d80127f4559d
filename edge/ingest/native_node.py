"""One node of the open protocol as the host sees it: its identity, its channels, its clock, what it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from edge.ingest.native_access import Gate
from edge.ingest.native_channels import Channels
from edge.ingest.native_clock import U32_US, DeviceClock
from edge.ingest.native_layout import LayoutBuilder
from edge.ingest.native_report import name_of, node_report
from edge.ingest.native_requests import HelloTimer, StreamTimer, TimeRequests
from edge.ingest.native_sequence import Arrival, Sequence
from edge.ingest.native_types import Item, LinkOptions, NodeEvent, NodeReport, Problem, ProblemKind, RoleOf
from edge.samples import Role, TimeExchange
from firmware_protocol import wire
from firmware_protocol.commands import Commands
from firmware_protocol.errors import MalformedError
from firmware_protocol.messages import (
    MAJOR,
    MINOR,
    Ack,
    Event,
    Fault,
    Hello,
    Info,
    Log,
    Payload,
    QuatBatch,
    Status,
    Stream,
    TimeReq,
    TimeRsp,
)
from firmware_protocol.registries import AckCode, Caps, EventKind, FaultCode, LogLevel

BATCH_US: Final = 40_000
"""Four samples at 100 Hz: 2.6 % of the air for one node at the 1M PHY, where single samples would take 7.6 %."""

QUICK_BATCH_US: Final = 20_000
"""Thigh and shank carry the lockout cue, whose delay the lifter feels: two samples at 100 Hz."""

QUICK_ROLES: tuple[Role, ...] = ("left_thigh", "right_thigh", "left_shank", "right_shank")

_CHANNELS_SHIFT: Final = 24
"""INFO.caps holds the count of all channels from this bit on, where one INFO cannot hold them."""


@dataclass(frozen=True, slots=True)
class NodeContext:
    """What the nodes of a link share. counters: of everything dropped, by reason."""

    link: str
    role_of: RoleOf
    options: LinkOptions
    random: Random
    counters: Counter[str] = field(default_factory=Counter)


class NativeNode:
    """One node: messages in by `receive`, messages out by `step`. boot: restarts that were seen."""

    def __init__(self, context: NodeContext) -> None:
        self._context = context
        self._counters = context.counters
        self._clock = DeviceClock()
        self._channels = Channels(context.counters, self._clock)
        self._hello = HelloTimer()
        self._stream = StreamTimer()
        self._times = TimeRequests(context.random)
        self._host_nonce = 0
        self._sequence = Sequence()
        self._seqs: Counter[int] = Counter()
        self._info: Info | None = None
        self._status: Status | None = None
        self._told: set[str] = set()
        self._gate = Gate(context.options.access_of, context.counters)
        self.boot = 0
        self.commands = Commands(self.next_seq)
        self._readers: dict[type, Callable[[int, Any], list[Item]]] = {
            Info: self._read_info,
            Status: self._read_status,
            TimeRsp: self._read_time,
            Ack: self._read_ack,
            Event: self._read_event,
            Fault: self._read_fault,
            Log: self._read_log,
        }

    @property
    def lost_messages(self) -> int:
        """Messages of this node that never came."""
        return self._sequence.lost + self._channels.lost_messages

    @property
    def roles(self) -> Mapping[int, Role]:
        """The role of each channel that plays one."""
        return self._channels.roles

    @property
    def node_id(self) -> str:
        """16 hex digits; empty before the node has said who it is."""
        return self._node_id()

    @property
    def hw_class(self) -> int | None:
        """What kind of thing it is, as it says (HwClass)."""
        return self._info.hw_class if self._info else None

    @property
    def can_buzz(self) -> bool:
        """It is there, and can buzz or light up."""
        return self._hello.known and self._info is not None and bool(self._info.caps & Caps.BUZZ)

    def device_us(self, t_ns: int) -> int | None:
        """The low 32 bits of its clock at t_ns; None where not known."""
        return self._clock.low_us(t_ns)

    def receive(self, t_ns: int, message: wire.Message) -> list[Item]:
        """What one message of the node says."""
        try:
            payload = wire.read(message)
        except wire.UnknownTypeError:
            self._counters["unknown_type"] += 1
            return []
        except MalformedError:
            self._counters["malformed"] += 1
            return []
        self._hello.heard(t_ns)
        if isinstance(payload, Info):
            self._sequence.forget()
        elif self._info is None and not isinstance(payload, Ack):
            self._counters["before_info"] += 1
            return []
        elif not self._gate.admits(message):
            return self._complaints()
        return self._read(t_ns, message, payload) if self._takes(message) else []

    def admits_relay(self, message: wire.Message) -> bool:
        """Whether a hub's message that wraps another node's is genuine and new."""
        return self._gate.admits(message) and self._takes(message)

    def seal(self, message: wire.Message) -> wire.Message:
        """The message with this node's tag, where it has a session."""
        return self._gate.seal(message)

    def next_seq(self, chan: int) -> int:
        """The sequence number of the next message to a channel of the node."""
        seq = self._seqs[chan]
        self._seqs[chan] = (seq + 1) & 0xFFFF
        return seq

    def step(self, t_ns: int) -> list[tuple[wire.Message, int | None]]:
        """Messages to send now, each with the token of its time request, None for the others."""
        messages: list[tuple[wire.Message, int | None]] = []
        if self._hello.due(t_ns):
            self._times.stop()
            messages.append((self._hello_message(), None))
        if not self._hello.known:
            return messages
        if self._stream.due(t_ns):
            mask = sum(1 << chan for chan in self._stream.wanted)
            self.commands.submit(Stream(mask, self._batch_us()))
        messages += [(self._gate.seal(message), None) for message in self.commands.step(t_ns)]
        token = self._times.due(t_ns)
        if token is not None:
            messages.append((self._gate.seal(wire.build(TimeReq(token), seq=self.next_seq(0))), token))
        return messages

    def sent(self, token: int, t_ns: int) -> None:
        """A time request left at t_ns."""
        self._times.sent(token, t_ns)

    def reconfigure(self) -> list[Item]:
        """Asks the configuration anew which channel plays which role, and with what calibration."""
        if self._info is None or not self._hello.known:
            return []
        problems = self._configure(self._info)
        self._stream.want(frozenset(self._channels.roles))
        return [*problems, *self._report()]

    def _hello_message(self) -> wire.Message:
        """One nonce for each introduction: a repeated HELLO repeats it, so that it does not begin a new session."""
        if not self._host_nonce:
            self._host_nonce = self._context.random.randrange(1, 1 << 64)
        return wire.build(Hello(MAJOR, MAJOR, MINOR, 0, self._host_nonce), seq=self.next_seq(0))

    def _takes(self, message: wire.Message) -> bool:
        """Whether a message is new by its sequence number; what is not is counted."""
        sequence = self._sequence if message.chan == 0 else self._channels.sequence(message.chan)
        if sequence is None:
            self._counters["unassigned"] += 1
            return False
        arrival = sequence.judge(message.seq)
        if arrival is Arrival.TAKE:
            return True
        self._counters[arrival.value] += 1
        if arrival is Arrival.RESTART:
            self._hello.ask_again()
        return False

    def _read(self, t_ns: int, message: wire.Message, payload: Payload) -> list[Item]:
        reader = self._readers.get(type(payload))
        if reader:
            return reader(t_ns, payload)
        if message.chan == 0:
            self._counters["wrong_channel"] += 1
            return []
        return self._read_samples(t_ns, message, payload)

    def _read_samples(self, t_ns: int, message: wire.Message, payload: Payload) -> list[Item]:
        self._stream.flowed(message.chan, t_ns)
        if isinstance(payload, QuatBatch):
            return []
        if self._channels.clock_stepped(payload):
            self._counters["clock_stepped"] += 1
            self._hello.ask_again()
            return []
        items = self._channels.read(t_ns, message, payload)
        if self._channels.clock_lost:
            self._restart()
            return [self._problem("restart", "the node's clock has begun again, without a new boot_count")]
        return items

    def _read_info(self, t_ns: int, info: Info) -> list[Item]:
        if info.major != MAJOR:
            return self._refuse(f"the node speaks protocol {info.major}.{info.minor}, this host {MAJOR}: update one")
        known = self._info
        restarted = known is not None and _start_of(known) != _start_of(info)
        if restarted:
            self._restart()
            self.commands.cancel()
            self._status = None
        items: list[Item] = [self._problem("restart", "the node has restarted")] if restarted else []
        merged = info if restarted or known is None else _merge(known, info)
        changed = restarted or known is None or merged.channels != known.channels
        self._info = merged
        if len(merged.channels) < info.caps >> _CHANNELS_SHIFT:
            return items
        if changed:
            items += self._configure(merged)
        if self._needs_hello(merged, restarted=restarted):
            self._hello.ask_again()
        elif changed or not self._hello.known:
            self._introduce(t_ns, merged)
        return [*items, *self._complaints(), *self._report()]

    def _configure(self, info: Info) -> list[Problem]:
        builder = LayoutBuilder(self._context.link, self._context.role_of, self._context.options.calibration_of)
        self._channels.configure(builder.build(info))
        return builder.problems

    def _complaints(self) -> list[Item]:
        return [self._problem("auth", text) for text in self._gate.complaints()]

    def _needs_hello(self, info: Info, *, restarted: bool) -> bool:
        """Whether this INFO cannot begin a session, since no HELLO of ours is behind it."""
        unasked = restarted if self._hello.known else not self._host_nonce
        return unasked and self._gate.would_authenticate(info)

    def _introduce(self, t_ns: int, info: Info) -> None:
        if not self._hello.known:
            self._gate.begin(info, self._host_nonce)
        self._hello.introduced(t_ns)
        self._host_nonce = 0
        self._channels.forget_sequences()
        self._stream.want(frozenset(self._channels.roles))
        if info.caps & Caps.TIME_SYNC:
            self._times.start(t_ns)

    def _restart(self) -> None:
        self.boot += 1
        self._counters["restarts"] += 1
        self._clock = DeviceClock()
        self._channels.restart(self._clock, self.boot)

    def _refuse(self, text: str) -> list[Item]:
        """A node that cannot be served is told of once, not at each HELLO."""
        if "version" in self._told:
            return []
        self._told.add("version")
        return [self._problem("version", text)]

    def _read_status(self, _t_ns: int, status: Status) -> list[Item]:
        self._status = status
        return list(self._report())

    def _read_time(self, t_ns: int, response: TimeRsp) -> list[Item]:
        sent_ns = self._times.answered(response.token)
        if sent_ns is None:
            self._counters["unexpected_time"] += 1
            return []
        if self._clock.has_begun_again(response.rx_us):
            self._restart()
            self._hello.ask_again()
        rx_us = self._clock.anchor(response.rx_us, t_ns)
        roles = dict.fromkeys(self._channels.roles.values())
        return [TimeExchange(role, sent_ns, rx_us, response.hold_us, t_ns, self.boot) for role in roles]

    def _read_ack(self, t_ns: int, ack: Ack) -> list[Item]:
        if ack.code == AckCode.VERSION:
            return self._refuse("the node shares no protocol version with this host: update one")
        if not self.commands.acknowledge(ack, t_ns):
            self._counters["unexpected_ack"] += 1
        if ack.code not in (AckCode.AUTH_REQUIRED, AckCode.AUTH_FAILED) or "auth" in self._told:
            return []
        self._told.add("auth")
        return [self._problem("auth", f"node {self._node_id()} takes only commands made with its key: configure it")]

    def _read_event(self, t_ns: int, event: Event) -> list[Item]:
        device_us = self._clock.unwrap(event.t_us, U32_US, t_ns)
        roles = tuple(dict.fromkeys(self._channels.roles.values()))
        if event.kind == EventKind.STRAP_OFF and event.arg:
            roles = tuple(role for chan, role in self._channels.roles.items() if chan == event.arg)
        return [NodeEvent(self._node_id(), name_of(EventKind, event.kind), event.arg, device_us, roles)]

    def _read_fault(self, _t_ns: int, fault: Fault) -> list[Item]:
        words = fault.line or name_of(FaultCode, fault.code).replace("_", " ")
        role = self._channels.roles.get(fault.where)
        return [self._problem("node_fault", f"node {self._node_id()}: {words}", role)]

    def _read_log(self, _t_ns: int, log: Log) -> list[Item]:
        if log.level < LogLevel.WARNING:
            return []
        return [self._problem("node_log", f"node {self._node_id()}: {log.line}")]

    def _batch_us(self) -> int:
        roles = self._channels.roles.values()
        return QUICK_BATCH_US if any(role in QUICK_ROLES for role in roles) else BATCH_US

    def _node_id(self) -> str:
        return f"{self._info.node_id:016x}" if self._info else ""

    def _report(self) -> tuple[NodeReport, ...]:
        if self._info is None:
            return ()
        told = (self._info, self._status)
        report = node_report(self._context.link, self.boot, told, self._channels.reports)
        return (replace(report, authenticated=self._gate.proven),)

    def _problem(self, kind: ProblemKind, text: str, role: Role | None = None) -> Problem:
        return Problem(self._context.link, kind, text, role)


def _start_of(info: Info) -> tuple[int, int, bytes]:
    """What is new after each start of a node."""
    return info.node_id, info.boot_count, info.node_nonce


def _merge(known: Info, info: Info) -> Info:
    """An INFO that holds only some of the channels joins those before it."""
    if not info.caps >> _CHANNELS_SHIFT:
        return info
    channels = {c.chan: c for c in (*known.channels, *info.channels)}
    return info._replace(channels=tuple(channels[chan] for chan in sorted(channels)))
