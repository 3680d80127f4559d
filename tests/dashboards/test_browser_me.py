"""A lifter's phone, in a real Chromium: it says who they are, remembers them if it may, and forgets them again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from axe_tools import needs_axe, serious
from browser_tools import FakeBox, Stream, needs_browser, waited_for
from published import PLACE, live, state
from visitors import Visitors, code_on

from edge.commands import NOT_REMEMBERED

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_browser
REFUSES_TO_KEEP = """() => {
  for (const one of ['setItem', 'removeItem']) Storage.prototype[one] = () => { throw new Error('refused'); };
}"""


@pytest.fixture(autouse=True)
def stream(box: FakeBox) -> Iterator[Stream]:
    """A session that is on, between sets, of somebody unknown."""
    box.begin_anew()
    rests(box)
    stream = Stream(box, lambda t_s: live(t_s=t_s))
    yield stream
    stream.stop()


def rests(box: FakeBox, **changes: Any) -> None:
    box.say(state(t_s=box.now_s, **({"state": "resting"} | changes)))


def unfold(phone: Page) -> None:
    """The form for oneself, after a set."""
    phone.wait_for_selector("[data-view=rest] #me-card")
    if not phone.is_visible("#me-form"):
        phone.click("#me-card summary")
    phone.wait_for_selector("#me-form")


def asked(box: FakeBox, name: str) -> dict[str, Any]:
    """The only command that the box was given, once it has it."""
    waited_for(lambda: bool(box.asked), lambda: "the box was asked nothing")
    ((what, body),) = box.asked
    box.asked.clear()
    assert what == name
    return body


def forget(phone: Page) -> None:
    """Tapped, and tapped again when it asks."""
    phone.click("#me-forget")
    phone.wait_for_selector("#me-forget >> text=Sure?")
    phone.click("#me-forget")


def kept(phone: Page) -> dict[str, str] | None:
    """What the phone remembers."""
    text = phone.evaluate("localStorage.getItem('sledguard me gym')")
    return None if text is None else json.loads(text)  # type: ignore[no-any-return]


def test_nothing_is_remembered_unasked(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """The height counts for the session, of somebody unknown; a mistake is called by its name and stays."""
    phone = visitors.phone(code_on(kiosk), locale="de-DE")
    phone.wait_for_selector("[data-view=rest] #me-card")
    assert not phone.is_visible("#me-form"), "folded until somebody wants it"
    unfold(phone)
    phone.fill("#me-height", "riesig")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=Das ist keine solche Länge")
    assert phone.input_value("#me-height") == "riesig"
    phone.fill("#me-height", "193,5")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Erledigt.")
    body = asked(box, "set_lifter")
    assert (body["lifter"], body["height_m"], body["thigh_m"]) == (None, 1.935, None)
    assert kept(phone) is None
    assert phone.is_hidden("#me-forget")


def test_who_wants_to_be_is_remembered_and_comes_again(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Under a number that the phone draws, once: after a reload all stands there, until it is forgotten."""
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.fill("#me-height", "181")
    phone.click("#me-tape summary")
    phone.fill("#me-thigh", "44")
    phone.check("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=Measure both")
    assert kept(phone) is None, "a mistake is not remembered"
    phone.fill("#me-shank", "42.5")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    first = asked(box, "set_lifter")
    assert len(first["lifter"]) == 32
    assert (first["height_m"], first["thigh_m"], first["shank_m"]) == (1.81, 0.44, 0.425)
    assert kept(phone) == {"id": first["lifter"], "height": "181", "thigh": "44", "shank": "42.5"}
    rests(box, lifter_known=True)
    phone.wait_for_selector("#me-now >> text=known here")
    rests(box)
    phone.reload()
    phone.wait_for_selector("#me-form")
    assert [phone.input_value(f"#me-{name}") for name in ("height", "thigh", "shank")] == ["181", "44", "42.5"]
    assert phone.is_hidden("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    assert asked(box, "set_lifter")["lifter"] == first["lifter"]
    box.refusals["forget_lifter"] = "not today"
    forget(phone)
    phone.wait_for_selector("#me-said.bad >> text=not today")
    assert kept(phone) is not None, "what the box still has can be forgotten again"
    box.refusals.clear()
    box.asked.clear()
    forget(phone)
    phone.wait_for_selector("#me-said.good >> text=Done.")
    assert asked(box, "forget_lifter")["lifter"] == first["lifter"]
    assert kept(phone) is None
    assert phone.input_value("#me-height") == ""
    assert phone.is_visible("#me-remember")


def be_remembered(box: FakeBox, phone: Page, height: str = "181") -> dict[str, Any]:
    """Tick, and say it; what the box was told."""
    unfold(phone)
    phone.fill("#me-height", height)
    phone.check("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    return asked(box, "set_lifter")


def test_a_number_whose_answer_is_lost_is_used_again(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """A box may have taken it: the phone keeps it, over a reload, too, says that it does not know, and can have it
    forgotten.
    """
    box.unanswered.add("set_lifter")
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.fill("#me-height", "181")
    phone.check("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=No answer from the box")
    first = asked(box, "set_lifter")["lifter"]
    phone.wait_for_selector("#me-open")
    assert phone.is_hidden("#me-kept")
    assert phone.is_visible("#me-forget")
    box.unanswered.clear()
    box.refusals["set_lifter"] = "not during a set"
    phone.reload()
    phone.wait_for_selector("#me-open")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=not during a set")
    assert asked(box, "set_lifter")["lifter"] == first
    assert phone.is_visible("#me-open"), "of the first time nobody knows still"
    box.refusals.clear()
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    assert asked(box, "set_lifter")["lifter"] == first
    assert kept(phone) == {"id": first, "height": "181", "thigh": "", "shank": ""}
    assert phone.is_visible("#me-kept")
    assert phone.is_hidden("#me-open")


def test_a_number_that_no_box_took_is_none(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """A refusal is told with its reason, and the phone claims to remember nothing."""
    box.refusals["set_lifter"] = NOT_REMEMBERED
    phone = visitors.phone(code_on(kiosk), locale="de-DE")
    unfold(phone)
    phone.check("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=hier wird niemand gemerkt")
    assert kept(phone) is None
    assert phone.is_hidden("#me-kept")
    assert phone.is_checked("#me-remember")


def test_a_number_that_the_machine_refused_may_be_kept_by_the_box(
    box: FakeBox, kiosk: Page, visitors: Visitors
) -> None:
    """The box looks a lifter up before it asks the machine: the phone keeps the number, and can have it forgotten."""
    box.refusals["set_lifter"] = "not during a set"
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.check("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=not during a set")
    lifter = asked(box, "set_lifter")["lifter"]
    phone.wait_for_selector("#me-open")
    forget(phone)
    phone.wait_for_selector("#me-said.good >> text=Done.")
    assert asked(box, "forget_lifter")["lifter"] == lifter
    assert kept(phone) is None


def test_a_link_that_is_cut_is_told(kiosk: Page, visitors: Visitors) -> None:
    """What was sent into it is answered by nobody: the page gives up by itself, and keeps the number."""
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.check("#me-remember")
    phone.evaluate("() => { WebSocket.prototype.send = () => {} }")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=No answer")
    assert kept(phone) is not None
    assert phone.is_visible("#me-forget")


def test_a_browser_that_keeps_nothing_gives_no_number(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Nobody could have it forgotten; without it the height counts."""
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.evaluate(REFUSES_TO_KEEP)
    phone.check("#me-remember")
    phone.fill("#me-height", "181")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad >> text=keeps nothing")
    assert box.asked == []
    phone.uncheck("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    assert asked(box, "set_lifter")["lifter"] is None
    assert visitors.problems == []


def test_a_tape_is_taken_back(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """With a height, empty is none; with nothing at all what was said before holds, and the phone says so."""
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.click("#me-tape summary")
    phone.fill("#me-thigh", "44")
    phone.fill("#me-shank", "42")
    first = be_remembered(box, phone)
    assert (first["height_m"], first["thigh_m"], first["shank_m"]) == (1.81, 0.44, 0.42)
    for name in ("thigh", "shank"):
        phone.fill(f"#me-{name}", "")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    body = asked(box, "set_lifter")
    assert (body["lifter"], body["height_m"], body["thigh_m"], body["shank_m"]) == (first["lifter"], 1.81, None, None)
    assert kept(phone) == {"id": first["lifter"], "height": "181", "thigh": "", "shank": ""}
    phone.fill("#me-height", "")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good >> text=those that you said last hold")
    asked(box, "set_lifter")
    assert phone.input_value("#me-height") == "181"
    assert kept(phone) == {"id": first["lifter"], "height": "181", "thigh": "", "shank": ""}


def test_known_is_only_who_has_said_so(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Not whom the machine's own table names, nor who was said after; nor who is forgotten."""
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    rests(box, lifter_known=True)
    phone.wait_for_function("() => document.getElementById('me-now').textContent === ''")
    be_remembered(box, phone)
    phone.wait_for_selector("#me-now >> text=known here")
    phone.reload()
    phone.wait_for_selector("#me-now >> text=known here")
    other = visitors.phone(code_on(kiosk))
    unfold(other)
    assert other.text_content("#me-now") == ""
    be_remembered(box, other)
    other.wait_for_selector("#me-now >> text=known here")
    phone.wait_for_function("() => document.getElementById('me-now').textContent === ''")
    forget(other)
    other.wait_for_selector("#me-said.good >> text=Done.")
    rests(box, lifter_known=True, load_kg=99.0)
    other.wait_for_selector("#load-now >> text=99 kg")
    assert other.text_content("#me-now") == ""


def test_who_has_gone_is_forgotten_all_the_same(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """After the session, too, and only when it is asked for twice; of the rest of the form nothing is left then."""
    phone = visitors.phone(code_on(kiosk))
    first = be_remembered(box, phone)
    phone.click("#me-forget")
    phone.wait_for_selector("#me-forget >> text=Sure?")
    box.say(state("s-2", t_s=box.now_s, state="resting"))
    phone.wait_for_selector("[data-view=ended] #me-forget >> text=Forget me")
    assert phone.is_hidden("#me-form button.big")
    assert phone.is_hidden("#me-height")
    phone.click("#me-forget")
    phone.wait_for_selector("#me-forget >> text=Sure?")
    assert box.asked == []
    assert kept(phone) is not None
    phone.click("#me-forget")
    phone.wait_for_selector("#me-said.good >> text=Done.")
    assert asked(box, "forget_lifter")["lifter"] == first["lifter"]
    assert kept(phone) is None


def test_a_page_that_was_left_says_that_it_cannot_forget(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """It has no link any more: the number stays, and the phone says what to do."""
    phone = visitors.phone(code_on(kiosk))
    be_remembered(box, phone)
    phone.click("#menu-open")
    phone.click("#leave")
    phone.wait_for_selector("[data-view=ended] #me-forget")
    forget(phone)
    phone.wait_for_selector("#me-said.bad >> text=Scan the code")
    assert kept(phone) is not None
    assert box.asked == []


def test_a_phone_that_waits_says_it_for_the_session_that_begins(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Scanned before the straps are on; a number that something else has written there is none."""
    box.say(state(None, t_s=box.now_s, state="idle"))
    kiosk.wait_for_selector("[data-view=idle]")
    phone = visitors.phone(code_on(kiosk))
    phone.wait_for_selector("[data-view=wait] #me-card")
    phone.evaluate("localStorage.setItem('sledguard me gym', JSON.stringify({ id: 'k7f3', height: '190' }))")
    phone.reload()
    phone.wait_for_selector("[data-view=wait] #me-card")
    phone.click("#me-card summary")
    phone.fill("#me-height", "181")
    phone.check("#me-remember")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.good")
    assert len(asked(box, "set_lifter")["lifter"]) == 32


def test_a_coach_says_who_is_lifting(box: FakeBox, visitors: Visitors) -> None:
    """Beside the weight, for a lifter who has no phone."""
    coach = visitors.staff("coach")
    coach.click("a[href='/coach/machines']")
    coach.fill("[name=lifter]", "Jane Doe")
    coach.fill("[name=height]", "181")
    coach.click("form:has([name=lifter]) button")
    coach.wait_for_selector("[role=alert].bad >> text=That is no id")
    assert coach.input_value("[name=height]") == "181"
    coach.fill("[name=lifter]", "k7f3")
    coach.click("form:has([name=lifter]) button")
    coach.wait_for_selector(".good[role=status] >> text=Done.")
    body = asked(box, "set_lifter")
    assert (body["lifter"], body["height_m"]) == ("k7f3", 1.81)
    rests(box, lifter_known=True)
    coach.wait_for_selector("h2 >> text=lifter known")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_of_saying_who_they_are(scheme: str, kiosk: Page, visitors: Visitors) -> None:
    """axe-core finds nothing serious on the phone's form, unfolded, with a mistake."""
    phone = visitors.phone(code_on(kiosk), color_scheme=scheme)
    unfold(phone)
    phone.click("#me-tape summary")
    phone.fill("#me-thigh", "x")
    phone.click("#me-form button.big")
    phone.wait_for_selector("#me-said.bad")
    assert serious(phone, phone.url) == []


def test_what_a_phone_remembers_is_its_own(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Another phone draws another number, and no address or page holds either."""
    drawn = []
    for _ in range(2):
        phone = visitors.phone(code_on(kiosk))
        unfold(phone)
        phone.check("#me-remember")
        phone.click("#me-form button.big")
        phone.wait_for_selector("#me-said.good")
        drawn.append(asked(box, "set_lifter")["lifter"])
        assert drawn[-1] not in phone.content() + phone.url
    assert len(set(drawn)) == 2
    assert not [address for address in visitors.requests if any(one in address for one in drawn)]
    assert str(PLACE) in visitors.requests[0]
    assert visitors.problems == []
