"""Virtual nodes speak the wire protocol as firmware would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.simulator.feeds import Loop, feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.scenario import Radio, RepPlan, Scenario, SetPlan
from edge.simulator.session import Session, simulate
from firmware_protocol import scaling, wire
from firmware_protocol.framing import FramedDecoder, frame
from firmware_protocol.messages import (
    Ack,
    Buzz,
    Hello,
    Identify,
    ImuBatch,
    Info,
    LoadBatch,
    Payload,
    Pulse,
    Reboot,
    Status,
    Stream,
    Tare,
    TimeReq,
    TimeRsp,
)
from firmware_protocol.registries import AckCode, ChannelKind, Placement

MS = 1_000_000
START = 5_000 * MS
ALL = 0xFFFFFFFE


@pytest.fixture(scope="module")
def short() -> Session:
    """One rep, whole radio."""
    return simulate(Scenario(seed=3, radio=Radio(late_share=0.0), sets=(SetPlan((RepPlan(),)),)))


class Host:
    """A host of few words: sends, and keeps what comes."""

    def __init__(self, node: VirtualNode) -> None:
        self.node, self.t_ns, self.seq = node, START, 0
        self.decoder = FramedDecoder()
        self.heard: list[tuple[wire.Message, Payload]] = []

    def say(self, payload: Payload, chan: int = 0, *, again: bool = False) -> None:
        self.seq += 0 if again else 1
        self.node.receive(self.t_ns, b"\0" + frame(wire.encode(payload, chan=chan, seq=self.seq)))

    def run(self, ms: int, step_ms: int = 5) -> None:
        for _ in range(ms // step_ms):
            self.t_ns += step_ms * MS
            messages = self.decoder.feed(self.node.advance(self.t_ns))
            self.heard += [(message, wire.read(message)) for message in messages]

    def of(self, kind: type) -> list[tuple[wire.Message, Payload]]:
        return [(message, payload) for message, payload in self.heard if isinstance(payload, kind)]

    def acks(self) -> list[int]:
        return [payload.code for _, payload in self.of(Ack)]  # type: ignore[union-attr]


def host_of(session: Session, loop: Loop | None = None) -> Host:
    settings = NodeSettings(0x1234, clock_ppm=20.0, clock_zero_us=0xFFFFFFFF - 8_000_000)
    host = Host(VirtualNode(settings, feeds_of(session, None, loop)))
    host.run(20)
    return host


def greeted(session: Session, loop: Loop | None = None) -> Host:
    host = host_of(session, loop)
    host.say(Hello(1, 1, 0, 0, 77))
    host.say(Stream(ALL, 20_000))
    return host


def test_hub_describes_all_its_sensors(short: Session) -> None:
    """INFO lists six IMUs and six cells with their places, and fits one message."""
    host = host_of(short)
    host.say(Hello(1, 1, 0, 0, 77))
    host.run(20)
    info = host.of(Info)[-1][1]
    assert isinstance(info, Info)
    kinds = [channel.kind for channel in info.channels]
    assert kinds.count(ChannelKind.IMU6) == 6
    assert kinds.count(ChannelKind.LOAD) == 6
    assert {channel.placement for channel in info.channels} == {*range(1, 2), *range(3, 8), *range(11, 17)}
    assert len(wire.encode(info)) <= wire.MESSAGE_SIZE_MAX


def test_nothing_is_lost_or_bent_on_the_line(short: Session) -> None:
    """Every sample of the session comes out in order, in SI as it went in, at its time on the node's clock."""
    host = greeted(short)
    host.run(20_000)
    info = host.of(Info)[-1][1]
    assert isinstance(info, Info)
    channel = next(c for c in info.channels if c.placement == Placement.LEFT_THIGH)
    batches = [(m, p) for m, p in host.of(ImuBatch) if m.chan == channel.chan]
    scale = scaling.imu_scale(channel.scale_a, channel.scale_b)
    values = np.concatenate([np.hstack(scaling.imu_si(p.samples, scale)) for _, p in batches])  # type: ignore[union-attr]
    stream = short.streams["left_thigh"]
    assert len(values) > 19 * stream.rate_hz
    assert np.abs(values - stream.values[: len(values)]).max() < 0.0025
    numbers = [p.n0 for _, p in batches]  # type: ignore[union-attr]
    sizes = [len(p.samples) // 12 for _, p in batches]  # type: ignore[union-attr]
    assert np.array_equal(np.diff(numbers) % 65536, sizes[:-1])
    assert [m.seq for m, _ in batches] == list(range(len(batches)))
    times = np.concatenate(
        [scaling.sample_us(p.t0_us, p.dt_ns, n) for (_, p), n in zip(batches, sizes, strict=True)]  # type: ignore[union-attr]
    )
    taken = np.cumsum(np.diff(times, prepend=times[0]) % 2**32) / 1e6
    assert taken == pytest.approx(stream.true_s[: len(taken)] - stream.true_s[0], abs=0.0006)


def test_batches_are_as_fresh_as_asked(short: Session) -> None:
    """No sample of a batch is older than batch_us and a step of the clock when the batch is sent."""
    host = greeted(short)
    settings = host.node.settings
    for _ in range(400):
        before = len(host.heard)
        host.run(5)
        now = host.node.device_us(host.t_ns)
        for _, payload in host.heard[before:]:
            if isinstance(payload, ImuBatch | LoadBatch):
                age = (now - payload.t0_us) & 0xFFFFFFFF
                assert age <= 20_000 + 5_000 + 2_000
    assert settings.latency_s == 0.0


def test_time_is_told_on_the_node_clock(short: Session) -> None:
    """TIME_RSP gives the 64-bit clock at reception, beyond the wrap of 32 bits."""
    host = greeted(short)
    host.run(9_000)
    asked = host.node.device_us(host.t_ns)
    host.say(TimeReq(0xBEEF))
    host.run(10)
    answer = host.of(TimeRsp)[-1][1]
    assert answer == TimeRsp(0xBEEF, asked, 0)
    assert asked > 0xFFFFFFFF


def test_a_repeated_command_acts_once(short: Session) -> None:
    """The same sequence number again brings the same answer and no second buzz."""
    host = greeted(short)
    until = (host.node.device_us(host.t_ns) + 500_000) & 0xFFFFFFFF
    buzz = Buzz(1, 2, 1, until, (Pulse(100, 20, 10),))
    host.say(buzz)
    host.say(buzz, again=True)
    host.say(buzz, again=True)
    host.run(20)
    assert len(host.node.buzzed) == 1
    assert host.acks()[-3:] == [AckCode.OK] * 3


def test_a_cue_that_comes_too_late_is_refused(short: Session) -> None:
    """After its time a cue is answered EXPIRED and not played; at its very time it still is."""
    host = greeted(short)
    now = host.node.device_us(host.t_ns) & 0xFFFFFFFF
    host.say(Buzz(1, 2, 1, (now - 1) & 0xFFFFFFFF, (Pulse(100, 20, 10),)))
    host.say(Buzz(2, 2, 1, now, (Pulse(100, 20, 10),)))
    host.run(20)
    assert [cue.buzz.cue for cue in host.node.buzzed] == [2]
    assert host.acks()[-2:] == [AckCode.EXPIRED, AckCode.OK]


def test_tare_takes_the_zero_away(short: Session) -> None:
    """After TARE an unloaded cell reads nothing but its noise; the answer comes when the samples are in."""
    host = greeted(short)
    host.run(500)
    info = host.of(Info)[-1][1]
    assert isinstance(info, Info)
    chan = next(c.chan for c in info.channels if c.placement == Placement.LEFT_HEEL_CELL)
    host.say(Tare(40, 0), chan)
    host.run(100)
    assert len(host.acks()) == 1
    host.run(900)
    assert host.acks() == [AckCode.OK, AckCode.OK]
    tail = [p for m, p in host.of(LoadBatch) if m.chan == chan][-15:]
    newtons = np.concatenate([scaling.load_si(p.samples, 10_000_000) for p in tail])  # type: ignore[union-attr]
    assert abs(newtons.mean()) < 1.0


def test_wrong_commands_are_told(short: Session) -> None:
    """A tare of an IMU and a reboot without its magic are out of range; a node that nobody streams cannot tare."""
    host = host_of(short)
    host.say(Tare(8, 0), 1)
    host.say(Tare(8, 0), 7)
    host.say(Reboot(0, 1))
    host.say(Identify(3))
    host.run(20)
    assert host.acks() == [AckCode.OUT_OF_RANGE, AckCode.WRONG_STATE, AckCode.OUT_OF_RANGE, AckCode.OK]
    assert host.node.identified == [3]


def test_unplugged_and_back(short: Session) -> None:
    """Pulled, a node says and hears nothing; back, it has a new boot and a young clock, and waits to be asked."""
    host = greeted(short)
    host.run(2_000)
    host.node.unplug()
    before = len(host.heard)
    host.say(TimeReq(1))
    host.run(1_000)
    assert len(host.heard) == before
    host.node.plug_in(host.t_ns)
    host.run(200)
    info = host.of(Info)[-1][1]
    assert isinstance(info, Info)
    assert info.boot_count == 2
    assert host.node.device_us(host.t_ns) < 2_000_000
    assert not host.node.streaming
    host.say(Hello(1, 1, 0, 0, 5))
    host.say(Stream(ALL, 20_000))
    host.run(500)
    first = next(p for m, p in host.heard[before:] if isinstance(p, ImuBatch))
    assert first.n0 > 3 * 100  # the body went on while the node was away


def test_play_goes_round(short: Session) -> None:
    """A looped session never ends, its running numbers go on, and time advances evenly over the seam."""
    end = short.truth.facts["seated_s"][1]
    host = greeted(short, Loop(end - 3.0, end - 1.0))
    host.run(int(1000 * end) + 6_000)
    batches = [p for m, p in host.of(ImuBatch) if m.chan == 1]
    sizes = np.array([len(p.samples) // 12 for p in batches])  # type: ignore[union-attr]
    starts = np.array([p.t0_us for p in batches])  # type: ignore[union-attr]
    steps = np.diff(starts) % 2**32
    assert steps.max() < sizes.max() * 2 * 1e6 / 104
    assert np.array_equal(np.diff([p.n0 for p in batches]) % 65536, sizes[:-1])  # type: ignore[union-attr]


def test_lost_samples_show_in_the_numbers() -> None:
    """Where the session lost batches the running numbers leap, and no batch reaches over the gap."""
    lossy = Scenario(seed=3, radio=replace(Radio(), lost_share=0.05), sets=(SetPlan((RepPlan(),)),))
    host = greeted(simulate(lossy))
    host.run(10_000)
    batches = [p for m, p in host.of(ImuBatch) if m.chan == 1]
    sizes = np.array([len(p.samples) // 12 for p in batches])  # type: ignore[union-attr]
    leaps = np.diff([p.n0 for p in batches]) % 65536 - sizes[:-1]  # type: ignore[union-attr]
    assert leaps.min() >= 0
    assert leaps.max() > 0


def test_status_every_second(short: Session) -> None:
    """STATUS comes once a second and says that the node streams."""
    host = greeted(short)
    host.run(5_000)
    told = [p for _, p in host.of(Status)]
    assert len(told) in range(5, 9)
    assert told[-1].state == 1  # type: ignore[union-attr]
