"""Samples of a session that was recorded as bytes, as the rows of a folder: what the real ingest makes of them.

What a folder cannot hold is left out and told: two-way time exchanges with nodes, what a node told of its turning
across lost samples, commands, batteries, nodes' own events, and a plate that does not tell heel from toe.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from edge.errors import RecordingError
from edge.lifter import Lifter, LifterTold, LoggedCommand
from edge.machine import MachineSettings
from edge.motion.series import GRID_NS
from edge.pipeline import Pipeline
from edge.player import play_bytes
from edge.samples import FOOTPLATE_CELLS, LOAD_ROLES, LoadSamples, Role, Samples
from edge.settings import BOUGHT
from edge.sources.arrivals import RESTART_MIN_US, Rows
from edge.sources.byte_log import Direction, LogEntry

LONGEST_S = 86_400.0
RAIL_MAX_DEG = 60.0
BEGINS_US = 10_000_000
"""Where a folder's clocks begin at the least. One that begins again must fall by RESTART_MIN_US to be seen: from here,
ten times over, however soon after one another.
"""
RATE_STEPS = 500
"""Steps of a node's clock whose median is its rate: some seconds, in which a lost batch or two is no matter."""


@dataclass(slots=True)
class _Sensor:
    """What is known of one sensor so far. zero_us: what its present boot's clock is put back by."""

    boot: int | None = None
    zero_us: int = 0
    newest_us: int | None = None
    steps_us: list[int] = field(default_factory=list)


