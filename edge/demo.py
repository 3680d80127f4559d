"""`demo`: a simulated lifter on virtual nodes, behind a pseudo-terminal or on a simulated BlueZ; everything after the
wire, or after the air, is the real thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from dashboards.demo import PAGES_LOG, DemoPages, DemoPlace
from edge.assembly import Boot, box_of
from edge.broker_access import encrypts
from edge.clock import monotonic_ns
from edge.config import Config
from edge.history.received import Place
from edge.machine import MachineSettings
from edge.publishers.embedded_broker import HOST, EmbeddedBroker
from edge.publishers.terminal import open_terminal
from edge.settings import TLS_PORT, BleSettings, BoxSettings, MqttSettings, SerialSettings
from edge.simulator.bluez.peripheral import Radio
from edge.simulator.bluez.rig import Rig
from edge.simulator.demo import demo_hub, demo_peripherals
from edge.simulator.pty_line import PtyLine

GYM, BOX, MACHINE, LINK = "demo", "laptop", "leg-press", "hub"


async def run_demo(boot: Boot, broker: tuple[str, int] | None, stop: asyncio.Event, *, ble: bool = False) -> None:
    """Run until stop is set. SledguardError: no broker can be had, or for ble no dbus-daemon."""
    async with contextlib.AsyncExitStack() as stack:
        host, port = broker or (HOST, await stack.enter_async_context(_own_broker()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sledguard-")))
        serial, nodes = ((), await _bluetooth(stack)) if ble else (await _line(stack, folder), ())
        where = DemoPlace(Place(gym=GYM, machine=MACHINE), f"{host}:{port}", folder)
        pages = await stack.enter_async_context(DemoPages(where))
        mqtt = MqttSettings(host=host, port=port, tls=port == TLS_PORT)
        terminal = stack.enter_context(open_terminal(footer(mqtt), monotonic_ns() / 1e9))
        stack.push_async_callback(_end, asyncio.create_task(_tell(pages, folder)))
        config = Config(
            box=BoxSettings(gym=GYM, id=BOX, state_dir=str(folder / BOX), remember_lifters=True),
            mqtt=mqtt,
            serial=serial,
            ble=nodes,
            machines=(MachineSettings(id=MACHINE, rail_angle_deg=45.0, sled_mass_kg=140.0, height_m=1.75),),
        )
        await box_of(config, [terminal], boot).run(stop)


async def _tell(pages: DemoPages, folder: Path) -> None:
    """Where to look, as soon as there is something to be seen."""
    lines = pages.lines if await pages.answer() else ["the pages have ended:", (folder / PAGES_LOG).read_text("utf-8")]
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def footer(mqtt: MqttSettings) -> str:
    """Where to listen. A box's own login hears only what is for the box: which one to take, the listener knows."""
    parts = [f"mosquitto_sub -h {mqtt.host} -p {mqtt.port}"]
    if encrypts(mqtt):
        parts.append(f"--cafile {shlex.quote(mqtt.ca_file)}" if mqtt.ca_file else "--tls-use-os-certs")
    if mqtt.username is not None:
        parts.append("-u LOGIN -P PASSWORD")
    return f"broker {mqtt.host}:{mqtt.port}; listen with: {' '.join(parts)} -t 'sledguard/v1/#' -v"


async def _line(stack: contextlib.AsyncExitStack, folder: Path) -> tuple[SerialSettings, ...]:
    """A hub with all sensors on a serial line."""
    line = PtyLine(await asyncio.to_thread(demo_hub), folder / LINK)
    stack.push_async_callback(_end, asyncio.create_task(line.run()))
    return (SerialSettings(link=LINK, device=str(line.path)),)


async def _bluetooth(stack: contextlib.AsyncExitStack) -> tuple[BleSettings, ...]:
    """A node for each sensor, on two adapters: eight links are one more than one adapter holds."""
    peripherals = await asyncio.to_thread(demo_peripherals)
    await stack.enter_async_context(Rig(peripherals, [Radio("hci0"), Radio("hci1", "00:1A:7D:DA:71:01")]))
    return tuple(
        BleSettings(link=peripheral.advert.name.replace(" ", "-"), address=peripheral.address)
        for peripheral in peripherals
    )


@contextlib.asynccontextmanager
async def _own_broker() -> AsyncIterator[int]:
    async with EmbeddedBroker() as broker:
        yield broker.port


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
