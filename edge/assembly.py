"""Puts the parts together, from a configuration or for a replay. Only decides who is connected with whom."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import itertools
import logging
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from edge.ble_nodes import ble_node
from edge.broker_access import check_access
from edge.clock import Instant, ReadClock, read_clock
from edge.config import Config
from edge.daemon import Box, Machine, Outlet
from edge.errors import ConfigError, NoRoomError, SledguardError
from edge.lifters.desk import LifterDesk
from edge.lifters.files import LifterFiles
from edge.log_lines import LogOutlet
from edge.machine import MachineSettings
from edge.node_keys import load_keys
from edge.outlets import BuzzerOutlet, MqttOutlet
from edge.pipelines import live_pipeline
from edge.promptness import keep_prompt
from edge.publishers.buzzer import BoxBuzzer
from edge.publishers.durable_outbox import DurableOutbox
from edge.publishers.envelope import Origin, utc_text
from edge.publishers.home_assistant import STATUS_TOPIC, discovery
from edge.publishers.messages import BoxMessages, MachineMessages
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.outbox import MemoryOutbox, Outbox
from edge.publishers.outbox_file import Limits
from edge.publishers.sounders import APLAY, PinSounder, ProgramSounder
from edge.publishers.traffic import Traffic
from edge.reception import Reception
from edge.recorder import McapPart, Recorder, part_bytes
from edge.samples import CELL_ROLES
from edge.service import signs_of_life
from edge.settings import BleSettings, BoxSettings, BuzzerSettings, LinkPlan, LogSettings, MqttSettings, SerialSettings
from edge.sources.base import Source
from edge.sources.ble import BleSource, Radio
from edge.sources.byte_log import ByteLogWriter, Keep, make_room
from edge.sources.byte_log_roll import RolledByteLog
from edge.sources.serial import SerialSource
from edge.state import AlertState, state_dir
from edge.version import release

DAY_S = 86_400.0
SOMEBODY = "somebody"
"""Stands in the header of a log for the id of whoever usually lifts there: a replay knows that it is somebody."""
MAKE_ROOM_EVERY_S = 3600.0  # a box that records nothing new removes what gets too old all the same

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Boot:
    """One start of the daemon. id: opaque, in every message; seed: for the pipelines, kept in the byte log."""

    id: str
    seed: int


def new_boot() -> Boot:
    """A boot like no other."""
    chance = os.urandom(11)  # of the seed 56 bits: nonces come from it, and are not to be guessed
    return Boot(f"b-{chance[:4].hex()}", int.from_bytes(chance[4:], "big"))


def pipeline_seed(boot: Boot, machine: str, restarts: int = 0) -> int:
    """The seed of a machine's pipeline, one for each time it begins: ids come from it, and are to be had once only."""
    return int.from_bytes(hashlib.blake2b(f"{boot.seed}/{machine}/{restarts}".encode(), digest_size=7).digest(), "big")


def publisher_for(
    box: BoxSettings, mqtt: MqttSettings, boot: Boot, clock: ReadClock = read_clock, outbox: Outbox | None = None
) -> MqttPublisher:
    """A publisher to the configured broker. ConfigError: credentials that cannot be used."""
    access = check_access(mqtt, f"sledguard-{box.gym}-{box.id}")
    kept = MemoryOutbox() if outbox is None else outbox  # an empty one is no missing one
    traffic = Traffic(Origin(box.id, boot.id), kept, os.urandom)
    return MqttPublisher(access, BoxMessages(box.gym, box.id), traffic, clock)


def durable_outbox(config: Config) -> DurableOutbox:
    """The outbox on disk, for the running event loop. SledguardError: it cannot be kept there."""
    settings = config.outbox
    limits = Limits(settings.max_mb * 1_000_000, settings.keep_days * DAY_S, settings.wait_for_historian)
    post = asyncio.get_running_loop().call_soon_threadsafe
    outbox = DurableOutbox(state_dir(config.box) / "outbox.sqlite", limits, post)
    if outbox.repaired:
        log.error("outbox: %s", outbox.repaired)
    return outbox


