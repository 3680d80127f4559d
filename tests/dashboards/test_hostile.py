"""What people try who should not: forged tickets, others' sessions, guessed codes, markup in names, megabytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
import websockets
from broker_tools import HOST, WAIT_S, free_port
from example_events import ALERT, NOTICE, REP, SENSOR, SET
from published import PLACE, box_online, live, messages, state

from dashboards.access import Access, new_keys
from dashboards.app import make_app
from dashboards.connection import SAID_MAX
from dashboards.hub import Hub
from dashboards.server import Server
from dashboards.site import Site
from edge.events import AnyEvent
from edge.history.received import FromMachine, Place, read
from edge.history.store import Store, sqlite_url
from edge.history.subscription import Arrival

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
MARKUP = "<script>alert(1)</script>"


class Pages:
    """The pages in this process, with a clock that stands."""

    def __init__(self, store: Store) -> None:
        self.now = NOW
        self.helped: list[Place] = []
        self.sent: list[tuple[str, bytes]] = []
        self.site = Site(
            hub=Hub(), access=Access(new_keys()), address="http://pages", utc_now=lambda: self.now,
            ask_help=lambda place: not self.helped.append(place), store=store, phones_max=3,
            send=lambda topic, payload: self.sent.append((topic, payload)),
        )  # fmt: skip
        self.port = free_port()
        self.site.hub.broker_changed(None)
        self.arrive(*box_online())

    def arrive(self, topic: str, payload: bytes) -> None:
        self.site.hub.arrive(Arrival(topic, payload, False, lambda: None))  # noqa: FBT003

    def say(self, event: AnyEvent, place: Place = PLACE) -> None:
        for topic, payload in messages(event, place=place):
            self.arrive(topic, payload)

    def keep(self, *events: AnyEvent) -> None:
        assert self.site.store is not None
        for i, event in enumerate(events):
            for topic, payload in messages(event):
                body = msgspec.json.decode(payload) | {"id": f"{i}{topic}"[-64:]}
                message = read(topic, msgspec.json.encode(body), retained=False)
                assert isinstance(message, FromMachine)
                self.site.store.write([message])

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    def code(self, place: Place = PLACE) -> str:
        return self.site.access.code(place, self.now.timestamp())


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    pages = Pages(Store(sqlite_url(tmp_path / "history.sqlite")))
    config = uvicorn.Config(
        make_app(pages.site), host=HOST, port=pages.port, log_level="error", ws="websockets-sansio",
        ws_max_size=2 * SAID_MAX, lifespan="off",
    )  # fmt: skip
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(WAIT_S):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    yield pages
    server.should_exit = True
    await serving


@contextlib.asynccontextmanager
async def connected(pages: Pages, hello: object, **options: Any) -> AsyncIterator[Any]:
    """A WebSocket that has said hello."""
    async with websockets.connect(f"ws://{HOST}:{pages.port}/ws", **options) as socket:
        await socket.send(hello if isinstance(hello, str) else json.dumps(hello))
        yield socket


async def heard(socket: Any, kind: str) -> dict[str, Any]:
    """The next frame of a kind; everything before it is thrown away."""
    async with asyncio.timeout(WAIT_S):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["t"] == kind:
                return frame


async def refusal(pages: Pages, hello: object) -> str:
    """Why a page is refused; fails where it is let in."""
    async with connected(pages, hello) as socket:
        async with asyncio.timeout(WAIT_S):
            frame = json.loads(await socket.recv())
        assert frame.keys() == {"t", "why"}, frame
        return str(frame["why"])


async def say_all(pages: Pages, hello: object, *said: str) -> None:
    """Say it all and listen until the connection ends."""
    async with connected(pages, hello) as socket:
        for text in said:
            await socket.send(text)
        await heard(socket, "never")


def phone(pages: Pages, **how: str) -> dict[str, str]:
    return {"page": "phone", "place": str(PLACE), **(how or {"code": pages.code()})}


async def ticket_of(pages: Pages) -> str:
    """A phone joins; its session ticket."""
    async with connected(pages, phone(pages)) as socket:
        return str((await heard(socket, "welcome"))["session"])


@pytest.mark.parametrize(
    "hello",
    [
        "", "null", "[]", "{", '{"page": "coach"}', '{"page": "phone"}', '{"page": "kiosk"}', "\x00" * 100,
        '{"page": "kiosk", "place": "gym/press-1", "key": ""}', '{"page": "phone", "code": "000000"}',
        '{"page": "phone", "place": "../..", "code": "1"}', '{"page": "phone", "session": "' + "a" * 1500 + '"}',
    ],
)  # fmt: skip
async def test_who_says_nothing_right_is_refused_with_a_word(hello: str, pages: Pages) -> None:
    """No ticket, no code, no key, no sense: one word, no details."""
    pages.say(state())
    assert await refusal(pages, hello) in {"refused", "wrong", "expired"}


async def test_forged_and_foreign_tickets_are_refused(pages: Pages) -> None:
    """One changed character, another installation's ticket, a ticket of another kind, a join ticket of the machine
    beside it, one that is over.
    """
    pages.say(state())
    now_s, access = pages.now.timestamp(), pages.site.access
    good = await ticket_of(pages)
    changed = good[:10] + ("A" if good[10] != "A" else "B") + good[11:]
    others = Access(new_keys()).ticket("session", str(PLACE), "s-1", now_s + 100)
    staff = access.ticket("staff", str(PLACE), "s-1", now_s + 100)
    over = access.ticket("session", str(PLACE), "s-1", now_s)
    for text in (changed, others, staff, over):
        assert await refusal(pages, phone(pages, session=text)) == "expired"
    beside = access.join_ticket(Place(gym="gym", machine="press-2"), now_s + 100)
    for text in (beside, access.join_ticket(PLACE, now_s), good):
        assert await refusal(pages, phone(pages, join=text)) == "expired"


async def test_a_phone_sees_its_own_session_only(pages: Pages) -> None:
    """A ticket of a session that is over shows that session and nothing of the next, and dies a while after it."""
    pages.say(state("s-1"))
    mine = await ticket_of(pages)
    pages.say(state("s-2"))
    pages.say(msgspec.structs.replace(REP, session="s-2"))
    async with connected(pages, phone(pages, session=mine)) as socket:
        frame = await heard(socket, "view")
        assert frame["ended"]
        assert (frame["reps"], frame["bars"], frame["activity"]) == (0, [], "unknown")
        pages.say(live(session="s-2"))
        pages.say(msgspec.structs.replace(ALERT, session="s-2", t_s=10.1))
        pages.say(msgspec.structs.replace(REP, session="s-1", t_s=11.0))
        assert (await heard(socket, "view"))["reps"] == 1
    pages.site.hub.ended_ns["s-1"] -= 601 * 1_000_000_000
    assert await refusal(pages, phone(pages, session=mine)) == "expired"


async def test_a_session_nobody_knows_is_refused(pages: Pages) -> None:
    """A ticket that was right once, of a session that is neither on nor just over."""
    pages.say(state("s-1"))
    old = pages.site.access.ticket("session", str(PLACE), "s-0", pages.now.timestamp() + 100)
    assert await refusal(pages, phone(pages, session=old)) == "expired"


async def test_codes_cannot_be_guessed_fast(pages: Pages) -> None:
    """Five tries, then none for a while, not even right ones are told apart by then from wrong ones' answers."""
    pages.say(state())
    wrong = [f"{(int(pages.code()) + i) % 1_000_000:06d}" for i in range(1, 8)]
    answers = [await refusal(pages, phone(pages, code=code)) for code in wrong]
    assert answers[:5] == ["wrong"] * 5
    assert answers[5:] == ["later"] * 2


