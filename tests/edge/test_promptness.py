"""The collection of garbage: no full one in a set, one soon after it, and all as before at the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import weakref

import pytest
from broker_tools import eventually

from edge import promptness
from edge.promptness import NEVER, keep_prompt


class Knot:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


async def test_full_collection_waits_for_the_end_of_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody lifts old garbage stays; afterwards it goes; at the end the process is as it was."""
    monkeypatch.setattr(promptness, "EVERY_S", 0.0)
    monkeypatch.setattr(promptness, "LOOK_EVERY_S", 0.0)
    before, lifts, looked = gc.get_threshold(), True, 0

    def lifting() -> bool:
        nonlocal looked
        looked += 1
        return lifts

    task = asyncio.create_task(keep_prompt(lifting))
    await eventually(lambda: looked > 0)
    assert gc.get_threshold()[2] == NEVER
    old = weakref.ref(_aged())
    looked = 0
    await eventually(lambda: looked > 5)
    assert old() is not None
    lifts = False
    await eventually(lambda: old() is None)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def _aged() -> Knot:
    """A knot that young collections no longer look at."""
    knot = Knot()
    for _ in range(2):
        gc.collect(1)
    return knot
