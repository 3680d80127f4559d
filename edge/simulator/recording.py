"""Writes a session as a recording folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from edge.samples import BACKPAD_CELLS, FOOTPLATE_CELLS
from edge.simulator.session import Session, Stream

IMU_COLUMNS = ("ax", "ay", "az", "gx", "gy", "gz")
TRUTH_STEP = 10  # 50 Hz from the 500 Hz grid
TRUTH_DIGITS = {"sled_position_m": 4, "left_heel_share": 4, "right_heel_share": 4}
LEVEL = 4  # of gzip: a third of the time of 9 for 5 % more bytes


def _save(path: Path, text: str) -> None:
    """Gzipped without a time of day, so that equal sessions are equal files."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as packed:
        packed.write(text.encode())


def _stream_text(stream: Stream) -> str:
    load = stream.role in ("footplate", "backpad")
    names = (FOOTPLATE_CELLS if stream.role == "footplate" else BACKPAD_CELLS) if load else IMU_COLUMNS
    row = ",".join(["%d", "%d", *(["%.1f" if load else "%.5f"] * len(names))])
    columns = [stream.device_us.tolist(), stream.host_us.tolist(), *(stream.values.T.tolist())]
    lines = map(row.__mod__, zip(*columns, strict=True))
    return "\n".join([",".join(["t_us", "host_us", *names]), *lines, ""])


def _truth_text(session: Session) -> str:
    truth = session.truth
    digits = [TRUTH_DIGITS.get(name, 4) for name in truth.columns]
    cells = [
        ["" if x != x else f"{x:.{d}f}" for x in np.asarray(values[::TRUTH_STEP]).tolist()]  # noqa: PLR0124
        for values, d in zip(truth.columns.values(), digits, strict=True)
    ]
    times = [f"{t:.4f}" for t in truth.t_s[::TRUTH_STEP].tolist()]
    lines = map(",".join, zip(times, *cells, strict=True))
    return "\n".join([",".join(["t_s", *truth.columns]), *lines, ""])


def session_toml(session: Session) -> str:
    """The session.toml: what a gym would know."""
    s = session.scenario
    lines = ["format = 1", f'name = "{s.name}"', f"duration_s = {session.duration_s:.3f}", "", "[machine]"]
    lines += [f"rail_angle_deg = {s.machine.said_rail_deg:.1f}", f"backrest_angle_deg = {s.machine.backrest_deg}"]
    lines += [f"sled_mass_kg = {s.machine.sled_kg}"]
    lines += [f"stack_kg = {s.machine.stack_kg}"] if s.machine.stack_kg else []
    lines += ["", "[lifter]", f"height_m = {s.lifter.said_height_m:.2f}"]
    for stream in session.streams.values():
        kind = "load" if stream.role in ("footplate", "backpad") else "imu"
        lines += ["", "[[sensors]]", f'role = "{stream.role}"', f'kind = "{kind}"', f"rate_hz = {stream.rate_hz}"]
    return "\n".join([*lines, ""])


def write_recording(session: Session, folder: Path) -> None:
    """Writes session.toml, one file per sensor, truth.json and truth.csv.gz into `folder` (made if absent)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "session.toml").write_text(session_toml(session))
    for role, stream in session.streams.items():
        _save(folder / f"{role}.csv.gz", _stream_text(stream))
    (folder / "truth.json").write_text(json.dumps(session.truth.facts, indent=1))
    _save(folder / "truth.csv.gz", _truth_text(session))
