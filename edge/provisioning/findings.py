"""What `doctor` says of the facts: one finding for each, with what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from edge.sources.ble import words

Grade: TypeAlias = Literal["good", "note", "bad"]

FAINT_DBM = -82  # notifications begin to be repeated
LOST_DBM = -90  # links break
LOW_BATTERY_PCT, EMPTY_BATTERY_PCT = 40, 20
"""A CR2032 or a small cell that tells 40 % has some sessions left, at 20 % perhaps not this one."""

LOSS_NOTE_PCT, LOSS_BAD_PCT = 0.5, 3.0
"""What is lost is bridged up to a quarter second; 3 % means that bursts longer than that come every few minutes."""

DRIFT_NOTE_PPM, DRIFT_BAD_PPM = 60.0, 250.0
"""Crystals are within 50 ppm; what is far beyond is an RC oscillator or a broken part, and costs angle while moving."""

CALIBRATE = "stand still and upright for 2 s, sit still for 2 s with the feet on the plate, press the sled to the top"
CALIBRATION_OLD_S = 7200.0  # a strap that was worn and sweated under for two hours no longer sits where it was
SUPERVISION_LEAST_MS = 2000  # the kernel's 420 ms break a link at each turn of the body
INTERVAL_MOST_MS = 30.0  # of which several fit between sample and cue


@dataclass(frozen=True, slots=True)
class Finding:
    """about: what it is of; text: what was found; do: what to do about it, empty where nothing is to be done."""

    grade: Grade
    about: str
    text: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """One adapter. links: that bluetoothd holds on it now, of ours or not."""

    name: str
    powered: bool
    links: int


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One serial line. problem: why it cannot be opened, with what to do behind the colon."""

    link: str
    device: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class LinkDefaults:
    """What bluetoothd's main.conf asks of new links, None where it asks nothing. readable: the file could be read."""

    readable: bool
    max_interval_ms: float | None = None
    supervision_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One configured node. rssi_dbm: as heard now; connected: somebody holds a link to it.

    tried: it was connected for this; then rate_hz of notifications, battery, loss, faults as far as it told them.
    """

    link: str
    name: str
    rssi_dbm: int | None = None
    connected: bool = False
    tried: bool = False
    problem: str | None = None
    rate_hz: float | None = None
    battery_pct: int | None = None
    loss_pct: float | None = None
    firmware: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SensorFacts:
    """What the daemon last published of a sensor. age_s: of that; calibrated_s: how long ago, None: it is not."""

    machine: str
    role: str
    age_s: float
    connected: bool
    calibrated_s: float | None
    battery_pct: int | None
    loss_pct: float | None
    drift_ppm: float | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was looked at. on_air: whether Bluetooth matters here; trouble: why nothing can be said of the air;
    sensors None: the broker told nothing.
    """

    lines: Sequence[LineFacts] = ()
    on_air: bool = True
    trouble: str | None = None
    version: str | None = None
    adapters: Sequence[AdapterFacts] = ()
    slots: int = 7
    defaults: LinkDefaults = field(default_factory=lambda: LinkDefaults(readable=False))
    nodes: Sequence[NodeFacts] = ()
    sensors: Sequence[SensorFacts] | None = None
    broker_problem: str | None = None


def findings(facts: Facts) -> list[Finding]:
    """Everything there is to say, in the order in which it is mended."""
    found = [_line(line) for line in facts.lines]
    found += _bluetooth(facts) if facts.on_air else ()
    if facts.on_air and facts.trouble is None:
        found += _slots(facts)
        found += _defaults(facts.defaults)
        for node in facts.nodes:
            found += _node(node)
    if facts.broker_problem is not None:
        do = "start the daemon and the broker to learn drift and calibration"
        found.append(Finding("note", "daemon", facts.broker_problem, do))
    for sensor in facts.sensors or ():
        found += _sensor(sensor)
    return found


def _line(line: LineFacts) -> Finding:
    if line.problem is None:
        return Finding("good", line.link, f"{line.device} is there, and this user may open it")
    what, _, do = line.problem.partition(": ")
    return Finding("bad", line.link, f"{line.device} {what}", do)


def _bluetooth(facts: Facts) -> Iterator[Finding]:
    if facts.trouble is not None:
        what, _, do = facts.trouble.partition(": ")
        yield Finding("bad", "Bluetooth", what, do)
        return
    version = f"bluetoothd {facts.version}" if facts.version else "bluetoothd runs"
    yield Finding("good", "Bluetooth", f"{version}, and this user may speak to it")
    for adapter in facts.adapters:
        if adapter.powered:
            yield Finding("good", adapter.name, f"on, {adapter.links} link(s) now")
        else:
            what, _, do = words.adapter_off(adapter.name).partition(": ")
            yield Finding("bad", adapter.name, what, do)


def _slots(facts: Facts) -> Iterator[Finding]:
    powered = sum(adapter.powered for adapter in facts.adapters)
    have, need = facts.slots * powered, len(facts.nodes)
    if need > have:
        do = "add an adapter, or a hub for one machine; [bluetooth] slots says what an adapter holds"
        yield Finding("bad", "slots", f"{need} nodes need links, {powered} adapter(s) hold {have}", do)
    elif need:
        yield Finding("good", "slots", f"{need} node(s), room for {have} link(s)")


