"""What a phone says over its connection: in the order in which it was said, and nothing waits behind a box."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from broker_tools import WAIT_S
from example_events import ALERT
from published import PLACE, box_online, messages, state
from starlette.websockets import WebSocketDisconnect

from dashboards.access import Access, new_keys
from dashboards.connection import Connection
from dashboards.frames import alert_id
from dashboards.hub import Hub
from dashboards.machine_view import alert_key
from dashboards.site import Site
from edge.history.subscription import Arrival

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SPOKEN = msgspec.structs.replace(ALERT, session="s-1", t_s=10.0, set=1, rep=1)
HELP = '{"do": "help"}'
LOAD = '{"do": "load", "load": "80", "most": ""}'


class Socket:
    """A phone's end of a WebSocket. frames: what it was sent."""

    client = None

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.frames: list[dict[str, Any]] = []
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self._news = asyncio.Event()

    def say(self, *texts: str | None) -> None:
        """None: it is gone."""
        for text in texts:
            self._said.put_nowait(text)

    async def until(self, kind: str) -> dict[str, Any]:
        """The first frame of a kind, once it is there."""
        async with asyncio.timeout(WAIT_S):
            while not (found := [frame for frame in self.frames if frame["t"] == kind]):
                self._news.clear()
                await self._news.wait()
        return found[0]

    async def accept(self) -> None:
        """Nothing is asked of it."""

    async def receive_text(self) -> str:
        if (text := await self._said.get()) is None:
            raise WebSocketDisconnect
        return text

    async def send_text(self, text: str) -> None:
        self.frames.append(json.loads(text))
        self._news.set()


class Asked(Site):
    """A site that keeps what lifters say. slow: the first is kept only after a while; broken: none can be kept."""

    slow: bool
    broken: bool
    kept: list[object]

    async def say(self, _place: Any, _session: str, _table: Any, **values: object) -> None:
        if self.broken:
            raise OSError("no history")
        if self.slow and not self.kept:
            self.slow = False
            await asyncio.sleep(0.05)
        self.kept.append(values.get("was_right"))


@pytest.fixture
def site() -> Asked:
    """With a session on, an alert in it, and a box that never answers."""
    made = Asked(
        hub=Hub(), access=Access(new_keys()), address="http://pages", utc_now=lambda: NOW, ask_help=lambda _place: True
    )
    made.slow, made.broken, made.kept = False, False, []
    made.asking.answer_max_s = 10 * WAIT_S
    made.hub.broker_changed(None)
    for topic, payload in (box_online(), *messages(state()), *messages(SPOKEN)):
        made.hub.arrive(Arrival(topic, payload, False, lambda: None))  # noqa: FBT003
    return made


@contextlib.asynccontextmanager
async def phone(site: Site) -> AsyncIterator[Socket]:
    """A phone in the session, which hangs up at the end."""
    socket = Socket()
    code = site.access.code(PLACE, NOW.timestamp())
    socket.say(json.dumps({"page": "phone", "place": str(PLACE), "code": code}))
    serving = asyncio.create_task(Connection(socket, site).serve())  # type: ignore[arg-type]
    await socket.until("view")
    yield socket
    socket.say(None)
    await asyncio.wait_for(serving, WAIT_S)


def right(*, yes: bool) -> str:
    return json.dumps({"do": "right", "alert": alert_id(alert_key(SPOKEN)), "right": yes})


async def test_a_call_for_help_waits_for_no_box(site: Asked) -> None:
    """Answered while the box still owes its word on the load; whoever hangs up leaves nothing running."""
    before = asyncio.all_tasks()
    async with phone(site) as socket:
        socket.say(LOAD, HELP)
        assert (await socket.until("help"))["told"] is True
        assert not [frame for frame in socket.frames if frame["t"] == "load"]
    async with asyncio.timeout(WAIT_S):
        while asyncio.all_tasks() - before:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_second_thought_comes_second(site: Asked) -> None:
    """However long the first takes to be kept."""
    site.slow = True
    async with phone(site) as socket:
        socket.say(right(yes=True), right(yes=False), HELP)
        await socket.until("help")
        assert site.kept == [True, False]


async def test_what_goes_wrong_is_told_in_the_log_and_the_phone_goes_on(
    site: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    """What was asked is not done; what is asked next is."""
    site.broken = True
    async with phone(site) as socket:
        socket.say(right(yes=True), HELP)
        await socket.until("help")
    (told,) = [record for record in caplog.records if "what a phone asked for was not done" in record.message]
    assert told.exc_info is not None
