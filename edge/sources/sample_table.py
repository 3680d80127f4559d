"""One sensor file of a recording: CSV or gzipped CSV to tables of numbers, piece by piece.

numpy's reader does the work at once; only where it refuses is the piece walked line by line, to name the line and the
column that are wrong. A file that breaks off (a full disk, a flat battery) is used up to its last whole line.
"""

from __future__ import annotations

import codecs
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np

from edge.errors import RecordingError
from edge.samples import FloatArray, IntArray

TIME_COLUMNS = ("t_us", "host_us")
INT_MAX = 2**53  # beyond, float64 no longer holds every µs
GZIP_CONTAINER = 16  # zlib: expect gzip's header and check its CRC
PIECE_BYTES = 1 << 20  # of text: some 15,000 rows, which numpy reads as fast as it reads many


@dataclass(frozen=True, slots=True)
class SampleTable:
    """Rows of one file, or of a piece of it. device_us, host_us: (N,) µs; values: (N, C) SI."""

    device_us: IntArray
    host_us: IntArray
    values: FloatArray


class SampleFile:
    """A sensor file whose columns after the two times are `columns`. host_us_max: later is no delay but a mistake.

    note: what is odd about it, or None; known once its pieces have been read.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], host_us_max: int) -> None:
        self.path = path
        self.note: str | None = None
        self._columns = (*TIME_COLUMNS, *columns)
        self._host_us_max = host_us_max

    def pieces(self) -> Iterator[SampleTable]:
        """Its rows, in the order of the file; none of a file that is empty or has only its header.

        RecordingError: anything else that is not as it must be.
        """
        line = 1
        for text in self._texts():
            body = text
            if line == 1:
                header, _, body = text.partition("\n")
                if text.strip():
                    _check_header(self.path, header, self._columns)
                line += 1
            place = _Place(self.path, line, self._columns)
            table = _numbers(place, body)
            _check_values(place, body, table, self._host_us_max)
            line += body.count("\n")
            if len(table):
                yield SampleTable(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])

    def _texts(self) -> Iterator[str]:
        """The file's text in pieces of whole lines; its last line too, if it is whole."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        rest, read, begun, broken = "", 0, False, False
        try:
            for data, broken in _contents(self.path):  # noqa: B007 - the last one's is meant
                text = rest + decoder.decode(data)
                read += len(data)
                whole = text.rfind("\n") + 1
                rest = text[whole:]
                if whole:
                    begun = True
                    yield text[:whole]
            rest += decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise RecordingError(f"{self.path}: not text (from byte {read}); export the file again") from error
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be read ({error}); copy it again from the source") from error
        if rest and (broken or (begun and rest.count(",") != len(self._columns) - 1)):
            broken = True
        elif rest:
            yield rest
        if broken:
            self.note = f"{self.path.name} breaks off; used up to its last whole line"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a piece of text stands: its file, the number of its first line, what its columns must be."""

    path: Path
    line: int
    columns: tuple[str, ...]


def _contents(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The file's bytes, unpacked, and whether it has ended before its end mark. OSError: damaged, or no gzip at all.

    zlib itself, since the gzip module withholds what it has unpacked when the end is missing.
    """
    with path.open("rb") as file:
        if path.suffix != ".gz":
            while data := file.read(PIECE_BYTES):
                yield data, False
            return
        member, begun = zlib.decompressobj(wbits=zlib.MAX_WBITS | GZIP_CONTAINER), False
        packed = b""
        while packed := packed or file.read(PIECE_BYTES // 4):
            try:
                data = member.decompress(packed, PIECE_BYTES)
            except zlib.error as error:
                raise OSError(f"damaged gzip data, {error}") from error
            begun, packed = True, member.unconsumed_tail
            if member.eof:
                packed = member.unused_data
                member, begun = zlib.decompressobj(wbits=zlib.MAX_WBITS | GZIP_CONTAINER), False
            yield data, False
        if begun:
            rest = member.flush()
            yield rest, not member.eof


def _check_header(path: Path, header: str, expected: tuple[str, ...]) -> None:
    found = tuple(name.strip() for name in header.split(","))
    if found != expected:
        raise RecordingError(
            f"{path}: line 1: columns are {','.join(found)[:200]}; they must be {','.join(expected)}; rename or reorder"
        )


def _numbers(place: _Place, body: str) -> FloatArray:
    width = len(place.columns)
    if not body.strip():
        return np.empty((0, width))
    try:
        table = np.loadtxt(StringIO(body), delimiter=",", ndmin=2, comments=None)
    except ValueError as error:
        raise RecordingError(_first_fault(place, body) or f"{place.path}: {error}; export it again") from error
    if table.shape[1] != width:
        raise RecordingError(
            f"{place.path}: line {place.line}: {table.shape[1]} fields instead of {width}; export it again"
        )
    return table


def _first_fault(place: _Place, body: str) -> str | None:
    """A sentence about the first line that is not numbers, or None."""
    for number, line in enumerate(body.splitlines(), start=place.line):
        fields, at = line.split(","), f"{place.path}: line {number}"
        if line.strip() and len(fields) != len(place.columns):
            return f"{at}: {len(fields)} fields instead of {len(place.columns)}; remove or mend this line"
        for name, field in zip(place.columns, fields, strict=False):
            if line.strip() and not _is_number(field):
                return f"{at}, column {name}: {field.strip()[:40]!r} is no number; mend this value"
    return None


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def _check_values(place: _Place, body: str, table: FloatArray, host_us_max: int) -> None:
    """RecordingError where a number is not finite, a time is no whole number of µs, or lies outside the recording."""
    times = table[:, :2]
    bad = ~np.isfinite(table)
    with np.errstate(invalid="ignore"):
        bad[:, :2] |= (times != np.floor(times)) | (times < 0) | (times > np.array([INT_MAX, host_us_max]))
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value, name = float(table[row, column]), place.columns[column]
    lines = [number for number, line in enumerate(body.splitlines(), start=place.line) if line.strip()]
    if not math.isfinite(value):
        legal = "a finite number"
    else:
        legal = f"a whole number of µs from 0 to {host_us_max if name == 'host_us' else INT_MAX}"
    raise RecordingError(
        f"{place.path}: line {lines[row]}, column {name}: {value:.17g} must be {legal}; mend this value"
    )
