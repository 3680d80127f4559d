"""A real Node-RED runs the example flow: reps and alerts arrive there once each, and nothing that is late.

Opt-in: SLEDGUARD_NODE_RED names a folder with node-red in its node_modules; see README.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as paho
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, free_port, mosquitto
from example_events import ALERT, REP
from paho.mqtt.enums import CallbackAPIVersion
from published import messages

from edge.history.received import Place

FOLDER = os.environ.get("SLEDGUARD_NODE_RED")
pytestmark = [
    pytest.mark.skipif(FOLDER is None, reason="opt-in: SLEDGUARD_NODE_RED, see tests/apps/README.md"),
    pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed"),
]
FLOW = Path(__file__).parents[2] / "config/node-red/flow.json"
SETTINGS = "module.exports = {{ uiHost: '127.0.0.1', uiPort: {port}, flowFile: 'flow.json', credentialSecret: false }};"
PATIENCE_S = 300.0
PLACE = Place(gym="g", machine="press")


def prepared(folder: Path, port: int) -> Path:
    """A folder of settings with the example flow, as it is in the repository."""
    folder.mkdir()
    shutil.copy(FLOW, folder / "flow.json")
    (folder / "settings.js").write_text(SETTINGS.format(port=port))
    return folder


@contextlib.asynccontextmanager
async def node_red(folder: Path, port: int, broker: int) -> AsyncIterator[None]:
    """A Node-RED with the flow, on this broker."""
    where = prepared(folder, port)
    environment = {
        **os.environ, "SLEDGUARD_BROKER": HOST, "SLEDGUARD_PORT": str(broker), "SLEDGUARD_USER": "",
        "SLEDGUARD_PASSWORD": "",
    }  # fmt: skip
    with (where / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "node", f"{FOLDER}/node_modules/node-red/red.js", "--userDir", str(where), env=environment, stdout=log,
            stderr=log,
        )  # fmt: skip
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def publish(port: int, said: list[tuple[str, bytes]]) -> None:
    """As a box would."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect(HOST, port)
    client.loop_start()
    for topic, payload in said:
        client.publish(topic, payload, 1).wait_for_publish(WAIT_S)
    client.disconnect()
    client.loop_stop()


def changed(said: tuple[str, bytes], **fields: Any) -> tuple[str, bytes]:
    """A message with other fields."""
    return said[0], msgspec.json.encode(msgspec.json.decode(said[1]) | fields)


async def test_reps_and_alerts_arrive(tmp_path: Path, web: Any) -> None:
    """The newest rep and alert of a machine are told; a repeat and a late alert change nothing."""
    port, http = free_port(), free_port()
    ours = web(http)
    rep, alert = messages(REP, place=PLACE)[0], messages(ALERT, place=PLACE)[0]
    async with mosquitto(tmp_path, port), node_red(tmp_path / "nr", http, port):
        await ours.up("/leg-press")
        first = 0
        async with asyncio.timeout(PATIENCE_S):
            while "g/press" not in await ours.get("/leg-press"):  # until it has subscribed
                first += 1
                await asyncio.to_thread(publish, port, [changed(rep, id=f"first-{first}", rep=1)])
        said = [
            changed(rep, id="a", rep=2), changed(alert, id="b"), changed(rep, id="a", rep=9),
            changed(alert, id="c", cue="too late", late=True), changed(rep, id="d", rep=3),
        ]  # fmt: skip
        await asyncio.to_thread(publish, port, said)
        async with asyncio.timeout(PATIENCE_S):
            while not told_all(told := (await ours.get("/leg-press"))["g/press"]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert told["alert"]["cue"] == ALERT.cue


def told_all(told: dict[str, Any]) -> bool:
    """The last rep is there, and an alert."""
    return told["rep"]["rep"] == 3 and "alert" in told
