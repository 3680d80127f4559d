"""Bought sensors over Bluetooth: told to stream, and their batteries read beside, live and from the byte log."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

from rig_bluez.harness import STEADY, WAIT_S, needs_dbus

from edge.ble_nodes import ble_node
from edge.clock import monotonic_ns
from edge.daemon import Machine
from edge.events import AnyEvent, SensorState
from edge.machine import MachineSettings
from edge.pipelines import live_pipeline, logged_pipeline
from edge.player import play_bytes
from edge.samples import FOOTPLATE_CELLS
from edge.settings import BleSettings, LinkPlan
from edge.simulator.bluez.bought import BoughtFirmware, progressor_in_the_air, witmotion_in_the_air
from edge.simulator.bluez.rig import Rig
from edge.simulator.bought import Progressor, WitMotion
from edge.simulator.demo import demo_scenario
from edge.simulator.nodes import Stage
from edge.simulator.session import simulate
from edge.sources.ble import BleSource, Radio
from edge.sources.byte_log import ByteLogWriter, open_log

PLANS = {
    "shank": LinkPlan(kind="witmotion", role="left_shank", rate_hz=50.0),
    **{cell: LinkPlan(kind="progressor", role="footplate", cell=cell) for cell in FOOTPLATE_CELLS},
}


class Outlet:
    """Keeps the sensors' states."""

    def __init__(self) -> None:
        self.states: list[SensorState] = []

    def tell(self, _machine: str, event: AnyEvent) -> None:
        if isinstance(event, SensorState):
            self.states.append(event)

    def tell_link(self, _machine: str, _link: str, _problem: str | None) -> None:
        """Of no interest."""

    def batteries(self) -> dict[str, int | None]:
        return {state.role: state.battery_pct for state in self.states}


@needs_dbus
async def test_bought_sensors_stream_and_tell_their_batteries(tmp_path: Path) -> None:
    """Each is told its commands; of four cells the emptiest battery counts; a replay of the log says the same."""
    session, stage = simulate(demo_scenario()), Stage(5)
    shank = WitMotion(session.streams["left_shank"], 1, stage)
    plate = session.streams["footplate"]
    sensors = [witmotion_in_the_air(shank, "E0:12:34:56:78:00", 64)] + [
        progressor_in_the_air(Progressor(plate, column, 2 + column, stage), f"E0:12:34:56:78:1{column}", 90 - column)
        for column in range(4)
    ]
    about = {"seed": 3, "links": {name: {"kind": p.kind, "role": p.role, "cell": p.cell} for name, p in PLANS.items()}}
    about["links"]["shank"]["rate_hz"] = 50.0  # type: ignore[index]
    outlet, settings, log = Outlet(), MachineSettings(id="press"), tmp_path / "run.bytes"
    writer = ByteLogWriter(log, about | {"settings": {"id": "press"}})
    nodes = [
        ble_node(BleSettings(link=name, address=one.address, kind=PLANS[name].kind))  # type: ignore[arg-type]
        for name, one in zip(PLANS, sensors, strict=True)
    ]
    radio = Radio(7, timings=replace(STEADY, battery_s=0.2))
    source = BleSource(nodes, radio, seed=1)
    machine = Machine("press", lambda: live_pipeline(settings, PLANS, 3), [source], [outlet], writer)
    async with Rig(sensors):
        machine.begin(monotonic_ns())
        tasks = [asyncio.create_task(source.run(machine)), asyncio.create_task(radio.run())]
        async with asyncio.timeout(WAIT_S):
            while outlet.batteries() != {"left_shank": 64, "footplate": 87}:
                machine.step(monotonic_ns())
                await asyncio.sleep(0.01)
            firmware = sensors[2].firmware
            assert isinstance(firmware, BoughtFirmware)
            firmware.battery_pct = 11
            while outlet.batteries()["footplate"] != 11:
                machine.step(monotonic_ns())
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        machine.end(monotonic_ns())
    opened = open_log(log)
    said = [e for step in play_bytes(logged_pipeline(opened.about, log), opened.entries()) for e in step.events]
    assert [event for event in said if isinstance(event, SensorState)] == outlet.states
