"""The box as `run` puts it together, on a fresh state folder, while no broker is there."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
from broker_tools import HOST, MOSQUITTO, free_port, mosquitto, subscribed
from served import served

from edge.assembly import Boot, box_of
from edge.config import Config
from edge.daemon import Box
from edge.machine import MachineSettings
from edge.settings import BoxSettings, MqttSettings, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


def box_on(port: int, folder: Path, line: PtyLine, boot: str) -> Box:
    """A whole box with the demo's hub, its state in the folder."""
    config = Config(
        box=BoxSettings(gym="g", id="box", state_dir=str(folder / "state")),
        mqtt=MqttSettings(host=HOST, port=port),
        serial=(SerialSettings(link="hub", device=str(line.path)),),
        machines=(MachineSettings(id="press", sled_mass_kg=140.0),),
    )
    return box_of(config, [], Boot(boot, 1))


def on_disk(folder: Path) -> int:
    """How many of the machine's events the outbox's file holds."""
    file = folder / "state" / "outbox.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as outbox:
        return int(outbox.execute("SELECT count(*) FROM events WHERE topic LIKE '%/event'").fetchone()[0])


async def test_what_a_box_told_nobody_outlives_it(tmp_path: Path) -> None:
    """With the broker away from the first moment, events go to disk; the next box tells them, as the first one's."""
    port, first, second = free_port(), PtyLine(demo_hub(), tmp_path / "a"), PtyLine(demo_hub(), tmp_path / "b")
    async with asyncio.timeout(60), served(box_on(port, tmp_path, first, "b-first"), first):
        while not on_disk(tmp_path):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.05)
    waiting = on_disk(tmp_path)
    async with (
        mosquitto(tmp_path, port),
        subscribed(port) as subscriber,
        served(box_on(port, tmp_path, second, "b-second"), second),
    ):
        await subscriber.until(lambda: len(of_first(subscriber.of("event"))) >= waiting)


def of_first(events: list[dict[str, object]]) -> list[dict[str, object]]:
    """The first box's."""
    return [one for one in events if one["boot"] == "b-first"]
