"""Phone and kiosk in a real Chromium: what is shown, when it goes, and what happens when the link does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest
from browser_tools import FakeBox, Relay, Site, Stream, needs_browser, note_cues
from example_events import ACTIVE, ALERT, NOTICE, REP, SET, SIGN
from published import live, state
from visitors import Visitors, code_on

from dashboards.words import words_of
from edge.events import ActiveAlerts, Alert

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_browser
FIRST_LOAD_MAX = 100_000


@pytest.fixture(autouse=True)
def stream(box: FakeBox) -> Iterator[Stream]:
    """A session that is on, its live stream running."""
    box.say(state(t_s=box.now_s))
    stream = Stream(box, lambda t_s: live(t_s=t_s))
    yield stream
    stream.stop()
    box.say(ended(box))


@pytest.fixture
def phone(visitors: Visitors, kiosk: Page) -> Page:
    return visitors.phone(code_on(kiosk))


def test_a_phone_without_a_camera_gets_in(visitors: Visitors, kiosk: Page) -> None:
    """Beside the code the kiosk shows the address at which it is typed: that and the six digits are enough."""
    code = code_on(kiosk)
    page = visitors.page(viewport={"width": 390, "height": 844})
    page.goto(f"http://{kiosk.text_content('#where')}")
    page.fill("#code", code)
    page.click("#code-form button")
    page.wait_for_selector("[data-view=join]", state="detached")


def alert(box: FakeBox, **changes: object) -> Alert:
    now_s = box.now_s
    fields = {"session": "s-1", "t_s": now_s, "cue": "Shoes flat on plate.", "onset_s": now_s - 0.1}
    return msgspec.structs.replace(ALERT, **fields | changes)


def ended(box: FakeBox) -> ActiveAlerts:
    """No fault is present any more."""
    return msgspec.structs.replace(ACTIVE, session="s-1", t_s=box.now_s, active=())


def cue_noted(page: Page, text: str) -> dict[str, object]:
    """A cue with this text as it was shown; waits for it."""
    page.wait_for_function("text => window.cues.some(cue => cue.text === text)", arg=text)
    found: dict[str, object] = page.evaluate("text => window.cues.findLast(cue => cue.text === text)", text)
    return found


def test_a_cue_is_shown_to_the_lifter_and_at_the_machine_and_goes_when_over(
    box: FakeBox, kiosk: Page, phone: Page
) -> None:
    """Words, side and fault on both; heard and read out; gone once the fault is over and it could be read."""
    for page in (kiosk, phone):
        note_cues(page)
    box.say(alert(box))
    for page in (kiosk, phone):
        cue = cue_noted(page, "Shoes flat on plate.")
        assert cue["seen"]
        assert cue["side"] == "LEFT"
        assert "Shoes flat on plate." in str(cue["said"])
    box.say(ended(box))
    for page in (kiosk, phone):
        page.wait_for_selector("#cue", state="hidden")
        assert page.text_content("#cue-said") == ""


def test_a_spoken_sign_is_shown_as_a_cue_and_listed_after_the_set(
    box: FakeBox, kiosk: Page, visitors: Visitors
) -> None:
    """What the box buzzes for stands on kiosk and phone, each in its language, and in the phone's summary."""
    phone = visitors.phone(code_on(kiosk), locale="de-DE")
    for page in (kiosk, phone):
        note_cues(page)
    heavy = {"kind": "too_heavy", "severity": "S3", "cue": "Rack it, losing control.", "rep": 3}
    box.say(msgspec.structs.replace(SIGN, session="s-1", t_s=box.now_s, **heavy))
    for page, text in ((kiosk, "Rack it, losing control."), (phone, "Einhängen, Kontrolle verloren.")):
        cue = cue_noted(page, text)
        assert (cue["seen"], cue["grave"]) == (True, True)
        assert text in str(cue["said"])
    box.say(state(t_s=box.now_s, state="resting"))
    phone.wait_for_selector("[data-view=rest]")
    listed = phone.locator("#alerts li", has_text="zu schwer")
    listed.wait_for()
    assert "Einhängen, Kontrolle verloren." in listed.inner_text()
    assert listed.locator("button").count() == 0


