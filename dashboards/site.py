"""What all requests of the pages share: the hub, the history, the keys, the clock, and how often one may try."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from dashboards.access import Access
from dashboards.asking import Asking
from dashboards.hub import Hub
from dashboards.limits import Limit
from edge.history.received import Place
from edge.history.store import About, Store

log = logging.getLogger(__name__)

PHONES_MAX = 6
"""That may follow one session: the lifter's, a partner's, a coach's; more than that is a code passed on."""


@dataclass(slots=True)
class Site:
    """address: what phones are told to open, such as http://192.168.1.20:8080; utc_now: the clock; ask_help: tells the
    staff's channel that somebody at this machine needs assistance, False where it cannot be told; send: gives a box a
    command, on a topic, lost where the broker is away; store: the history, None where none is kept; history_problem:
    why nothing is kept at present; asking: commands that are answered.
    """

    hub: Hub
    access: Access
    address: str
    utc_now: Callable[[], datetime]
    ask_help: Callable[[Place], bool]
    send: Callable[[str, bytes], None] = lambda _topic, _payload: None
    store: Store | None = None
    history_problem: Callable[[], str | None] = lambda: None
    phones_max: int = PHONES_MAX
    asking: Asking = field(init=False)
    tries: Limit = field(default_factory=lambda: Limit(5, 1 / 12))
    """Wrong codes and keys per caller: five, then five a minute."""
    tries_here: Limit = field(default_factory=lambda: Limit(30, 0.5))
    """Wrong codes per machine from all callers: with 30 a minute a code is guessed in 11 days of trying, on average."""

    def __post_init__(self) -> None:
        self.asking = Asking(self.hub, self.send, self.utc_now)
        self.hub.on_result = self.asking.answered

    async def say(self, place: Place, session: str, table: Table, **values: object) -> None:
        """Keep in the history what a lifter said. It is lost, and told in the log, where the history takes nothing."""
        if self.store is None:
            return
        about = About(place=place, session=session, at=self.utc_now())
        try:
            await asyncio.to_thread(self.store.say, about, table, **values)
        except SQLAlchemyError as error:
            log.warning("not kept, since the history cannot be written: %s", error)

    def now_s(self) -> float:
        """UTC, s."""
        return self.utc_now().timestamp()
