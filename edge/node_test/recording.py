"""What one channel sent while it streamed, unwrapped: the ground for the checks of streams."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from edge.node_test.dialog import Heard
from edge.samples import FloatArray, IntArray
from firmware_protocol import scaling
from firmware_protocol.messages import Channel, ImuBatch, ImuOne, LoadBatch, LoadOne
from firmware_protocol.registries import ChannelKind

SAMPLES_KEPT = 60_000
"""Ten minutes of an IMU at 100 Hz: values are looked at over so long, times over the whole run."""


@dataclass(slots=True)
class Batch:
    """One message with samples: when it came, and what it says."""

    t_ns: int
    seq: int
    t_us: int
    n: int
    count: int
    dt_ns: int
    flags: int
    orientation: bytes | None


@dataclass(slots=True)
class ChannelRecording:
    """The batches of one channel in order of arrival, times and numbers unwrapped from the first one on.

    values: raw samples. seq_lost: messages missing by sequence number; back: numbers or times that ran backwards.
    """

    channel: Channel
    batches: list[Batch] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    seq_lost: int = 0
    duplicates: int = 0
    kept: int = 0

    @property
    def width(self) -> int:
        """Bytes of a sample."""
        return 4 if self.channel.kind == ChannelKind.LOAD else 12

    def add(self, heard: Heard) -> None:
        """Takes a message of this channel; messages of other kinds are passed over."""
        p = heard.payload
        if isinstance(p, ImuBatch | LoadBatch):
            turned = p.orientation if isinstance(p, ImuBatch) else None
            count = len(p.samples) // self.width
            told = (p.t0_us, 1 << 32, p.n0, count, p.dt_ns, p.flags, turned)
        elif isinstance(p, ImuOne | LoadOne):
            told = (p.t_100us * 100, 6_553_600, heard.message.seq, 1, self.channel.period_ns, 0, None)
        else:
            return
        self._append(heard, told)
        if self.kept < SAMPLES_KEPT:
            self.raw.append(p.samples)
            self.kept += told[3]

    def _append(self, heard: Heard, told: tuple[int, int, int, int, int, int, bytes | None]) -> None:
        t_us, modulus_us, n, count, dt_ns, flags, turned = told
        seq = heard.message.seq
        if self.batches:
            last = self.batches[-1]
            step = (seq - last.seq) & 0xFFFF
            self.seq_lost += step - 1 if 0 < step < 0x8000 else 0
            self.duplicates += step == 0
            t_us = last.t_us + _signed(t_us - last.t_us, modulus_us)
            n = last.n + _signed(n - last.n, 0x10000)
        self.batches.append(Batch(heard.t_ns, seq, t_us, n, count, dt_ns, flags, turned))

    def column(self, name: str) -> IntArray:
        """(N,) one attribute of all batches."""
        return np.array([getattr(batch, name) for batch in self.batches], dtype=np.int64)

    def period_us(self) -> float:
        """Time between samples by the node's clock: the median over stretches of about a second."""
        t_us, n = self.column("t_us"), self.column("n")
        stride = max(1, min(25, len(n) - 1))
        steps = n[stride:] - n[:-stride]
        spans = t_us[stride:] - t_us[:-stride]
        good = steps > 0
        return float(np.median(spans[good] / steps[good])) if good.any() else 0.0

    def residuals_us(self) -> FloatArray:
        """(N-1,) how far each batch's time is from where its number and the batch before put it."""
        t_us, n = self.column("t_us"), self.column("n")
        residuals: FloatArray = np.diff(t_us) - np.diff(n) * self.period_us()
        return residuals

    def missing(self) -> int:
        """Samples that never came, by their numbers."""
        n, count = self.column("n"), self.column("count")
        return int(np.maximum(n[1:] - n[:-1] - count[:-1], 0).sum())

    def values(self) -> FloatArray:
        """(M, 6) in SI for an inertial channel, (M, 1) in counts for a load channel."""
        raw = b"".join(self.raw)
        if self.channel.kind == ChannelKind.LOAD:
            return np.array(scaling.load_counts(raw), dtype=np.float64)[:, None]
        scale = scaling.imu_scale(self.channel.scale_a, self.channel.scale_b)
        return np.hstack(scaling.imu_si(raw, scale)).reshape(-1, 6)


class Recording:
    """All channels, STATUS times and how many messages of each type came."""

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        self.channels = {c.chan: ChannelRecording(c) for c in channels}
        self.status_ns: list[int] = []
        self.unproven = 0
        self.types: Counter[int] = Counter()

    def hear(self, heard: Heard) -> None:
        """Takes any message."""
        self.types[heard.message.type] += 1
        self.unproven += heard.verdict is not None and heard.verdict.value != "good"
        if heard.message.type == STATUS:
            self.status_ns.append(heard.t_ns)
        elif heard.message.chan in self.channels:
            self.channels[heard.message.chan].add(heard)


STATUS = 0x03


def _signed(difference: int, modulus: int) -> int:
    return (difference + modulus // 2) % modulus - modulus // 2
