"""Chromium, broker, box and pages, once for each file of browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from browser_tools import ARGS, CHROMIUM, PAGE_PATIENCE_MS, FakeBox, Site, running_mosquitto
from published import PLACE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium that knows no network but this computer."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto."""
    with running_mosquitto(tmp_path_factory.mktemp("broker")) as port:
        yield port


@pytest.fixture(scope="module")
def box(broker: int) -> Iterator[FakeBox]:
    """An edge box that says what a test wants."""
    box = FakeBox(broker)
    yield box
    box.close()


@pytest.fixture(scope="module")
def site(broker: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages' process."""
    site = Site(broker, tmp_path_factory.mktemp("pages"))
    site.start()
    yield site
    site.stop()


NOTE_WHEN_HEARD = """
const Plain = WebSocket;
window.WebSocket = function (...how) {
  const socket = new Plain(...how);
  socket.addEventListener('message', () => { window.heardAt = performance.now(); });
  return socket;
};
"""
"""When the page last heard the server, by its own clock, in `heardAt`."""


class Visitors:
    """Opens pages as people do, and keeps what went wrong in them."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._browser, self._site = browser, site

    def page(self, **context: Any) -> Page:
        """An empty page of somebody who was never here."""
        page = self._browser.new_context(**context).new_page()
        page.set_default_timeout(PAGE_PATIENCE_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))
        return page

    def kiosk(self, port: int | None = None, **context: Any) -> Page:
        """The screen at the machine."""
        page = self.page(**({"viewport": {"width": 1280, "height": 800}} | context))
        page.goto(self._site.address(f"/kiosk/{PLACE}#{self._site.keys.kiosk}", port))
        page.wait_for_selector("#locked", state="hidden")
        return page

    def phone(self, code: str, port: int | None = None, *, clock: bool = False, **context: Any) -> Page:
        """A phone that typed the code. clock: its clock can be stopped and moved on."""
        shape = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
        page = self.page(**(shape | context))
        if clock:
            page.clock.install()
            page.add_init_script(NOTE_WHEN_HEARD)
        page.goto(self._site.address(f"/m/{PLACE}", port))
        page.fill("#code", code)
        page.click("#code-form button")
        page.wait_for_selector("[data-view=join]", state="detached")
        return page

    def staff(self, role: str, **context: Any) -> Page:
        """Somebody who opened the printed address."""
        page = self.page(**({"viewport": {"width": 1280, "height": 800}} | context))
        page.goto(self._site.address(f"/{role}#{getattr(self._site.keys, role)}"))
        page.wait_for_selector(".desk")  # the sign-in page posts the key by itself and is gone then
        page.wait_for_load_state()
        return page


@pytest.fixture
def visitors(browser: Browser, site: Site) -> Iterator[Visitors]:
    """Opens pages; closes them after the test."""
    before = list(browser.contexts)
    yield Visitors(browser, site)
    for context in browser.contexts:
        if context not in before:
            context.close()


@pytest.fixture(scope="module")
def kiosk(browser: Browser, site: Site) -> Page:
    """The screen at the machine, one for all tests of a file, as it is in a gym."""
    return Visitors(browser, site).kiosk()


def code_on(kiosk: Page) -> str:
    """The six digits that the kiosk shows."""
    kiosk.wait_for_function("() => /[0-9]{3} [0-9]{3}/.test(document.getElementById('code').textContent)")
    return (kiosk.text_content("#code") or "").replace(" ", "")
