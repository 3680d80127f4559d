"""Fixtures of the publishers' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from outbox_tools import Disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """An empty folder for outboxes."""
    one = Disk(tmp_path)
    yield one
    one.close()