async def test_only_so_many_phones_follow_a_session(pages: Pages) -> None:
    """A code that is passed round does not fill the room."""
    pages.say(state())
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            socket = await stack.enter_async_context(connected(pages, phone(pages)))
            await heard(socket, "view")
        assert await refusal(pages, phone(pages)) == "full"


async def test_another_sites_page_may_not_use_the_browsers_way_in(pages: Pages) -> None:
    """A WebSocket from a foreign origin is refused before it is open; our own is let in."""
    pages.say(state())
    for origin in ("http://evil.example", "null", f"http://{HOST}:{pages.port + 1}"):
        with pytest.raises(websockets.exceptions.InvalidStatus):
            async with connected(pages, phone(pages), origin=origin):
                pass
    async with connected(pages, phone(pages), origin=f"http://{HOST}:{pages.port}") as socket:
        await heard(socket, "welcome")


async def test_a_megabyte_ends_its_own_connection_and_nothing_else(pages: Pages) -> None:
    """As the first message or a later one; a page beside it notices nothing."""
    pages.say(state())
    async with connected(pages, phone(pages)) as other:
        await heard(other, "view")
        for said in (("x" * 1_000_000,), (phone(pages), "x" * 1_000_000)):
            with pytest.raises(websockets.exceptions.ConnectionClosed):
                await say_all(pages, *said)
        pages.say(msgspec.structs.replace(REP, session="s-1"))
        assert (await heard(other, "view"))["reps"] == 1


