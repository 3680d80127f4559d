"""Settings of all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from outbox_tools import Disk

# A slow machine must not fail a test: how long one example takes says nothing about what it shows.
settings.register_profile("sledguard", deadline=None, print_blob=True)
settings.load_profile("sledguard")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the fault tests and benches."""
    parser.addoption("--full", action="store_true", help="fault tests at the sizes of the delivery contract")
    parser.addoption("--figures", metavar="FILE", help="append what was measured to this file, a line of JSON each")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """An empty folder for outboxes."""
    one = Disk(tmp_path)
    yield one
    one.close()
