"""Pictures of every page in every state, on a phone, a tablet and a big screen, light and dark, for people to look at.

Opt-in, for nobody's eyes are here: SLEDGUARD_PICTURES=FOLDER python -m pytest tests/dashboards/test_pictures.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import lifted
import msgspec
import pytest
from browser_tools import FakeBox, Site, Stream, needs_browser
from example_events import ACTIVE, NOTICE, SENSOR, SET
from published import box_online, state
from visitors import Visitors, code_on

from dashboards.machine_view import WRONG_LEGS
from edge.events import ActiveFault, Alert
from edge.session.sign_assessment import NEVER

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = os.environ.get("SLEDGUARD_PICTURES")
pytestmark = [needs_browser, pytest.mark.skipif(FOLDER is None, reason="SLEDGUARD_PICTURES=FOLDER takes them")]
SIZES = ((390, 844), (1280, 800), (1920, 1080))
REPS = 8
BLIND = {
    "lumbar": "no pelvis sensor",
    "heel_lift_left": "footplate sensor silent: check its battery and strap",
    "heel_lift_right": "footplate sensor silent: check its battery and strap",
}
ROLES = ("left_thigh", "left_shank", "right_thigh", "right_shank", "pelvis", "sled", "footplate")


class Camera:
    """Takes a page at all sizes, light and dark."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def take(self, name: str, ready: str, *, whole: bool = False, before: Callable[[], object] | None = None) -> None:
        """ready: a selector that says that there is something to be seen; before: makes it so, again and again until it
        was still so after the picture; whole: with what has to be scrolled to.
        """
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                taken = False
                while not taken:
                    if before is not None:
                        before()
                    self.page.wait_for_selector(ready)
                    self.page.wait_for_timeout(150)  # the strip charts are drawn anew with the next message
                    self.page.screenshot(path=f"{FOLDER}/{name}-{width}x{height}-{scheme}.png", full_page=whole)
                    taken = before is None or self.page.locator(ready).first.is_visible()


@pytest.fixture(scope="module", autouse=True)
def a_set(box: FakeBox, site: Site) -> Iterator[float]:
    """Eight reps with four faults, in the history; when the first began. The stream goes on in a ninth rep's top."""
    Path(FOLDER or "").mkdir(parents=True, exist_ok=True)
    site.wait_until_it_keeps(box)
    begin_s = box.now_s - REPS * lifted.REP_S
    box.say(state(t_s=begin_s, limits=lifted.LIMITS, load_kg=200.0))
    for i, role in enumerate(ROLES):
        box.say(
            msgspec.structs.replace(
                SENSOR, session="s-1", role=role, battery_pct=91 - 7 * i, node=f"a1b2c3d4e5f6071{i}"
            )
        )
    for i in range(REPS * 80):
        box.say(lifted.body(begin_s + i / 20, begin_s))
    for number in range(1, REPS + 1):
        for one in lifted.alerts(number, begin_s):
            box.say(one)
        box.say(lifted.rep(number, begin_s))
    box.say(
        msgspec.structs.replace(
            SET,
            session="s-1",
            t_s=box.now_s,
            reps=REPS,
            attempts=REPS,
            load_kg=200.0,
            volume_kg=1600.0,
            not_assessed={},
        )
    )
    site.wait_until_kept(reps=REPS, alerts=5, sets=1)
    stream = Stream(box, lambda t_s: lifted.body(t_s, begin_s))
    yield begin_s
    stream.stop()


@pytest.fixture
def screen(visitors: Visitors) -> Camera:
    return Camera(visitors.kiosk())


@pytest.fixture
def phone(visitors: Visitors, kiosk: Page) -> Camera:
    return Camera(visitors.phone(code_on(kiosk), is_mobile=False))


def lifting(box: FakeBox, **changes: object) -> None:
    box.say(state(t_s=box.now_s, **{"limits": lifted.LIMITS, "load_kg": 200.0, "rep": 8} | changes))


def cue(box: FakeBox, **changes: object) -> Alert:
    (first, *_) = lifted.alerts(3, box.now_s - 2 * lifted.REP_S - 2.3)
    return msgspec.structs.replace(first, rep=9, **changes)


def test_phone_and_kiosk_through_a_session(box: FakeBox, screen: Camera, phone: Camera) -> None:
    """Set-up, lifting with the ramp lit, what is not assessed, the summary, the red flags."""
    both = (("kiosk", screen), ("phone", phone))
    box.say(state(t_s=box.now_s, state="setup", set=0, asks="Sit, feet on the plate, and hold still for 2 s."))
    for name, camera in both:
        camera.take(f"{name}-setup", "[data-view=setup] #checks li")
    lifting(box)
    for name, camera in both:
        camera.take(f"{name}-lifting", "[data-view=lift] .ladder:is([data-lit='7'], [data-lit='8'], [data-lit='9'])")
    lifting(box, not_assessed=BLIND)
    for name, camera in both:
        camera.take(f"{name}-not-assessed", "[data-view=lift] #blind-card:not([hidden])")
    lifting(box, state="resting")
    for name, camera in both:
        camera.take(f"{name}-summary", "[data-view=rest] #facts dd")
    phone.page.click("[data-pain=sharp]")
    phone.take("phone-red-flags", "#flags[open]")
    lifting(box)


