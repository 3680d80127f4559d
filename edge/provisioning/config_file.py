"""Writes a sensor that was taken in into the configuration file; nothing is written that would not be read again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge import config
from edge.config import Config
from edge.errors import ConfigError
from edge.provisioning.config_text import add_link, put
from edge.samples import Cell, Role
from edge.settings import LinkKind

NEW_FILE = """\
[[machines]]
id = "legpress"
# The rail above horizontal, deg, and the lifter's height, m: set both.
rail_angle_deg = 45.0
height_m = 1.72
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sensor to write. node: a native one's id; role: of a bought one, or where the node itself says another.

    cell: which one a bought load cell is.
    """

    link: str
    kind: LinkKind
    address: str
    node: str | None = None
    role: Role | None = None
    cell: Cell | None = None


def read(path: Path) -> Config | None:
    """The file as it is; None where there is none yet. ConfigError: it has mistakes, which are to be mended first."""
    return config.load(path) if path.exists() else None


def machine_index(settings: Config | None, machine: str | None) -> int:
    """Which machine a sensor is for. ConfigError: several, and none was named; or none of this name."""
    machines = settings.machines if settings is not None else ()
    names = [one.id for one in machines]
    if machine is None:
        if len(names) > 1:
            raise ConfigError(f"several machines: say which with --machine, one of {', '.join(names)}")
        return 0
    if machine not in names:
        raise ConfigError(f"--machine {machine}: the configuration has {', '.join(names) or 'no machine'}")
    return names.index(machine)


def write(path: Path, entry: Entry, machine: int) -> str:
    """Put the entry into the file, made if need be; returns what the file now holds. ConfigError: it cannot be."""
    text = path.read_text("utf-8") if path.exists() else NEW_FILE
    if not any(line.strip().startswith("[[machines]]") for line in text.splitlines()):
        text = text.rstrip() + "\n\n" + NEW_FILE
    text = put(text, "ble", _table(entry), lambda table: _is_same(table, entry))
    text = add_link(text, machine, entry.link)
    _replace(path, text)
    return text


def _table(entry: Entry) -> dict[str, Any]:
    table: dict[str, Any] = {"link": entry.link}
    table |= {"node": entry.node} if entry.node is not None else {"address": entry.address}
    table |= {"kind": entry.kind} if entry.kind != "native" else {}
    table |= {"role": entry.role} if entry.role is not None else {}
    return table | ({"cell": entry.cell} if entry.cell is not None else {})


def _is_same(table: Mapping[str, Any], entry: Entry) -> bool:
    """An entry of the same device, or of the same name: a sensor that replaces another."""
    if table.get("link") == entry.link:
        return True
    return table.get("node") == entry.node if entry.node is not None else table.get("address") == entry.address


def _replace(path: Path, text: str) -> None:
    """Write beside the file, read that, and put it in the file's place."""
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=path.name + ".", suffix=".new")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        if path.exists():
            fresh.chmod(path.stat().st_mode)
        config.load(fresh)
        fresh.replace(path)
    except ConfigError as error:
        raise ConfigError(str(error).replace(name, f"{path} with this sensor")) from error
    finally:
        fresh.unlink(missing_ok=True)
