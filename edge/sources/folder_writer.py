"""Writes a recording folder: `session.toml` and one gzipped file per sensor, row by row.

The folder takes its name only when it is whole; until then it is NAME.part, and one that failed is removed.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from edge.errors import SledguardError
from edge.samples import Role
from edge.sources.arrivals import Rows
from edge.sources.byte_log import new_file
from edge.sources.recording import columns_of
from edge.sources.sample_table import TIME_COLUMNS

PACKING = 6  # gzip's usual level: what a tenth less on disk costs is three times the time


class FolderWriter:
    """A folder under way; made by `new_folder`. count: rows written."""

    def __init__(self, folder: Path, files: ExitStack) -> None:
        self._folder, self._files = folder, files
        self._tables: dict[Role, TextIO] = {}
        self.count = 0

    def open_role(self, role: Role) -> TextIO:
        """The file of a sensor, which may stay without rows."""
        if role not in self._tables:
            path = self._folder / f"{role}.csv.gz"
            file = self._files.enter_context(new_file(path))
            packed = gzip.open(file, "wt", PACKING, "ascii", newline="\n")  # noqa: SIM115 - `files` closes it
            self._tables[role] = self._files.enter_context(packed)
            self._tables[role].write(",".join((*TIME_COLUMNS, *columns_of(role))) + "\n")
        return self._tables[role]

    def write(self, rows: Rows) -> None:
        """Append rows; every value as it is, in as few digits as say so."""
        table = self.open_role(rows.role)
        for t_us, values in zip(rows.device_us.tolist(), rows.values.tolist(), strict=True):
            table.write(f"{t_us},{rows.host_us},{','.join(map(repr, values))}\n")
        self.count += len(rows.device_us)

    def add(self, name: str, data: bytes) -> None:
        """Put a file in, as it is."""
        with new_file(self._folder / name) as file:
            file.write(data)


@contextmanager
def new_folder(target: Path) -> Iterator[FolderWriter]:
    """A new recording folder for its owner alone. SledguardError: it cannot be written."""
    part = target.with_name(f"{target.name}.part")
    try:
        part.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise SledguardError(
            f"{part}: cannot be made ({error.strerror}); check the folder, remove what is left"
        ) from error
    try:
        with ExitStack() as files:
            yield FolderWriter(part, files)
        part.rename(target)
    except OSError as error:
        raise SledguardError(f"{target}: cannot be written ({error.strerror}); check the disk") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
