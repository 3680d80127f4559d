"""Plays what was recorded through a pipeline, through the same doors that live data take.

Everything is fed at its own time and followed by `advance` to that time, as the daemon does; how fast is another's
concern, so the steps come out as an iterator that may be run through at once or paced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec

from edge.commands import Command
from edge.events import AnyEvent, Send
from edge.lifter import LoggedCommand
from edge.samples import Samples
from edge.sources.arrivals import Arrival
from edge.sources.byte_log import Direction, LogEntry

# Without arrivals the pipeline still steps, so that silence is noticed; a gap is crossed in strides of this length, to
# show events of a silent minute one by one when the replay is paced.
STRIDE_NS = 100_000_000


class PlayedPipeline(Protocol):
    """What the player needs of a pipeline."""

    def accept(self, t_ns: int, samples: Samples) -> None:
        """Samples that reached the host at t_ns."""

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """Bytes that reached the host at t_ns."""

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """Bytes that left the host at t_ns."""

    def battery(self, link: str, t_ns: int, pct: int) -> None:
        """A sensor's battery as it was read at t_ns, percent."""

    def command(self, t_ns: int, command: Command) -> None:
        """A command that was given at t_ns."""

    def advance(self, t_ns: int) -> tuple[list[AnyEvent], list[Send]]:
        """Go on to t_ns."""

    def end(self) -> list[AnyEvent]:
        """Nothing comes any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was said on the way to t_ns."""

    t_ns: int
    events: list[AnyEvent]


def play_samples(pipeline: PlayedPipeline, arrivals: Iterable[Arrival], end_ns: int) -> Iterator[Step]:
    """Play a recording of samples, and on to end_ns."""
    now_ns = 0
    yield _advance(pipeline, now_ns)
    for arrival in arrivals:
        yield from _cross(pipeline, now_ns, arrival.t_ns)
        pipeline.accept(arrival.t_ns, arrival.samples)
        yield _advance(pipeline, arrival.t_ns)
        now_ns = arrival.t_ns
    yield from _cross(pipeline, now_ns, end_ns)
    yield _advance(pipeline, max(now_ns, end_ns))
    yield from _end(pipeline, max(now_ns, end_ns))


def play_bytes(pipeline: PlayedPipeline, entries: Iterable[LogEntry]) -> Iterator[Step]:
    """Play a byte log: what came in is received, what went out is reported as sent; its own sends go nowhere."""
    now_ns: int | None = None
    for entry in entries:
        if now_ns is not None:
            yield from _cross(pipeline, now_ns, entry.t_ns)
        if entry.direction is Direction.IN:
            pipeline.receive(entry.link, entry.t_ns, entry.data)
        elif entry.direction is Direction.BATTERY:
            pipeline.battery(entry.link, entry.t_ns, entry.data[0])
        elif entry.direction is Direction.COMMAND:
            pipeline.command(entry.t_ns, msgspec.json.decode(entry.data, type=LoggedCommand))
        yield _advance(pipeline, entry.t_ns)
        if entry.direction is Direction.OUT:  # only now: the step that asked for it has been made
            pipeline.sent(entry.link, entry.t_ns, entry.seq)
        now_ns = entry.t_ns
    if now_ns is not None:
        yield from _end(pipeline, now_ns)


def _end(pipeline: PlayedPipeline, now_ns: int) -> Iterator[Step]:
    if events := pipeline.end():
        yield Step(now_ns, events)


def _cross(pipeline: PlayedPipeline, now_ns: int, until_ns: int) -> Iterator[Step]:
    for t_ns in range(now_ns + STRIDE_NS, until_ns, STRIDE_NS):
        yield _advance(pipeline, t_ns)


def _advance(pipeline: PlayedPipeline, t_ns: int) -> Step:
    events, _ = pipeline.advance(t_ns)
    return Step(t_ns, events)
