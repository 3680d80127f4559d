"""A set on all four pages, a coach's question in three clicks, and nobody shut out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from axe_tools import needs_axe, serious
from browser_tools import FakeBox, Site, Stream, needs_browser
from example_events import ACTIVE, ALERT, NOTICE, REP, SENSOR, SET, SIGN
from published import live, state
from visitors import Visitors, code_on

from edge.events import Live

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_browser
SIGNS = {"toe_out": "not seen: needs sensors on the feet, or a footplate with eight cells", "asymmetry": "no footplate"}


@pytest.fixture(scope="module", autouse=True)
def a_set(box: FakeBox, site: Site) -> Iterator[None]:
    """A set of two reps, the second with a lifted heel, lifted in the seconds before and all in the history."""
    site.wait_until_it_keeps(box)
    end_s = box.now_s
    box.say(state(t_s=end_s - 4.0))
    box.say(SENSOR)
    for i in range(80):
        box.say(streamed(end_s - 4.0 + i / 20))
    stream = Stream(box, streamed)
    times: dict[str, Any] = {"session": "s-1", "start_s": end_s - 3.5, "bottom_s": end_s - 2.5, "drive_s": end_s - 2.0}
    box.say(msgspec.structs.replace(REP, **times, t_s=end_s, top_s=end_s, rep=1, faults=()))
    alert = msgspec.structs.replace(
        ALERT, session="s-1", rep=2, t_s=end_s - 1.0, onset_s=end_s - 1.1, cue="Shoes flat on plate."
    )
    box.say(alert)
    sign = {"kind": "fast_lowering", "severity": "S2", "cue": "Slow the sled down.", "unit": "s", "phase": "bottom"}
    box.say(msgspec.structs.replace(SIGN, session="s-1", rep=2, t_s=end_s - 0.9, **sign))
    box.say(msgspec.structs.replace(REP, **times, t_s=end_s + 0.1, top_s=end_s + 0.1, rep=2))
    box.say(msgspec.structs.replace(NOTICE, session="s-1", t_s=end_s + 0.1, what="strap_off", role="right_thigh"))
    box.say(msgspec.structs.replace(ACTIVE, session="s-1", t_s=box.now_s, active=()))
    box.say(msgspec.structs.replace(SET, session="s-1", t_s=box.now_s, reps=2, signs_not_assessed=SIGNS))
    site.wait_until_kept(reps=2, alerts=1, sets=1, traces=1)
    yield
    stream.stop()


def streamed(t_s: float) -> Live:
    """A moment of the drive with half of the left foot's load on its heel."""
    return live(t_s=t_s, left_heel_share=0.5, phase="concentric")


def test_which_rep_which_fault_what_did_the_signal_look_like(visitors: Visitors) -> None:
    """A coach's question: from the first page, one click to the faulty rep, its fault named, its curves drawn."""
    coach = visitors.staff("coach")
    coach.click(".chip.fault")
    coach.wait_for_selector(".alert-line")
    assert "left heel lifting" in coach.inner_text(".alert-line")
    coach.wait_for_selector("[data-drawn=yes]")
    drawn = coach.evaluate(
        "() => document.querySelector('.chart').data.map(d => [d.mode, d.x.length]).filter(([, n]) => n > 0)"
    )
    assert sum(mode == "lines" and n > 20 for mode, n in drawn) >= 8
    assert sum(mode == "markers" for mode, _ in drawn) == 1
    assert coach.locator(".chart .annotation-text").filter(has_text="✕").all_text_contents() == ["✕ left heel lifting"]