def test_a_new_cue_never_stands_on_the_old_ones_colour(box: FakeBox, phone: Page) -> None:
    """Nothing of a cue is animated: words, colour and side change in one picture."""
    note_cues(phone)
    box.say(alert(box))
    assert cue_noted(phone, "Shoes flat on plate.")["grave"] is False
    box.say(alert(box, severity="S3", cue="Rack it, go lighter.", side=None))
    stop = cue_noted(phone, "Rack it, go lighter.")
    assert (stop["grave"], stop["side"]) == (True, "")
    assert not phone.evaluate("window.cues.some(cue => cue.moves)")
    box.say(ended(box))


def test_the_count_follows_the_reps(box: FakeBox, kiosk: Page, phone: Page) -> None:
    """One huge number, a bar for each rep, the faulty one marked by more than colour."""
    for i in (1, 2):
        rep = msgspec.structs.replace(REP, session="s-1", rep=i, t_s=box.now_s, faults=REP.faults if i == 2 else ())
        box.say(rep)
    for page in (kiosk, phone):
        page.wait_for_function("() => document.getElementById('reps').textContent === '2'")
        assert page.locator("#bars li").count() == 2
        assert page.locator("#bars li.fault b").inner_text() == "!"
        assert "left heel lifting" in (page.locator("#bars li.fault").get_attribute("aria-label") or "")
    assert phone.locator("#reps").bounding_box()["height"] > 150  # type: ignore[index]


def test_one_rep_is_one_rep(box: FakeBox, kiosk: Page, visitors: Visitors) -> None:
    """In the set and in its summary, in the page's language."""
    box.say(state(t_s=box.now_s, session="s-one"))
    box.say(msgspec.structs.replace(REP, session="s-one", rep=1, t_s=box.now_s, faults=()))
    box.say(msgspec.structs.replace(SET, session="s-one", t_s=box.now_s, reps=1))
    kiosk.wait_for_function("() => document.getElementById('reps').textContent === '1'")
    assert kiosk.inner_text("#reps-word") == "rep"
    phone = visitors.phone(code_on(kiosk), locale="de-DE")
    box.say(state(t_s=box.now_s, session="s-one", state="resting"))
    for page, told in ((kiosk, "1 rep 1 rep without a cue"), (phone, "1 Wiederholung 1 Wiederholung ohne Hinweis")):
        page.wait_for_selector("[data-view=rest]")
        assert " ".join(page.inner_text(".totals").split()) == told
    box.say(state(t_s=box.now_s))


