"""Keeps the process prompt: no full collection of garbage in a set, and threads that need not wait for their turn.

CPython goes through every object that has lived for a while now and then, and stops the process meanwhile: 10 to 50 ms
for each machine, which a cue would wait. What is there after the start is set aside for good, young garbage is
collected as ever (under 1 ms), and the full collection is done now and then while nobody lifts.

The thread that writes to the broker gets its turn from a busy event loop after 5 ms by default; an alert waits for it.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable

EVERY_S = 600.0  # old garbage comes of rare errors only: kilobytes an hour
LOOK_EVERY_S = 1.0
NEVER = 1 << 30  # young collections before a full one comes by itself
SWITCH_S = 0.0005  # ten machines keep the loop busy half of the time: with 5 ms an alert waits for milliseconds


async def keep_prompt(lifting: Callable[[], bool]) -> None:
    """Run until cancelled; then all is as before. lifting: whether anybody is in a set now."""
    before, switch_s = gc.get_threshold(), sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.set_threshold(before[0], before[1], NEVER)
    sys.setswitchinterval(SWITCH_S)
    try:
        while True:
            await asyncio.sleep(EVERY_S)
            while lifting():  # noqa: ASYNC110 - a minute more or less is no matter
                await asyncio.sleep(LOOK_EVERY_S)
            gc.collect()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
        sys.setswitchinterval(switch_s)
