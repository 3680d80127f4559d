"""A bought sensor as the pipeline sees it: bytes in, samples with a clock and a quality mark out.

A driver is one object per device; all state is in it, so two devices of a kind never touch. It has no clock, file or
socket: time comes in with the bytes, and what the device must be sent at the start comes out as data.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.ingest.capability import Capability, Use, refusal
from edge.ingest.device_clock import PacketClock, SampleClock
from edge.ingest.packets import ErrorPacket, ImuPacket, LoadPacket, MessagePacket, Packet, Parser, Vector
from edge.ingest.rate_clock import RateClock, Stamp
from edge.samples import Cell, FloatArray, ImuSamples, LoadSamples, Role, Samples

REPLY_TIMEOUT_NS: Final = 1_000_000_000  # a reply that names no command belongs to the one sent within this time
CLIPPED: Final = 0.9995  # of the range: the last counts, where a value may have been larger


@dataclass(frozen=True, slots=True)
class Command:
    """Bytes for the device. reply: the name under which its answer comes out; None: it gives none.

    One command is sent at a time: the next one waits for the answer, or for REPLY_TIMEOUT_NS.
    """

    data: bytes
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Gatt:
    """Where a BLE device is spoken to: full UUIDs, lower case."""

    service: str
    notify: str
    write: str


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """One kind of device. clock: of its own, where it has one. imu_range: m/s² and rad/s at which it clips, if known.

    start: the commands that set the given rate and start the stream, in order.
    """

    name: str
    parser: Callable[[], Parser]
    start: Callable[[float], tuple[Command, ...]]
    capability: Capability
    clock: Callable[[float], SampleClock | PacketClock] | None = None
    gatt: Gatt | None = None
    baud: int | None = None
    imu_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How far a run of samples can be trusted.

    regressed: its times are inferred from arrivals. lost: samples known or inferred to be missing just before it.
    clipped: a value stands at the end of the device's range.
    """

    regressed: bool
    lost: int
    clipped: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Samples that arrived together, and their quality."""

    samples: Samples
    quality: Quality


Received: TypeAlias = Run | MessagePacket | ErrorPacket
BoolArray: TypeAlias = NDArray[np.bool_]


def _finite_rows(values: FloatArray) -> BoolArray:
    """(N,) whether all of a row are numbers; values: (N, C)."""
    return np.asarray(np.isfinite(values).all(axis=1))


class Driver:
    """One device. counters: what was received, lost and refused, by name.

    rate_hz: the rate that it is set to, the kind's default where None. cells: what the columns of a load cell are.
    sign: -1 where the cell reads pushing as negative.
    """

    def __init__(
        self, spec: DriverSpec, role: Role, *, rate_hz: float | None = None, cells: tuple[Cell, ...] = (), sign: int = 1
    ) -> None:
        self.spec = spec
        self.role = role
        self.counters: Counter[str] = Counter()
        self._hz = rate_hz or spec.capability.rate_hz
        self._cells = cells
        self._sign = sign
        self._boot = -1
        self.linked()

    def linked(self) -> None:
        """The link is up anew: half a packet, the clocks and an awaited reply of before are worth nothing."""
        self._parser = self.spec.parser()
        self._device_clock = self.spec.clock(self._hz) if self.spec.clock else None
        self._rate_clock = RateClock(self._hz)
        self._acc: Vector | None = None
        self._awaited: tuple[str, int] | None = None
        self._delay_ms = self.spec.capability.delay_ms
        self._boot += 1

    def start(self) -> tuple[Command, ...]:
        """What to send once the link is up, in order."""
        return self.spec.start(self._hz)

    def sent(self, t_ns: int, command: Command) -> None:
        """Command left at t_ns: the next reply is its answer."""
        self._awaited = (command.reply, t_ns) if command.reply else None

    def receive(self, t_ns: int, data: bytes) -> list[Received]:
        """Bytes that arrived at t_ns of the host's monotonic clock. Never raises on any bytes."""
        received: list[Received] = []
        untimed: list[tuple[Vector, Vector]] = []
        for packet in self._parser.feed(data):
            if isinstance(packet, ImuPacket) and packet.t_device_us is None:
                untimed += self._pair(packet)
            else:
                received += self._take(t_ns, packet)
        if untimed:
            received += self._imu_run([a for a, _ in untimed], [g for _, g in untimed], self._stamp(t_ns, len(untimed)))
        return received

    @property
    def rate_hz(self) -> float | None:
        """Samples per second as measured lately; None: not yet."""
        device_hz = self._device_clock.rate_hz if self._device_clock else None
        return self._rate_clock.rate_hz if device_hz is None else device_hz

    def refusal(self, use: Use) -> str | None:
        """Why this device may not serve `use` at present; None: it may."""
        return refusal(self.spec.capability, use, self.rate_hz, self._delay_ms)

    def _take(self, t_ns: int, packet: Packet) -> list[Received]:
        if isinstance(packet, ImuPacket):
            stamp = self._stamp(t_ns, len(packet.acc_m_s2 or ()), packet.t_device_us)
            return self._imu_run(packet.acc_m_s2 or [], packet.gyr_rad_s or [], stamp)
        if isinstance(packet, LoadPacket):
            return self._load_run(packet, self._stamp(t_ns, len(packet.force_n), packet.t_device_us))
        if isinstance(packet, ErrorPacket):
            self.counters["errors"] += 1
            return [packet]
        return [self._named(t_ns, packet)]

    def _pair(self, packet: ImuPacket) -> list[tuple[Vector, Vector]]:
        """Acceleration and angular rate that belong together; in classic serial they come one after the other."""
        if packet.acc_m_s2 and packet.gyr_rad_s:
            return list(zip(packet.acc_m_s2, packet.gyr_rad_s, strict=True))
        acc = self._acc
        self._acc = packet.acc_m_s2[0] if packet.acc_m_s2 else None
        if packet.gyr_rad_s and acc:
            return [(acc, packet.gyr_rad_s[0])]
        if packet.gyr_rad_s or acc:
            self.counters["unpaired"] += 1
        return []

    def _stamp(self, t_ns: int, count: int, times_us: Sequence[int] | None = None) -> Stamp:
        if times_us is not None and self._device_clock is not None:
            stamp = self._device_clock.stamp(t_ns, times_us)
            self._delay_ms = 1000 * (count - 1) / (self._device_clock.rate_hz or self._hz)
        else:
            stamp = self._rate_clock.stamp(t_ns, count)
        self._boot += stamp.restarted
        self.counters["lost"] += stamp.lost
        return stamp

    def _imu_run(self, acc: list[Vector], gyr: list[Vector], stamp: Stamp) -> list[Received]:
        acc_m_s2, gyr_rad_s = np.array(acc, dtype=np.float64), np.array(gyr, dtype=np.float64)
        valid = _finite_rows(np.hstack((acc_m_s2, gyr_rad_s)))
        if not self._count(valid):
            return []
        acc_m_s2, gyr_rad_s = acc_m_s2[valid], gyr_rad_s[valid]
        samples = ImuSamples(self.role, stamp.device_us[valid], acc_m_s2, gyr_rad_s, self._boot)
        return [Run(samples, self._quality(stamp, clipped=self._clipped(acc_m_s2, gyr_rad_s)))]

    def _load_run(self, packet: LoadPacket, stamp: Stamp) -> list[Received]:
        force_n = self._sign * np.array(packet.force_n, dtype=np.float64)
        if stamp.kept is not None:
            self.counters["duplicates"] += len(force_n) - len(stamp.kept)
            force_n = force_n[stamp.kept]
        valid = _finite_rows(force_n)
        if not self._count(valid):
            return []
        samples = LoadSamples(self.role, stamp.device_us[valid], force_n[valid], self._boot, self._cells)
        return [Run(samples, self._quality(stamp, clipped=False))]

    def _count(self, valid: BoolArray) -> int:
        """Count good and bad samples; how many are good."""
        good = int(valid.sum())
        self.counters["samples"] += good
        self.counters["invalid"] += len(valid) - good
        return good

    def _quality(self, stamp: Stamp, *, clipped: bool) -> Quality:
        return Quality(regressed=stamp.regressed, lost=stamp.lost, clipped=clipped)

    def _clipped(self, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> bool:
        acc_range, gyr_range = self.spec.imu_range or (math.inf, math.inf)
        return bool(np.abs(acc_m_s2).max() >= CLIPPED * acc_range or np.abs(gyr_rad_s).max() >= CLIPPED * gyr_range)

    def _named(self, t_ns: int, message: MessagePacket) -> MessagePacket:
        """A reply that names no command gets the name of the command that waits for it."""
        awaited = self._awaited
        if message.name != "reply" or awaited is None:
            return message
        self._awaited = None
        return MessagePacket(awaited[0], message.fields) if t_ns - awaited[1] <= REPLY_TIMEOUT_NS else message