def test_a_coach_sees_the_signs_of_a_rep_and_of_the_set(visitors: Visitors) -> None:
    """Named in the coach's language on the rep's page with what was said, and in the set's table."""
    coach = visitors.staff("coach", locale="de-DE")
    coach.locator(".chip.fault").last.click()
    coach.wait_for_selector(".sign-line")
    line = coach.inner_text(".sign-line")
    assert "zu schnell abgesenkt (deutlich)" in line
    assert "Schlitten langsamer führen." in line
    coach.click("a[href^='/coach/session/']")
    coach.wait_for_selector("table.reps .sign")
    unseen = coach.locator("details", has_text="Anzeichen, die nicht zu erkennen sind")
    assert not unseen.locator("p").first.is_visible()
    unseen.locator("summary").click()
    assert unseen.locator("p").all_inner_texts() == [
        "Füße auswärts gedreht (nicht zu sehen: braucht Sensoren an den Füßen oder eine Fußplatte mit acht Zellen)",
        "ein Bein tut mehr (keine Fußplatte mit Sensoren)",
    ]
    assert coach.locator("table.reps .sign").all_inner_texts() == ["zu schnell abgesenkt"]


def test_coach_and_operator_see_what_sensors_told_and_when(visitors: Visitors) -> None:
    """In their own language, with its time; the oldest first in a session, the newest first at the machine."""
    coach, operator = visitors.staff("coach", locale="de-DE"), visitors.staff("operator")
    coach.click(".sessions tbody tr:first-child a")
    told = coach.locator("#notices li")
    assert told.count() >= 2
    assert "linker Unterschenkel verrutscht" in told.first.inner_text()
    assert "rechter Oberschenkel abgenommen: anlegen" in told.last.inner_text()
    newest = operator.locator(".told li").first
    newest.wait_for()
    assert "The right thigh sensor was taken off" in newest.inner_text()
    for one in (told.last, newest):
        assert one.locator("time").get_attribute("datetime")


def test_other_limits_can_be_tried(visitors: Visitors) -> None:
    """With the heel's limit at 60 % both reps would have called; at 5 % neither."""
    coach = visitors.staff("coach")
    coach.click(".sessions tbody tr:first-child a")
    for share, called in (("60", 2), ("5", 0)):
        coach.fill("input[name=heel_lift]", share)
        with coach.expect_navigation():
            coach.click(".what button")
        assert coach.input_value("[name=heel_lift]") == f"{share}.0"
        assert coach.locator("#what-if td:nth-child(3)", has_text="left heel lifting").count() == called


def test_a_set_is_on_all_four_pages(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """Lifter and machine see two reps, the coach the same two, the operator the machine and its sensor."""
    phone = visitors.phone(code_on(kiosk))
    for page in (kiosk, phone):
        page.wait_for_function("() => document.getElementById('reps').textContent === '2'")
    coach, operator = visitors.staff("coach"), visitors.staff("operator")
    assert coach.locator(".chips .chip").count() == 2
    text = operator.inner_text("main")
    assert "press-1" in text
    assert "left shank" in text
    assert "81 %" in text


def test_a_note_stays(visitors: Visitors) -> None:
    """Written once, there for the next coach."""
    coach = visitors.staff("coach")
    coach.click(".sessions tbody tr:first-child a")
    coach.fill("#text", "turns round too late <b>")
    with coach.expect_navigation():
        coach.click("#notes button")
    coach.reload()
    assert "turns round too late <b>" in coach.inner_text(".note")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(scheme: str, box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """axe-core finds nothing serious on any page in any of its states."""
    phone = visitors.phone(code_on(kiosk), color_scheme=scheme)
    screen = visitors.kiosk(color_scheme=scheme)
    coach = visitors.staff("coach", color_scheme=scheme)
    found: list[str] = []
    for activity, shown in (("setup", "setup"), ("lifting", "lift"), ("resting", "rest")):
        box.say(state(t_s=box.now_s, state=activity, not_assessed={"lumbar": "no pelvis sensor"}))
        for page in (phone, screen):
            page.wait_for_selector(f"[data-view={shown}] #blind-card:not([hidden])")
            found += serious(page, activity)
    found += serious(coach, "coach")
    coach.click(".chip.fault")
    coach.wait_for_selector("[data-drawn=yes]")
    found += serious(coach, "rep")
    found += serious(visitors.staff("operator", color_scheme=scheme), "operator")
    box.say(state(t_s=box.now_s))
    assert found == []