async def test_a_flood_of_taps_ends_its_connection(pages: Pages) -> None:
    """Nobody taps a hundred times a second."""
    pages.say(state())
    with pytest.raises(websockets.exceptions.ConnectionClosed):
        await say_all(pages, phone(pages), *['{"do": "confirm", "item": "head"}'] * 100)


@pytest.mark.parametrize(
    "said",
    ["", "[]", '{"do": "drop tables"}', '{"do": "confirm", "item": "everything"}', '{"do": "pain", "pain": 7}',
     '{"do": "right", "alert": "1-1-lockout-left", "right": "yes"}', '{"do": "right", "alert": "", "right": true}'],
)  # fmt: skip
async def test_nonsense_that_a_phone_says_changes_nothing(said: str, pages: Pages) -> None:
    """Passed over; the phone goes on."""
    pages.say(state())
    async with connected(pages, phone(pages)) as socket:
        await heard(socket, "view")
        await socket.send(said)
        pages.say(msgspec.structs.replace(REP, session="s-1"))
        assert (await heard(socket, "view"))["reps"] == 1
    record = pages.site.hub.machines[PLACE].records["s-1"]
    assert not record.confirmed
    assert not record.feedback
    assert record.pain is None
    assert pages.sent == []


async def test_a_waiting_phone_can_do_nothing(pages: Pages) -> None:
    """Without a session there is nothing to answer about, and nobody to call for."""
    pages.say(state(None, state="idle"))
    async with connected(pages, phone(pages)) as socket:
        await heard(socket, "view")
        for said in ('{"do": "help"}', '{"do": "pain", "pain": "sharp"}'):
            await socket.send(said)
        await (await socket.ping())  # answered in order: what was said before it has been read
    assert pages.helped == []


async def test_staff_pages_are_for_their_staff(pages: Pages) -> None:
    """No key, a wrong one, a phone's ticket, the other role's cookie: the sign-in page or nothing, and no data."""
    pages.keep(REP, ALERT, SET)
    addresses = ["/coach", "/coach/session/1", "/coach/session/1.csv", "/coach/rep/1", "/coach/rep/1.json",
                 "/coach/rep/1.csv", "/coach/overlay.json?reps=1", "/coach/compare?a=1.1", "/coach/plotly.js",
                 "/coach/machines",
                 "/coach/trends/gym/press-1", "/coach/trends/gym/press-1/figure.json", "/operator"]  # fmt: skip
    pages.say(state())
    phones = {"sledguard_staff": await ticket_of(pages)}
    for cookies in ({}, phones, {"sledguard_staff": "x.y"}):
        async with httpx.AsyncClient(cookies=cookies) as client:
            for address in addresses:
                answer = await client.get(pages.url(address))
                assert answer.status_code == 401, address
                assert "heel" not in answer.text
    async with signed_in(pages, "operator") as client:
        assert (await client.get(pages.url("/operator"))).status_code == 200
        assert (await client.get(pages.url("/coach/rep/1"))).status_code == 401