def test_what_sensors_ask_of_the_lifter(box: FakeBox, screen: Camera, phone: Camera) -> None:
    """Two sentences at once, before the set, in it with something not judged, and after it."""
    for what, role in (("sensors_on_wrong_legs", None), ("sensor_moved", "left_shank")):
        box.say(msgspec.structs.replace(NOTICE, session="s-1", t_s=box.now_s, what=what, role=role))
    for activity, shown in (("setup", "setup"), ("lifting", "lift"), ("resting", "rest")):
        lifting(box, state=activity, not_assessed=BLIND)
        for name, camera in (("kiosk", screen), ("phone", phone)):
            camera.take(f"{name}-told-{activity}", f"[data-view={shown}] #told p")
    box.say(msgspec.structs.replace(NOTICE, session="s-1", what="sensors_on_wrong_legs", severity="S0", role=None))
    lifting(box, set=2)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("cue", {}), ("stop", {"severity": "S3", "side": None, "kind": "lumbar", "cue": "Rack it, pelvis tucked."})],
)
def test_a_cue(name: str, changes: dict[str, object], box: FakeBox, screen: Camera, phone: Camera) -> None:
    """A cue of one side with the part lit on the figure, and the one that ends the set; taken while it is shown."""
    lifting(box)
    said = cue(box, **changes)
    fault = ActiveFault(kind=said.kind, side=said.side, rep=9, since_s=said.t_s, spoken=True)

    def say() -> None:
        box.say(cue(box, **changes))
        box.say(msgspec.structs.replace(ACTIVE, session="s-1", t_s=box.now_s, active=(fault,)))

    screen.take(f"kiosk-{name}", "#cue:not([hidden])", before=say)
    phone.take(f"phone-{name}", "#cue:not([hidden])", before=say)
    box.say(msgspec.structs.replace(ACTIVE, session="s-1", t_s=box.now_s, active=()))


def test_the_whole_summary(box: FakeBox, phone: Camera) -> None:
    """All that a phone shows after a set, as if it were as long as that."""
    lifting(box, state="resting")
    phone.page.wait_for_selector("#alerts li")
    phone.page.wait_for_selector("#cue", state="hidden")
    phone.page.set_viewport_size({"width": 390, "height": 1750})
    phone.page.screenshot(path=f"{FOLDER}/whole-summary.png")
    lifting(box)


def test_nobody_on_it_and_nothing_heard(box: FakeBox, screen: Camera, phone: Camera) -> None:
    """The box is away: no signal; nobody is on it: free."""
    lifting(box)
    box.send(*box_online("offline"), retain=True)
    for camera, name in ((screen, "kiosk"), (phone, "phone")):
        camera.take(f"{name}-no-signal", "#lost[data-cause=box]")
    box.send(*box_online(), retain=True)
    box.say(state(None, t_s=box.now_s, state="idle", set=0, load_kg=None))
    screen.take("kiosk-idle", "[data-view=idle] .free")
    phone.take("phone-ended", "[data-view=ended] .when-ended")
    lifting(box)


def test_before_a_phone_is_let_in_and_while_it_waits(box: FakeBox, visitors: Visitors, kiosk: Page, site: Site) -> None:
    """The code, and that the page waits for the straps."""
    box.say(state(None, t_s=box.now_s, state="idle", set=0, load_kg=None))
    kiosk.wait_for_selector("[data-view=idle]")
    waits = Camera(visitors.phone(code_on(kiosk), is_mobile=False))
    waits.take("phone-idle", "[data-view=wait] .when-wait")
    asked = visitors.page()
    asked.goto(site.address("/m/gym/press-1"))
    Camera(asked).take("phone-code", "[data-view=join] #code")
    lifting(box)


def test_the_coachs_pages(visitors: Visitors, site: Site) -> None:
    """Start, session with reps over each other, a rep with a fault, two marks in a row and in two rows, trends."""
    page = visitors.staff("coach")
    coach = Camera(page)
    coach.take("coach-start", "a.chip.fault")
    for number, name in ((3, "coach-rep"), (5, "coach-rep-two-marks"), (6, "coach-rep-two-rows")):
        page.goto(site.address("/coach"))
        page.locator("a.chip.fault").filter(has_text=re.compile(f"^{number}")).click()
        coach.take(name, "[data-drawn=yes]", whole=True, before=page.reload)
    page.goto(site.address("/coach"))
    page.click(".sessions tbody tr:first-child a")
    page.click("form.actions button")
    coach.take("coach-session", "[data-drawn=yes]", whole=True, before=page.reload)
    page.goto(site.address("/coach/trends/gym/press-1"))
    coach.take("coach-trends", "[data-drawn=yes]", whole=True, before=page.reload)


