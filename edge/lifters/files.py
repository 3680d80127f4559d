"""What a box keeps of its lifters: STATE_DIR/lifters/ID.json, for its owner alone, of those alone who gave an id.

A file's own time is when its lifter was last seen. Whoever writes or deletes holds the folder's lock, since `sledguard
forget-lifter` does so from outside; what was deleted is not written again by a session that is still on.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from edge.motion.known_body import KnownBody
from edge.settings import Height, Segment

FOLDER = "lifters"
LIFTERS_MAX = 1000
"""More than train at one gym's machines in months; at 1 kB each it is a megabyte."""
SIZE_MAX_BYTES = 65_536
"""A whole file has 1 kB: what is larger is none of ours, and is not read."""
DAMAGED = ".damaged"

log = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one lifter. height_m, tape_m (thigh and shank as measured): as last said; body: as last learned."""

    height_m: Height | None = None
    tape_m: tuple[Segment, Segment] | None = None
    body: KnownBody | None = None


class LifterFiles:
    """The files of one box. Every call may wait for the disk, so that none is made on the event loop."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def load(self, lifter: str) -> Kept | None:
        """What is kept of this lifter; None: nothing, or it was damaged and is put aside. OSError: not readable."""
        path = self._path(lifter)
        try:
            with path.open("rb") as file:
                text = file.read(SIZE_MAX_BYTES)
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(text, type=Kept)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("%s: damaged, put aside and begun anew (%s)", path, error)
            path.replace(_aside(path))
            return None

    def save(self, lifter: str, kept: Kept, *, is_new: bool) -> bool:
        """Write it; False: it was there and is forgotten by now, so that nothing is written. OSError: the disk refuses.

        A reader sees the old file or the new one. Of too many lifters, those go who were not seen for longest.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(lifter)
        with self._alone():
            if not is_new and not path.exists():
                return False
            draft = path.with_name(path.name + ".new")
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            if is_new:
                self._make_room()
        return True

    def forget(self, lifter: str) -> bool:
        """Delete all that is kept of this lifter; False: there was nothing. OSError: it cannot be deleted."""
        path = self._path(lifter)
        if not self._folder.is_dir():
            return False
        with self._alone():
            found = [one for one in (path, _aside(path)) if one.exists()]
            for one in found:
                one.unlink()
        return bool(found)

    def _make_room(self) -> None:
        by_time = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in by_time[:-LIFTERS_MAX]:
            path.unlink()
            _aside(path).unlink(missing_ok=True)

    def _path(self, lifter: str) -> Path:
        """ValueError: no id, and perhaps a way out of the folder."""
        if not re.fullmatch(r"[a-z0-9_-]{1,32}", lifter):
            raise ValueError(f"{lifter!r} is no lifter's id")
        return self._folder / f"{lifter}.json"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes or deletes here meanwhile, in this process or another."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + DAMAGED)
