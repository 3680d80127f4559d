"""A recorded session on disk, played as it arrived.

A recording is a folder: `session.toml` and one file per sensor. Each row tells when the node took the sample on its own
clock (`t_us`) and when it reached the host (`host_us`). What arrived together is handed on together, in the order of
`host_us`: nothing is known before its time. A sensor that is missing or empty is told in `notes` and is otherwise like
a sensor that is silent. Truth files are never opened.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from edge.errors import RecordingError
from edge.samples import (
    BACKPAD_CELLS,
    FOOTPLATE_CELLS,
    LOAD_ROLES,
    ImuSamples,
    IntArray,
    LoadSamples,
    Role,
    Samples,
)
from edge.sources.sample_table import SampleTable, read_table
from edge.sources.session_file import RecordedSensor, Session, read_session

IMU_COLUMNS = ("ax", "ay", "az", "gx", "gy", "gz")
CELLS: dict[Role, tuple[str, ...]] = {"footplate": FOOTPLATE_CELLS, "backpad": BACKPAD_CELLS}

# A batch may arrive late by a radio's retries; a minute past the end is no delay any more but a wrong number, and one
# wrong host_us of years would make the pipeline step through those years.
LATE_MAX_S = 60.0

# Below, a clock that goes back is a late or doubled batch (dropped); above, a node that began again near zero. Batches
# are out of order by fractions of a second, and a node needs about as long to start.
RESTART_MIN_US = 1_000_000

CLOCK_WRAP_US = 2**32  # nodes count µs in 32 bits on the wire; a tool may write that count as it came
WRAP_TOLERANCE_US = 2_000_000  # how well a wrap must fit the host's clock, which late batches shake by up to seconds


@dataclass(frozen=True, slots=True)
class Arrival:
    """Samples of one sensor that reached the host together. t_ns: when, on the recording's host time line."""

    t_ns: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class Recording:
    """One session. name: the folder's name; notes: what is missing or odd, a sentence each, for the user."""

    name: str
    session: Session
    notes: tuple[str, ...]
    _by_role: tuple[tuple[Arrival, ...], ...]

    @property
    def duration_s(self) -> float:
        """Seconds of the recording, as declared or as the last arrival tells, whichever is longer."""
        last_ns = max((arrivals[-1].t_ns for arrivals in self._by_role if arrivals), default=0)
        return max(self.session.duration_s, last_ns / 1e9)

    def arrivals(self) -> Iterator[Arrival]:
        """All arrivals in the order of host time; those of the same instant in the order of session.toml."""
        return heapq.merge(*self._by_role, key=lambda arrival: arrival.t_ns)


def read_recording(folder: Path) -> Recording:
    """Read a recording folder. RecordingError names the file, the place and what to do."""
    session = read_session(folder)
    notes: list[str] = []
    by_role = []
    for sensor, role in _known_sensors(folder, session, notes):
        path = _sensor_file(folder, role)
        if path is None:
            notes.append(f"{role}: no file {role}.csv.gz or {role}.csv; treated as a sensor that is silent")
            continue
        by_role.append(_arrivals(path, role, session.duration_s, notes))
        if not by_role[-1]:
            notes.append(f"{role}: no samples in {path.name} (nominal {sensor.rate_hz:g} Hz); treated as silent")
    return Recording(folder.resolve().name, session, tuple(notes), tuple(by_role))


def _known_sensors(folder: Path, session: Session, notes: list[str]) -> Iterator[tuple[RecordedSensor, Role]]:
    """The declared sensors whose role is known, each once; others are noted and left out."""
    seen: set[str] = set()
    for sensor in session.sensors:
        if sensor.role not in get_args(Role):
            notes.append(f"session.toml: role {sensor.role!r} is not known and is left out")
            continue
        role = cast(Role, sensor.role)
        kind = "load" if role in LOAD_ROLES else "imu"
        if sensor.kind != kind:
            raise RecordingError(
                f"{folder}/session.toml: {role} has kind {sensor.kind!r}; it must be {kind!r}; mend it"
            )
        if role in seen:
            raise RecordingError(f"{folder}/session.toml: role {role} is declared twice; remove one")
        seen.add(role)
        yield sensor, role


def _sensor_file(folder: Path, role: Role) -> Path | None:
    found = [path for path in (folder / f"{role}.csv.gz", folder / f"{role}.csv") if path.is_file()]
    if len(found) > 1:
        raise RecordingError(f"{folder}: both {role}.csv.gz and {role}.csv are there; remove the one that is not meant")
    return found[0] if found else None


def _arrivals(path: Path, role: Role, duration_s: float, notes: list[str]) -> tuple[Arrival, ...]:
    columns = CELLS.get(role, IMU_COLUMNS)
    table = read_table(path, columns, round((duration_s + LATE_MAX_S) * 1e6))
    if table.note:
        notes.append(f"{role}: {table.note}")
    order = np.argsort(table.host_us, kind="stable")
    device_us, boot, keep = unwrap_clock(table.device_us[order], table.host_us[order])
    dropped = len(keep) - int(keep.sum())
    if dropped:
        notes.append(f"{role}: {dropped} rows of {path.name} are doubled or older than what came before; left out")
    kept = order[keep]
    clean = SampleTable(device_us[keep], table.host_us[kept], table.values[kept], None)
    return tuple(_batches(role, clean, boot[keep]))


def unwrap_clock(device_us: IntArray, host_us: IntArray) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """A node's clock readings, in order of arrival, to clocks that rise within one boot.

    All (N,), µs. Returns the unwrapped clock, the boot of each row (0, 1, …), and which rows are newer than all before
    them in their boot. A clock that falls by a second or more began again, unless 2**32 µs more fits the host's clock.
    """
    unwrapped, boots = device_us.copy(), np.zeros_like(device_us)
    keep = np.ones(len(device_us), dtype=np.bool_)
    if len(device_us) == 0 or np.all(np.diff(device_us) > 0):
        return unwrapped, boots, keep
    boot, offset_us, newest_us, newest_host_us = 0, 0, int(device_us[0]), int(host_us[0])
    for i in range(1, len(device_us)):
        now_us, now_host_us = int(device_us[i]) + offset_us, int(host_us[i])
        if newest_us - now_us >= RESTART_MIN_US:
            wrapped_us = now_us + CLOCK_WRAP_US - newest_us
            if abs(wrapped_us - (now_host_us - newest_host_us)) <= WRAP_TOLERANCE_US:
                offset_us += CLOCK_WRAP_US
            else:
                boot, offset_us = boot + 1, 0
            now_us = int(device_us[i]) + offset_us
        elif now_us <= newest_us:
            keep[i] = False
            continue
        unwrapped[i], boots[i] = now_us, boot
        newest_us, newest_host_us = now_us, now_host_us
    return unwrapped, boots, keep


def _batches(role: Role, table: SampleTable, boot: IntArray) -> Iterator[Arrival]:
    """Consecutive rows with one host time and one boot, as one arrival."""
    if len(boot) == 0:
        return
    cuts = np.flatnonzero((np.diff(table.host_us) != 0) | (np.diff(boot) != 0)) + 1
    edges = [0, *cuts.tolist(), len(boot)]
    for start, end in itertools.pairwise(edges):
        device_us, values, of_boot = table.device_us[start:end], table.values[start:end], int(boot[start])
        samples: Samples
        if role in LOAD_ROLES:
            samples = LoadSamples(role, device_us, values, of_boot)
        else:
            samples = ImuSamples(role, device_us, values[:, :3], values[:, 3:], of_boot)
        yield Arrival(int(table.host_us[start]) * 1000, samples)
