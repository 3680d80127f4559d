"""`diagnose`: one file for whoever is to help, with all that is known of the box and nothing that must not be known.

What goes in is chosen, not what stays out: settings without logins, keys and lifters; counts of the outbox, not its
messages; how files lie and who may read them, not what is in them. The log's own lines hold no names and no secrets;
what looks like a key is blanked in them all the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import msgspec

from edge.clock import read_clock
from edge.config import Config
from edge.errors import SledguardError
from edge.machine import BODY
from edge.publishers.envelope import utc_text
from edge.state import CERTIFICATE, state_to_read
from edge.version import build, release

LOG_LINES = 5000
UNIT = "sledguard"
LOOKS_SECRET = re.compile(r"\b[0-9a-fA-F]{32,}\b|(?i:password|passwd|secret|token|key)\s*[=:]\s*\S+")
BLANK = "[left out]"
SECRET_FIELDS = {"username"}


def bundle(config: Config, target: Path) -> list[str]:
    """Write the file; the names in it. SledguardError: it cannot be written."""
    folder = state_to_read(config.box)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        try:
            os.scandir(folder).close()
        except PermissionError as error:
            raise SledguardError(f"{folder}: only its owner may read it; run this as root") from error
    parts: dict[str, Callable[[], str]] = {
        "about.json": lambda: _json(about(folder)),
        "settings.json": lambda: _json(settings_of(config)),
        "files.json": lambda: _json(list(files(config, folder))),
        "outbox.json": lambda: _json(outbox(folder / "outbox.sqlite")),
        "latency.json": lambda: _text(folder / CERTIFICATE),
        "log.txt": lambda: blanked(_log()),
    }
    try:
        with (
            open(target, "wb", opener=_for_us_alone) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, make in parts.items():
                archive.writestr(name, make())
    except OSError as error:
        raise SledguardError(f"{target}: cannot be written ({error.strerror}); name another with --out") from error
    return list(parts)


def _for_us_alone(path: str, flags: int) -> int:
    """Open it so that nobody else may read it, from before anything stands in it; one that is there already too."""
    file = os.open(path, flags & ~os.O_TRUNC, 0o600)
    os.fchmod(file, 0o600)
    os.ftruncate(file, 0)
    return file


def about(folder: Path) -> dict[str, Any]:
    """The machine and what is installed on it."""
    now = read_clock()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    disk = shutil.disk_usage(there)
    return {
        "sledguard": release(),
        "build": build(),
        "written": utc_text(now.utc_ns),
        "clock": "synced" if now.synced else "unsynced",
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "disk_free_mb": disk.free // 1_000_000,
        "disk_mb": disk.total // 1_000_000,
        "packages": sorted(f"{one.name} {one.version}" for one in distributions()),
    }


def settings_of(config: Config) -> dict[str, Any]:
    """The settings as they hold, without logins and without what is said of lifters."""
    settings: dict[str, Any] = msgspec.to_builtins(config)
    settings["lifters"] = f"{len(config.lifters)} {BLANK}"
    for machine in settings["machines"]:
        for field in ("lifter", *sorted(BODY)):
            machine[field] = BLANK
    without: dict[str, Any] = _without(settings)
    return without


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: BLANK if key in SECRET_FIELDS and one else _without(one) for key, one in value.items()}
    return [_without(one) for one in value] if isinstance(value, list | tuple) else value


def files(config: Config, folder: Path) -> Iterator[dict[str, Any]]:
    """What lies in the state folder, and the files that settings name: size, and who may do what; no content."""
    named = [config.mqtt.password_file, config.mqtt.ca_file, config.mqtt.cert_file, config.mqtt.key_file]
    paths = [Path(one) for one in (*named, config.box.node_keys_file) if one]
    paths += sorted(folder.iterdir()) if folder.is_dir() else []
    for path in paths:
        try:
            found = path.stat()
        except OSError as error:
            yield {"path": str(path), "problem": error.strerror}
        else:
            yield {
                "path": str(path),
                "bytes": found.st_size,
                "mode": f"{found.st_mode & 0o777:o}",
                "owner": found.st_uid,
            }


def outbox(path: Path) -> dict[str, Any]:
    """How many messages the outbox has, and how many wait."""
    if not path.exists():
        return {"problem": "there is none"}
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2.0)) as db:
            row = db.execute("SELECT count(*), count(*) - count(acked_ms), ifnull(max(seq), 0) FROM events").fetchone()
            (confirmed,) = db.execute("SELECT upto_seq FROM confirmed").fetchone()
    except sqlite3.Error as error:
        return {"problem": str(error)}
    return {"messages": row[0], "waiting": row[1], "newest_seq": row[2], "confirmed_seq": confirmed}


def blanked(text: str) -> str:
    """The text without what looks like a key or a password."""
    return LOOKS_SECRET.sub(BLANK, text)


def _log() -> str:
    command = ["journalctl", "--unit", UNIT, "--lines", str(LOG_LINES), "--no-pager", "--output", "short-iso"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the journal cannot be read: {error}\n"
    return ran.stdout or f"the journal says nothing of {UNIT}: {ran.stderr}\n"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        return _json({"problem": f"cannot be read ({error})"})


def _json(value: object) -> str:
    return json.dumps(value, indent=1, default=str) + "\n"
