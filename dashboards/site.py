"""What all requests of the pages share: the hub, the history, the keys, the clock, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from dashboards.access import Access
from dashboards.hub import Hub
from dashboards.limits import Limit
from edge.history.received import Place

PHONES_MAX = 6
"""That may follow one session: the lifter's, a partner's, a coach's; more than that is a code passed on."""


@dataclass(slots=True)
class Site:
    """address: what phones are told to open, such as http://192.168.1.20:8080; utc_now: the clock; ask_help: tells the
    staff's channel that somebody at this machine needs assistance, False where it cannot be told.
    """

    hub: Hub
    access: Access
    address: str
    utc_now: Callable[[], datetime]
    ask_help: Callable[[Place], bool]
    phones_max: int = PHONES_MAX
    tries: Limit = field(default_factory=lambda: Limit(5, 1 / 12))
    """Wrong codes and keys per caller: five, then five a minute."""
    tries_here: Limit = field(default_factory=lambda: Limit(30, 0.5))
    """Wrong codes per machine from all callers: with 30 a minute a code is guessed in 11 days of trying, on average."""

    def now_s(self) -> float:
        """UTC, s."""
        return self.utc_now().timestamp()
