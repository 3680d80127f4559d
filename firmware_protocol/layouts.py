"""How a payload is laid out: a head of scalars, then nothing, a rest, or rows. One class per shape.

`decode` reads a payload and ignores what a later minor version may have appended; it raises MalformedError where the
payload is too short. `encode` raises `struct.error` or ValueError where a value does not fit: the caller's fault.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Final, Protocol

from firmware_protocol.errors import MalformedError

BATCH_HEAD: Final = Struct("<IIHBB")
_unpack_batch_head: Final = BATCH_HEAD.unpack_from

_tuple: Final = tuple.__new__
"""Half the time of calling a named tuple's class."""

ORIENTATION_SIZE: Final = 8
"""i16[4] behind the samples of an IMU_BATCH."""


class Layout(Protocol):
    """What every shape offers. name: as in the specification."""

    name: str

    def decode(self, payload: bytes) -> Any:
        """The message in a payload. Raises MalformedError."""

    def encode(self, message: Any) -> bytes:
        """The payload of a message."""


class Fixed:
    """Scalars and fixed runs of bytes alone."""

    def __init__(self, name: str, cls: Any, head: str) -> None:
        self.name = name
        self._make = cls._make
        self._head = Struct(head)

    def decode(self, payload: bytes) -> Any:
        """The message in a payload. Raises MalformedError."""
        if len(payload) < self._head.size:
            raise MalformedError(self.name, len(payload), self._head.size)
        return self._make(self._head.unpack_from(payload))

    def encode(self, message: Any) -> bytes:
        """The payload of a message."""
        return self._head.pack(*message)


class Rest(Fixed):
    """A head, and the rest of the payload as text or bytes."""

    def __init__(self, name: str, cls: Any, head: str, *, text: bool) -> None:
        super().__init__(name, cls, head)
        self._text = text

    def decode(self, payload: bytes) -> Any:
        """The message in a payload; what is not UTF-8 in a text is replaced. Raises MalformedError."""
        size = self._head.size
        if len(payload) < size:
            raise MalformedError(self.name, len(payload), size)
        rest = payload[size:]
        return self._make((*self._head.unpack_from(payload), rest.decode("utf-8", "replace") if self._text else rest))

    def encode(self, message: Any) -> bytes:
        """The payload of a message."""
        rest: str | bytes = message[-1]
        return self._head.pack(*message[:-1]) + (rest.encode("utf-8") if isinstance(rest, str) else rest)


class Counted(Fixed):
    """A head, and raw samples of a fixed number of bytes."""

    def __init__(self, name: str, cls: Any, head: str, body_size: int) -> None:
        super().__init__(name, cls, f"{head}{body_size}s")


class Rows:
    """A head, and rows: as many as the head's field `count_index` says, or as fit where it is None."""

    def __init__(self, name: str, cls: Any, head: str, row: tuple[Any, str], count_index: int | None) -> None:
        self.name = name
        self._make = cls._make
        self._head = Struct(head)
        self._row_make, self._row = row[0]._make, Struct(row[1])
        self._count_index = count_index

    def decode(self, payload: bytes) -> Any:
        """The message in a payload. Raises MalformedError."""
        size, row_size = self._head.size, self._row.size
        if len(payload) < size:
            raise MalformedError(self.name, len(payload), size)
        head = list(self._head.unpack_from(payload))
        if self._count_index is None:
            end = len(payload)
            if (end - size) % row_size:
                raise MalformedError(self.name, end, end + row_size - (end - size) % row_size)
        else:
            end = size + row_size * head.pop(self._count_index)
            if len(payload) < end:
                raise MalformedError(self.name, len(payload), end)
        rows = tuple(self._row_make(row) for row in self._row.iter_unpack(payload[size:end]))
        return self._make((*head, rows))

    def encode(self, message: Any) -> bytes:
        """The payload of a message."""
        head, rows = list(message[:-1]), message[-1]
        if self._count_index is not None:
            head.insert(self._count_index, len(rows))
        return self._head.pack(*head) + b"".join(self._row.pack(*row) for row in rows)


class Batch:
    """The batch prefix, raw samples, and where flag `tail_flag` is set, the orientation as raw bytes."""

    def __init__(self, name: str, cls: Any, sample_size: int, tail_flag: int = 0) -> None:
        self.name = name
        self._cls = cls
        self._sample_size = sample_size
        self._tail_flag = tail_flag

    def decode(self, payload: bytes) -> Any:
        """The message in a payload. Raises MalformedError; a batch without samples is malformed."""
        length = len(payload)
        if length < 12:
            raise MalformedError(self.name, length, 12)
        head: tuple[int, int, int, int, int] = _unpack_batch_head(payload)
        t0_us, dt_ns, n0, count, flags = head
        end = 12 + self._sample_size * count
        needed = end + ORIENTATION_SIZE if flags & self._tail_flag else end
        if length < needed or not count:
            raise MalformedError(self.name, length, max(needed, 12 + self._sample_size))
        if not self._tail_flag:
            return _tuple(self._cls, (t0_us, dt_ns, n0, flags, payload[12:end]))
        tail = payload[end:needed] if needed > end else None
        return _tuple(self._cls, (t0_us, dt_ns, n0, flags, payload[12:end], tail))

    def encode(self, message: Any) -> bytes:
        """The payload of a message. Raises ValueError where samples, flag and orientation contradict each other."""
        t0_us, dt_ns, n0, flags = message[:4]
        samples: bytes = message[4]
        tail: bytes = (message[5] or b"") if self._tail_flag else b""
        if not samples or len(samples) % self._sample_size:
            raise ValueError(f"{self.name}: {len(samples)} bytes are no whole number of samples")
        if len(tail) != (ORIENTATION_SIZE if flags & self._tail_flag else 0):
            raise ValueError(f"{self.name}: orientation and its flag must go together")
        return BATCH_HEAD.pack(t0_us, dt_ns, n0, len(samples) // self._sample_size, flags) + samples + tail
