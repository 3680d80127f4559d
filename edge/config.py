"""The configuration file: TOML in, typed settings out, or one error that lists every mistake in it.

Nothing is kept beyond start-up and nothing is guessed: a key that is not known is a mistake, not a note.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from edge.broker_access import LOOPBACK
from edge.config_check import Problem, Table, problems, shown
from edge.errors import ConfigError
from edge.machine import LifterSettings, MachineSettings, for_lifter
from edge.samples import CELL_GROUPS, CELL_ROLES, IMU_ROLES
from edge.settings import (
    BOUGHT_CELLS,
    BOUGHT_IMUS,
    BleSettings,
    BluetoothSettings,
    BoxSettings,
    BuzzerSettings,
    HistorySettings,
    LifterId,
    LogSettings,
    MqttSettings,
    OutboxSettings,
    SerialSettings,
    Settings,
)

DEFAULT_ID = MachineSettings().id
Overrides = Annotated[dict[str, Any], Meta(extra={"part_of": LifterSettings})]


class Config(Settings, frozen=True, kw_only=True):
    """Everything in the file."""

    box: BoxSettings = BoxSettings()
    mqtt: MqttSettings = MqttSettings()
    outbox: OutboxSettings = OutboxSettings()
    history: HistorySettings = HistorySettings()
    serial: Annotated[tuple[SerialSettings, ...], Meta(description="The serial lines, one table each.")] = ()
    bluetooth: BluetoothSettings = BluetoothSettings()
    ble: Annotated[
        tuple[BleSettings, ...],
        Meta(
            description="The nodes on Bluetooth, one table each: nothing else is ever connected to.",
            examples=[[{"link": "left-shank", "node": "51ed6a2d00000103"}]],
        ),
    ] = ()
    buzzers: Annotated[
        tuple[BuzzerSettings, ...],
        Meta(description="Buzzers on the box itself, one table each.", examples=[[{"gpio_pin": 18}]]),
    ] = ()
    log: LogSettings = LogSettings()
    machines: Annotated[
        tuple[MachineSettings, ...], Meta(description="The machines that this box watches, one table each.")
    ] = ()
    lifters: Annotated[
        dict[LifterId, Overrides],
        Meta(
            description="What differs for one lifter, under an opaque id, never a name: height_m, thigh_m, shank_m, "
            "and any key under a machine's faults, signs, alerts and near_max, laid over the machine's.",
            examples=[{"k7f3": {"height_m": 1.81, "faults": {"lockout": {"alert_deg": 5.0}}}}],
        ),
    ] = msgspec.field(default_factory=dict)

    def machine(self, name: str, lifter: str | None = None) -> MachineSettings:
        """The settings of a machine with this lifter on it, or with the one whom its own table names."""
        machine = next(machine for machine in self.machines if machine.id == name)
        who = lifter or machine.lifter
        return for_lifter(machine, self.lifters[who]) if who else machine

    def with_lifter(self, name: str, lifter: str | None) -> MachineSettings:
        """The settings of a machine with somebody on it who said so, whoever its own table names. Of whom no table says
        anything, None among them, the machine's own values count, but for legs that were measured: they are another's.
        """
        machine = next(machine for machine in self.machines if machine.id == name)
        own = self.lifters.get(lifter or "", {"thigh_m": None, "shank_m": None})
        return for_lifter(machine, own)


def load(path: Path) -> Config:
    """Read and check the file. ConfigError: one line for each mistake, or why the file cannot be read."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); config/edge.toml is one to start from"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error
    mistakes = [*problems(table, Config), *_across_sections(table)]
    if not mistakes:
        config = msgspec.convert(table, Config)
        mistakes = [*_contradictions(config)]
    if mistakes:
        raise ConfigError("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return config


def _across_sections(table: Table) -> Iterator[Problem]:
    """What one section says of another. The types are checked elsewhere: what has the wrong type is passed over."""
    serial, ble = _tables(table.get("serial")), _tables(table.get("ble"))
    for key in ("link", "device"):
        yield from _repeated(serial, key, "serial")
    for key in ("link", "address", "node"):
        yield from _repeated(ble, key, "ble")
    yield from _neither_address_nor_node(ble)
    yield from _bought_without_a_place([("serial", serial), ("ble", ble)])
    yield from _same_name({one.get("link") for one in serial}, ble)
    yield from _half_given(_table(table, "mqtt"))
    if {"raw_bytes_dir", "mcap_dir"} <= _table(table, "log").keys():
        yield Problem("log", "mcap_dir", ": holds the same as raw_bytes_dir; give one, and `convert` makes the other")
    machines = _tables(table.get("machines"))
    yield from _machines_and_lines(table, machines)
    yield from _leading_nowhere(table, machines)


def _machines_and_lines(table: Table, machines: list[dict[str, Any]]) -> Iterator[Problem]:
    """Which machine has which lines, which lifter, and which sensor in which place."""
    yield from _repeated([{"id": DEFAULT_ID, **machine} for machine in machines], "id", "machines")
    links = [one for key in ("serial", "ble") for one in _tables(table.get(key))]
    lines = {one.get("link") for one in links}
    lifters = table.get("lifters", {})
    users = Counter(link for one in machines for link in _texts(one.get("links")))
    for number, one in enumerate(machines, start=1):
        section = f"machines #{number}"
        for link in _texts(one.get("links")):
            if link not in lines:
                yield Problem(section, "links", f" = {shown(link)}: no [[serial]] or [[ble]] table has this link")
            elif users[link] > 1:
                yield Problem(section, "links", f" = {shown(link)}: another machine has this link too")
        if len(machines) > 1 and not one.get("links"):
            yield Problem(section, "links", ": missing; with several machines, each must name its links")
        if isinstance(one.get("lifter"), str) and one["lifter"] not in lifters:
            yield Problem(section, "lifter", f" = {shown(one['lifter'])}: no [lifters.{one['lifter']}] table")
        if not _table(table, "box").get("node_keys_file"):
            yield from _no_keys(_tables(one.get("nodes")), f"{section}.nodes")
        yield from _places_taken_twice(_tables(one.get("sensors")), f"{section}.sensors")
        yield from _cells_that_do_not_go_together(links, _texts(one.get("links")), section)


def _leading_nowhere(table: Table, machines: list[dict[str, Any]]) -> Iterator[Problem]:
    """Links that no machine takes, and buzzers for a machine that is not here: they would be silent for ever."""
    names = {one.get("id", DEFAULT_ID) for one in machines}
    taken = {link for one in machines for link in _texts(one.get("links"))}
    for section in ("serial", "ble") if taken else ():
        for number, one in enumerate(_tables(table.get(section)), start=1):
            if isinstance(one.get("link"), str) and one["link"] not in taken:
                yield Problem(
                    f"{section} #{number}", "link", f" = {shown(one['link'])}: no machine has it in its links"
                )
    for number, one in enumerate(_tables(table.get("buzzers")), start=1):
        if machines and "machine" in one and one["machine"] not in names:
            yield Problem(f"buzzers #{number}", "machine", f" = {shown(one['machine'])}: no [[machines]] has this id")


def _neither_address_nor_node(nodes: list[dict[str, Any]]) -> Iterator[Problem]:
    for number, one in enumerate(nodes, start=1):
        if "address" not in one and "node" not in one:
            yield Problem(f"ble #{number}", "address", ": missing, and node too; one of them must tell who it is")
        if "address" not in one and "node" in one and one.get("kind", "native") != "native":
            yield Problem(f"ble #{number}", "address", f": missing; {shown(one['kind'])} does not tell its node's id")


def _bought_without_a_place(sections: list[tuple[str, list[dict[str, Any]]]]) -> Iterator[Problem]:
    """A bought sensor does not say what it is strapped to."""
    for section, tables in sections:
        for number, one in enumerate(tables, start=1):
            where, kind, cell = f"{section} #{number}", one.get("kind"), one.get("cell")
            if kind in BOUGHT_IMUS and one.get("role") not in IMU_ROLES:
                places = ", ".join(shown(place) for place in IMU_ROLES)
                yield Problem(where, "role", f": a {kind} needs one of {places}")
            if kind in BOUGHT_CELLS and cell is None:
                yield Problem(where, "cell", f": a {kind} needs one of {', '.join(shown(name) for name in CELL_ROLES)}")
            if kind in BOUGHT_CELLS and "role" in one:
                yield Problem(where, "role", f" = {shown(one['role'])}: which cell it is tells a {kind}'s role")
            if kind not in BOUGHT_CELLS and (cell is not None or "reversed" in one):
                key = "cell" if cell is not None else "reversed"
                yield Problem(where, key, f" = {shown(one[key])}: is for {' and '.join(BOUGHT_CELLS)}")


def _cells_that_do_not_go_together(links: list[dict[str, Any]], own: list[str], section: str) -> Iterator[Problem]:
    """Bought load cells of one machine that no footplate has beside each other; what is still missing is told live."""
    cells = [one["cell"] for one in links if one.get("cell") in CELL_ROLES and (not own or one.get("link") in own)]
    for cell, times in Counter(cells).items():
        if times > 1:
            yield Problem(section, "links", f": {times} of them have cell = {shown(cell)}; each may stand once")
    for role in sorted({CELL_ROLES[cell] for cell in cells}):
        have = {cell for cell in cells if CELL_ROLES[cell] == role}
        wanted = [group for of, group in CELL_GROUPS if of == role]
        if not any(have <= set(group) for group in wanted):
            whole = "; or ".join(", ".join(group) for group in wanted)
            yield Problem(section, "links", f": no {role} is made of {', '.join(sorted(have))}, but of {whole}")


def _same_name(lines: set[object], nodes: list[dict[str, Any]]) -> Iterator[Problem]:
    for number, one in enumerate(nodes, start=1):
        if one.get("link") in lines - {None}:
            yield Problem(f"ble #{number}", "link", f" = {shown(one['link'])}: a [[serial]] line has this name too")


def _no_keys(nodes: list[dict[str, Any]], section: str) -> Iterator[Problem]:
    """Nodes that must prove who they are where no keys are known: nothing of them would ever be used."""
    for one in nodes:
        if one.get("authentication", "require") == "require":
            text = f" = {shown(one.get('node'))}: must authenticate, which needs [box] node_keys_file"
            yield Problem(section, "node", text)


def _places_taken_twice(sensors: list[dict[str, Any]], section: str) -> Iterator[Problem]:
    """One channel plays one role, and an inertial role has one channel; load cells share theirs."""
    channels = Counter((sensor.get("node"), sensor.get("chan", 1)) for sensor in sensors)
    for (node, chan), times in channels.items():
        if times > 1:
            yield Problem(section, "chan", f" = {shown(chan)}: node {shown(node)} has it {times} times here")
    roles = Counter(sensor.get("role") for sensor in sensors if sensor.get("role") in IMU_ROLES)
    for role, times in roles.items():
        if times > 1:
            yield Problem(section, "role", f" = {shown(role)}: given {times} times; each may stand once")


def _contradictions(config: Config) -> Iterator[Problem]:
    """Lifters whose table does not go with a machine's."""
    for machine in config.machines:
        for lifter, overrides in config.lifters.items():
            try:
                for_lifter(machine, overrides)
            except msgspec.ValidationError as error:
                yield Problem(f"lifters.{lifter}", "", f"on machine {machine.id}: {error}")


def _half_given(mqtt: Table) -> Iterator[Problem]:
    """Settings of the broker that make sense only together."""
    for key, needed in (("password_file", "username"), ("cert_file", "key_file"), ("key_file", "cert_file")):
        if key in mqtt and needed not in mqtt:
            yield Problem("mqtt", key, f" = {shown(mqtt[key])}: needs {needed} too")
    encrypted = mqtt.get("tls", mqtt.get("host", MqttSettings().host) not in LOOPBACK)
    for key in ("ca_file", "cert_file"):
        if key in mqtt and not encrypted:
            yield Problem("mqtt", key, f" = {shown(mqtt[key])}: has no effect without tls = true")


def _repeated(tables: list[dict[str, Any]], key: str, section: str) -> Iterator[Problem]:
    counted = Counter(table[key] for table in tables if isinstance(table.get(key), str))
    for value, times in counted.items():
        if times > 1:
            yield Problem(section, key, f" = {shown(value)}: given {times} times; each may stand once")


def _table(table: Table, key: str) -> Table:
    """A section, empty where there is none."""
    found = table.get(key)
    return found if isinstance(found, dict) else {}


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _tables(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
