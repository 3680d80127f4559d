"""People who open the pages in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from browser_tools import PAGE_PATIENCE_MS, Site
from published import PLACE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


def code_on(kiosk: Page) -> str:
    """The six digits that the kiosk shows."""
    kiosk.wait_for_function("() => /[0-9]{3} [0-9]{3}/.test(document.getElementById('code').textContent)")
    return (kiosk.text_content("#code") or "").replace(" ", "")
