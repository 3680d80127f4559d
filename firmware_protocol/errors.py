"""What the codec raises: the peer's faults, to be counted, never to stop a host."""

from __future__ import annotations


class ProtocolError(ValueError):
    """The root of the codec's errors."""


class MalformedError(ProtocolError):
    """A payload is shorter than its type needs. message: type name; length and needed: bytes."""

    def __init__(self, message: str, length: int, needed: int) -> None:
        super().__init__(f"{message}: {length} bytes, {needed} needed")
        self.message = message
        self.length = length
        self.needed = needed
