"""`session.toml` of a recording: which machine, which lifter, which sensors.

Keys that this version does not know are left alone: other tools write recordings too, and a note of theirs does not
change what the samples mean. What is known must be of the right type and range.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.config_check import UNKNOWN_KEY, problems
from edge.errors import RecordingError
from edge.settings import Height, Segment, SledMass, StackMass, tape_of

SESSION_FILE = "session.toml"


class RecordedMachine(msgspec.Struct, frozen=True, kw_only=True):
    """The machine. Angles above horizontal; sled_mass_kg: sled and plates; stack_kg: weight stack on a cable, 1:1.

    A box that recorded does not know the back rest, and not always the mass.
    """

    rail_angle_deg: Annotated[float, Meta(ge=0, le=60)]
    backrest_angle_deg: Annotated[float, Meta(ge=-10, le=100)] | None = None
    sled_mass_kg: SledMass | None = None
    stack_kg: StackMass | None = None


class RecordedLifter(msgspec.Struct, frozen=True, kw_only=True):
    """The lifter. height_m as said, within 2 cm; thigh_m, shank_m: by a tape, where one was used."""

    height_m: Height
    thigh_m: Segment | None = None
    shank_m: Segment | None = None

    def __post_init__(self) -> None:
        tape_of(self.thigh_m, self.shank_m)


class RecordedSensor(msgspec.Struct, frozen=True, kw_only=True):
    """One sensor. rate_hz is nominal."""

    role: str
    kind: Literal["imu", "load"]
    rate_hz: Annotated[float, Meta(gt=0, le=10_000)]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; machine and lifter are None where nothing is known of them."""

    format: int
    duration_s: Annotated[float, Meta(gt=0, le=86_400)]
    name: str = ""
    machine: RecordedMachine | None = None
    lifter: RecordedLifter | None = None
    sensors: tuple[RecordedSensor, ...] = ()


def read_session(folder: Path) -> Session:
    """The session of a recording folder. RecordingError: no folder, no file, no TOML, or a value that cannot be."""
    if not folder.is_dir():
        raise RecordingError(f"{folder}: no such recording folder; give the folder that holds {SESSION_FILE}")
    path = folder / SESSION_FILE
    if not path.is_file():
        raise RecordingError(f"{path}: missing; a recording is a folder with {SESSION_FILE} and one file per sensor")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    return session_of(content, path)


def session_of(content: bytes, path: Path) -> Session:
    """The same of its content. path: where it comes from."""
    try:
        table = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: not readable as TOML ({error}); mend the file or export it again") from error
    wrong = [str(problem) for problem in problems(table, Session) if not problem.text.startswith(UNKNOWN_KEY)]
    if wrong:
        raise RecordingError(f"{path}: {'; '.join(wrong)}; mend the file or export it again")
    session = msgspec.convert(table, Session)
    if session.format != 1:
        raise RecordingError(f"{path}: format is {session.format}, this version reads format 1; convert the recording")
    return session