def test_machines_now_with_left_and_right_doubted(box: FakeBox, visitors: Visitors) -> None:
    """What is judged and what is not, signs unfolded, a weight that is none; the operator's button."""
    doubted = dict.fromkeys(("lockout_left", "lockout_right", "valgus_left", "valgus_right"), WRONG_LEGS)
    signs = {"toe_out": NEVER["toe_out"], "bracing": NEVER["bracing"], "deep": WRONG_LEGS, "snap": WRONG_LEGS}
    about = {"one_rep_max_share": 0.83, "one_rep_max_source": "speeds", "state": "resting"}
    seen = ("heel_lift_left", "heel_lift_right")
    blind = doubted | {"lumbar": "no pelvis sensor"}
    lifting(box, assessed=seen, not_assessed=blind, signs_not_assessed=signs, **about)
    page, operator = visitors.staff("coach"), visitors.staff("operator")
    page.click("a[href='/coach/machines']")
    page.click("details summary")
    page.fill("[name=load]", "eighty")
    page.click(".load button")
    page.wait_for_selector("section [role=alert]")
    page.click("details summary")
    Camera(page).take("coach-machines", ".signs li", whole=True)
    Camera(operator).take("operator-doubted", ".trust button", whole=True)
    lifting(box)


def test_a_phone_with_its_form(box: FakeBox, phone: Camera) -> None:
    """After a mistake, before the set."""
    lifting(box, state="setup", one_rep_max_share=0.83, one_rep_max_source="said")
    phone.page.wait_for_selector("[data-view=setup] #load-card")
    phone.page.click("#load-card summary")
    phone.page.fill("#load-kg", "eighty")
    phone.page.click("#load-form button")
    phone.page.wait_for_selector("#load-said.bad")
    phone.take(
        "phone-load", "#load-said.bad", before=lambda: phone.page.locator("#load-form").scroll_into_view_if_needed()
    )
    lifting(box)


def test_a_phone_that_says_who_its_lifter_is(box: FakeBox, phone: Camera) -> None:
    """Remembered, with a mistake in the legs."""
    lifting(box, state="setup", lifter_known=True)
    phone.page.wait_for_selector("[data-view=setup] #me-card")
    phone.page.click("#me-card summary")
    phone.page.fill("#me-height", "181")
    phone.page.check("#me-remember")
    phone.page.click("#me-form button.big")
    phone.page.wait_for_selector("#me-said.good")
    phone.page.click("#me-tape summary")
    phone.page.fill("#me-thigh", "44")
    phone.page.click("#me-form button.big")
    for name, at in (("phone-me", "#me-card"), ("phone-me-legs", "#me-said")):
        phone.take(name, "#me-said.bad", before=phone.page.locator(at).scroll_into_view_if_needed)
    phone.page.click("#me-forget")
    phone.page.click("#me-forget >> text=Sure?")
    phone.page.wait_for_selector("#me-remember")
    phone.page.fill("#me-height", "181")
    phone.take("phone-me-new", "#me-remember", before=phone.page.locator("#me-remember").scroll_into_view_if_needed)
    lifting(box)


def test_the_operators_page(box: FakeBox, visitors: Visitors) -> None:
    """All well, and much that is not."""
    Camera(visitors.staff("operator")).take("operator-well", ".state.ok", whole=True)
    for role, ill in (
        ("left_shank", {"battery_pct": 8}), ("pelvis", {"loss_pct": 22.0}), ("sled", {"drift_ppm": 480.0}),
        ("footplate", {"connected": False, "problem": "silent: check its battery and strap", "rate_hz": None}),
    ):  # fmt: skip
        box.say(msgspec.structs.replace(SENSOR, session="s-1", role=role, **ill))
    page = visitors.staff("operator")
    page.wait_for_selector(".do li.grave >> nth=2")
    Camera(page).take("operator-ill", ".do li.grave", whole=True)


def test_a_kiosk_without_its_key(visitors: Visitors, site: Site) -> None:
    """It says how to open it."""
    page = visitors.page()
    page.goto(site.address("/kiosk/gym/press-1"))
    Camera(page).take("kiosk-locked", "#locked:not([hidden])")


def test_the_first_page(visitors: Visitors, site: Site) -> None:
    """Where to go, and where a staff member signs in."""
    page = visitors.page()
    page.goto(site.address("/"))
    Camera(page).take("start", "main")
    page.goto(site.address("/coach"))
    Camera(page).take("sign-in", "main")
