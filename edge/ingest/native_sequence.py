"""What a sequence number says of a message, and how many samples are missing before a batch."""

from __future__ import annotations

from enum import Enum
from typing import Final

LATE_MAX: Final = 64
"""A message at most this far behind is late; further behind, the node has probably restarted and counts anew."""


class Arrival(Enum):
    """What to do with a message: take it, or drop it and count why."""

    TAKE = "take"
    DUPLICATE = "duplicate"
    LATE = "late"
    RESTART = "restart_suspected"


class Sequence:
    """The sequence numbers of one channel of one node. lost: messages that never came."""

    def __init__(self) -> None:
        self._last: int | None = None
        self.lost = 0

    def forget(self) -> None:
        """The next message is taken whatever its number."""
        self._last = None

    def judge(self, seq: int) -> Arrival:
        """What the 16-bit number of the next message says."""
        if self._last is None:
            self._last = seq
            return Arrival.TAKE
        ahead = (seq - self._last) & 0xFFFF
        if ahead == 0:
            return Arrival.DUPLICATE
        if ahead < 0x8000:
            self.lost += ahead - 1
            self._last = seq
            return Arrival.TAKE
        return Arrival.LATE if 0x10000 - ahead <= LATE_MAX else Arrival.RESTART


class SampleCount:
    """The running numbers of one channel's samples: exact gaps, also of samples that the node itself had to drop."""

    def __init__(self) -> None:
        self._next_n: int | None = None
        self._end_us = 0

    def missing(self, n0: int, start_us: int, dt_ns: int) -> int:
        """Samples lost before the batch that starts with number n0 (mod 65536) at start_us; dt_ns between samples.

        The device time tells how often the number has gone round in a long silence.
        """
        if self._next_n is None:
            return 0
        gap = (n0 - self._next_n) & 0xFFFF
        elapsed = (start_us - self._end_us) * 1000 // max(dt_ns, 1)
        turns = (elapsed - gap + 0x8000) // 0x10000
        return max(0, gap + turns * 0x10000)

    def took(self, n0: int, count: int, end_us: int) -> None:
        """A batch was taken; end_us: when the sample after its last is due, device clock."""
        self._next_n = (n0 + count) & 0xFFFF
        self._end_us = end_us
