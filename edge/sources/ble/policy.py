"""What the BLE source decides, without any I/O: how long to wait, when a node is gone, when a scan is deaf, who gets a
slot. Times come in as ns of the monotonic clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["wait", "restart", "power_cycle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BleTimings:
    """Durations, s. They follow from radios and from BlueZ, not from taste, so no configuration sets them."""

    silence_s: float = 1.0
    """A streaming node sends every 40 ms or so, and a link that lives repeats within its supervision time; bluetoothd
    that was killed tells nobody. A second of silence is the only sign there is, and all that a set can spare."""
    idle_silence_s: float = 5.0
    """A node that does not stream yet sends its state once a second: several of those."""
    connect_s: float = 15.0
    """Connecting, and reading a table of services over a weak link: up to 8 s were seen."""
    subscribe_s: float = 5.0
    """A handful of writes that are each answered within a few connection intervals."""
    write_s: float = 2.0
    """One such write; what waits longer stands behind a dead link."""
    close_s: float = 2.0
    """An orderly end. A bluetoothd that does not answer in this time will not answer."""
    answer_s: float = 5.0
    """Any other question to bluetoothd."""
    battery_s: float = 600.0
    """Between looks at a battery: the smallest lasts some hours, and ten minutes of them are a few per cent."""
    fresh_s: float = 12.0
    """BlueZ begins a scan anew each 10.24 s and tells an unchanged node once in each: older news is no news."""
    unseen_s: float = 5.0
    """After this long without a sign of a node the lifter is told, and it is looked up among orphaned links."""
    scan_restart_s: float = 30.0
    """Nothing heard from anybody: begin the scan anew. Beacons and phones call several times a second."""
    scan_power_s: float = 90.0
    """Nothing in spite of that: the adapter is stuck, and only its power helps."""
    rescan_s: float = 2.0
    """A controller tells each node once a scan; after a loss the scan begins anew, but not more often than this."""
    back_off_first_s: float = 0.2
    back_off_max_s: float = 15.0
    """A night without the node: four attempts a minute cost nothing, and it is back soon when switched on."""
    held_s: float = 10.0
    """A link that held this long was a good one: the next attempt comes at once. A node that connects and falls off
    at once is not to be hammered."""


class Backoff:
    """Pauses that double up to a limit, each shortened at random: what fell together shall not rise together."""

    def __init__(self, timings: BleTimings, random: Random) -> None:
        self._timings, self._random = timings, random
        self._failures = 0

    def pause_s(self, held_s: float) -> float:
        """The pause after an attempt whose link was up for held_s (0: never)."""
        if held_s >= self._timings.held_s:
            self._failures = 0
        pause = min(self._timings.back_off_first_s * 2.0**self._failures, self._timings.back_off_max_s)
        self._failures = min(self._failures + 1, 16)
        return pause * self._random.uniform(0.5, 1.0)


class DataWatchdog:
    """When a connected node counts as gone although nobody says so.

    A node is streaming when its last few arrivals came within a second; it then may be silent for `silence_s`, else
    for `idle_silence_s`.
    """

    RECENT = 5

    def __init__(self, timings: BleTimings, opened_ns: int) -> None:
        self._timings = timings
        self._arrivals: deque[int] = deque([opened_ns], maxlen=self.RECENT)

    def heard(self, t_ns: int) -> None:
        """Something arrived."""
        self._arrivals.append(t_ns)

    def remaining_s(self, t_ns: int) -> float:
        """How long it may still be silent; 0 or less: it is gone."""
        streaming = len(self._arrivals) == self.RECENT and self._arrivals[-1] - self._arrivals[0] <= 1_000_000_000
        patience_s = self._timings.silence_s if streaming else self._timings.idle_silence_s
        return patience_s - (t_ns - self._arrivals[-1]) / 1e9


class ScanWatchdog:
    """Whether a scan that finds nothing is to be begun anew, or the adapter's power switched off and on.

    An adapter that holds links is never switched off: what works outweighs what is missing.
    """

    def __init__(self, timings: BleTimings, t_ns: int) -> None:
        self._timings = timings
        self._silent_from_ns = self._restarted_ns = t_ns

    def heard(self, t_ns: int) -> None:
        """An advertisement of anybody."""
        self._silent_from_ns = self._restarted_ns = t_ns

    def verdict(self, t_ns: int, links: int) -> Verdict:
        """What to do now. Each restart and power cycle is asked for once."""
        if t_ns - self._silent_from_ns >= self._timings.scan_power_s * 1e9 and not links:
            self.heard(t_ns)
            return "power_cycle"
        if t_ns - self._restarted_ns >= self._timings.scan_restart_s * 1e9:
            self._restarted_ns = t_ns
            return "restart"
        return "wait"


class SlotBudget:
    """The links that an adapter can hold, as configured, or fewer where the controller itself has refused one."""

    LEARNED_NS = 60_000_000_000
    """A controller that is full looks like a node that is far away; be it the latter, a minute's wait is bearable."""

    ABORTS = 3
    """One attempt in a row breaks off in any gym, two in a bad corner."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._learned: tuple[int, int] | None = None
        self.holders: list[str] = []

    def limit(self, t_ns: int) -> int:
        """How many links at present."""
        if self._learned is not None and t_ns - self._learned[1] < self.LEARNED_NS:
            return min(self._learned[0], self._slots)
        return self._slots

    def free(self, t_ns: int) -> int:
        """How many more."""
        return max(self.limit(t_ns) - len(self.holders), 0)

    def take(self, link: str, t_ns: int) -> bool:
        """A slot for a link; False: there is none."""
        if not self.free(t_ns):
            return False
        self.holders.append(link)
        return True

    def give_back(self, link: str) -> None:
        """The link does not need it any more."""
        self.holders.remove(link)

    def refused(self, t_ns: int) -> None:
        """The controller would not hold one more link than it had."""
        self._learned = (max(len(self.holders) - 1, 1), t_ns)


StaleCure: TypeAlias = Literal["forget", "bond_again", "wrong_kind"]


def stale_cure(mismatches: int, *, bonded: bool) -> StaleCure:
    """What to do about a node without the services that its kind has, for the nth time in a row.

    First its cached services are suspected, as after a firmware update; forgetting them forgets a bond too, so a bonded
    node is left to its owner. A node that is still wrong after a fresh look is of another kind.
    """
    if mismatches > 1:
        return "wrong_kind"
    return "bond_again" if bonded else "forget"
