"""Broker, disk and network are gone: the buzzer sounds all the same, as soon as ever."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from broker_tools import free_port
from patient_clock import PatientClock

from edge.assembly import box_of, new_boot
from edge.config import Config
from edge.events import Alert, AnyEvent
from edge.machine import MachineSettings
from edge.publishers.outbox_file import OutboxFile
from edge.settings import BoxSettings, BuzzerSettings, MqttSettings, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine

Figures = Callable[..., None]
SPEED = 3
LIMIT_S = 600.0
CUES = 3


class Outlet:
    """Keeps the alerts."""

    def __init__(self) -> None:
        self.spoken: list[Alert] = []

    def tell(self, _machine: str, event: AnyEvent) -> None:
        if isinstance(event, Alert) and event.spoken:
            self.spoken.append(event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """Nothing to keep."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PatientClock:
    """The machine's side runs three times as fast."""
    modules = ("edge.sources.serial", "edge.daemon", "edge.simulator.pty_line", "edge.publishers.buzzer")
    return PatientClock(SPEED).put_in(monkeypatch, modules)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection fails as where no route leads anywhere."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction of the outbox goes through."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(OutboxFile, "write", full)
    monkeypatch.setattr(OutboxFile, "make_room", full)


@pytest.mark.usefixtures("no_network", "full_disk")
async def test_buzzers_sound_with_broker_disk_and_network_gone(
    tmp_path: Path, figures: Figures, clock: PatientClock
) -> None:
    """The node buzzes and the box's own sound plays, cue after cue.

    Which cues is left open: a sound's program may start too late on a busy machine, and is then left out.
    """
    heard = tmp_path / "heard"
    line = PtyLine(demo_hub(), tmp_path / "hub")
    config = Config(
        box=BoxSettings(gym="g", id="box", state_dir=str(tmp_path / "state")),
        mqtt=MqttSettings(host="192.0.2.1", port=free_port()),
        serial=(SerialSettings(link="hub", device=str(line.path)),),
        machines=(MachineSettings(id="press", sled_mass_kg=140.0, height_m=1.75),),
        buzzers=(BuzzerSettings(audio_command=("sh", "-c", f"wc -c >> {heard}")),),
    )
    outlet, stop = Outlet(), asyncio.Event()
    serving = asyncio.create_task(line.run())
    box = box_of(config, [outlet], new_boot())
    running = asyncio.create_task(box.run(stop))
    async with asyncio.timeout(LIMIT_S), clock.running():
        while len(line.node.buzzed) < CUES or sounds(heard) < CUES - 1:  # the next cue may cut one short
            assert not running.done()
            await asyncio.sleep(0.05)
        numbers, cues = [buzzed.buzz.cue for buzzed in line.node.buzzed], len(outlet.spoken)
    stop.set()
    await running
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    figures(cues=cues, node_buzzed=len(numbers), box_sounded=sounds(heard))
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= cues + 1  # a node is told before anybody else


def sounds(heard: Path) -> int:
    """How often the box's own sound has played."""
    return len(heard.read_text().split()) if heard.exists() else 0
