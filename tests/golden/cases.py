"""The sessions that are kept as bytes, how they are recorded, and how they are told."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from session_bytes import record_session

from edge.events import AnyEvent, Live, SensorState
from edge.pipelines import logged_pipeline
from edge.player import play_bytes
from edge.samples import Role
from edge.simulator.scenario import Fault, Imus, RepPlan, Scenario, SetPlan, Silence, Slip, Timing, Trouble
from edge.simulator.session import simulate
from edge.sources.byte_log import open_log

HERE = Path(__file__).parent
QUICK = Timing(standing_s=4.1, walking_s=2.6, sitting_s=1.6, after_s=1.0, leaving_s=2.5)
REP = RepPlan(eccentric_s=1.2, pause_s=0.2, concentric_s=0.9, rest_s=0.5, bottom_deg=94.0, top_deg=15.0)
DIGITS = 3

FOUR_FAULTS = (
    REP,
    replace(REP, top_deg=1.0, list_mm=5.0),
    replace(REP, faults=(Fault("valgus", "right", 62.0),)),
    replace(REP, faults=(Fault("heel_lift", "left", 0.02),)),
    replace(REP, faults=(Fault("lumbar", "both", 19.0),)),
)
TROUBLE = Trouble(slips=(Slip("left_shank", 1, 15.0, 0.4),), silences=(Silence("right_thigh", 3, 0.8, restart=True),))
CASES: dict[str, tuple[Scenario, tuple[Role, ...]]] = {
    "four-faults": (Scenario(seed=11, sets=(SetPlan(FOUR_FAULTS),)), ()),
    "strap-gives-node-restarts": (
        Scenario(seed=12, sets=(SetPlan((replace(REP, rest_s=1.8), *(REP,) * 4)),), trouble=TROUBLE), (),
    ),
    "no-sled-no-pelvis": (
        Scenario(seed=13, sets=(SetPlan((REP, replace(REP, top_deg=1.0), REP)),)), ("sled", "pelvis"),
    ),
}  # fmt: skip
"""Name: the scenario, and the sensors that are left out."""


def scenario_of(name: str) -> Scenario:
    """The case's scenario: short, with slow sensors, so that its bytes are few."""
    scenario, missing = CASES[name]
    trouble = replace(scenario.trouble, missing=missing)
    return replace(scenario, name=name, timing=QUICK, imus=Imus(rate_hz=52.0), trouble=trouble)


def record(name: str, path: Path) -> None:
    """The case as a byte log."""
    record_session(simulate(scenario_of(name)), path)


def bytes_file(name: str) -> Path:
    """The case's bytes, packed."""
    return HERE / f"{name}.bytes.gz"


def events_file(name: str) -> Path:
    """What is told of them, one event a line."""
    return HERE / f"{name}.events.jsonl"


def unpack(name: str, folder: Path) -> Path:
    """The case's byte log as a file of its own."""
    path = folder / f"{name}.bytes"
    with gzip.open(bytes_file(name)) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return path


def told(path: Path) -> list[dict[str, Any]]:
    """What the pipeline tells of a byte log, as JSON would hold it; live values and sensors' health left out."""
    log = open_log(path)
    events = (event for step in play_bytes(logged_pipeline(log.about, path), log.entries()) for event in step.events)
    return [_plain(event) for event in _lasting(events)]


def _lasting(events: Iterable[AnyEvent]) -> Iterable[AnyEvent]:
    return (event for event in events if not isinstance(event, Live | SensorState))


def _plain(event: AnyEvent) -> dict[str, Any]:
    plain: dict[str, Any] = _rounded(json.loads(msgspec.json.encode(event)))
    return plain


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
