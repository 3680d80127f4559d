"""What a host asks of one node by itself: who it is, to stream, and what its clock says. Time comes in as t_ns."""

from __future__ import annotations

from collections import OrderedDict
from random import Random
from typing import Final

SILENCE_NS: Final = 1_000_000_000
"""A live node sends STATUS each second and batches far more often: so long without a message means it is away."""

HELLO_PERIOD_NS: Final = 1_000_000_000
STREAM_RETRY_NS: Final = 2_000_000_000
"""Time for a node to start its sensors before a channel that stays dark is asked for again."""

TIME_BURST: Final = 8
TIME_BURST_GAP_NS: Final = 40_000_000
TIME_PERIOD_NS: Final = 1_000_000_000
"""Two dozen bytes of air a second; the clock's bounds are as good as the best of the last 48."""

TIME_DITHER_NS: Final = 50_000_000
"""Longest connection interval in use: a random phase over it lets some exchange catch the radio at its quickest."""

TIME_OPEN_MAX: Final = 16


class HelloTimer:
    """When HELLO is due: each second until the node has told itself, and again after a second of silence."""

    def __init__(self) -> None:
        self.known = False
        self._heard_ns: int | None = None
        self._next_ns: int | None = None

    def heard(self, t_ns: int) -> None:
        """A message of the node arrived."""
        self._heard_ns = t_ns

    def introduced(self, t_ns: int) -> None:
        """The node has told itself."""
        self.known = True
        self.heard(t_ns)

    def ask_again(self) -> None:
        """The node may have restarted: ask at the next step."""
        if self.known:
            self.known, self._next_ns = False, None

    def due(self, t_ns: int) -> bool:
        """Whether to send HELLO now."""
        if self.known and (self._heard_ns is None or t_ns - self._heard_ns >= SILENCE_NS):
            self.ask_again()
        if self.known or (self._next_ns is not None and t_ns < self._next_ns):
            return False
        self._next_ns = t_ns + HELLO_PERIOD_NS
        return True


class StreamTimer:
    """When STREAM is due: once the node is known, and again while a channel that should flow is dark."""

    def __init__(self) -> None:
        self.wanted: frozenset[int] = frozenset()
        self._flowed_ns: dict[int, int] = {}
        self._next_ns: int | None = None

    def want(self, channels: frozenset[int]) -> None:
        """These channels are to flow; asks for them at the next step."""
        self.wanted = channels
        self._flowed_ns.clear()
        self._next_ns = None

    def flowed(self, chan: int, t_ns: int) -> None:
        """Samples of a channel arrived."""
        self._flowed_ns[chan] = t_ns

    def due(self, t_ns: int) -> bool:
        """Whether to send STREAM now."""
        if not self.wanted or (self._next_ns is not None and t_ns < self._next_ns):
            return False
        asked = self._next_ns is not None
        if asked and all(t_ns - self._flowed_ns.get(c, -STREAM_RETRY_NS) < SILENCE_NS for c in self.wanted):
            return False
        self._next_ns = t_ns + STREAM_RETRY_NS
        return True


class TimeRequests:
    """Exchanges of time: eight at once, then one a second, each at a random phase of the radio's interval."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._token = random.randrange(0x10000)
        self._left = 0
        self._next_ns: int | None = None
        self._open: OrderedDict[int, int] = OrderedDict()

    def start(self, t_ns: int) -> None:
        """The node is connected: begin with the burst."""
        self._left = TIME_BURST
        self._next_ns = t_ns
        self._open.clear()

    def stop(self) -> None:
        """The node is away."""
        self._next_ns = None
        self._open.clear()

    def due(self, t_ns: int) -> int | None:
        """The token of a request to send now."""
        if self._next_ns is None or t_ns < self._next_ns:
            return None
        self._left = max(0, self._left - 1)
        period_ns = TIME_BURST_GAP_NS if self._left else TIME_PERIOD_NS
        self._next_ns = t_ns + period_ns + self._random.randrange(TIME_DITHER_NS)
        self._token = (self._token + 1) & 0xFFFF
        self._open[self._token] = t_ns
        if len(self._open) > TIME_OPEN_MAX:
            self._open.popitem(last=False)
        return self._token

    def sent(self, token: int, t_ns: int) -> None:
        """The request really left at t_ns; until this is told, the time it was asked for stands, a safe lower bound."""
        if token in self._open:
            self._open[token] = t_ns

    def answered(self, token: int) -> int | None:
        """When the request with this token left; None where none is open."""
        return self._open.pop(token, None)
