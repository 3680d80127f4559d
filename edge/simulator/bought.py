"""Bought sensors played from a session: what a WitMotion on a leg and a Progressor under a heel would send.

Like the virtual nodes they are pure: bytes in by `receive`, notifications out of `advance_messages`, time as an
argument. They obey the commands that their makers publish and nothing else, and begin as they leave the factory: a
WitMotion at 10 Hz with its settings locked, a Progressor silent. What they send is written from the makers' documents,
not from our drivers, which are held against it.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from typing import Final

import numpy as np

from edge.samples import FloatArray
from edge.simulator.nodes import Stage
from edge.simulator.session import Stream

STANDARD_GRAVITY_M_S2: Final = 9.80665
ACC_RANGE_G, GYR_RANGE_DEG_S, FULL_SCALE = 16.0, 2000.0, 32768
UNLOCK: Final = bytes.fromhex("ff aa 69 88 b5")
SET_RATE: Final = {bytes((0xFF, 0xAA, 0x03, code, 0x00)): hz for code, hz in ((6, 10), (7, 20), (8, 50), (9, 100))}
FACTORY_HZ: Final = 10.0
UNLOCKED_NS: Final = 10_000_000_000
TLV_SAMPLES: Final = 2
"""What fits a notification of the least MTU: a tag, a length and two samples of eight bytes are 18 of 20."""


class BoughtSensor(ABC):
    """A sensor and its stretch of a session. number: tells it from the others on its stage."""

    def __init__(self, stream: Stream, number: int, stage: Stage | None = None) -> None:
        self._stage = stage or Stage()
        self._number = number
        self._true_s = stream.true_s
        self._at = 0
        self._out: list[bytes] = []

    @abstractmethod
    def receive(self, t_ns: int, data: bytes) -> None:
        """A command that arrived at t_ns."""

    def advance_messages(self, t_ns: int) -> list[bytes]:
        """Everything that it has notified up to t_ns, one item a notification."""
        begin = self._at
        self._at = int(np.searchsorted(self._true_s, self.play_s(t_ns), side="right"))
        if self._at > begin:
            self._take(begin, self._at)
        out, self._out = self._out, []
        return out

    def play_s(self, t_ns: int) -> float:
        """How far the session has been played, s; 0 before all on the stage stream."""
        return 0.0 if self._stage.from_ns is None else (t_ns - self._stage.from_ns) / 1e9

    @abstractmethod
    def _take(self, begin: int, end: int) -> None:
        """Samples begin to end of the stream have been taken."""

    def _ready(self, t_ns: int) -> None:
        self._stage.ready(self._number, t_ns)


class WitMotion(BoughtSensor):
    """Nine int16 a frame; the stream's samples are those of its fastest rate in use here."""

    def __init__(self, stream: Stream, number: int, stage: Stage | None = None) -> None:
        super().__init__(stream, number, stage)
        self._frames = frames(stream.values)
        self._full_hz = stream.rate_hz
        self._every = round(stream.rate_hz / FACTORY_HZ)
        self._unlocked_ns: int | None = None

    def receive(self, t_ns: int, data: bytes) -> None:
        """Unlock, and the rate; what comes while it is locked is not taken."""
        if data == UNLOCK:
            self._unlocked_ns = t_ns
        elif data in SET_RATE and self._unlocked_ns is not None and t_ns - self._unlocked_ns < UNLOCKED_NS:
            self._every = max(round(self._full_hz / SET_RATE[data]), 1)
            self._ready(t_ns)

    def _take(self, begin: int, end: int) -> None:
        self._out += [self._frames[k] for k in range(begin, end) if k % self._every == 0]


class Progressor(BoughtSensor):
    """One cell: kg and µs since the measurement began, two samples a notification."""

    def __init__(self, stream: Stream, column: int, number: int, stage: Stage | None = None) -> None:
        super().__init__(stream, number, stage)
        self._mass_kg = stream.values[:, column] / STANDARD_GRAVITY_M_S2
        self._zero_kg = 0.0
        self._device_us = stream.device_us
        self._began_us: int | None = None
        self._waiting: list[bytes] = []

    def receive(self, t_ns: int, data: bytes) -> None:
        """Single letters."""
        if data == b"e":
            self._began_us = int(self._device_us[min(self._at, len(self._device_us) - 1)])
            self._ready(t_ns)
        elif data == b"f":
            self._began_us = None
        elif data == b"d":
            self._zero_kg = float(self._mass_kg[min(self._at, len(self._mass_kg) - 1)])
        elif data == b"k":
            self._out.append(tlv(0, b"1.2.3.4"))
        elif data == b"o":
            self._out.append(tlv(0, struct.pack("<I", 3870)))

    def _take(self, begin: int, end: int) -> None:
        if self._began_us is None:
            return
        for k in range(begin, end):
            time_us = (int(self._device_us[k]) - self._began_us) & 0xFFFFFFFF
            self._waiting.append(struct.pack("<fI", self._mass_kg[k] - self._zero_kg, time_us))
        while len(self._waiting) >= TLV_SAMPLES:
            self._out.append(tlv(1, b"".join(self._waiting[:TLV_SAMPLES])))
            del self._waiting[:TLV_SAMPLES]


def frames(values: FloatArray) -> list[bytes]:
    """Samples (N, 6) m/s² and rad/s as WitMotion's 20-byte frames; the angles, which nobody uses, are 0."""
    acc = values[:, :3] / (ACC_RANGE_G * STANDARD_GRAVITY_M_S2)
    gyr = np.degrees(values[:, 3:]) / GYR_RANGE_DEG_S
    counts = np.clip(np.round(np.hstack((acc, gyr)) * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    return [b"\x55\x61" + row.tobytes() + bytes(6) for row in counts]


def tlv(tag: int, value: bytes) -> bytes:
    """A Progressor's tag, length and value."""
    return bytes((tag, len(value))) + value


class AsciiScale(BoughtSensor):
    """A scale under the whole plate that prints the mean of the last half second ten times a second, in kg."""

    PRINT_S: Final = 0.1
    MEAN_S: Final = 0.5

    def __init__(self, stream: Stream, number: int, stage: Stage | None = None) -> None:
        super().__init__(stream, number, stage)
        self._sum_kg = np.concatenate(([0.0], np.cumsum(stream.values.sum(axis=1) / STANDARD_GRAVITY_M_S2)))
        self._printed = 0

    def receive(self, t_ns: int, data: bytes) -> None:
        """It takes no commands."""

    def _take(self, begin: int, end: int) -> None:
        while (self._printed + 1) * self.PRINT_S <= self._true_s[end - 1]:
            self._printed += 1
            to_s = self._printed * self.PRINT_S
            first, last = np.searchsorted(self._true_s, (to_s - self.MEAN_S, to_s))
            if last > first:
                mean_kg = (self._sum_kg[last] - self._sum_kg[first]) / (last - first)
                self._out.append(f"{mean_kg:.2f} kg\r\n".encode())
