"""What every source is to the daemon: it yields the bytes of links and takes bytes to send. It knows no protocol."""

from __future__ import annotations

from typing import Protocol

from edge.events import Send


class Sink(Protocol):
    """Where a source puts what happens on its links. All calls come from the event loop's thread and never block."""

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """Bytes arrived on a link at t_ns of the edge's monotonic clock."""

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """The `Send` with this seq was handed to the operating system at t_ns."""

    def battery(self, link: str, t_ns: int, pct: int) -> None:
        """A sensor's battery was read, percent: where its protocol does not tell, and the radio's own service does."""

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """A link came up (problem is None) or went down; the text says why and what to do."""


class Source(Protocol):
    """One or more links of one kind. `run` goes on until cancelled and reopens what breaks."""

    links: tuple[str, ...]

    async def run(self, sink: Sink) -> None:
        """Serve the links until cancelled; losing one is reported to the sink and never raises."""

    def send(self, message: Send) -> None:
        """Queue bytes for `message.link`; while that link is down they are dropped and counted."""

    def counts(self, link: str) -> dict[str, int]:
        """What happened on a link since the start: bytes, openings, drops; for health."""
