"""A clock for live tests that runs faster than the wall's, but never on while the event loop is held up.

On a busy machine the box, its nodes and its buzzers then find the same time line as on an idle one, only slower.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence

import pytest

WAKE_S = 0.002
STRIDE_MAX_NS = 16_000_000
"""The most that passes between two wakes: a few batches of a node."""


class PatientClock:
    """`read` gives ns; `running` lets it run, in the event loop whose time it is. speed: against the wall's."""

    def __init__(self, speed: float) -> None:
        self._speed, self._now_ns = speed, time.monotonic_ns()

    def put_in(self, patch: pytest.MonkeyPatch, modules: Sequence[str]) -> PatientClock:
        """Let these modules read it."""
        for module in modules:
            patch.setattr(f"{module}.monotonic_ns", self.read)
        return self

    def read(self) -> int:
        """Now, ns."""
        return self._now_ns

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block ends."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            before_ns = time.monotonic_ns()
            await asyncio.sleep(WAKE_S)
            self._now_ns += min(round((time.monotonic_ns() - before_ns) * self._speed), STRIDE_MAX_NS)