class NodeRows:
    """The rows of a session; `session` once all have been taken. about: the header of its byte log."""

    def __init__(self, pipeline: Pipeline, about: Mapping[str, Any]) -> None:
        self._pipeline = pipeline
        self._settings = msgspec.convert(about["settings"], MachineSettings)
        if self._settings.rail_angle_deg > RAIL_MAX_DEG:
            raise RecordingError(
                f"rail_angle_deg = {self._settings.rail_angle_deg:g}: a recording folder holds rails of 0 to "
                f"{RAIL_MAX_DEG:g} degrees; keep this one as MCAP or bytes"
            )
        self._half_told = _half_told(about["links"])
        self._sensors: dict[Role, _Sensor] = {}
        self._has_bought = any(link.get("kind") in BOUGHT for link in about["links"].values())
        self._left_out: Counter[str] = Counter()
        self._told: list[Lifter] = []
        self._is_cut = False
        self._zero_ns: int | None = None
        self._now_ns = 0
        self._waiting: list[tuple[int, Samples]] = []

    def rows(self, entries: Iterable[LogEntry]) -> Iterator[Rows]:
        """All of them, as they come of these entries."""
        self._pipeline.tap(lambda t_ns, samples: self._waiting.append((t_ns, samples)))
        for _ in play_bytes(self._pipeline, self._heard(entries)):
            for t_ns, samples in self._waiting:
                if (rows := self._rows_of(t_ns, samples)) is not None:
                    yield rows
            self._waiting.clear()

    def session(self, name: str) -> bytes:
        """The text of session.toml."""
        one = self._settings
        machine = {"rail_angle_deg": one.rail_angle_deg, "sled_mass_kg": one.sled_mass_kg, "stack_kg": one.stack_kg}
        lines = ["format = 1", f"name = {json.dumps(name)}", f"duration_s = {max(self._duration_s(), 0.001)!r}", ""]
        lines += ["[machine]", *(f"{key} = {value!r}" for key, value in machine.items() if value is not None), ""]
        height_m, tape_m = self._body()
        thigh_m, shank_m = tape_m or (None, None)
        lifter = {"height_m": height_m, "thigh_m": thigh_m, "shank_m": shank_m}
        lines += ["[lifter]", *(f"{key} = {value!r}" for key, value in lifter.items() if value is not None)]
        for role, sensor in self._sensors.items():
            kind = "load" if role in LOAD_ROLES else "imu"
            rate_hz = float(f"{1e6 / max(np.median(sensor.steps_us or [10_000]), 100.0):.3g}")
            lines += ["", "[[sensors]]", f'role = "{role}"', f'kind = "{kind}"', f"rate_hz = {rate_hz!r}"]
        return ("\n".join(lines) + "\n").encode()

    def notes(self) -> list[str]:
        """What was left out, and what the folder does not say."""
        told = [f"left out, since a folder does not hold it: {count} {what}" for what, count in self._left_out.items()]
        if self._is_cut:
            told.append(f"a folder holds {LONGEST_S / 3600:.0f} hours; what came after is left out")
        told += self._notes_of_lifters()
        if self._half_told:
            told.append(
                "the footplate is left out: its cells do not tell heel from toe, as a folder would say that they do"
            )
        if self._has_bought:
            told.append("a folder does not say which faults a bought sensor may not serve: `analyze` judges them all")
        plain = MachineSettings()
        if any(getattr(self._settings, part) != getattr(plain, part) for part in ("faults", "signs", "alerts")):
            told.append(
                "the box's own settings of faults, signs or alerts are not in a folder: `analyze` has the usual"
            )
        if self._settings.sled_mass_kg is None:
            told.append("the mass of the sled is not known; add sled_mass_kg to session.toml if you know it")
        return told

    def _body(self) -> tuple[float, tuple[float, float] | None]:
        """Height, thigh and shank (m) of whoever lifted: as told by command where that was one body, else as set."""
        told = {(one.height_m, one.tape_m) for one in self._told}
        return told.pop() if len(told) == 1 else (self._settings.height_m, self._settings.tape_m)

    def _notes_of_lifters(self) -> list[str]:
        """What a folder, which has one lifter of whom nothing is known but lengths, does not say of those told."""
        bodies = {(one.height_m, one.tape_m) for one in self._told}
        told = []
        if len(bodies) > 1:
            told.append(
                f"{len(bodies)} bodies were told by command: [lifter] has none of them but the configured height and "
                "legs; `analyze` takes everybody for that one"
            )
        if any(one.body is not None for one in self._told):
            told.append(
                "what earlier sessions had left of the lifter's legs is left out, since a folder does not hold it"
            )
        return told

    def _heard(self, entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
        """The entries as they are, as long as a folder may be; what they tell beside samples is counted."""
        for entry in entries:
            self._zero_ns = entry.t_ns // GRID_NS * GRID_NS if self._zero_ns is None else self._zero_ns
            if (entry.t_ns - self._zero_ns) / 1e9 > LONGEST_S:
                self._is_cut = True
                return
            self._now_ns = entry.t_ns
            if entry.direction is Direction.COMMAND:
                self._note_command(msgspec.json.decode(entry.data, type=LoggedCommand))
            yield entry

    def _note_command(self, command: LoggedCommand) -> None:
        if isinstance(command, LifterTold):
            self._told.append(command.lifter)
        else:
            self._left_out["commands (such as the load that was set)"] += 1

    def _duration_s(self) -> float:
        return (self._now_ns - (self._zero_ns or 0)) / 1e9

    def _rows_of(self, t_ns: int, samples: Samples) -> Rows | None:
        role = samples.role
        if role in self._half_told:
            return None
        if isinstance(samples, LoadSamples):
            values, bridged = samples.force_n, 0
        else:
            values, bridged = np.hstack([samples.acc_m_s2, samples.gyr_rad_s]), samples.bridged
            self._left_out["lost samples that were put in from what a node told of its turning"] += bridged
        self._left_out = +self._left_out
        device_us = self._clock(role, samples.boot, samples.device_us[bridged:].tolist())
        # Up to the next whole µs, so that nothing is known before its time.
        host_us = -(((self._zero_ns or 0) - t_ns) // 1000)
        return Rows(role, host_us, np.array(device_us, dtype=np.int64), values[bridged:])

    def _clock(self, role: Role, boot: int, device_us: list[int]) -> list[int]:
        """The clock as a folder tells it: another boot begins far enough below the end of the one before."""
        sensor = self._sensors.setdefault(role, _Sensor())
        if boot != sensor.boot and device_us:
            begins_us = max(device_us[0], BEGINS_US)
            if sensor.newest_us is not None:
                begins_us = min(BEGINS_US, sensor.newest_us - RESTART_MIN_US)
            if begins_us < 0:
                self._left_out["restarts in quick succession, and what came until the clock was past its last"] += 1
            sensor.boot, sensor.zero_us, sensor.newest_us = boot, device_us[0] - max(begins_us, 0), None
        told = [at_us - sensor.zero_us for at_us in device_us]
        for at_us in told:
            if sensor.newest_us is not None and len(sensor.steps_us) < RATE_STEPS:
                sensor.steps_us.append(at_us - sensor.newest_us)
            sensor.newest_us = at_us
        return told


def _half_told(links: Mapping[str, Any]) -> set[Role]:
    """Footplates of bought cells that do not tell heel from toe: a folder's four columns would say that they do."""
    cells = {link["cell"] for link in links.values() if link.get("cell") is not None}
    plate = cells - {"lumbar", "sacral"}
    return {"footplate"} if plate and plate != set(FOOTPLATE_CELLS) else set()
