"""Chromium, broker, box and pages, once for each file of browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser_tools import ARGS, CHROMIUM, FakeBox, Site, running_mosquitto
from visitors import Visitors

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