@contextlib.asynccontextmanager
async def signed_in(pages: Pages, role: str) -> AsyncIterator[httpx.AsyncClient]:
    origin = {"origin": pages.url("")}
    async with httpx.AsyncClient(headers=origin, follow_redirects=True) as client:
        key = getattr(pages.site.access.keys, role)
        answer = await client.post(pages.url("/enter"), data={"key": key, "role": role})
        assert answer.status_code == 200
        yield client


async def test_the_staffs_cookie_is_sent_to_us_alone_and_no_script_reads_it(pages: Pages) -> None:
    """HttpOnly, SameSite=Strict, a day at most; and the only cookie there is."""
    async with httpx.AsyncClient(headers={"origin": pages.url("")}) as client:
        answer = await client.post(pages.url("/enter"), data={"key": pages.site.access.keys.coach})
        (cookie,) = answer.headers.get_list("set-cookie")
        assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
        assert answer.headers["location"] == "/coach"
        for path in ("/", f"/m/{PLACE}", f"/kiosk/{PLACE}"):
            assert "set-cookie" not in (await client.get(pages.url(path))).headers


async def test_a_form_of_another_site_is_refused(pages: Pages) -> None:
    """Without an origin, or with a foreign one, nothing is posted, though the cookie be right."""
    pages.keep(REP)
    async with signed_in(pages, "coach") as client:
        for origin in ("http://evil.example", "null", ""):
            for path in ("/coach/session/1/note", "/enter"):
                answer = await client.post(pages.url(path), data={"text": "x"}, headers={"origin": origin})
                assert answer.status_code == 403
        answer = await client.get(pages.url("/coach/session/1"))
        assert 'class="note"' not in answer.text


async def test_who_may_not_command_a_machine_commands_none(pages: Pages) -> None:
    """No cookie, the other role's, a form from elsewhere, a machine that is none, an order that is none."""
    pages.say(state())
    form = {"machine": str(PLACE), "do": "set_load", "load": "80", "most": ""}
    async with httpx.AsyncClient(headers={"origin": pages.url("")}) as nobody:
        for path in ("/coach/machines", "/operator"):
            assert (await nobody.post(pages.url(path), data=form)).status_code == 403
    async with signed_in(pages, "operator") as client:
        assert (await client.post(pages.url("/coach/machines"), data=form)).status_code == 403
        elsewhere = {"origin": "http://evil.example"}
        assert (await client.post(pages.url("/operator"), data=form, headers=elsewhere)).status_code == 403
        for wrong, status in (({"machine": "gym/none"}, 404), ({"do": "tare"}, 400), ({"do": ""}, 400)):
            assert (await client.post(pages.url("/operator"), data=form | wrong)).status_code == status
    assert pages.sent == []


async def test_keys_cannot_be_guessed_fast(pages: Pages) -> None:
    """Five tries, then patience is asked for."""
    async with httpx.AsyncClient(headers={"origin": pages.url("")}) as client:
        codes = [(await client.post(pages.url("/enter"), data={"key": f"k{i}"})).status_code for i in range(7)]
    assert codes == [401] * 5 + [429] * 2


