"""The sensor channels of one node: their roles, sequence numbers and gaps; batches in, samples in SI units out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from edge.ingest.native_bridge import bridged
from edge.ingest.native_clock import U16_100US, U32_US, DeviceClock
from edge.ingest.native_layout import ImuChannel, Layout, LoadCell
from edge.ingest.native_loads import LoadGroup
from edge.ingest.native_sequence import SampleCount, Sequence
from edge.ingest.native_types import ChannelReport, Item
from edge.samples import ImuSamples, Role
from firmware_protocol import scaling, wire
from firmware_protocol.messages import ImuBatch, ImuOne, LoadBatch, LoadOne, Payload
from firmware_protocol.registries import BatchFlags

# A tuple, not a union, which isinstance would build anew at each message.
_IMU: Final = (ImuBatch, ImuOne)
_LOAD: Final = (LoadBatch, LoadOne)
_BATCH: Final = (ImuBatch, LoadBatch)
_OVERRUN: Final = int(BatchFlags.OVERRUN)
_STEPPED: Final = int(BatchFlags.CLOCK_STEPPED)
_FLAG_COUNTERS: Final = (
    (int(BatchFlags.CLIPPED), "clipped_batches"),
    (int(BatchFlags.OVERRANGE), "overrange_batches"),
    (int(BatchFlags.UNCALIBRATED), "uncalibrated_batches"),
)
_TOLD: Final = _STEPPED | sum(flag for flag, _ in _FLAG_COUNTERS)

REFUSED_MAX: Final = 3
"""One wrong time is a node's slip; three in a row, each with a rising sequence number, are a clock that began again."""


@dataclass(slots=True)
class _Flow:
    """How far one channel has come. gap: samples lost before the last message; run: its samples, if they can bridge."""

    sequence: Sequence = field(default_factory=Sequence)
    count: SampleCount = field(default_factory=SampleCount)
    last_us: int = -1
    refused: int = 0
    gap: int = 0
    run: ImuSamples | None = None


_Run: TypeAlias = tuple[int, int, int, int, int]
"""The timing of the samples in one message: low bits of the first one's time and their range, µs, ns between samples,
the first one's running number, and how many they are.
"""


