"""`sledguard run` as its users start it: a process with a configuration file, a real broker, and signals."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from broker_tools import HOST, MOSQUITTO, free_port, mosquitto, subscribed
from paho.mqtt import publish

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

STARTS = 4
"""Of a race that most stops lost."""
WAIT_S = 60.0
KEEPS_ALL = ("allow_anonymous true", "persistence true", "autosave_on_changes true", "autosave_interval 1", "user root")
"""As the shipped mosquitto.conf has it: the broker writes to disk before it answers."""


def written(folder: Path, port: int, mqtt: str = "") -> Path:
    """A configuration whose one line is not plugged in. mqtt: further keys of that section."""
    file = folder / "edge.toml"
    file.write_text(
        f'[box]\ngym = "g"\nstate_dir = "{folder / "state"}"\n[mqtt]\nport = {port}\n{mqtt}'
        f'[[serial]]\nlink = "hub"\ndevice = "{folder / "absent"}"\n[[machines]]\nid = "press"\n'
    )
    return file


@contextlib.asynccontextmanager
async def started(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command with this configuration; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.cli", "run", "--config", str(config),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
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


async def said(process: asyncio.subprocess.Process, start: str) -> str:
    """The first line that it says and that begins so."""
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(start.encode()):
            return line.decode().strip()
    return "nothing of the kind"


async def first(process: asyncio.subprocess.Process, *starts: str) -> str | None:
    """With which of these the first line begins that begins with any."""
    assert process.stdout is not None
    async for line in process.stdout:
        for start in starts:
            if line.startswith(start.encode()):
                return start
    return None


async def test_tls_where_there_is_none_is_told_so(tmp_path: Path) -> None:
    """The first lines say how to listen with this encryption and login, and why there is no connection."""
    port, password = free_port(), tmp_path / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    config = written(tmp_path, port, f'tls = true\nusername = "box"\npassword_file = "{password}"\n')
    async with asyncio.timeout(WAIT_S), mosquitto(tmp_path, port), started(config) as process:
        listen = f"mosquitto_sub -h 127.0.0.1 -p {port} --tls-use-os-certs -u LOGIN -P PASSWORD -t 'sledguard/v1/#' -v"
        assert listen in await said(process, "broker")
        told = await said(process, "WARNING broker")
        assert f"127.0.0.1:{port} does not take TLS" in told
        assert "set tls = false" in told


async def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Whatever the user's mask is, nobody else can read the box's own history."""
    async with asyncio.timeout(WAIT_S), started(written(tmp_path, free_port())) as process:
        assert "cannot be reached" in await said(process, "WARNING broker")
    modes = {file.name: file.stat().st_mode & 0o077 for file in (tmp_path / "state").iterdir()}
    assert modes.keys() >= {"outbox.sqlite"}
    assert not any(modes.values())


def filled(folder: Path) -> None:
    """A disk without a byte of room."""
    with contextlib.suppress(OSError), (folder / f"fill-{len(os.listdir(folder))}").open("wb", buffering=0) as fill:
        while True:
            fill.write(bytes(1024))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Six megabytes, where the state goes."""
    disk = tmp_path / "state"
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk))
    if subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(("umount", "-l", str(disk)), check=False)


async def test_a_full_disk_costs_no_box(tmp_path: Path, small_disk: Path) -> None:
    """A box that starts on a full disk writes with the room it had reserved; without that it watches all the same."""
    config = written(tmp_path, free_port())
    for told in ("WARNING press", "WARNING press", "ERROR outbox"):
        async with asyncio.timeout(WAIT_S), started(config) as process:
            assert await first(process, "WARNING press", "ERROR outbox") == told
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
        filled(small_disk)


async def test_answers_of_lifters_outlive_a_box_that_told_nothing(tmp_path: Path) -> None:
    """On a fresh folder, with nothing in the outbox, what is kept beside it is written all the same."""
    port = free_port()
    given = {"id": "f-1", "ts": datetime.now(UTC).isoformat(), "alert": "a-1", "kind": "lockout", "right": True}
    kept = tmp_path / "state" / "precision.json"
    async with (
        asyncio.timeout(WAIT_S),
        mosquitto(tmp_path, port),
        subscribed(port) as subscriber,
        started(written(tmp_path, port)),
    ):
        await subscriber.until(lambda: "online" in [one["status"] for one in subscriber.of("box/status")])
        topic = "sledguard/v1/g/machine/press/cmd/feedback"
        await asyncio.to_thread(publish.single, topic, json.dumps(given), 1, hostname=HOST, port=port)
        await subscriber.until(lambda: [one["ok"] for one in subscriber.of("feedback/result")] == [True])
        while not kept.exists():  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.1)
    assert json.loads(kept.read_text())


async def test_a_reader_that_goes_away_costs_nothing(tmp_path: Path) -> None:
    """As with `sledguard run | head`: told once, and the box watches on."""
    config = written(tmp_path, free_port())
    read, write = os.pipe()
    os.close(read)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.cli", "run", "--config", str(config), stdout=write, stderr=asyncio.subprocess.PIPE
    )
    os.close(write)
    assert process.stderr is not None
    async with asyncio.timeout(WAIT_S):
        lines = [(await process.stderr.readline()).decode() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        rest = (await process.stderr.read()).decode()
        assert await process.wait() == 0
    assert sum("standard output takes nothing more" in line for line in lines) == 1
    assert "Traceback" not in "".join(lines) + rest


async def test_a_buzzer_that_cannot_sound_is_told_at_start(tmp_path: Path) -> None:
    """A program that is not there would be missed at the first cue only, by the lifter."""
    config = written(tmp_path, free_port())
    config.write_text(config.read_text() + '[[buzzers]]\naudio_command = ["no-such-player"]\n')
    async with asyncio.timeout(WAIT_S), started(config) as process:
        assert "no-such-player: there is no such program to play sound" in await said(process, "sledguard:")
        assert await process.wait() == 1
