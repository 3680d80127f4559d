"""What to do about each thing that is not well. Pure: what the hub knows comes in, lines of advice go out.

Grave is what costs lifters their cues or the gym its reps; the rest is told so that it does not become grave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboards.hub import BoxView, Signal
from dashboards.machine_view import SensorView

Grade = Literal["grave", "watch"]

BATTERY_GRAVE_PCT, BATTERY_WATCH_PCT = 10, 25
"""A strap's battery lasts a day; at 25 % it does not last the evening, at 10 % not the hour."""
LOSS_GRAVE_PCT, LOSS_WATCH_PCT = 15.0, 5.0
"""Up to 5 % of packets lost costs no cue; far beyond that signals have holes of their own."""
DRIFT_WATCH_PPM = 200.0
"""A crystal's clock drifts by tens of ppm; ten times that is a part that is failing."""
OUTBOX_WATCH_S = 60.0
"""Messages that wait for the broker longer than a minute: it is not a hiccup."""
LAG_WATCH_MS = 50.0
"""The box's loop is 10 ms; five of those late is felt in a cue."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One line. key: of the words `do.*`; values fill its holes; where: what it is about."""

    grade: Grade
    where: str
    key: str
    values: dict[str, object] = field(default_factory=dict)


def about_sensor(machine: str, sensor: SensorView) -> Iterator[Advice]:
    """A strap or a plate."""
    state, where = sensor.state, f"{machine}: {sensor.state.role}"
    if not state.connected:
        is_silent = state.problem is None or state.problem.startswith("silent")
        yield Advice("grave", where, "sensor_silent" if is_silent else "sensor_problem", {"problem": state.problem})
        return
    if state.problem:
        yield Advice("grave", where, "sensor_problem", {"problem": state.problem})
    grade: Grade
    if state.battery_pct is not None and state.battery_pct <= BATTERY_WATCH_PCT:
        grade = "grave" if state.battery_pct <= BATTERY_GRAVE_PCT else "watch"
        yield Advice(grade, where, "battery", {"pct": state.battery_pct})
    if state.loss_pct is not None and state.loss_pct > LOSS_WATCH_PCT:
        yield Advice(
            "grave" if state.loss_pct > LOSS_GRAVE_PCT else "watch", where, "loss", {"pct": f"{state.loss_pct:.0f}"}
        )
    if state.drift_ppm is not None and abs(state.drift_ppm) > DRIFT_WATCH_PPM:
        yield Advice("watch", where, "drift", {"ppm": f"{state.drift_ppm:.0f}"})
    if not state.calibrated and state.session is not None:
        yield Advice("watch", where, "calibration")


def about_machine(machine: str, signal: Signal, *, legs_doubted: bool = False) -> Iterator[Advice]:
    """A machine as a whole. legs_doubted: whether left and right sensors seem swapped."""
    if legs_doubted:
        yield Advice("watch", machine, "legs")
    if signal == "machine":  # a box that is away is told once, for itself
        yield Advice("grave", machine, "signal_machine")


def about_box(name: str, box: BoxView) -> Iterator[Advice]:
    """An edge box."""
    if box.status != "online":
        yield Advice("grave", name, "box_away", {"status": box.status})
        return
    outbox, broker = _part(box.health, "outbox"), _part(box.health, "broker")
    if outbox.get("problem"):
        yield Advice("grave", name, "outbox_problem", {"problem": outbox["problem"]})
    if _number(outbox.get("oldest_s")) > OUTBOX_WATCH_S:
        yield Advice("watch", name, "outbox_waits", {"depth": outbox.get("depth", "?")})
    if _number(outbox.get("dropped")) > 0:
        yield Advice("grave", name, "outbox_dropped", {"count": outbox["dropped"]})
    if broker.get("problem"):
        yield Advice("watch", name, "broker_problem", {"problem": broker["problem"]})
    if _number(box.health.get("loop_lag_ms_max")) > LAG_WATCH_MS:
        yield Advice("watch", name, "lag", {"ms": f"{_number(box.health['loop_lag_ms_max']):.0f}"})
    if box.clock == "unsynced":
        yield Advice("watch", name, "clock")
    for machine, facts in _part(box.health, "machines").items():
        yield from _about_watched(str(machine), facts if isinstance(facts, dict) else {})


def about_pages(broker_problem: str | None, history_problem: str | None) -> Iterator[Advice]:
    """This process itself."""
    if broker_problem is not None:
        yield Advice("grave", "sledguard dashboards", "pages_broker", {"problem": broker_problem})
    if history_problem is not None:
        yield Advice("grave", "sledguard dashboards", "pages_history", {"problem": history_problem})


def _about_watched(machine: str, facts: Mapping[str, Any]) -> Iterator[Advice]:
    """What a box tells of a machine that it watches."""
    links = _part(facts, "links")
    for link in links:
        if problem := _part(links, link).get("problem"):
            yield Advice("grave", machine, "link", {"link": link, "problem": problem})
    if problem := _part(facts, "byte_log").get("problem"):
        yield Advice("watch", machine, "recording", {"problem": problem})
    if _number(facts.get("failures")) > 0:
        yield Advice("grave", machine, "failures", {"count": facts["failures"]})


def _part(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A part of what a box told; empty where it told something else."""
    part = facts.get(name)
    return part if isinstance(part, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
