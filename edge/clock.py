"""The only place that reads clocks. Everything else is given an `Instant`.

Inside sledguard time is `int` ns of the monotonic clock, which never steps; UTC is looked up only where something
leaves the box, so a clock set right in the middle of a rep changes no tempo and makes no alert old.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

STA_UNSYNC = 0x0040  # linux/timex.h: the kernel's clock is not held by a time service
TIMEX_BYTES = 256  # struct timex is 208 bytes on 64-bit Linux; the kernel writes no more than its own size
STATUS_OFFSET = 40  # of `int status` in struct timex where long has 8 bytes
STATUS_OFFSET_32 = 20  # the same where long has 4 bytes

_ADJTIMEX = getattr(ctypes.CDLL(None), "adjtimex", None)


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both time lines. mono_ns: monotonic, ns; utc_ns: ns since 1970; synced: UTC can be trusted."""

    mono_ns: int
    utc_ns: int
    synced: bool

    def utc_ns_of(self, t_s: float) -> int:
        """UTC, ns since 1970, of a moment t_s on the monotonic time line, s."""
        return self.utc_ns + round(t_s * 1e9) - self.mono_ns


ReadClock: TypeAlias = Callable[[], Instant]


def monotonic_ns() -> int:
    """Now on the monotonic clock, ns."""
    return time.monotonic_ns()


def read_clock() -> Instant:
    """Now, on both time lines."""
    return Instant(time.monotonic_ns(), time.time_ns(), is_synced())


def is_synced() -> bool:
    """Whether a time service holds the system clock, as the kernel says; False where that cannot be asked."""
    if _ADJTIMEX is None:
        return False
    timex = ctypes.create_string_buffer(TIMEX_BYTES)  # modes = 0: only asks
    if _ADJTIMEX(timex) < 0:
        return False
    offset = STATUS_OFFSET if ctypes.sizeof(ctypes.c_long) == 8 else STATUS_OFFSET_32
    return not int.from_bytes(timex.raw[offset : offset + 4], "little") & STA_UNSYNC
