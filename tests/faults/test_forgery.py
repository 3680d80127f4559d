"""A forged alert: whoever else in the gym sends one, no page shows it and no buzzer sounds for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, eventually, free_port
from example_events import ALERT
from paho.mqtt.enums import MQTTProtocolVersion
from role_tools import ROLES, RoleClient, password_of, role_broker
from served import served
from websockets.asyncio.client import ClientConnection, connect

from edge.alerts.policy import AlertSettings
from edge.assembly import box_of, new_boot
from edge.clock import read_clock
from edge.config import Config
from edge.events import ActiveAlerts, ActiveFault, AnyEvent, Kind, SignKind
from edge.machine import MachineSettings
from edge.publishers.envelope import Origin, mint, seal
from edge.publishers.messages import MachineMessages
from edge.settings import BoxSettings, BuzzerSettings, MqttSettings, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
ALL = get_args(Kind) + get_args(SignKind)
M = "sledguard/v1/g/machine/m"


def login(role: str, folder: Path, port: int) -> MqttSettings:
    """The broker, for a role that has its password in a file."""
    file = folder / f"{role}.password"
    file.write_text(password_of(role))
    file.chmod(0o600)
    return MqttSettings(host=HOST, port=port, username=role, password_file=str(file))


def alert_messages(cue: str) -> list[tuple[str, bytes]]:
    """All that a box would publish for an alert of now, and the level beside it, to the letter."""
    now = read_clock()
    now_s = now.mono_ns / 1e9
    alert = msgspec.structs.replace(ALERT, t_s=now_s, sample_s=now_s, arrival_s=now_s, onset_s=now_s, cue=cue)
    fault = ActiveFault(kind=alert.kind, side=alert.side, rep=alert.rep, since_s=now_s, spoken=True)
    events: list[AnyEvent] = [alert, ActiveAlerts(t_s=now_s, session=alert.session, active=(fault,))]
    made = MachineMessages("g", "m")
    out = []
    for number, message in enumerate(one for event in events for one in made.of(event)):
        seq = number + 1 if message.route.suffix == "event" else None
        out.append((message.topic, seal(mint(message.body, Origin("box", "b-1"), now, os.urandom(10), seq), now)))
    return out


@dataclass
class Kiosk:
    """A kiosk page's WebSocket; `said` is all that it was sent."""

    said: list[str]

    async def read(self, socket: ClientConnection) -> None:
        """Until the end."""
        async for frame in socket:
            self.said.append(str(frame))

    def shows(self, text: str) -> bool:
        """Whether anything that it was sent has this in it."""
        return any(text in frame for frame in self.said)


@contextlib.asynccontextmanager
async def pages(folder: Path, port: int) -> AsyncIterator[Kiosk]:
    """The pages as their own process, logged in as dashboards, and a kiosk that looks at the machine."""
    settings = login("dashboards", folder, port)
    at, where = free_port(), folder / "pages"
    where.mkdir()
    config = [f"port = {port}", 'username = "dashboards"', f'password_file = "{settings.password_file}"']
    (folder / "pages.toml").write_text("\n".join(["[mqtt]", *config]) + "\n")
    command = ["-m", "edge.cli", "dashboards", "--config", str(folder / "pages.toml")]
    with (folder / "pages.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, "--listen", f"{HOST}:{at}", "--folder", str(where), stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(WAIT_S):
            socket = await reached(at)
        async with socket:
            key = json.loads((where / "keys.json").read_text())["kiosk"]
            await socket.send(json.dumps({"page": "kiosk", "place": "g/m", "key": key}))
            kiosk = Kiosk([])
            reading = asyncio.create_task(kiosk.read(socket))
            yield kiosk
            reading.cancel()
    finally:
        process.terminate()
        await process.wait()


async def reached(port: int) -> ClientConnection:
    """A WebSocket to the pages, once they are up."""
    while True:
        with contextlib.suppress(OSError):
            return await connect(f"ws://{HOST}:{port}/ws", origin=f"http://{HOST}:{port}")  # type: ignore[arg-type]
        await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def box(folder: Path, port: int) -> AsyncIterator[PtyLine]:
    """A whole box with a hub that can buzz and a sound of its own; of what it sees itself it does not speak."""
    line = PtyLine(demo_hub(), folder / "hub")
    config = Config(
        box=BoxSettings(gym="g", id="box", state_dir=str(folder / "state")),
        mqtt=login("box", folder, port),
        serial=(SerialSettings(link="hub", device=str(line.path)),),
        machines=(MachineSettings(id="m", sled_mass_kg=140.0, alerts=AlertSettings(muted=ALL)),),
        buzzers=(BuzzerSettings(audio_command=("sh", "-c", f"cat >> {folder / 'heard'}")),),
    )
    async with served(box_of(config, [], new_boot()), line):
        yield line


async def forge(port: int, version: MQTTProtocolVersion) -> None:
    """Everybody but the box sends an alert as the box would, and waits until the broker has dealt with it."""
    for role in ROLES:
        if role == "box":
            continue
        forger = RoleClient(port, role, version)
        for topic, payload in alert_messages(f"forged by {role}"):
            await forger.say(payload, (topic,))
        forger.client.disconnect()
        forger.client.loop_stop()


async def say_as_box(port: int, version: MQTTProtocolVersion, cue: str) -> None:
    """An alert with the box's own login."""
    client = RoleClient(port, "box", version)
    for topic, payload in alert_messages(cue):
        await client.say(payload, (topic,))
    client.client.disconnect()
    client.client.loop_stop()


VERSIONS = pytest.mark.parametrize(
    "version", [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311], ids=["5", "3.1.1"]
)


@VERSIONS
async def test_no_page_shows_a_forged_alert(tmp_path: Path, version: MQTTProtocolVersion) -> None:
    """Alerts of every other role stay unseen at a kiosk of the real pages; one with the box's login is shown."""
    async with role_broker(tmp_path) as port, pages(tmp_path, port) as kiosk:
        while not kiosk.shows("genuine"):  # until the pages have subscribed
            await say_as_box(port, version, "genuine")
            await asyncio.sleep(0.2)
        await forge(port, version)
        await say_as_box(port, version, "the end")  # what the broker let through before is there when this is
        await eventually(lambda: kiosk.shows("the end"))
        assert not kiosk.shows("forged")


@VERSIONS
async def test_no_buzzer_sounds_for_a_forged_alert(tmp_path: Path, version: MQTTProtocolVersion) -> None:
    """After alerts of every other role the node has not buzzed and the box is silent, though both hear commands."""
    async with role_broker(tmp_path) as port, box(tmp_path, port) as line:
        watcher = RoleClient(port, "dashboards", version)
        await watcher.subscribe((f"{M}/#",))
        await eventually(lambda: any(topic.endswith("sensor/sled/state") for topic, _ in watcher.heard))
        await forge(port, version)
        command: dict[str, Any] = {"id": "i-1", "ts": now_text(), "role": "sled", "seconds": 1}
        await watcher.say(json.dumps(command), (f"{M}/cmd/identify",))
        await eventually(lambda: line.node.identified == [1])
        assert line.node.buzzed == []
        assert not (tmp_path / "heard").exists()
        assert not any(b"forged" in payload for _, payload in watcher.heard)
        watcher.client.disconnect()
        watcher.client.loop_stop()


def now_text() -> str:
    """Now, as a command has it."""
    return datetime.now(UTC).isoformat()
