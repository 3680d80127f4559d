"""What people tell a machine from its pages, in a real Chromium: the weight, and that left and right are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_tools import needs_axe, serious
from browser_tools import FakeBox, Stream, needs_browser, waited_for
from published import box_online, live, state
from visitors import Visitors, code_on

from dashboards.machine_view import WRONG_LEGS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_browser
KNEES = dict.fromkeys(("lockout_left", "lockout_right", "valgus_left", "valgus_right"), WRONG_LEGS)
SIGNS = {"toe_out": "not seen: needs sensors on the feet, or a footplate with eight cells", "deep": WRONG_LEGS}


@pytest.fixture(autouse=True)
def stream(box: FakeBox) -> Iterator[Stream]:
    """A session that is on, whose left and right are doubted."""
    box.begin_anew()
    doubt(box)
    stream = Stream(box, lambda t_s: live(t_s=t_s))
    yield stream
    stream.stop()


def doubt(box: FakeBox, **changes: object) -> None:
    fields = {"t_s": box.now_s, "state": "resting", "not_assessed": KNEES, "signs_not_assessed": SIGNS}
    box.say(state(**fields | changes))  # type: ignore[arg-type]


def asked(box: FakeBox, name: str) -> dict[str, object]:
    """The only command that the box was given, once it has it."""
    waited_for(lambda: bool(box.asked), lambda: "the box was asked nothing")
    ((what, body),) = box.asked
    assert what == name
    return body


def unfold(phone: Page) -> None:
    """The form for the weight, after a set."""
    phone.wait_for_selector("[data-view=rest] #load-card")
    phone.click("#load-card summary")
    phone.wait_for_selector("#load-form")


def test_a_lifter_says_what_is_on_the_sled(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Filled in as it is known; a mistake is called by its name and stays to be mended; what is taken is shown."""
    phone = visitors.phone(code_on(kiosk), locale="de-DE")
    unfold(phone)
    assert phone.input_value("#load-kg") == "120"
    phone.fill("#load-kg", "achtzig")
    phone.click("#load-form button")
    phone.wait_for_selector("#load-said.bad >> text=Das ist keine Zahl")
    assert phone.input_value("#load-kg") == "achtzig"
    assert box.asked == []
    phone.fill("#load-kg", "82,5")
    phone.fill("#load-most", "100")
    phone.click("#load-form button")
    phone.wait_for_selector("#load-said.good >> text=Erledigt.")
    body = asked(box, "set_load")
    assert (body["load_kg"], body["one_rep_max_kg"]) == (82.5, 100.0)
    doubt(box, load_kg=82.5, one_rep_max_share=0.83, one_rep_max_source="said")
    phone.wait_for_function("() => document.getElementById('load-kg').value === '82.5'")
    assert (
        phone.inner_text("#load-card summary")
        .split("\n")[-1]
        .endswith("82.5 kg 83 % des Höchsten für eine Wiederholung")
    )