def _outbox_of(config: Config) -> DurableOutbox | None:
    """The outbox on disk; None: not wanted, or no room for it, since a full disk must not cost lifters their cues."""
    if not config.outbox.durable:
        return None
    try:
        return durable_outbox(config)
    except NoRoomError as error:
        log.error("outbox: %s and start anew; until then messages are kept in memory only", error)
        return None


def box_of(config: Config, outlets: Sequence[Outlet], boot: Boot) -> Box:
    """The whole box, in the running event loop. SledguardError: there is nothing to do, or a file cannot be used."""
    if not config.machines or not (config.serial or config.ble):
        raise SledguardError(
            "nothing to watch: the configuration needs a [[machines]] table, and a [[serial]] or [[ble]] table"
        )
    radio = Radio(config.bluetooth.slots) if config.ble else None
    outbox = _outbox_of(config)
    folder = state_dir(config.box) if outbox is not None else None
    state = AlertState(folder, Origin(config.box.id, boot.id))
    publisher = publisher_for(config.box, config.mqtt, boot, outbox=outbox)
    publisher.on_alert_delivered(state.latency.acknowledged)
    reception = Reception(publisher, config.box.gym, state.precision, read_clock)
    desk = LifterDesk(
        config, LifterFiles(state_dir(config.box)), reception.tell, read_clock,
        remembers=config.box.remember_lifters and outbox is not None,
    )  # fmt: skip
    names = [machine.id for machine in config.machines]
    buzzers = BuzzerOutlet([_buzzer(one) for one in config.buzzers], state.latency)
    mqtt = MqttOutlet(publisher, config.box.gym, names, state.latency)
    everywhere = [buzzers, *outlets, mqtt, reception, desk, LogOutlet()]
    machines = [_machine(config, name, everywhere, boot, radio) for name in names]
    for machine in machines:
        machine.on_cue = state.latency.buzzed
        reception.open_machine(machine.name, desk.open_machine(machine))
    box = BoxMessages(config.box.gym, config.box.id)
    prompt = functools.partial(keep_prompt, lambda: any(machine.lifting for machine in machines))
    services: list[Callable[[], Coroutine[Any, Any, None]]] = [
        publisher.run,
        state.keep,
        desk.run,
        signs_of_life,
        prompt,
    ]
    services += [radio.run] if radio else []
    services += [lambda: _keep_room(config.log)] if config.log.mcap_dir else []
    if outbox is not None:
        services.append(reception.open_box(box, outbox).run)

    _announce(config, publisher, box)

    def tell_health(facts: dict[str, Any]) -> None:
        for name, about in facts["machines"].items():
            about["precision"] = state.precision.of(name)
        publisher.publish(box.health({"version": release()} | facts | publisher.health()))

    async def finish() -> None:
        buzzers.close()
        await desk.finish()
        await publisher.stop()
        if outbox is not None:
            await asyncio.to_thread(outbox.close)

    return Box(machines, services, tell_health, finish)


def _announce(config: Config, publisher: MqttPublisher, box: BoxMessages) -> None:
    """Let Home Assistant find the machines, now and whenever it comes up."""
    form = config.mqtt.home_assistant
    if form == "off":
        return
    roots = {m.id: MachineMessages(config.box.gym, m.id).root for m in config.machines}
    found = [one for name, root in roots.items() for one in discovery(config.box.gym, box.root, name, root, form)]

    def announce() -> None:
        for message in found:
            publisher.publish(message)

    announce()
    publisher.listen(STATUS_TOPIC, lambda incoming: announce() if incoming.payload == b"online" else None)


def _buzzer(settings: BuzzerSettings) -> BoxBuzzer:
    """SledguardError: it cannot be used here."""
    if settings.gpio_pin is not None:
        return BoxBuzzer(PinSounder(settings.gpio_pin), settings.machine, ramp=settings.ramp)
    command = settings.audio_command or APLAY
    return BoxBuzzer(ProgramSounder(command, settings.volume_pct), settings.machine, ramp=settings.ramp)


