"""The parking-sensor ramp on kiosk and phone: how near the limits ahead are, and nothing once that is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser_tools import FakeBox, Stream, needs_browser
from published import live, state
from visitors import Visitors, code_on

from dashboards.frames import live_frame

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(("straight", "deep"), [(0.3, None), (None, 0.95), (None, None)])
def test_both_limits_are_told(straight: float | None, deep: float | None) -> None:
    """What is not known is told as not known."""
    frame = live_frame(live(lockout_nearness=straight, depth_nearness=deep))
    assert frame["ramps"] == {"lockout": [straight], "depth": [deep]}


@pytest.mark.parametrize(("left", "right"), [(0.3, 0.8), (0.3, None), (None, 0.8)])
def test_each_knee_is_told_where_each_is_known(left: float | None, right: float | None) -> None:
    """Not the nearer of the two; a knee that is not known is told as not known."""
    frame = live_frame(live(lockout_nearness=0.8, left_lockout_nearness=left, right_lockout_nearness=right))
    assert frame["ramps"]["lockout"] == [left, right]


class Near:
    """What the stream tells of the limits."""

    def __init__(self, box: FakeBox) -> None:
        self.lockout: float | None = None
        self.depth: float | None = None
        self.stream = Stream(box, self._make)

    def _make(self, t_s: float) -> object:
        return live(t_s=t_s, phase="concentric", lockout_nearness=self.lockout, depth_nearness=self.depth)


@pytest.fixture
def near(box: FakeBox) -> Iterator[Near]:
    box.say(state(t_s=box.now_s))
    near = Near(box)
    yield near
    near.stream.stop()


@pytest.fixture
def pages(visitors: Visitors, kiosk: Page, near: Near) -> tuple[Page, Page]:
    return kiosk, visitors.phone(code_on(kiosk))


def rungs(page: Page, limit: str, lit: str) -> None:
    """Wait until so many rungs of the limit's ladder are lit, or none is shown."""
    page.wait_for_selector(f"[data-ladder='{limit} 0'][data-lit='{lit}']", state="attached")


@needs_browser
@pytest.mark.parametrize(
    ("nearness", "lit"),
    [(0.0, "0"), (0.09, "0"), (0.1, "1"), (0.55, "5"), (0.7, "7"), (0.999, "9"), (1.0, "10"), (1.3, "10")],
)
def test_rungs_light_up_with_nearness(nearness: float, lit: str, near: Near, pages: tuple[Page, Page]) -> None:
    """On kiosk and phone, at the boundaries too; all ten mean that the limit is reached."""
    near.lockout = nearness
    for page in pages:
        rungs(page, "lockout", lit)
        assert page.locator("[data-ladder='lockout 0'] i.on").count() == int(lit)
        rungs(page, "depth", "none")


@needs_browser
def test_it_fades_when_nearness_is_not_known(near: Near, pages: tuple[Page, Page]) -> None:
    """A stream that goes on without it takes the ladder away."""
    near.depth = 0.8
    for page in pages:
        rungs(page, "depth", "8")
    near.depth = None
    for page in pages:
        rungs(page, "depth", "none")
        gone(page)


@needs_browser
def test_it_fades_when_the_stream_stops(near: Near, pages: tuple[Page, Page]) -> None:
    """Before anything else says so: the last nearness never stands."""
    near.lockout = 0.9
    for page in pages:
        rungs(page, "lockout", "9")
    near.stream.stop()
    for page in pages:
        rungs(page, "lockout", "none")
        gone(page)


def gone(page: Page) -> None:
    page.wait_for_function(
        "() => [...document.querySelectorAll('.ladder')].every(one => getComputedStyle(one).opacity === '0')"
    )


@needs_browser
def test_each_leg_has_its_ladder_where_each_is_told(pages: tuple[Page, Page]) -> None:
    """Two ladders beside each other for two values, one for one."""
    for page in pages:
        page.evaluate("""() => {
          document.body.dataset.view = 'lift';
          return import('/static/ramp.js').then(ramp => {
            clearInterval(window.again);
            window.again = setInterval(() => ramp.showRamps({ lockout: [0.5, 0.8], depth: [null] }), 5);
          });
        }""")
        page.wait_for_selector("[data-ladder='lockout 1'][data-lit='8']")
        page.wait_for_selector("[data-ladder='lockout 0'][data-lit='5']")
        left, right = (page.locator(f"[data-ladder='lockout {i}']").bounding_box() for i in (0, 1))
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] <= right["x"]
        assert page.locator("[data-ladder='depth 1']").is_hidden()
        page.evaluate("clearInterval(window.again)")
