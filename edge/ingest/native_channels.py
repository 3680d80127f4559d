"""The sensor channels of one node: their roles, sequence numbers and gaps; batches in, samples in SI units out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from edge.ingest.native_bridge import bridged
from edge.ingest.native_clock import U16_100US, U32_US, DeviceClock
from edge.ingest.native_layout import ImuChannel, Layout, LoadCell
from edge.ingest.native_loads import LoadGroup
from edge.ingest.native_sequence import SampleCount, Sequence
from edge.ingest.native_types import ChannelReport, Item
from edge.samples import ImuSamples, IntArray, Role
from firmware_protocol import scaling, wire
from firmware_protocol.messages import ImuBatch, ImuOne, LoadBatch, LoadOne, Payload
from firmware_protocol.registries import BatchFlags

_OVERRUN = int(BatchFlags.OVERRUN)
_STEPPED = int(BatchFlags.CLOCK_STEPPED)
_FLAG_COUNTERS = (
    (int(BatchFlags.CLIPPED), "clipped_batches"),
    (int(BatchFlags.OVERRANGE), "overrange_batches"),
    (int(BatchFlags.UNCALIBRATED), "uncalibrated_batches"),
)
_TOLD = _STEPPED | sum(flag for flag, _ in _FLAG_COUNTERS)

REFUSED_MAX = 3
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


class _Run(NamedTuple):
    """The timing of the samples in one message. t_us: low bits of the first sample's time; modulus_us: their range."""

    t_us: int
    modulus_us: int
    dt_ns: int
    n0: int
    samples: int


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
        if not isinstance(payload, ImuBatch | LoadBatch) or not payload.flags & _TOLD:
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
        imu, cell = self._layout.imus.get(chan), self._layout.cells.get(chan)
        if imu and isinstance(payload, ImuBatch | ImuOne):
            run = self._run(message, payload, imu.period_ns)
            device_us = self._times(chan, run, t_ns)
            if device_us is None:
                return []
            return [self._imu_samples(imu, chan, device_us, payload)]
        if cell and isinstance(payload, LoadBatch | LoadOne):
            device_us = self._times(chan, self._run(message, payload, cell.period_ns), t_ns)
            return [] if device_us is None else self._load_rows(cell, device_us, payload.samples)
        self._dropped["wrong_kind"] += 1
        return []

    def _imu_samples(self, imu: ImuChannel, chan: int, device_us: IntArray, payload: ImuBatch | ImuOne) -> ImuSamples:
        values = scaling.imu_si(payload.samples, imu.scale)
        turned, flags = (payload.orientation, payload.flags) if isinstance(payload, ImuBatch) else (None, 0)
        orientation = scaling.orientation(turned) if turned else None
        samples = ImuSamples(imu.role, device_us, values[:, :3], values[:, 3:], self._boot, orientation)
        flow = self._flows[chan]
        before, flow.run = flow.run, samples if turned else None
        if before is None or not flow.gap or flags & _OVERRUN:
            return samples
        return bridged(before, samples, flow.gap)

    def _load_rows(self, cell: LoadCell, device_us: IntArray, samples: bytes) -> list[Item]:
        group = self._groups[cell.role]
        force_n = (scaling.load_counts(samples) - cell.zero_counts) * cell.n_per_count
        before = group.incomplete
        group.add(cell.chan, device_us.tolist(), force_n.tolist())
        rows = group.rows(self._boot)
        self._dropped["incomplete_load_samples"] += group.incomplete - before
        return [rows] if rows else []

    @staticmethod
    def _run(message: wire.Message, payload: ImuBatch | ImuOne | LoadBatch | LoadOne, period_ns: int) -> _Run:
        if isinstance(payload, ImuOne | LoadOne):
            return _Run(payload.t_100us * 100, U16_100US, period_ns, message.seq, 1)
        size = 12 if isinstance(payload, ImuBatch) else 4
        return _Run(payload.t0_us, U32_US, payload.dt_ns, payload.n0, len(payload.samples) // size)

    def _times(self, chan: int, run: _Run, t_ns: int) -> IntArray | None:
        """The device time of each sample; None where it cannot be right."""
        flow = self._flows[chan]
        if not self._is_period(run, chan):
            self._dropped["bad_period"] += 1
            return None
        start_us = self._clock.unwrap(run.t_us, run.modulus_us, t_ns)
        if start_us is None or start_us <= flow.last_us:
            self._dropped["time_not_rising"] += 1
            flow.refused += 1
            self._refused = max(self._refused, flow.refused)
            return None
        flow.refused = 0
        end_us = start_us + run.samples * run.dt_ns // 1000
        flow.gap = flow.count.missing(run.n0, start_us, run.dt_ns)
        self._dropped["gap_samples"] += flow.gap
        flow.count.took(run.n0, run.samples, end_us)
        device_us = scaling.sample_us(start_us, run.dt_ns, run.samples)
        flow.last_us = int(device_us[-1])
        return device_us

    def _is_period(self, run: _Run, chan: int) -> bool:
        """Whether the batch's sample period is near the declared one (or can be one at all, where none is declared)."""
        if run.samples == 1:
            return True
        period_ns = self._layout.period_ns(chan)
        return period_ns // 2 < run.dt_ns < period_ns * 2 if period_ns else run.dt_ns >= 1000