def test_a_still_knee_is_at_0_whichever_side_of_it(box: FakeBox, stream: Stream, kiosk: Page) -> None:
    """What rounds to nothing has no sign; what does not keeps it."""
    stream.stop()
    for medial_mm, shown in ((-0.4, "0"), (-0.6, "-1"), (0.4, "0")):
        still = Stream(
            box, lambda t_s, value=medial_mm: live(t_s=t_s, left_knee_medial_mm=value, sled_position_m=-0.004)
        )
        kiosk.wait_for_function(
            "shown => document.querySelector('[data-strip=medial] [data-value=\"0\"]').textContent === shown", arg=shown
        )
        kiosk.wait_for_function("() => document.querySelector('[data-strip=sled] [data-value]').textContent === '0.00'")
        still.stop()


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("count", ["8", "48", "108"])
def test_no_count_is_cut_off(width: int, count: str, visitors: Visitors) -> None:
    """However many reps and however small the screen, the whole number is inside its field."""
    kiosk = visitors.kiosk(viewport={"width": width, "height": width * 10 // 16})
    kiosk.wait_for_selector("[data-view=lift]")
    inside = kiosk.evaluate(
        """count => {
      const reps = document.getElementById('reps'), field = document.querySelector('.score').getBoundingClientRect();
      reps.textContent = count; reps.dataset.digits = count.length;
      const range = document.createRange(); range.selectNodeContents(reps);
      const drawn = range.getBoundingClientRect();
      return drawn.left >= field.left && drawn.right <= field.right;
    }""",
        count,
    )
    assert inside


def test_what_is_not_judged_is_on_the_screen_with_its_reason(box: FakeBox, kiosk: Page, phone: Page) -> None:
    """In the list, and the part of the figure drawn as not seen."""
    box.say(state(t_s=box.now_s, not_assessed={"lumbar": "no pelvis sensor"}, assessed=()))
    for page in (kiosk, phone):
        page.wait_for_selector("#blind-card:not([hidden])")
        assert page.inner_text("#blind") == "pelvis tucking under – no pelvis sensor"
    assert kiosk.locator("#pelvis.unknown").count() == 1
    box.say(state(t_s=box.now_s))


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_what_is_not_judged_before_the_first_press_is_read_in_full(
    size: tuple[int, int], box: FakeBox, visitors: Visitors
) -> None:
    """Every fault, with the two reasons that there are at every start: nothing of it is cut off."""
    seated = "no seated pose: sit still for 2 s, feet on the plate"
    worn = dict.fromkeys(("lockout_left", "lockout_right", "valgus_left", "valgus_right", "lumbar"), seated)
    feet = dict.fromkeys(("heel_lift_left", "heel_lift_right"), "foot's own share not known yet: press the sled out")
    for locale in ("en", "de", "es"):
        screen = visitors.kiosk(viewport={"width": size[0], "height": size[1]}, locale=locale)
        box.say(state(t_s=box.now_s, state="setup", set=0, assessed=(), not_assessed=worn | feet))
        screen.wait_for_selector("[data-view=setup] #blind li:nth-child(2)")
        card = screen.locator(".blind-card")
        assert card.evaluate("card => card.scrollHeight <= card.clientHeight"), locale
        assert card.evaluate("card => parseFloat(getComputedStyle(card).fontSize) >= 11"), locale
    box.say(state(t_s=box.now_s))


def test_what_a_sensor_asks_of_the_lifter_is_on_the_screen_until_it_is_over(
    box: FakeBox, kiosk: Page, visitors: Visitors
) -> None:
    """On the kiosk and, in its own language, on the phone, in the set and after it; it leaves the count where it is."""
    phone = visitors.phone(code_on(kiosk), locale="es-MX")
    texts = ("The left shank sensor has moved: tighten its strap", "El sensor (pierna izquierda) se ha movido: aprieta")
    box.say(msgspec.structs.replace(NOTICE, session="s-1", t_s=box.now_s))
    for activity in ("lifting", "resting"):
        box.say(state(t_s=box.now_s, state=activity))
        for page, text, shown in ((kiosk, texts[0], activity[:4]), (phone, texts[1], activity[:4])):
            page.wait_for_selector(f"[data-view={shown}]")
            page.wait_for_function("text => document.getElementById('told').innerText.includes(text)", arg=text)
            assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    box.say(state(t_s=box.now_s, set=2))
    for page in (kiosk, phone):
        page.wait_for_selector("#told p", state="detached")
    box.say(state(t_s=box.now_s))


def test_a_stopped_stream_is_no_signal_and_comes_back(box: FakeBox, stream: Stream, kiosk: Page, phone: Page) -> None:
    """The pages are connected and the box is not heard: what they show is not now, and they say where it is cut."""
    note_cues(kiosk)
    box.say(alert(box, severity="S3"))  # which would stay for ten seconds
    cue_noted(kiosk, "Shoes flat on plate.")
    stream.stop()
    for page in (kiosk, phone):
        page.wait_for_selector("#lost[data-cause=machine] .why[data-cause=machine]")
        assert page.inner_text("#lost h2") == "NO SIGNAL"
        assert page.locator("#cue").is_hidden()
    again = Stream(box, lambda t_s: live(t_s=t_s))
    for page in (kiosk, phone):
        page.wait_for_selector("#lost", state="hidden")
    again.stop()


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_a_lost_link_says_so_in_time_and_mends_itself(how: str, visitors: Visitors, kiosk: Page, site: Site) -> None:
    """Within 1.5 s of the page's own clock, whether the line breaks or falls silent; the page is never loaded anew."""
    relay = Relay(site.port)
    phone = visitors.phone(code_on(kiosk), relay.port, clock=True)
    phone.wait_for_function("() => document.body.dataset.signal === 'ok'")
    phone.evaluate("window.kept = true")
    phone.clock.pause_at(phone.evaluate("Date.now() + 500"))
    while phone.get_attribute("body", "data-signal") != "ok":  # the jump to a stopped clock is a loss of its own
        phone.clock.run_for(150)
    getattr(relay, how)()
    while (cause := phone.get_attribute("body", "data-signal")) != "link":
        assert silent_ms(phone) <= 1500, cause
        phone.clock.run_for(50)
    assert 1000 < silent_ms(phone) <= 1500
    assert phone.locator("#lost .why[data-cause=link]").is_visible()
    relay.mend()
    phone.clock.resume()
    phone.wait_for_selector("#lost", state="hidden")
    assert phone.evaluate("window.kept") is True
    relay.cut()


def silent_ms(phone: Page) -> float:
    """For how long the page has heard nothing, by its own clock."""
    return float(phone.evaluate("performance.now() - window.heardAt"))


def test_a_restart_of_the_server_keeps_page_session_and_sound(
    box: FakeBox, site: Site, kiosk: Page, phone: Page
) -> None:
    """Killed and started again: both pages come back by themselves, with what was lifted meanwhile, sound still on."""
    site.wait_until_it_keeps(box)
    now_s, rows = box.now_s, site.kept("reps")
    phone.wait_for_selector("[data-view=lift]")
    count = str(int(phone.inner_text("#reps")) + 1)
    box.say(msgspec.structs.replace(REP, session="s-1", rep=7, t_s=now_s, top_s=now_s, start_s=now_s - 3))
    site.wait_until_kept(reps=rows + 1)
    phone.wait_for_function(f"() => document.getElementById('reps').textContent === '{count}'")
    turn_sound_on(phone)
    kept = "document.body.dataset.kept = 'yes'"
    kiosk.evaluate(kept)
    phone.evaluate(kept)
    site.stop(signal.SIGKILL)
    for page in (kiosk, phone):
        page.wait_for_selector("#lost:not([hidden])")
    missed_s = box.now_s
    box.say(msgspec.structs.replace(REP, session="s-1", rep=8, t_s=missed_s, top_s=missed_s, start_s=missed_s - 3))
    count = str(int(count) + 1)
    site.start()
    for page in (kiosk, phone):
        page.wait_for_selector("#lost", state="hidden")
        assert page.locator("[data-kept=yes]").count() == 1
        page.wait_for_function(f"() => document.getElementById('reps').textContent === '{count}'")
    assert phone.evaluate("import('/static/sound.js').then(sound => [sound.isOn(), sound.state()])") == [
        True,
        "running",
    ]
    note_cues(phone)
    box.say(alert(box))
    cue_noted(phone, "Shoes flat on plate.")
    box.say(ended(box))


def turn_sound_on(phone: Page) -> None:
    """As a lifter does before the set: one tap."""
    phone.evaluate("document.body.dataset.view = 'setup'")
    phone.click("#sound-on")
    phone.wait_for_selector("#can:not([hidden])")


def test_one_tap_turns_sound_on_and_says_what_the_phone_can_do(phone: Page) -> None:
    """Sound is said to be on only when it is; what cannot be is said with what to do instead."""
    assert phone.evaluate("import('/static/sound.js').then(sound => sound.isOn())") is False
    turn_sound_on(phone)
    says = {row.get_attribute("data-can"): row.inner_text() for row in phone.locator("[data-can]").all()}
    assert set(says) == {"sound", "vibrate", "speak", "awake"}
    assert "yes" in says["sound"]
    for what in ("speak", "awake"):
        assert "yes" in says[what] or "no" in says[what]


def test_the_set_up_check_by_taps_and_measurement(box: FakeBox, stream: Stream, kiosk: Page, phone: Page) -> None:
    """Measured items need no tap and take none; seen and unseen items together make ready."""
    box.say(state(t_s=box.now_s, state="setup", set=0, asks="Stand still and upright for 2 s."))
    phone.wait_for_selector("[data-view=setup]")
    assert phone.inner_text("#asks") == "Stand still and upright for 2 s."
    phone.wait_for_selector("#checks li:nth-child(1).pass")
    assert phone.locator("#checks li:nth-child(1) button").count() == 0
    assert phone.locator("#ready").is_hidden()
    while (button := phone.locator("#checks button").first).count():
        item = button.get_attribute("data-item")
        button.click()
        phone.wait_for_selector(f"#checks [data-item={item}]", state="detached")
    phone.wait_for_selector("#ready:not([hidden])")
    kiosk.wait_for_selector("#ready:not([hidden])")


def test_the_summary_asks_whether_it_was_right_and_whether_it_hurts(box: FakeBox, kiosk: Page, phone: Page) -> None:
    """An answer is noted; an ache gets the after-care card, a sharp pain the red flags at once."""
    box.say(alert(box))
    box.say(ended(box))
    box.say(msgspec.structs.replace(SET, session="s-1", t_s=box.now_s))
    box.say(state(t_s=box.now_s, state="resting"))
    phone.wait_for_selector("[data-view=rest]")
    phone.locator("#alerts button", has_text="No").first.click()
    phone.wait_for_selector("#alerts .good")
    phone.click("[data-pain=ache]")
    phone.click("[data-area=back]")
    phone.wait_for_selector("#care[open]")
    assert "20 minutes" in phone.inner_text("#care")
    phone.wait_for_selector("#hold")
    phone.click("#care form button")
    phone.click("[data-pain=sharp]")
    phone.wait_for_selector("#flags[open]")
    assert phone.locator("#flags li").count() == 8
    phone.click("#help")
    phone.wait_for_selector("#helped:not([hidden])")
    assert phone.inner_text("#helped").startswith("The staff has been told")
    phone.keyboard.press("Escape")


def test_a_finished_session_shows_its_phone_out(box: FakeBox, kiosk: Page, phone: Page) -> None:
    """The next lifter's session begins: the page before shows nothing of it."""
    box.say(state(t_s=box.now_s, session="s-2", rep=0))
    phone.wait_for_selector("[data-view=ended]")
    assert phone.locator("#load-card").is_hidden()
    box.say(msgspec.structs.replace(REP, session="s-2", t_s=box.now_s))
    kiosk.wait_for_function("() => document.getElementById('reps').textContent === '1'")
    assert phone.locator("#cue").is_hidden()
    box.say(state(t_s=box.now_s))


@pytest.mark.parametrize("locale", ["de-DE", "es-MX"])
def test_pages_speak_the_visitors_language(locale: str, box: FakeBox, visitors: Visitors, kiosk: Page) -> None:
    """The phone's own language, though the kiosk speaks another."""
    phone = visitors.phone(code_on(kiosk), locale=locale)
    assert phone.get_attribute("html", "lang") == locale[:2]
    words = words_of(locale[:2]).known("cue", "Shoes flat on plate.")
    assert words != "Shoes flat on plate."
    note_cues(phone)
    box.say(alert(box))
    cue_noted(phone, words)
    box.say(ended(box))


def test_first_load_is_light_and_all_from_here(visitors: Visitors, site: Site) -> None:
    """At most 100 kB each for kiosk and phone, nothing from elsewhere, no error in any page, no cookie."""
    kiosk = visitors.kiosk()
    phone = visitors.phone(code_on(kiosk))
    for page in (kiosk, phone):
        weights = page.evaluate("performance.getEntries().map(e => e.transferSize || 0)")
        assert 5_000 < sum(weights) <= FIRST_LOAD_MAX
        assert page.context.cookies() == []
    assert all(url.startswith(site.address("")) for url in visitors.requests)
    assert visitors.problems == []


def test_reduced_motion_is_respected(visitors: Visitors) -> None:
    """The strip charts step once a second in place of sliding, twenty times a second."""
    kiosk = visitors.kiosk(reduced_motion="reduce")
    assert kiosk.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    gaps_ms = kiosk.evaluate(
        """() => new Promise(done => {
          const times = [], pen = CanvasRenderingContext2D.prototype, clear = pen.clearRect;
          const first = document.querySelector('canvas');
          pen.clearRect = function (...a) {
            if (this.canvas === first) times.push(performance.now());
            if (times.length === 4) done(times.slice(1).map((time, i) => time - times[i]));
            return clear.apply(this, a);
          };
        })"""
    )
    assert min(gaps_ms) > 500
