"""What tests of the desk of lifters have in common."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from lifter_rig import Box, Open

from edge.lifters.files import LifterFiles


@pytest.fixture
def files(tmp_path: Path) -> LifterFiles:
    return LifterFiles(tmp_path)


@pytest.fixture(autouse=True)
def no_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What `run` catches and logs would pass for an answer that never came."""
    yield
    assert not [record for record in caplog.get_records("call") if record.exc_info]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    running: list[asyncio.Task[None]] = []

    async def open_box(files: LifterFiles, *, remembers: bool = True) -> Box:
        box = Box(files, remembers=remembers)
        running.append(asyncio.create_task(box.desk.run()))
        return box

    yield open_box
    for task in running:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