def _defaults(defaults: LinkDefaults) -> Iterator[Finding]:
    """Supervision and interval of links, as bluetoothd asks for them."""
    if not defaults.readable:
        yield Finding(
            "note", "links", "/etc/bluetooth/main.conf could not be read, so what it asks of links is not known"
        )
        return
    supervision = defaults.supervision_ms
    if supervision is None or supervision < SUPERVISION_LEAST_MS:
        has = f"after {supervision} ms" if supervision else "after the kernel's 420 ms"
        do = "/etc/bluetooth/main.conf, [LE]: ConnectionSupervisionTimeout = 300 (x 10 ms); then restart bluetooth"
        yield Finding("note", "supervision", f"a link in a shadow is given up {has}", do)
    else:
        yield Finding("good", "supervision", f"a link in a shadow is kept for {supervision} ms")
    interval = defaults.max_interval_ms
    if interval is None:
        do = "where cues come late: [LE] MinConnectionInterval = 12, MaxConnectionInterval = 24 (x 1.25 ms)"
        yield Finding("note", "interval", "left to the nodes, which ask for 15 or 30 ms", do)
    elif interval > INTERVAL_MOST_MS:
        do = "[LE] MaxConnectionInterval = 24 (x 1.25 ms), or leave it to the nodes"
        yield Finding("bad", "interval", f"links may be served only every {interval:g} ms", do)
    else:
        yield Finding("good", "interval", f"links are served every {interval:g} ms at least")


def _node(node: NodeFacts) -> Iterator[Finding]:
    if node.problem is not None:
        what, _, do = node.problem.partition(": ")
        yield Finding("bad", node.link, what, do)
    elif node.connected and not node.tried:
        yield Finding("good", node.link, f"{node.name} is connected")
    elif node.rssi_dbm is None and not node.tried:
        yield Finding("bad", node.link, f"{node.name} is not heard", "is it charged, switched on and near?")
    else:
        yield from _heard(node)
    yield from _battery(node.link, node.battery_pct)
    yield from _loss(node.link, node.loss_pct)
    for fault in node.faults:
        yield Finding("bad", node.link, f"reports {fault.replace('_', ' ')}", "replace it, or see its maker")


def _heard(node: NodeFacts) -> Iterator[Finding]:
    level = f"{node.rssi_dbm} dBm" if node.rssi_dbm is not None else "heard"
    works = f", {node.rate_hz:.0f} messages/s" if node.rate_hz else ""
    firmware = f", firmware {node.firmware}" if node.firmware else ""
    text = f"{node.name}: {level}{works}{firmware}"
    if node.rssi_dbm is not None and node.rssi_dbm <= FAINT_DBM:
        grade: Grade = "bad" if node.rssi_dbm <= LOST_DBM else "note"
        yield Finding(
            grade, node.link, text, "too faint: bring the adapter nearer, on an extension cable away from metal"
        )
    else:
        yield Finding("good", node.link, text)


def _battery(about: str, pct: int | None) -> Iterator[Finding]:
    if pct is None:
        return
    if pct < EMPTY_BATTERY_PCT:
        yield Finding("bad", about, f"battery at {pct} %", "charge it now")
    elif pct < LOW_BATTERY_PCT:
        yield Finding("note", about, f"battery at {pct} %", "charge it tonight")
    else:
        yield Finding("good", about, f"battery at {pct} %")


def _loss(about: str, pct: float | None) -> Iterator[Finding]:
    if pct is None:
        return
    grade: Grade = "good" if pct < LOSS_NOTE_PCT else "note" if pct < LOSS_BAD_PCT else "bad"
    do = "bring the adapter nearer, or away from Wi-Fi and USB 3" if grade != "good" else ""
    yield Finding(grade, about, f"{pct:.1f} % of samples lost", do)


def _sensor(sensor: SensorFacts) -> Iterator[Finding]:
    about = f"{sensor.machine} {sensor.role.replace('_', ' ')}"
    if not sensor.connected:
        what, _, do = (sensor.problem or "silent").partition(": ")
        yield Finding("bad", about, f"{what}, the daemon says", do)
        return
    yield from _battery(about, sensor.battery_pct)
    yield from _loss(about, sensor.loss_pct)
    yield from _drift(about, sensor.drift_ppm)
    yield from _calibration(about, sensor.calibrated_s)


def _drift(about: str, ppm: float | None) -> Iterator[Finding]:
    if ppm is None:
        return
    grade: Grade = "good" if abs(ppm) < DRIFT_NOTE_PPM else "note" if abs(ppm) < DRIFT_BAD_PPM else "bad"
    do = {"note": "within what is corrected; watch it", "bad": "its clock is broken: replace the node"}.get(grade, "")
    yield Finding(grade, about, f"clock {ppm:+.0f} ppm against the host", do)


def _calibration(about: str, age_s: float | None) -> Iterator[Finding]:
    if age_s is None:
        yield Finding("note", about, "not calibrated", CALIBRATE)
    elif age_s > CALIBRATION_OLD_S:
        yield Finding(
            "note", about, f"calibrated {age_s / 3600:.1f} h ago", "straps move: stand and sit still once more"
        )
    else:
        yield Finding("good", about, f"calibrated {age_s / 60:.0f} min ago")
