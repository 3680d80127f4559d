"""One sensor file of a recording: CSV or gzipped CSV to a table of numbers.

numpy's reader does the work at once; only where it refuses is the file walked line by line, to name the line and the
column that are wrong. A file that breaks off (a full disk, a flat battery) is used up to its last whole line.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np

from edge.errors import RecordingError
from edge.samples import FloatArray, IntArray

TIME_COLUMNS = ("t_us", "host_us")
INT_MAX = 2**53  # beyond, float64 no longer holds every µs
GZIP_CONTAINER = 16  # zlib: expect gzip's header and check its CRC


@dataclass(frozen=True, slots=True)
class SampleTable:
    """Rows of one file. device_us, host_us: (N,) µs; values: (N, C) SI; note: what is odd about the file, or None."""

    device_us: IntArray
    host_us: IntArray
    values: FloatArray
    note: str | None


def read_table(path: Path, columns: tuple[str, ...], host_us_max: int) -> SampleTable:
    """Read a sensor file whose columns after the two times are `columns`.

    A file that is empty or has only its header gives no rows. RecordingError: anything else that is not as it must be.
    """
    text, note = _read_text(path)
    header, _, body = text.partition("\n")
    expected = (*TIME_COLUMNS, *columns)
    if text.strip():
        _check_header(path, header, expected)
    table = _numbers(path, body, expected)
    _check_values(path, body, table, expected, host_us_max)
    return SampleTable(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:], note)


def _read_text(path: Path) -> tuple[str, str | None]:
    """The file's text up to its last whole line, and a note if it broke off."""
    try:
        data, broken = _read_gzip(path) if path.suffix == ".gz" else (path.read_bytes(), False)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: not text (byte {error.start}); export the file again") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error}); copy it again from the source") from error
    whole = text.rfind("\n") + 1
    last = text[whole:]
    if last and (broken or last.count(",") != text.partition("\n")[0].count(",")):
        text, broken = text[:whole], True
    return text, f"{path.name} breaks off; used up to its last whole line" if broken else None


def _read_gzip(path: Path) -> tuple[bytes, bool]:
    """The unpacked bytes, and whether the file ends before its end mark. OSError: damaged or no gzip at all.

    zlib itself, since the gzip module withholds what it has unpacked when the end is missing.
    """
    parts: list[bytes] = []
    rest = path.read_bytes()
    while rest:
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | GZIP_CONTAINER)
        try:
            parts.append(member.decompress(rest))
        except zlib.error as error:
            raise OSError(f"damaged gzip data, {error}") from error
        if not member.eof:
            return b"".join(parts), True
        rest = member.unused_data
    return b"".join(parts), False


def _check_header(path: Path, header: str, expected: tuple[str, ...]) -> None:
    found = tuple(name.strip() for name in header.split(","))
    if found != expected:
        raise RecordingError(
            f"{path}: line 1: columns are {','.join(found)[:200]}; they must be {','.join(expected)}; rename or reorder"
        )


def _numbers(path: Path, body: str, expected: tuple[str, ...]) -> FloatArray:
    if not body.strip():
        return np.empty((0, len(expected)))
    try:
        table = np.loadtxt(StringIO(body), delimiter=",", ndmin=2, comments=None)
    except ValueError as error:
        raise RecordingError(_first_fault(path, body, expected) or f"{path}: {error}; export it again") from error
    if table.shape[1] != len(expected):
        raise RecordingError(f"{path}: line 2: {table.shape[1]} fields instead of {len(expected)}; export it again")
    return table


def _first_fault(path: Path, body: str, expected: tuple[str, ...]) -> str | None:
    """A sentence about the first line that is not numbers, or None."""
    for number, line in enumerate(body.splitlines(), start=2):
        fields = line.split(",")
        if line.strip() and len(fields) != len(expected):
            return f"{path}: line {number}: {len(fields)} fields instead of {len(expected)}; remove or mend this line"
        for name, field in zip(expected, fields, strict=False):
            if line.strip() and not _is_number(field):
                return f"{path}: line {number}, column {name}: {field.strip()[:40]!r} is no number; mend this value"
    return None


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def _check_values(path: Path, body: str, table: FloatArray, expected: tuple[str, ...], host_us_max: int) -> None:
    """RecordingError where a number is not finite, a time is no whole number of µs, or lies outside the recording."""
    times = table[:, :2]
    bad = ~np.isfinite(table)
    with np.errstate(invalid="ignore"):
        bad[:, :2] |= (times != np.floor(times)) | (times < 0) | (times > np.array([INT_MAX, host_us_max]))
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value, name = float(table[row, column]), expected[column]
    lines = [number for number, line in enumerate(body.splitlines(), start=2) if line.strip()]
    if not math.isfinite(value):
        legal = "a finite number"
    else:
        legal = f"a whole number of µs from 0 to {host_us_max if name == 'host_us' else INT_MAX}"
    raise RecordingError(f"{path}: line {lines[row]}, column {name}: {value:.17g} must be {legal}; mend this value")
