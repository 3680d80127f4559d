"""The daemon is killed, again and again, at any point: what was committed arrives, and numbers have no holes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from broker_tools import MOSQUITTO, free_port, mosquitto, subscribed

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
Figures = Callable[..., None]

BOX = Path(__file__).with_name("box.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{BOX.parents[2]}:{BOX.parents[1]}"}
RATE_HZ = 200.0
LIMIT_S = 600.0


async def start(port: int, folder: Path, rate_hz: float, count: int) -> asyncio.subprocess.Process:
    """A box as a process."""
    command = (sys.executable, str(BOX), str(port), str(folder), str(rate_hz), str(count))
    return await asyncio.create_subprocess_exec(*command, env=ENVIRONMENT, stderr=asyncio.subprocess.DEVNULL)


def committed(folder: Path) -> dict[int, str]:
    """Number -> id of all rows on disk, whoever else has the file open."""
    with contextlib.closing(sqlite3.connect(folder / "outbox.sqlite", timeout=10)) as db:
        try:
            return dict(db.execute("SELECT seq, id FROM events"))
        except sqlite3.OperationalError:  # killed before its tables were made
            return {}


async def killed_at_random(port: int, folder: Path, times: int, chance: random.Random) -> dict[int, str]:
    """Start and kill a box so many times; all rows that were ever on disk."""
    seen: dict[int, str] = {}
    for _ in range(times):
        process = await start(port, folder, RATE_HZ, 1 << 30)
        before = len(seen)
        while len(await asyncio.to_thread(committed, folder)) <= before:
            assert process.returncode is None
            await asyncio.sleep(0.02)
        await asyncio.sleep(chance.uniform(0.0, 0.2))
        process.kill()
        await process.wait()
        now = committed(folder)
        assert seen.items() <= now.items()  # no committed row is lost or given another id
        seen = now
    return seen


async def drained(port: int, folder: Path) -> None:
    """Let a last box send what is left."""
    process = await start(port, folder, RATE_HZ, 1)
    assert await process.wait() == 0


async def test_killed_while_publishing(tmp_path: Path, full: bool, figures: Figures) -> None:  # noqa: FBT001
    """Fault 3: killed at random points with the broker there: every committed row arrives, each number has one id."""
    times, port = 100 if full else 6, free_port()
    async with mosquitto(tmp_path, port), subscribed(port) as subscriber, asyncio.timeout(LIMIT_S):
        await killed_at_random(port, tmp_path, times, random.Random(3))  # noqa: S311
        await drained(port, tmp_path)
        rows = committed(tmp_path)
        await subscriber.until(lambda: rows.items() <= {(r["seq"], r["id"]) for r in subscriber.of("m/rep")})
        got = [(r["seq"], r["id"]) for r in subscriber.of("m/rep")]
    figures(kills=times, committed=len(rows), lost=0, duplicates=len(got) - len(set(got)))
    assert sorted(rows) == list(range(1, len(rows) + 1))
    assert set(got) == set(rows.items())


async def test_killed_while_the_broker_is_down(tmp_path: Path, full: bool, figures: Figures) -> None:  # noqa: FBT001
    """Fault 4: killed at random points while no broker is there: all committed rows arrive once it is back."""
    times, port = 100 if full else 6, free_port()
    async with asyncio.timeout(LIMIT_S):
        rows = await killed_at_random(port, tmp_path, times, random.Random(4))  # noqa: S311
        async with mosquitto(tmp_path, port), subscribed(port) as subscriber:
            await drained(port, tmp_path)
            rows = committed(tmp_path)
            await subscriber.until(lambda: rows.items() <= {(r["seq"], r["id"]) for r in subscriber.of("m/rep")})
            got = [(r["seq"], r["id"]) for r in subscriber.of("m/rep")]
    figures(kills=times, committed=len(rows), lost=0, duplicates=len(got) - len(set(got)))
    assert sorted(rows) == list(range(1, len(rows) + 1))
    assert set(got) == set(rows.items())
