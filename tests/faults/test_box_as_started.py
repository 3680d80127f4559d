"""`sledguard run` as its users start it: a process with a configuration file, a real broker, and signals."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from broker_tools import MOSQUITTO, free_port, mosquitto, subscribed

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

STARTS = 4
"""Of a race that most stops lost."""
WAIT_S = 60.0
KEEPS_ALL = ("allow_anonymous true", "persistence true", "autosave_on_changes true", "autosave_interval 1", "user root")
"""As the shipped mosquitto.conf has it: the broker writes to disk before it answers."""


def written(folder: Path, port: int) -> Path:
    """A configuration whose one line is not plugged in."""
    file = folder / "edge.toml"
    file.write_text(
        f'[box]\ngym = "g"\nstate_dir = "{folder / "state"}"\n[mqtt]\nport = {port}\n'
        f'[[serial]]\nlink = "hub"\ndevice = "{folder / "absent"}"\n[[machines]]\nid = "press"\n'
    )
    return file


@contextlib.asynccontextmanager
async def started(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command with this configuration; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.cli", "run", "--config", str(config),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_stop_in_order_is_the_last_word(tmp_path: Path) -> None:
    """After a stop in order the broker does not publish the box's will, with its old number, on top of the good-bye."""
    port = free_port()
    config, where = written(tmp_path, port), f"persistence_location {tmp_path}/"
    async with asyncio.timeout(WAIT_S), mosquitto(tmp_path, port, *KEEPS_ALL, where), subscribed(port) as subscriber:

        def told() -> list[str]:
            return [str(one["status"]) for one in subscriber.of("box/status")]

        for _ in range(STARTS):
            before = len(told())
            async with started(config) as process:
                await subscriber.until(lambda before=before: told()[before:] == ["online"])
                process.send_signal(signal.SIGTERM)
                assert await process.wait() == 0
            await subscriber.until(lambda: told()[-1] == "offline")
        assert told() == ["online", "stopping", "offline"] * STARTS
