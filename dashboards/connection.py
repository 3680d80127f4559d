"""The WebSocket of the phone and kiosk pages: who they are, what they are sent, what they may say.

A page says who it is in its first message: a phone by a join ticket, a code or a session ticket, a kiosk by its key.
A refusal has one word and no details. What is sent waits in slots: a slow phone gets fewer pictures, not old ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboards.access import AFTER_S, JOIN_S, SESSION_S, WAITING_S
from dashboards.deeds import do, waits_for_box
from dashboards.hub import Kind, encode
from dashboards.limits import Limit
from dashboards.qr import qr_path
from dashboards.site import Site
from dashboards.words import choose
from edge.history.received import Place

HELLO_MAX_S = 5.0
SAID_MAX = 2_000
"""Characters a page may say at once; the longest is a hello with its ticket."""
WAITING_MAX = 50
"""Frames that may wait for one page beside the slots: cues and answers, a few a minute. More: it is gone."""
JOIN_EVERY_S = 20.0
"""How often the kiosk's code and ticket are looked at anew."""
REFUSED, TOO_MUCH = 4403, 4429

log = logging.getLogger(__name__)


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """A page's first message. For a phone one of join, code, session; for a kiosk key."""

    page: Kind
    place: str = ""
    join: str = ""
    code: str = ""
    session: str = ""
    key: str = ""
    language: str = ""