def _machine(config: Config, name: str, outlets: Sequence[Outlet], boot: Boot, radio: Radio | None) -> Machine:
    settings = config.machine(name)
    lines = [line for line in config.serial if not settings.links or line.link in settings.links]
    nodes = [node for node in config.ble if not settings.links or node.link in settings.links]
    links = {line.link: _plan(line) for line in lines} | {node.link: _plan(node) for node in nodes}
    sources: list[Source] = [SerialSource(line.link, line.device, line.baud) for line in lines]
    if radio is not None and nodes:
        sources.append(BleSource([ble_node(node) for node in nodes], radio, boot.seed))
    log = _raw_log(config.log, settings, links, boot, part_bytes(_keep(config.log).max_bytes, len(config.machines)))
    if isinstance(log, Recorder):
        outlets = [*outlets, log]
    keys = load_keys(Path(config.box.node_keys_file)) if config.box.node_keys_file else {}
    seeds = (pipeline_seed(boot, name, restarts) for restarts in itertools.count())
    return Machine(name, lambda: live_pipeline(settings, links, next(seeds), keys), sources, outlets, log)


def _plan(line: SerialSettings | BleSettings) -> LinkPlan:
    """How a configured link is to be read; a load cell's place follows from which cell it is."""
    role = CELL_ROLES[line.cell] if line.cell is not None else line.role
    return LinkPlan(kind=line.kind, role=role, rate_hz=line.rate_hz, cell=line.cell, reversed=line.reversed)


def _keep(wanted: LogSettings) -> Keep:
    return Keep(wanted.mcap_max_mb * 1_000_000, wanted.mcap_keep_days * DAY_S, "*.mcap")


async def _keep_room(wanted: LogSettings) -> None:
    """Remove recordings that are too old, or too many, until cancelled."""
    while True:
        await asyncio.sleep(MAKE_ROOM_EVERY_S)
        await asyncio.to_thread(make_room, Path(wanted.mcap_dir or ""), _keep(wanted))


def _raw_log(
    wanted: LogSettings, settings: MachineSettings, links: dict[str, LinkPlan], boot: Boot, part_max_bytes: int
) -> RolledByteLog[ByteLogWriter] | Recorder | None:
    """New logs in the folder, with all that a replay needs in their headers; None where no folder is configured.

    part_max_bytes: of one recording as MCAP.
    """
    about = {
        "machine": settings.id,
        "boot": boot.id,
        "seed": pipeline_seed(boot, settings.id),
        "links": msgspec.to_builtins(links),
        "settings": msgspec.to_builtins(settings) | {"lifter": SOMEBODY if settings.lifter is not None else None},
    }

    def named(folder: str, part: int, suffix: str) -> tuple[Path, dict[str, Any], Instant]:
        now = read_clock()
        began = utc_text(now.utc_ns)
        name = f"{began[:19].replace(':', '')}-{settings.id}-{boot.id}.{suffix}"
        return Path(folder) / name, about | {"began": began, "part": part}, now

    def bytes_part(part: int) -> ByteLogWriter:
        path, told, _ = named(wanted.raw_bytes_dir or "", part, "bytes")
        return ByteLogWriter(path, told)

    def mcap_part(part: int) -> McapPart:
        path, told, now = named(wanted.mcap_dir or "", part, "mcap")
        return McapPart(path, told, now.utc_ns - now.mono_ns, part_max_bytes)

    if wanted.mcap_dir is not None:
        if wanted.raw_bytes_dir is not None:
            raise ConfigError("log: raw_bytes_dir and mcap_dir hold the same; give one, and `convert` makes the other")
        make_room(Path(wanted.mcap_dir), _keep(wanted))
        return Recorder(mcap_part, _keep(wanted))
    if wanted.raw_bytes_dir is not None:
        make_room(Path(wanted.raw_bytes_dir))
        return RolledByteLog(bytes_part)
    return None