async def test_markup_in_what_boxes_and_people_say_is_text(pages: Pages) -> None:
    """In cues, reasons, sensors, notes: shown as it is written, run by nobody."""
    pages.keep(
        msgspec.structs.replace(REP, not_assessed={MARKUP: MARKUP}, reason=MARKUP, counted=False),
        msgspec.structs.replace(ALERT, cue=MARKUP, sensors=(MARKUP,), unit=MARKUP),
        msgspec.structs.replace(SET, not_assessed={MARKUP: MARKUP}),
    )
    pages.say(state(asks=MARKUP, not_assessed={MARKUP: MARKUP}, signs_not_assessed={MARKUP: MARKUP}))
    pages.say(msgspec.structs.replace(SENSOR, role=MARKUP, problem=MARKUP, firmware=MARKUP, node=MARKUP))
    pages.say(msgspec.structs.replace(NOTICE, text=MARKUP))
    async with signed_in(pages, "coach") as client:
        await client.post(pages.url("/coach/session/1/note"), data={"text": MARKUP})
        for path in (
            "/coach",
            "/coach/session/1",
            "/coach/rep/1",
            "/coach/machines",
            "/coach/compare?a=1.1&b=<script>",
            "/coach?lang=<x>",
        ):
            text = (await client.get(pages.url(path))).text
            assert MARKUP not in text, path
            assert not re.search(r"<script(?! (src|type))", text), path
        for path in ("/coach/session/1", "/coach/machines"):
            assert "&lt;script&gt;" in (await client.get(pages.url(path))).text
        figure = (await client.get(pages.url("/coach/rep/1.csv"))).status_code
        assert figure == 404
    async with signed_in(pages, "operator") as client:
        text = (await client.get(pages.url("/operator"))).text
        assert MARKUP not in text
        assert "&lt;script&gt;" in text


async def test_a_cell_that_begins_like_a_formula_is_text(pages: Pages) -> None:
    """Spreadsheets run what begins with =, +, - or @."""
    pages.keep(msgspec.structs.replace(REP, reason="=HYPERLINK(1)", counted=False, calibration="@x"))
    async with signed_in(pages, "coach") as client:
        text = (await client.get(pages.url("/coach/session/1.csv"))).text
    assert "'=HYPERLINK(1)" in text
    assert "'@x" in text


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/m/gym", "/m/GYM/press", "/kiosk/<script>/x", "/static/../access.py", "/static/%2e%2e/app.py",
     "/coach/session/999999999999999999999", "/m/gym/press-1/../../operator", "/.git/config", "/keys.json"],
)  # fmt: skip
async def test_other_addresses_tell_nothing(path: str, pages: Pages) -> None:
    """Not found, or to be signed in to; no trace, no listing, no file of ours."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(pages.url(path))
    assert answer.status_code in (401, 404)
    assert "Traceback" not in answer.text
    assert "import" not in answer.text


async def test_every_answer_carries_the_headers(pages: Pages) -> None:
    """Pages, files and refusals: scripts from here alone, no framing, no guessing, nothing kept by caches."""
    async with httpx.AsyncClient() as client:
        for path in ("/", f"/m/{PLACE}", f"/kiosk/{PLACE}", "/coach", "/static/phone.js", "/nothing"):
            headers = (await client.get(pages.url(path))).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'; script-src 'self';" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe-eval" not in policy
            assert ("unsafe-inline" in policy) == (path == "/coach")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


async def test_a_host_that_is_none_does_not_get_into_the_policy(pages: Pages) -> None:
    """What stands in the Host header may not write rules of its own."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(pages.url("/"), headers={"host": "x; script-src *"})
    assert "script-src *" not in answer.headers.get("content-security-policy", "")


async def test_pages_hold_no_inline_script(pages: Pages) -> None:
    """Neither between tags nor in attributes."""
    pages.keep(REP, ALERT, SET)
    async with signed_in(pages, "coach") as client:
        paths = ["/", f"/m/{PLACE}", f"/kiosk/{PLACE}", "/coach", "/coach/session/1", "/coach/rep/1"]
        texts = [(await client.get(pages.url(path))).text for path in paths]
    for text in texts:
        assert not re.search(r"<script[^>]*>[^<]", text)
        assert not re.search(r"<[^>]+\son\w+=", text)
        assert "javascript:" not in text
