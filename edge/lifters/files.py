"""What a box keeps of its lifters: STATE_DIR/lifters/ID.json, for its owner alone, of those alone who gave an id.

A file's own time is when its lifter was last seen. Whoever reads, writes or deletes holds the folder's lock, since
`sledguard forget-lifter` does so from outside. No text of a file's name goes to a log: it is an id.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from edge.motion.known_body import KnownBody
from edge.secret_files import DRAFT, write_secret
from edge.settings import Height, Segment

FOLDER = "lifters"
LIFTERS_MAX = 1000
"""More than train at one gym's machines in months; at 1 kB each it is a megabyte."""
SIZE_MAX_BYTES = 65_536
"""A whole file has 1 kB: what is larger is none of ours, and is not read."""
DAMAGED = ".damaged"

log = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one lifter. height_m, tape_m (thigh and shank as measured): as last said; body: as last learned.
    was_contradicted: the last session's strokes were those of another body.
    """

    height_m: Height | None = None
    tape_m: tuple[Segment, Segment] | None = None
    body: KnownBody | None = None
    was_contradicted: bool = False


class LifterFiles:
    """The files of one box. Every call may wait for the disk, so that none is made on the event loop. ValueError: what
    is given is no id.
    """

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def load(self, lifter: str) -> Kept | None:
        """What is kept of this lifter; None: nothing, or it was damaged and is put aside. OSError: not readable."""
        path = self._path(lifter)
        try:
            with self._alone():
                return _read(path)
        except FileNotFoundError:
            return None

    def change(self, lifter: str, change: Callable[[Kept | None], Kept | None]) -> Kept | None:
        """Give what is kept of this lifter to `change` and keep what it makes of it; None: nothing is written.
        OSError: the disk refuses, and what was kept is kept.

        A reader sees the old file or the new one. Of too many lifters, those go who were not seen for longest.
        """
        path = self._path(lifter)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone() as folder:
            before = _read(path)
            after = change(before)
            if after is not None:
                write_secret(path, msgspec.json.format(msgspec.json.encode(after)) + b"\n")
                if before is None:
                    self._make_room()
                os.fsync(folder)
        return after

    def forget(self, lifter: str) -> bool:
        """Delete all that is kept of this lifter; False: there was nothing. OSError: it cannot be deleted."""
        path = self._path(lifter)
        try:
            with self._alone() as folder:
                found = [_deleted(one) for one in _all_of(path)]
                os.fsync(folder)
        except FileNotFoundError:
            return False
        return any(found)

    def _make_room(self) -> None:
        """A draft that is here was left behind: nobody else writes meanwhile."""
        for draft in self._folder.glob(f"*.json{DRAFT}"):
            draft.unlink()
        by_time = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in by_time[:-LIFTERS_MAX]:
            for one in _all_of(path):
                _deleted(one)

    def _path(self, lifter: str) -> Path:
        """ValueError: no id, and perhaps a way out of the folder."""
        if not re.fullmatch(r"[a-z0-9_-]{1,32}", lifter):
            raise ValueError("this is no lifter's id")
        return self._folder / f"{lifter}.json"

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Nobody else reads, writes or deletes here meanwhile, in this process or another. The folder's descriptor.
        FileNotFoundError: there is no folder.
        """
        folder = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)


def why(error: OSError) -> str:
    """The reason without the file's name, which is an id."""
    return error.strerror or type(error).__name__


def _all_of(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + suffix) for suffix in (DAMAGED, DRAFT))]


def _deleted(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _read(path: Path) -> Kept | None:
    try:
        with path.open("rb") as file:
            text = file.read(SIZE_MAX_BYTES)
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(text, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("what was kept of a lifter is damaged, put aside and begun anew (%s)", error)
        path.replace(path.with_name(path.name + DAMAGED))
        return None
