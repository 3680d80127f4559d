"""What a node's channel plays: the samples of a session as raw counts, on and on if the session is looped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.samples import BACKPAD_CELLS, FOOTPLATE_CELLS, FloatArray, IntArray, Role
from edge.simulator.session import Session, Stream
from firmware_protocol.messages import Channel
from firmware_protocol.registries import ChannelKind, Placement

NEWTON_STEP_NN = 10_000_000  # 0.01 N a count: finer than any cell, 21 MN at most
ACC_STEP_NM_S2, GYR_STEP_NRAD_S = 4_788_403, 1_065_264  # of ±16 g and ±2000 °/s on 16 bits

PLACEMENTS: dict[Role, Placement] = {
    "sled": Placement.SLED,
    "pelvis": Placement.PELVIS,
    "left_thigh": Placement.LEFT_THIGH,
    "left_shank": Placement.LEFT_SHANK,
    "right_thigh": Placement.RIGHT_THIGH,
    "right_shank": Placement.RIGHT_SHANK,
}
CELL_PLACEMENTS: dict[str, Placement] = {
    "left_heel": Placement.LEFT_HEEL_CELL,
    "left_toe": Placement.LEFT_TOE_CELL,
    "right_heel": Placement.RIGHT_HEEL_CELL,
    "right_toe": Placement.RIGHT_TOE_CELL,
    "lumbar": Placement.LUMBAR_PAD,
    "sacral": Placement.SACRAL_PAD,
}


@dataclass(frozen=True, slots=True)
class Loop:
    """The stretch of a session that is played again and again, s."""

    from_s: float
    to_s: float


@dataclass(slots=True)
class Feed:
    """One channel: its descriptor and its samples.

    counts: (M, 6) int16 or (M, 1) int32, little-endian; true_s: (M,) s of the session; number: (M,) at the sensor.
    """

    channel: Channel
    counts: NDArray[np.int16] | NDArray[np.int32]
    true_s: FloatArray
    number: IntArray
    first_lap: int
    lap_from: int
    lap_s: float

    def row(self, k: int) -> tuple[int, float, int]:
        """Sample k of the endless play: its row, its instant (s of play), its running number."""
        if k < self.first_lap or self.lap_s <= 0.0:
            return k, float(self.true_s[k]), int(self.number[k])
        laps, inside = divmod(k - self.first_lap, self.first_lap - self.lap_from)
        row = self.lap_from + inside
        numbers = int(self.number[self.first_lap - 1] - self.number[self.lap_from]) + 1
        return row, float(self.true_s[row]) + (laps + 1) * self.lap_s, int(self.number[row]) + (laps + 1) * numbers

    def ends_at(self) -> int | None:
        """How many samples there are; None where they never end."""
        return None if self.lap_s > 0.0 else len(self.true_s)

    def first_after(self, play_s: float) -> int:
        """The first sample taken at or after a moment of play."""
        if self.lap_s <= 0.0:
            return int(np.searchsorted(self.true_s, play_s))
        start = self.true_s[self.first_lap - 1]
        laps = max(int((play_s - start) // self.lap_s), 0)
        k = int(np.searchsorted(self.true_s[: self.first_lap], play_s - laps * self.lap_s))
        return k + laps * (self.first_lap - self.lap_from) if laps else k


def _feed(channel: Channel, counts: NDArray[np.int16] | NDArray[np.int32], stream: Stream, loop: Loop | None) -> Feed:
    if loop is None:
        return Feed(channel, counts, stream.true_s, stream.number, len(stream.true_s), 0, 0.0)
    first, last = (int(np.searchsorted(stream.true_s, s)) for s in (loop.from_s, loop.to_s))
    return Feed(channel, counts, stream.true_s, stream.number, last, first, loop.to_s - loop.from_s)


def _imu_feed(stream: Stream, chan: int, loop: Loop | None) -> Feed:
    steps = np.array([ACC_STEP_NM_S2] * 3 + [GYR_STEP_NRAD_S] * 3) * 1e-9
    counts = np.clip(np.round(stream.values / steps), -32768, 32767).astype("<i2")
    period = round(1e9 / stream.rate_hz)
    place = PLACEMENTS[stream.role]
    channel = Channel(chan, ChannelKind.IMU6, place, 0, period, ACC_STEP_NM_S2, GYR_STEP_NRAD_S)
    return _feed(channel, counts, stream, loop)


def _load_feeds(stream: Stream, first_chan: int, loop: Loop | None) -> list[Feed]:
    names = FOOTPLATE_CELLS if stream.role == "footplate" else BACKPAD_CELLS
    period = round(1e9 / stream.rate_hz)
    feeds = []
    for k, name in enumerate(names):
        counts = np.round(stream.values[:, k : k + 1] / (NEWTON_STEP_NN * 1e-9)).astype("<i4")
        channel = Channel(first_chan + k, ChannelKind.LOAD, CELL_PLACEMENTS[name], 0, period, NEWTON_STEP_NN, 0)
        feeds.append(_feed(channel, counts, stream, loop))
    return feeds


def feeds_of(session: Session, roles: tuple[Role, ...] | None = None, loop: Loop | None = None) -> list[Feed]:
    """Channels 1.. for the sensors of a session, or for some of them; a load role has one channel a cell."""
    feeds: list[Feed] = []
    for role, stream in session.streams.items():
        if roles is not None and role not in roles:
            continue
        chan = len(feeds) + 1
        if role in ("footplate", "backpad"):
            feeds += _load_feeds(stream, chan, loop)
        else:
            feeds.append(_imu_feed(stream, chan, loop))
    return feeds