def test_a_box_that_is_away_is_told_to_the_lifter(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """The page says so, in place of a weight that nobody knows."""
    phone = visitors.phone(code_on(kiosk))
    unfold(phone)
    phone.evaluate("document.getElementById('lost').style.display = 'none'")  # which would cover all else
    box.send(*box_online("offline"), retain=True)
    phone.wait_for_selector("[data-signal=box]")
    phone.evaluate("document.getElementById('load-form').requestSubmit()")
    phone.wait_for_function("() => document.getElementById('load-said').textContent.startsWith('Not sent: the box')")
    box.send(*box_online(), retain=True)
    assert box.asked == []


def test_a_coach_sees_what_is_not_judged_and_says_what_is_on_the_sled(box: FakeBox, visitors: Visitors) -> None:
    """Faults with their reasons at once, signs when unfolded, which stay so; what is wrong is not lost."""
    coach = visitors.staff("coach")
    coach.click("a[href='/coach/machines']")
    coach.wait_for_selector(".blind li >> text=left knee locking, right knee locking")
    coach.click("details summary")
    coach.locator(".signs li", has_text="toes turned out – not seen: needs sensors on the feet").wait_for()
    doubt(box, set=4)
    coach.wait_for_selector("h2 >> text=set 4")
    assert coach.locator(".signs li").first.is_visible()
    coach.fill("[name=load]", "80")
    coach.fill("[name=most]", "70")
    coach.click(".load button")
    coach.wait_for_selector("[role=alert].bad >> text=The most for one rep is less")
    assert (coach.input_value("[name=load]"), coach.input_value("[name=most]")) == ("80", "70")
    coach.fill("[name=most]", "90")
    coach.click(".load button")
    coach.wait_for_selector(".good[role=status] >> text=Done.")
    assert asked(box, "set_load")["one_rep_max_kg"] == 90.0


@pytest.mark.parametrize(("role", "path"), [("coach", "/coach/machines"), ("operator", "/operator")])
def test_who_has_looked_says_that_left_and_right_are_right(
    role: str, path: str, box: FakeBox, visitors: Visitors
) -> None:
    """A button where they are doubted, and only there; a refusal has its reason."""
    page = visitors.staff(role)
    if role == "coach":
        page.click(f"a[href='{path}']")
    box.refusals["trust_legs"] = "left and right are not doubted"
    page.click(".trust button")
    page.wait_for_selector("[role=alert].bad >> text=The box refuses: left and right are not doubted.")
    box.begin_anew()
    page.click(".trust button")
    page.wait_for_selector(".good[role=status] >> text=Done.")
    assert set(asked(box, "trust_legs")) == {"id", "ts"}
    box.say(state(t_s=box.now_s, state="resting"))
    page.wait_for_selector(".trust", state="detached")


def test_nothing_changes_under_a_finger(box: FakeBox, visitors: Visitors) -> None:
    """A button that is held while the page renews itself is still the one that is let go; the language stays."""
    page = visitors.staff("coach")
    page.goto(page.url + "/machines?lang=de")
    page.evaluate("document.querySelector('.trust button').held = true")
    page.hover(".trust button")
    page.mouse.down()
    doubt(box, set=7)
    with page.expect_response("**/coach/machines?lang=de"):
        pass
    with page.expect_response("**/coach/machines?lang=de"):  # what the first one brought has been dealt with
        pass
    assert page.evaluate("document.querySelector('.trust button').held") is True
    page.mouse.up()
    page.wait_for_selector(".good[role=status] >> text=Erledigt.")
    page.wait_for_selector("h2 >> text=Satz 7")
    page.wait_for_selector(".now p a[href*='lang=de']")


NOT_HELD = {
    "another button": [("pointerdown", 2)],
    "a menu": [("pointerdown", 0), ("contextmenu", 0)],
    "another window": [("pointerdown", 0), ("blur", 0)],
    "dragged away": [("pointerdown", 0), ("dragend", 0)],
    "let go where nobody tells": [("pointerdown", 0)],
}


@pytest.mark.parametrize("how", NOT_HELD)
def test_what_was_let_go_elsewhere_does_not_stop_the_page(how: str, box: FakeBox, visitors: Visitors) -> None:
    """A button that is not held, or of which nothing more is told, does not keep the page as it was."""
    page = visitors.staff("coach")
    page.goto(page.url + "/machines")
    page.wait_for_selector(".trust button")
    page.evaluate(
        "said => said.forEach(([type, button]) => dispatchEvent(new PointerEvent(type, { button })))",
        [list(one) for one in NOT_HELD[how]],
    )
    doubt(box, set=8)
    page.wait_for_selector("h2 >> text=set 8")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_of_the_forms(scheme: str, kiosk: Page, visitors: Visitors) -> None:
    """axe-core finds nothing serious on phone, coach's and operator's page with all of it."""
    phone = visitors.phone(code_on(kiosk), color_scheme=scheme)
    unfold(phone)
    coach, operator = (visitors.staff(role, color_scheme=scheme) for role in ("coach", "operator"))
    coach.click("a[href='/coach/machines']")
    coach.click("details summary")
    coach.fill("[name=load]", "x")
    coach.click(".load button")
    coach.wait_for_selector("section [role=alert].bad")
    operator.wait_for_selector(".trust button")
    assert [one for page in (phone, coach, operator) for one in serious(page, page.url)] == []
