"""Files that are nobody else's: where a service finds them, and that others cannot read, nor see half written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from edge.errors import ConfigError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
HANDED_OVER = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what a unit's LoadCredential= names: its DynamicUser can read no file of root's."""
DRAFT = ".new"
"""Ends the name of a file that is being written beside the one whose place it takes."""


def read_secret(path: Path) -> str:
    """What is in the file, or in what systemd handed over under its name. ConfigError: others may read it.

    OSError, UnicodeDecodeError: it cannot be read.
    """
    given = handed_over(path.name)
    if given is not None:
        return given
    if path.stat().st_mode & OTHERS:
        raise ConfigError(f"{path}: may be read by others; run: chmod 600 {path}")
    return path.read_text("utf-8")


def write_secret(path: Path, text: bytes) -> None:
    """Write the file anew, for its owner alone; a reader sees either the old file or the new one. OSError: the disk
    refuses, and the old one stays.
    """
    fresh = path.with_name(path.name + DRAFT)
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def handed_over(name: str) -> str | None:
    """The service's own copy, None where it has none or an empty one stands in for it.

    systemd sees to its rights: what looks like the group's there is the mask of an ACL.
    """
    folder = os.environ.get(HANDED_OVER)
    if not folder or not (copy := Path(folder) / name).is_file():
        return None
    text = copy.read_text("utf-8")
    return text if text.strip() else None
