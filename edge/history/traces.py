"""The curves of a session: the live stream while something moves, in chunks, packed small. Pure.

A rep carries no curves; it carries its times, on the same clock as the stream. So the stream is kept for as long as
somebody lifts, with a moment before and after, and a rep's curves are cut out of it when they are looked at. 20 rows a
second is what screens get; it shows a fault's shape, not its exact onset, which the alert tells.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.events import Live, Phase

MARGIN_S = 1.5
"""Kept around movement: the set-off, and the knees after the last drive."""
CHUNK_ROWS = 100
"""5 s: what a crash may cost, and few enough rows in the table."""
GAP_S = 1.0
"""Rows further apart than this are two chunks."""
PHASES: tuple[Phase, ...] = ("eccentric", "bottom", "concentric", "top", "rest")
SIGNALS = (
    "sled_position_m", "sled_velocity_m_s", "left_knee_flexion_deg", "right_knee_flexion_deg", "left_knee_medial_mm",
    "right_knee_medial_mm", "posterior_tilt_deg", "left_heel_share", "right_heel_share", "force_n",
)  # fmt: skip
COLUMNS = ("after_s", *SIGNALS, "phase")
"""after_s: seconds after the chunk's begin; phase: its place in PHASES."""

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some seconds of one session. Times in s of the box's clock; rows: (n, len(COLUMNS)), NaN where not known."""

    session: str
    boot: str
    begin_s: float
    end_s: float
    limits: dict[str, float]
    rows: Rows

    def packed(self) -> bytes:
        """For the table."""
        return zlib.compress(np.ascontiguousarray(self.rows, dtype="<f4").tobytes(), 6)


def unpack(data: bytes, columns: Sequence[str]) -> Rows:
    """The rows of a packed chunk. ValueError: it is damaged."""
    try:
        flat = np.frombuffer(zlib.decompress(data), dtype="<f4")
    except zlib.error as error:
        raise ValueError(f"a chunk of curves is damaged: {error}") from error
    return flat.reshape(-1, len(columns))


@dataclass(slots=True)
class Tracer:
    """The stream of one machine, cut into chunks. limits: those of the newest state."""

    limits: dict[str, float] = field(default_factory=dict)
    _before: deque[Live] = field(default_factory=deque)
    _kept: list[Live] = field(default_factory=list)
    _whose: tuple[str, str] = ("", "")
    _until_s: float = float("-inf")

    def take(self, session: str, boot: str, live: Live) -> Chunk | None:
        """One row; a chunk when one is full, or when the row belongs to another."""
        full = None
        newest = self._kept[-1] if self._kept else (self._before[-1] if self._before else None)
        if (session, boot) != self._whose or (newest and not 0 <= live.t_s - newest.t_s <= GAP_S):
            full = self.finish()
            self._before.clear()
            self._whose, self._until_s = (session, boot), float("-inf")
        if live.phase != "rest":
            self._until_s = live.t_s + MARGIN_S
        if live.t_s <= self._until_s:
            self._kept += [*self._before, live]
            self._before.clear()
        else:
            full = full or self.finish()
            self._before.append(live)
            while live.t_s - self._before[0].t_s > MARGIN_S:
                self._before.popleft()
        return full or (self.finish() if len(self._kept) >= CHUNK_ROWS else None)

    def finish(self) -> Chunk | None:
        """What has gathered, if anything."""
        kept, self._kept = self._kept, []
        if not kept:
            return None
        return Chunk(*self._whose, kept[0].t_s, kept[-1].t_s, dict(self.limits), _rows(kept))


def _rows(lives: Iterable[Live]) -> Rows:
    lives = list(lives)
    begin_s = lives[0].t_s
    values = [
        [live.t_s - begin_s, *(getattr(live, name) for name in SIGNALS), PHASES.index(live.phase)] for live in lives
    ]
    return np.array([[np.nan if v is None else v for v in row] for row in values], dtype=np.float32)
