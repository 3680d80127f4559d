"""A recorded session on disk, played as it arrived.

A recording is a folder: `session.toml` and one file per sensor. Each row tells when the node took the sample on its own
clock (`t_us`) and when it reached the host (`host_us`). What arrived together is handed on together, in the order of
`host_us`: nothing is known before its time. A sensor that is missing or empty is told in `notes` and is otherwise like
a sensor that is silent. Truth files are never opened. However long a session is, pieces of its files are in memory,
unless a file is not in the order of `host_us`: that one is read whole.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import numpy as np

from edge.errors import RecordingError
from edge.samples import BACKPAD_CELLS, FOOTPLATE_CELLS, LOAD_ROLES, Role
from edge.sources.arrivals import Arrival, ClockReadings, Rows, arrivals_of
from edge.sources.sample_table import SampleFile, SampleTable
from edge.sources.session_file import RecordedSensor, Session, read_session

IMU_COLUMNS = ("ax", "ay", "az", "gx", "gy", "gz")
CELLS: dict[Role, tuple[str, ...]] = {"footplate": FOOTPLATE_CELLS, "backpad": BACKPAD_CELLS}

# A batch may arrive late by a radio's retries; a minute past the end is no delay any more but a wrong number, and one
# wrong host_us of years would make the pipeline step through those years.
LATE_MAX_S = 60.0


@dataclass(frozen=True, slots=True)
class Recording:
    """One session. name: the folder's name; notes: what is missing or odd, a sentence each, for the user; roles: those
    that have a file; duration_s: as declared or as the last arrival tells, whichever is longer.
    """

    name: str
    session: Session
    notes: tuple[str, ...]
    roles: tuple[Role, ...]
    duration_s: float
    _files: tuple[Callable[[], Iterator[Rows]], ...]

    def rows(self) -> Iterator[Rows]:
        """All rows as the files have them, in the order of host time; of the same instant in that of session.toml."""
        return heapq.merge(*(read() for read in self._files), key=lambda rows: rows.host_us)

    def arrivals(self) -> Iterator[Arrival]:
        """All arrivals, in the same order."""
        return arrivals_of(self.rows())


def columns_of(role: Role) -> tuple[str, ...]:
    """The columns of a role's file after the two times."""
    return CELLS.get(role, IMU_COLUMNS)


def read_recording(folder: Path) -> Recording:
    """Look a recording folder through. RecordingError names the file, the place and what to do."""
    session = read_session(folder)
    notes: list[str] = []
    files, roles, last_us = [], [], 0
    for sensor, role in _known_sensors(folder, session, notes):
        path = _sensor_file(folder, role)
        if path is None:
            notes.append(f"{role}: no file {role}.csv.gz or {role}.csv; treated as a sensor that is silent")
            continue
        file = SampleFile(path, columns_of(role), round((session.duration_s + LATE_MAX_S) * 1e6))
        found = _look_through(file, role, notes)
        if not found.rows:
            notes.append(f"{role}: no samples in {path.name} (nominal {sensor.rate_hz:g} Hz); treated as silent")
        last_us = max(last_us, found.last_us)
        roles.append(role)
        files.append(_reader(file, role, in_order=found.in_order))
    duration_s = max(session.duration_s, last_us / 1e6)
    return Recording(folder.resolve().name, session, tuple(notes), tuple(roles), duration_s, tuple(files))


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


@dataclass(frozen=True, slots=True)
class _Found:
    """What looking through a file gave. last_us: the latest host_us."""

    rows: int
    last_us: int
    in_order: bool


def _look_through(file: SampleFile, role: Role, notes: list[str]) -> _Found:
    count, last_us, in_order = 0, 0, True
    clock, dropped = ClockReadings(), 0
    for piece in file.pieces():
        count += len(piece.host_us)
        in_order = in_order and int(piece.host_us[0]) >= last_us and bool(np.all(np.diff(piece.host_us) >= 0))
        last_us = max(last_us, int(piece.host_us.max()))
        dropped += int((~clock.take(piece.device_us, piece.host_us)[2]).sum()) if in_order else 0
    if not in_order:
        whole = _sorted(file)
        dropped = int((~ClockReadings().take(whole.device_us, whole.host_us)[2]).sum())
    if file.note:
        notes.append(f"{role}: {file.note}")
    if dropped:
        notes.append(f"{role}: {dropped} rows of {file.path.name} are doubled or older than what came before; left out")
    return _Found(count, last_us, in_order)


def _sorted(file: SampleFile) -> SampleTable:
    """The whole file in the order of host time."""
    pieces = list(file.pieces())
    order = np.argsort(np.concatenate([p.host_us for p in pieces]), kind="stable")
    device_us, host_us, values = (
        np.concatenate([getattr(p, name) for p in pieces])[order] for name in ("device_us", "host_us", "values")
    )
    return SampleTable(device_us, host_us, values)


def _reader(file: SampleFile, role: Role, *, in_order: bool) -> Callable[[], Iterator[Rows]]:
    def read() -> Iterator[Rows]:
        return _batches(role, file.pieces() if in_order else iter([_sorted(file)]))

    return read


def _batches(role: Role, pieces: Iterator[SampleTable]) -> Iterator[Rows]:
    """Consecutive rows with one host time, also where a piece ends within them."""
    last: Rows | None = None
    for table in pieces:
        edges = [0, *(np.flatnonzero(np.diff(table.host_us)) + 1).tolist(), len(table.host_us)]
        for start, end in itertools.pairwise(edges):
            rows = Rows(role, int(table.host_us[start]), table.device_us[start:end], table.values[start:end])
            if last is not None and last.host_us == rows.host_us:
                rows = last.followed_by(rows)
            elif last is not None:
                yield last
            last = rows
    if last is not None:
        yield last
