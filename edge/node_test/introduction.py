"""Checks of HELLO, INFO and versions."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from edge.node_test.dialog import ANSWER_S, Dialog, Heard, Steps, is_a
from edge.node_test.findings import Finding, Findings
from firmware_protocol.messages import MAJOR, MINOR, Channel, Hello, ImuBatch, ImuOne, Info, LoadBatch, LoadOne
from firmware_protocol.registries import AckCode, ChannelKind, Placement

SECTION = "4"
FIRST_TRIES = 3
CHANNELS_SHIFT = 24


@dataclass(slots=True)
class Known:
    """What the node has told of itself, for the checks that follow. host_nonce: of the last HELLO."""

    info: Info | None = None
    host_nonce: int = 0

    @property
    def loads(self) -> list[Channel]:
        """The load channels."""
        return [c for c in self.channels if c.kind == ChannelKind.LOAD]

    @property
    def imus(self) -> list[Channel]:
        """The inertial channels."""
        return [c for c in self.channels if c.kind in (ChannelKind.IMU6, ChannelKind.IMU6_QUAT)]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels."""
        return self.info.channels if self.info else ()

    def can(self, capability: int) -> bool:
        """Whether the node says that it can."""
        return bool(self.info and self.info.caps & capability)


def greet(dialog: Dialog, known: Known, random: Random, timeout_s: float = ANSWER_S) -> Steps[Info | None]:
    """Says HELLO and gathers INFO, also one that comes in several messages."""
    known.host_nonce = random.randrange(1, 1 << 64)
    dialog.session = None
    dialog.say(Hello(MAJOR, MAJOR, MINOR, 0, known.host_nonce))
    channels: dict[int, Channel] = {}
    since = dialog.mark
    while True:
        heard = yield from dialog.until(is_a(Info), timeout_s, since=since)
        if heard is None or not isinstance(heard.payload, Info):
            return None
        info, since = heard.payload, heard.index + 1
        channels |= {c.chan: c for c in info.channels}
        if len(channels) >= info.caps >> CHANNELS_SHIFT:
            known.info = info._replace(channels=tuple(channels.values()))
            return known.info


def check_quiet(dialog: Dialog, findings: Findings) -> Steps[None]:
    """Before it is told to, a node streams nothing."""
    samples: list[Heard] = []
    kinds = (ImuBatch, ImuOne, LoadBatch, LoadOne)
    dialog.on_heard.append(lambda h: samples.append(h) if isinstance(h.payload, kinds) else None)
    yield from dialog.wait(1.2)
    dialog.on_heard.pop()
    if samples:
        text = "sends samples before STREAM asks for them (a host that was here before may have asked)"
        findings.add(Finding("quiet", SECTION, "WARN", text, {"messages": len(samples)}))
    else:
        findings.add(Finding("quiet", SECTION, "PASS", "sends no samples before it is asked"))


def check_hello(dialog: Dialog, known: Known, findings: Findings, random: Random) -> Steps[bool]:
    """HELLO is answered by an INFO that makes sense. False: there is nobody to talk to."""
    info = None
    for _ in range(FIRST_TRIES):
        info = yield from greet(dialog, known, random)
        if info:
            break
    if info is None:
        text = "no INFO within a second of HELLO, three times: is it the right port and speed?"
        findings.add(Finding("hello", SECTION, "FAIL", text, {"damaged": sum(dialog.dropped.values())}))
        return False
    values: dict[str, float | int | str] = {
        "node_id": f"{info.node_id:016x}",
        "firmware": ".".join(str(b) for b in info.fw.to_bytes(4, "big")),
        "version": f"{info.major}.{info.minor}",
        "channels": len(info.channels),
    }
    findings.add(Finding("hello", SECTION, "PASS", "answers HELLO with INFO", values))
    for text in faults_of(info):
        findings.add(Finding("info", SECTION, "FAIL", text))
    findings.add(Finding("info", SECTION, "PASS", "INFO makes sense"))
    return info.major == MAJOR


def faults_of(info: Info) -> list[str]:
    """What is wrong with an INFO, in words."""
    faults = []
    if info.major != MAJOR:
        faults.append(f"speaks major version {info.major}, though {MAJOR} was offered")
    if info.node_id == 0:
        faults.append("node_id is 0: it must be unique")
    if not any(info.node_nonce):
        faults.append("node_nonce is 0: it must be random, new at each start")
    if not info.channels:
        faults.append("no channels")
    for channel in info.channels:
        faults += [f"channel {channel.chan}: {fault}" for fault in _faults_of_channel(channel)]
    return faults


def _faults_of_channel(channel: Channel) -> list[str]:
    faults = []
    if not 1 <= channel.chan <= 31:
        faults.append("its number is not 1 to 31")
    if channel.kind not in list(ChannelKind):
        faults.append(f"kind {channel.kind} is not known")
    if channel.placement not in list(Placement):
        faults.append(f"placement {channel.placement} is not known")
    if channel.period_ns == 0:
        faults.append("period_ns is 0")
    inertial = channel.kind in (ChannelKind.IMU6, ChannelKind.IMU6_QUAT)
    if inertial and not (channel.scale_a and channel.scale_b):
        faults.append("an inertial channel needs both scales")
    if channel.kind == ChannelKind.LOAD and bool(channel.scale_a) == bool(channel.flags & 1):
        faults.append("RAW_COUNTS and scale_a 0 must go together")
    return faults


def check_versions(dialog: Dialog, findings: Findings) -> Steps[None]:
    """A HELLO without a version in common gets ACK 11 and INFO, so that the host can say why."""
    since = dialog.mark
    message = dialog.say(Hello(14, 15, 0, 0, 1))
    ack = yield from dialog.ack_of(message)
    if ack is None or ack.code != AckCode.VERSION:
        got = "nothing" if ack is None else f"ACK {ack.code}"
        text = f"HELLO offering only major 14 and 15 got {got}, ACK 11 is due"
        findings.add(Finding("versions", SECTION, "FAIL", text))
        return
    info = yield from dialog.until(is_a(Info), 0.5, since=since)
    if info is None:
        findings.add(Finding("versions", SECTION, "FAIL", "no INFO follows ACK 11"))
        return
    findings.add(Finding("versions", SECTION, "PASS", "answers an unknown major version with ACK 11 and INFO"))