class Channels:
    """The channels of one node that play a role."""

    def __init__(self, dropped: Counter[str], clock: DeviceClock) -> None:
        self._dropped = dropped
        self._clock = clock
        self._boot = 0
        self._refused = 0
        self._layout = Layout()
        self._flows: dict[int, _Flow] = {}
        self._groups: dict[Role, LoadGroup] = {}

    @property
    def roles(self) -> dict[int, Role]:
        """The role of each channel that is to stream."""
        return self._layout.roles

    @property
    def reports(self) -> tuple[ChannelReport, ...]:
        """What each channel of the node is, also those without a role."""
        return self._layout.reports

    @property
    def lost_messages(self) -> int:
        """Messages of these channels that never came."""
        return sum(flow.sequence.lost for flow in self._flows.values())

    def configure(self, layout: Layout) -> None:
        """These channels play these roles from now on."""
        self._layout = layout
        self._flows = {chan: self._flows.get(chan) or _Flow() for chan in layout.roles}
        self._groups = {
            role: LoadGroup(role, tuple(cell.chan for cell in cells), cells[0].period_us)
            for role, cells in layout.groups.items()
        }

    def restart(self, clock: DeviceClock, boot: int) -> None:
        """The node has started again: its clock and numbers are new."""
        self._clock, self._boot = clock, boot
        self._refused = 0
        self._flows = {chan: _Flow() for chan in self._flows}
        for group in self._groups.values():
            group.clear()

    def forget_sequences(self) -> None:
        """The next message of each channel is taken whatever its number; gaps still show in the samples' numbers."""
        for flow in self._flows.values():
            flow.sequence.forget()

    def sequence(self, chan: int) -> Sequence | None:
        """The sequence numbers of a channel that plays a role."""
        flow = self._flows.get(chan)
        return flow.sequence if flow else None

    def clock_stepped(self, payload: Payload) -> bool:
        """Whether a batch says that the node's clock is no longer the one before; counts its other flags."""
        if not isinstance(payload, _BATCH) or not payload.flags & _TOLD:
            return False
        for flag, name in _FLAG_COUNTERS:
            self._dropped[name] += bool(payload.flags & flag)
        return bool(payload.flags & _STEPPED)

    @property
    def clock_lost(self) -> bool:
        """Whether a channel's times were refused so often in a row that the node must have a new clock."""
        return self._refused >= REFUSED_MAX

    def read(self, t_ns: int, message: wire.Message, payload: Payload) -> list[Item]:
        """The samples in a message of a channel that plays a role."""
        chan = message.chan
        imu = self._layout.imus.get(chan)
        if imu and isinstance(payload, _IMU):
            device_us = self._times(chan, self._run(message, payload, imu.period_ns), t_ns)
            return [self._imu_samples(imu, chan, device_us, payload)] if device_us else []
        cell = self._layout.cells.get(chan)
        if cell and isinstance(payload, _LOAD):
            device_us = self._times(chan, self._run(message, payload, cell.period_ns), t_ns)
            return self._load_rows(cell, device_us, payload.samples) if device_us else []
        self._dropped["wrong_kind"] += 1
        return []

    def _imu_samples(self, imu: ImuChannel, chan: int, device_us: list[int], payload: ImuBatch | ImuOne) -> ImuSamples:
        accs, gyrs = scaling.imu_si(payload.samples, imu.scale)
        turned, flags = (payload.orientation, payload.flags) if isinstance(payload, ImuBatch) else (None, 0)
        orientation = scaling.orientation(turned) if turned else None
        samples = ImuSamples(imu.role, device_us, accs, gyrs, self._boot, gyro_wxyz=orientation)
        flow = self._flows[chan]
        before, flow.run = flow.run, samples if turned else None
        if before is None or not flow.gap or flags & _OVERRUN:
            return samples
        return bridged(before, samples, flow.gap)

    def _load_rows(self, cell: LoadCell, device_us: list[int], samples: bytes) -> list[Item]:
        group = self._groups[cell.role]
        zero_counts, n_per_count = cell.zero_counts, cell.n_per_count
        force_n = [(count - zero_counts) * n_per_count for count in scaling.load_counts(samples)]
        before = group.incomplete
        group.add(cell.chan, device_us, force_n)
        rows = group.rows(self._boot)
        if group.incomplete > before:
            self._dropped["incomplete_load_samples"] += group.incomplete - before
        return [rows] if rows else []

    @staticmethod
    def _run(message: wire.Message, payload: ImuBatch | ImuOne | LoadBatch | LoadOne, period_ns: int) -> _Run:
        if isinstance(payload, ImuBatch):
            return payload.t0_us, U32_US, payload.dt_ns, payload.n0, len(payload.samples) // 12
        if isinstance(payload, LoadBatch):
            return payload.t0_us, U32_US, payload.dt_ns, payload.n0, len(payload.samples) // 4
        return payload.t_100us * 100, U16_100US, period_ns, message.seq, 1

    def _times(self, chan: int, run: _Run, t_ns: int) -> list[int]:
        """The device time of each sample, µs; none where they cannot be right."""
        flow = self._flows[chan]
        t_us, modulus_us, dt_ns, n0, count = run
        if count > 1 and not self._is_period(dt_ns, chan):
            self._dropped["bad_period"] += 1
            return []
        start_us = self._clock.unwrap(t_us, modulus_us, t_ns)
        if start_us is None or start_us <= flow.last_us:
            self._dropped["time_not_rising"] += 1
            flow.refused += 1
            self._refused = max(self._refused, flow.refused)
            return []
        flow.refused = 0
        flow.gap = flow.count.missing(n0, start_us, dt_ns)
        if flow.gap:
            self._dropped["gap_samples"] += flow.gap
        flow.count.took(n0, count, start_us + count * dt_ns // 1000)
        device_us = scaling.sample_us(start_us, dt_ns, count)
        flow.last_us = device_us[-1]
        return device_us

    def _is_period(self, dt_ns: int, chan: int) -> bool:
        """Whether a batch's sample period is near the declared one (or can be one at all, where none is declared)."""
        period_ns = self._layout.period_ns(chan)
        return period_ns // 2 < dt_ns < period_ns * 2 if period_ns else dt_ns >= 1000
