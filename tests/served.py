"""A box and the line that its hub is on, both served while a block lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from edge.daemon import Box
from edge.simulator.pty_line import PtyLine


@contextlib.asynccontextmanager
async def served(box: Box, line: PtyLine) -> AsyncIterator[None]:
    """Until the block ends; then the box stops in order, and the line after it."""
    stop = asyncio.Event()
    serving = asyncio.create_task(line.run())
    running = asyncio.create_task(box.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
