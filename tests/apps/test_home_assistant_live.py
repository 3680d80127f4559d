"""A real Home Assistant: our entities with their names, units and availability, and its button that moves a node.

Opt-in: SLEDGUARD_HOME_ASSISTANT names a virtual environment with home-assistant.txt in it; see README.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from broker_tools import HOST, MOSQUITTO, free_port, mosquitto
from served import served

from edge.assembly import box_of, new_boot
from edge.config import Config
from edge.machine import MachineSettings
from edge.settings import BoxSettings, MqttSettings, SerialSettings
from edge.simulator.demo import demo_hub
from edge.simulator.pty_line import PtyLine

VENV = os.environ.get("SLEDGUARD_HOME_ASSISTANT")
pytestmark = [
    pytest.mark.skipif(VENV is None, reason="opt-in: SLEDGUARD_HOME_ASSISTANT, see tests/apps/README.md"),
    pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed"),
]
PATIENCE_S = 300.0
SETTINGS = """
homeassistant:
  name: gym
  unit_system: metric
  time_zone: UTC
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
config:
onboarding:
"""
CLIENT = "http://127.0.0.1/"
ENTITIES = {
    "sensor.sledguard_g_press_activity": ("Leg press press Activity", None),
    "sensor.sledguard_g_press_load": ("Leg press press Load", "kg"),
    "sensor.sledguard_g_press_reps": ("Leg press press Reps in set", None),
    "sensor.sledguard_g_press_velocity_loss": ("Leg press press Velocity loss", "%"),
    "binary_sensor.sledguard_g_press_fault": ("Leg press press Fault now", None),
    "binary_sensor.sledguard_g_press_blind": ("Leg press press Something not assessed", None),
    "binary_sensor.sledguard_g_press_left_shank_connected": ("Leg press press Left shank sensor", None),
    "sensor.sledguard_g_press_left_shank_battery": ("Leg press press Left shank battery", "%"),
    "button.sledguard_g_press_identify": ("Leg press press Identify", None),
    "number.sledguard_g_press_set_load": ("Leg press press Set load", "kg"),
}
BUTTON, NUMBER = "button.sledguard_g_press_identify", "number.sledguard_g_press_set_load"


def write_settings(folder: Path, port: int) -> None:
    """A folder of settings that says no more than where to listen."""
    folder.mkdir()
    (folder / "configuration.yaml").write_text(SETTINGS.format(port=port))


@contextlib.asynccontextmanager
async def home_assistant(folder: Path, port: int) -> AsyncIterator[None]:
    """A new Home Assistant, started."""
    write_settings(folder, port)
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            f"{VENV}/bin/hass", "--config", str(folder), "--skip-pip", stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def enter(web: Any, broker: int) -> None:
    """Make the first user, get a token, and add the MQTT integration."""
    await web.up("/api/onboarding")
    owner = {"client_id": CLIENT, "name": "t", "username": "t", "password": "t", "language": "en"}
    code = (await web.post("/api/onboarding/users", owner))["auth_code"]
    grant = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT}
    web.token = (await web.post("/auth/token", grant, form=True))["access_token"]
    flow = await web.post("/api/config/config_entries/flow", {"handler": "mqtt"})
    done = await web.post(f"/api/config/config_entries/flow/{flow['flow_id']}", {"broker": HOST, "port": broker})
    assert done["type"] == "create_entry", done


@contextlib.asynccontextmanager
async def box(folder: Path, port: int) -> AsyncIterator[PtyLine]:
    """A whole box with the demo's hub, announced to Home Assistant."""
    line = PtyLine(demo_hub(), folder / "hub")
    config = Config(
        box=BoxSettings(gym="g", id="box", state_dir=str(folder / "state")),
        mqtt=MqttSettings(host=HOST, port=port, home_assistant="component"),
        serial=(SerialSettings(link="hub", device=str(line.path)),),
        machines=(MachineSettings(id="press", sled_mass_kg=140.0),),
    )
    async with served(box_of(config, [], new_boot()), line):
        yield line


async def states(web: Any) -> dict[str, dict[str, Any]]:
    """Every entity of ours, by its id."""
    return {one["entity_id"]: one for one in await web.get("/api/states") if ".sledguard_g_press_" in one["entity_id"]}


async def until_states(web: Any, wanted: Any) -> dict[str, dict[str, Any]]:
    """The entities once they are as wanted."""
    async with asyncio.timeout(PATIENCE_S):
        while not wanted(found := await states(web)):  # noqa: ASYNC110 - over HTTP there is no other way
            await asyncio.sleep(0.5)
    return found


async def test_entities_and_the_button(tmp_path: Path, web: Any) -> None:
    """Names, units and availability are right, the button moves the node, what is said of the load comes back as the
    machine's state, and a stopped box is unavailable.
    """
    port, http = free_port(), free_port()
    ours = web(http)
    async with mosquitto(tmp_path, port), home_assistant(tmp_path / "ha", http):
        await enter(ours, port)
        async with box(tmp_path, port) as line:
            found = await until_states(
                ours,
                lambda now: (
                    now.keys() >= ENTITIES.keys()
                    and now["binary_sensor.sledguard_g_press_left_shank_connected"]["state"] == "on"
                    and now["sensor.sledguard_g_press_load"]["state"] == "140.0"
                ),
            )
            for entity, (name, unit) in ENTITIES.items():
                about = found[entity]["attributes"]
                assert (about["friendly_name"], about.get("unit_of_measurement")) == (name, unit)
                assert found[entity]["state"] != "unavailable"
            await ours.post("/api/services/button/press", {"entity_id": BUTTON})
            async with asyncio.timeout(PATIENCE_S):
                while line.node.identified != [5]:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await ours.post("/api/services/number/set_value", {"entity_id": NUMBER, "value": 95.5})
            await until_states(ours, lambda now: now["sensor.sledguard_g_press_load"]["state"] == "95.5")
        gone = await until_states(ours, lambda now: all(now[one]["state"] == "unavailable" for one in ENTITIES))
        assert gone.keys() >= ENTITIES.keys()
