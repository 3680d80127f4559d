"""Gathers what `doctor` looks at: bluetoothd, its configuration, the air, the nodes, and what the daemon publishes."""

from __future__ import annotations

import asyncio
import configparser
import os
import re
import stat
import time
from pathlib import Path

from bleak.backends.device import BLEDevice

from edge.broker_access import check_access
from edge.config import Config
from edge.errors import SledguardError
from edge.events import SensorState
from edge.history.received import ROOT, FromMachine, Unreadable, read
from edge.history.subscription import Arrival, Subscription
from edge.provisioning.air import bluez, listening
from edge.provisioning.findings import AdapterFacts, Facts, LineFacts, LinkDefaults, NodeFacts, SensorFacts
from edge.provisioning.measure import Measurement
from edge.provisioning.recognise import Heard, recognise
from edge.settings import BleSettings
from edge.sources.ble.bluez import Bluez, Holding

MAIN_CONF = Path("/etc/bluetooth/main.conf")
LISTEN_S = 4.0  # nodes call ten times a second, some only each second
RETAINED_S = 1.5  # a broker sends what it kept at once
NO_SENSOR = "the broker tells of no sensor: the daemon has not run yet, or the broker's rules hide them from this user"
INTERVAL_STEP_MS, SUPERVISION_STEP_MS = 1.25, 10


async def gather(config: Config, measure_s: float, main_conf: Path = MAIN_CONF) -> Facts:
    """Everything; nodes that nobody serves are connected for measure_s, unless that is 0."""
    sensors, problem = await asyncio.to_thread(published, config)
    lines = [LineFacts(line.link, line.device, line_problem(Path(line.device))) for line in config.serial]
    if lines and not config.ble:
        return Facts(lines=lines, on_air=False, sensors=sensors, broker_problem=problem)
    version, defaults = await _version(), link_defaults(main_conf)
    try:
        async with bluez() as watch:
            nodes = await _nodes(watch, config, measure_s)
            adapters = await _adapters(watch)
    except SledguardError as error:
        return Facts(lines=lines, trouble=str(error), sensors=sensors, broker_problem=problem)
    return Facts(
        lines=lines,
        version=version,
        adapters=adapters,
        slots=config.bluetooth.slots,
        defaults=defaults,
        nodes=nodes,
        sensors=sensors,
        broker_problem=problem,
    )


def line_problem(device: Path) -> str | None:
    """Why a serial port cannot be opened, as far as that is seen without opening it: the daemon may have it."""
    try:
        mode = device.stat().st_mode
    except OSError:
        return "is not there: plug it in, or mend device"
    if not stat.S_ISCHR(mode):
        return "is no serial port: mend device"
    if not os.access(device, os.R_OK | os.W_OK):
        return "may not be opened by this user: sudo usermod -aG dialout $USER, then log in anew"
    return None


def link_defaults(path: Path) -> LinkDefaults:
    """What bluetoothd's configuration asks of links."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(path.read_text("utf-8"))
        interval = parser.getint("LE", "MaxConnectionInterval", fallback=None)
        supervision = parser.getint("LE", "ConnectionSupervisionTimeout", fallback=None)
    except (OSError, UnicodeDecodeError, configparser.Error, ValueError):
        return LinkDefaults(readable=False)
    return LinkDefaults(
        readable=True,
        max_interval_ms=interval * INTERVAL_STEP_MS if interval else None,
        supervision_ms=supervision * SUPERVISION_STEP_MS if supervision else None,
    )


def published(config: Config) -> tuple[list[SensorFacts] | None, str | None]:
    """What the daemon last said of its sensors, from the broker; or why that cannot be had."""
    if not config.machines:
        return None, None
    arrived: list[Arrival] = []
    problems: list[str | None] = []
    topics = tuple(f"{ROOT}/{config.box.gym}/machine/{machine.id}/sensor/+/state" for machine in config.machines)
    try:
        access = check_access(config.mqtt, f"sledguard-doctor-{config.box.id}")
        subscription = Subscription(access, arrived.append, problems.append, topics=topics)
        subscription.start()
    except SledguardError as error:
        return None, str(error)
    time.sleep(RETAINED_S)
    problem = problems[-1] if problems else None  # that of now: ending the connection is told as one too
    subscription.stop()
    if problem is not None and not arrived:
        return None, f"the broker tells nothing ({problem})"
    facts = [one for arrival in arrived if (one := _sensor(arrival)) is not None]
    return (facts, None) if facts else (None, NO_SENSOR)


def _sensor(arrival: Arrival) -> SensorFacts | None:
    try:
        message = read(arrival.topic, arrival.payload, retained=arrival.retained)
    except Unreadable:
        return None
    if not isinstance(message, FromMachine) or not isinstance(message.event, SensorState):
        return None
    event, age_s = message.event, max(0.0, time.time() - message.envelope.ts.timestamp())
    calibrated = event.t_s - event.calibrated_s + age_s if event.calibrated_s is not None else None
    return SensorFacts(
        machine=message.place.machine,
        role=event.role,
        age_s=age_s,
        connected=event.connected,
        calibrated_s=calibrated,
        battery_pct=event.battery_pct,
        loss_pct=event.loss_pct,
        drift_ppm=event.drift_ppm,
        problem=event.problem,
    )


async def _adapters(watch: Bluez) -> list[AdapterFacts]:
    held = [one for one in await watch.holdings() if one.connected]
    return [
        AdapterFacts(name, on, sum(one.path.startswith(f"/org/bluez/{name}/") for one in held))
        for name, on in sorted(watch.state.adapters.items())
    ]


async def _nodes(watch: Bluez, config: Config, measure_s: float) -> list[NodeFacts]:
    """What the air says of the configured nodes."""
    if not config.ble:
        return []
    heard: dict[str, Heard] = {}

    def on_heard(one: Heard, _device: BLEDevice) -> None:
        heard[one.address] = one

    async with listening(watch, on_heard):
        await asyncio.sleep(LISTEN_S)
    held = [one for one in await watch.holdings() if one.connected]
    nodes = [_node(settings, list(heard.values()), held) for settings in config.ble]
    free = [s for s, node in zip(config.ble, nodes, strict=True) if node.rssi_dbm is not None and not node.connected]
    if not free or measure_s <= 0:
        return nodes
    measurement = Measurement(free, config.bluetooth.slots)
    await measurement.run(measure_s)
    links = {settings.link for settings in free}
    return [measurement.facts(node) if node.link in links else node for node in nodes]


def _node(settings: BleSettings, heard: list[Heard], held: list[Holding]) -> NodeFacts:
    name = settings.address or f"node {settings.node}"

    def is_it(address: str, low: str | None) -> bool:
        return low == settings.node[-8:] if settings.node is not None else address == settings.address

    connected = any(is_it(one.address, _low(one)) for one in held)
    loud = [one for one in heard if is_it(one.address, recognise(one).node_low) and one.rssi_dbm is not None]
    return NodeFacts(settings.link, name, loud[-1].rssi_dbm if loud else None, connected)


def _low(held: Holding) -> str | None:
    return recognise(Heard(held.address, service_data=held.service_data)).node_low


async def _version() -> str | None:
    """bluetoothd's version, as its own tool tells it."""
    try:
        process = await asyncio.create_subprocess_exec(
            "bluetoothctl", "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    out, _ = await process.communicate()
    found = re.search(rb"\d+\.\d+", out)
    return found[0].decode() if found else None