class Refused(Exception):  # noqa: N818
    """why: a word that the page has a text for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Connection:
    """One page's WebSocket; see `dashboards.hub.Screen`."""

    def __init__(self, socket: WebSocket, site: Site) -> None:
        self.kind: Kind = "phone"
        self.place = Place(gym="", machine="")
        self.session = ""
        self.language = "en"
        self._socket, self._site = socket, site
        self._waiting: deque[str] = deque()
        self._slots: dict[str, str] = {}
        self._news = asyncio.Event()
        self._said = Limit(20, 5.0)
        self._doing: set[asyncio.Task[None]] = set()

    def put(self, text: str, slot: str | None = None) -> None:
        """See Screen."""
        if slot is not None:
            self._slots[slot] = text
        elif len(self._waiting) < WAITING_MAX:
            self._waiting.append(text)
        self._news.set()

    def session_began(self, session: str) -> None:
        """See Screen: a phone that waited for it has it now, and gets a ticket for it."""
        if self.kind == "phone" and not self.session:
            self.session = session
            self._welcome()

    async def serve(self) -> None:
        """From the first message to the end."""
        if not self._is_same_origin():
            await self._socket.close(REFUSED)
            return
        await self._socket.accept()
        try:
            self._enter(await self._hello())
        except Refused as refused:
            await self._refuse(refused.why)
            return
        except (TimeoutError, WebSocketDisconnect):
            return
        self._welcome()
        self._site.hub.join(self)
        try:
            await _first_of(self._send(), self._listen(), self._keep_fresh())
        finally:
            self._site.hub.leave(self)
            for doing in self._doing:
                doing.cancel()

    async def _hello(self) -> Hello:
        async with asyncio.timeout(HELLO_MAX_S):
            text = await self._socket.receive_text()
        try:
            return msgspec.json.decode(text[:SAID_MAX], type=Hello)
        except (msgspec.DecodeError, KeyError, UnicodeError) as error:
            raise Refused("refused") from error

    def _enter(self, hello: Hello) -> None:
        self.kind, self.language = hello.page, choose(hello.language, "")
        if hello.page == "kiosk":
            self._enter_kiosk(hello)
        elif hello.session:
            self._enter_again(hello.session)
        else:
            self._enter_new(hello)

    def _enter_kiosk(self, hello: Hello) -> None:
        self.place = _place(hello.place)
        if not self._site.access.is_kiosk(hello.key):
            raise Refused("refused")

    def _enter_new(self, hello: Hello) -> None:
        """A phone that comes for the first time: it gets the session that is on now, or the next one to begin."""
        site, now_s = self._site, self._site.now_s()
        self.place = _place(hello.place)
        if not hello.join:
            self._check_code(hello.code, now_s)
        elif not site.access.is_join_ticket(self.place, hello.join, now_s):
            raise Refused("expired")
        self.session = self._present()
        if self.session and site.hub.count(self.session) >= site.phones_max:
            raise Refused("full")

    def _check_code(self, code: str, now_s: float) -> None:
        site = self._site
        if site.access.is_code(self.place, code, now_s):
            return
        caller = self._socket.client.host if self._socket.client else ""
        if not site.tries.allows(caller, now_s) or not site.tries_here.allows(str(self.place), now_s):
            raise Refused("later")
        raise Refused("wrong")

    def _enter_again(self, text: str) -> None:
        """A phone that comes back: reload, lost link, restart of this process."""
        ticket = self._site.access.read("session", text, self._site.now_s())
        if ticket is None:
            raise Refused("expired")
        self.place = _place(ticket.place)
        self.session = ticket.about or self._present()
        if not self._is_alive():
            raise Refused("expired")

    def _present(self) -> str:
        """The session that is on at the machine; empty where there is none."""
        view = self._site.hub.machines.get(self.place)
        return (view.session if view else None) or ""

    def _is_alive(self) -> bool:
        """Whether this page's session is on, or over only a while ago; before the machine was heard, the benefit of
        the doubt shows nothing, since there is nothing to show.
        """
        hub = self._site.hub
        view = hub.machines.get(self.place)
        if self.kind == "kiosk" or not self.session or view is None or view.state is None:
            return True
        if self.session == view.session:
            return True
        ended_ns = hub.ended_ns.get(self.session)
        return ended_ns is not None and hub.now_ns() - ended_ns < AFTER_S * 1e9

    def _welcome(self) -> None:
        frame: dict[str, Any] = {"t": "welcome"}
        if self.kind == "phone":
            now_s = self._site.now_s()
            lives_s = SESSION_S if self.session else WAITING_S
            frame["session"] = self._site.access.ticket("session", str(self.place), self.session, now_s + lives_s)
        self.put(encode(frame))

    async def _send(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting or self._slots:
                text = self._waiting.popleft() if self._waiting else self._slots.pop(next(iter(self._slots)))
                await self._socket.send_text(text)

    async def _listen(self) -> None:
        while True:
            text = await self._socket.receive_text()
            if len(text) > SAID_MAX or not self._said.allows("", self._site.hub.now_ns() / 1e9):
                await self._socket.close(TOO_MUCH)
                return
            if self.kind != "phone":
                continue
            if waits_for_box(text):
                doing = asyncio.create_task(self._do(text))
                self._doing.add(doing)
                doing.add_done_callback(self._doing.discard)
            else:
                await self._do(text)

    async def _do(self, text: str) -> None:
        """In the order said; but a box may take seconds to answer, and a call for help must not wait behind it."""
        try:
            answer = await do(self._site, self.place, self.session, text, self.language)
        except Exception:
            log.exception("%s: what a phone asked for was not done", self.place)
            return
        if answer:
            self.put(encode(answer))

    async def _keep_fresh(self) -> None:
        """The kiosk's code changes; a phone whose session is over is shown out."""
        while self._is_alive():
            if self.kind == "kiosk":
                self.put(encode(self._join_frame()), "join")
            await asyncio.sleep(JOIN_EVERY_S)
        await self._refuse("expired")

    def _join_frame(self) -> dict[str, Any]:
        site, now_s = self._site, self._site.now_s()
        ticket = site.access.join_ticket(self.place, now_s + JOIN_S)
        page = f"{site.address}/m/{self.place}"
        size, path = qr_path(f"{page}#{ticket}")
        where = page.removeprefix("http://")  # as it is typed
        return {"t": "join", "code": site.access.code(self.place, now_s), "where": where, "size": size, "path": path}

    async def _refuse(self, why: str) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.send_text(encode({"t": "refused", "why": why}))
            await self._socket.close(REFUSED)

    def _is_same_origin(self) -> bool:
        """A page of ours, or no browser: other people's pages may not use a browser's way to us."""
        origin = self._socket.headers.get("origin")
        return origin is None or urlsplit(origin).netloc == self._socket.headers.get("host")


def _place(text: str) -> Place:
    gym, _, machine = text.partition("/")
    return Place(gym=gym[:64], machine=machine[:64])


async def _first_of(*works: Any) -> None:
    """Run all until one ends; a page that went away is no error."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
