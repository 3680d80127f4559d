"""`analyze`: recordings through the live pipeline as fast as they go, with the results in files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.clock import monotonic_ns
from edge.events import Alert, AnyEvent, Rep
from edge.pipelines import Recorded
from edge.player import PlayedPipeline, Step, play_bytes, play_samples
from edge.publishers.messages import MachineMessages
from edge.publishers.result_files import ResultFiles
from edge.sources.arrivals import Arrival
from edge.sources.byte_log import LogEntry

GYM = "recording"  # the gym's name in the topics of events.jsonl, where nobody has configured one


class AnalyzedPipeline(PlayedPipeline, Protocol):
    """What `analyze` needs of a pipeline beyond playing."""

    def take_signals(self) -> list[tuple[float, ...]]:
        """Rows that are final since the last call, in time order: the columns of signals.csv, NaN where not known."""


class Log(Protocol):
    """What `analyze_log` needs of a byte log, however it is stored."""

    def entries(self) -> Iterator[LogEntry]:
        """All entries, in order; from the start at every call."""

    def check(self) -> str | None:
        """What is missing or damaged, or None."""


class Samples(Recorded, Protocol):
    """What `analyze_samples` needs of a recording of samples, however it is stored."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is missing or odd, a sentence each."""

    @property
    def duration_s(self) -> float:
        """Seconds of the recording."""

    def arrivals(self) -> Iterator[Arrival]:
        """All arrivals, in order."""


MakePipeline = Callable[[Samples], AnalyzedPipeline]
Progress = Callable[[float, float], None]


@dataclass(slots=True)
class Analysis:
    """What came out of one recording. speed: seconds of recording per second of work."""

    name: str
    notes: tuple[str, ...]
    duration_s: float
    reps: int = 0
    alerts: int = 0
    speed: float = 0.0

    def count(self, events: list[AnyEvent]) -> None:
        """Count reps and alerts among the events."""
        self.reps += sum(isinstance(event, Rep) and event.counted for event in events)
        self.alerts += sum(isinstance(event, Alert) for event in events)


def analyze_samples(recording: Samples, out: Path, make_pipeline: MakePipeline, progress: Progress) -> Analysis:
    """Play a recording of samples and write out/NAME. progress: told seconds done, of all. SledguardError: it cannot be
    written.
    """
    pipeline = make_pipeline(recording)
    steps = play_samples(pipeline, recording.arrivals(), round(recording.duration_s * 1e9))
    result = Analysis(recording.name, recording.notes, recording.duration_s)
    return _write(result, pipeline, steps, out, progress)


def analyze_log(path: Path, out: Path, log: Log, pipeline: AnalyzedPipeline, progress: Progress) -> Analysis:
    """The same of what the box recorded itself, a byte log or MCAP. pipeline: the one that its header asks for."""
    first = last = next(log.entries(), None)
    for last in log.entries():  # noqa: B007 - the last is what is looked for
        pass
    began_ns, ended_ns = (first.t_ns, last.t_ns) if first and last else (0, 0)
    steps = (Step(step.t_ns - began_ns, step.events) for step in play_bytes(pipeline, log.entries()))
    note = log.check()
    result = Analysis(path.stem, (note,) if note else (), (ended_ns - began_ns) / 1e9)
    return _write(result, pipeline, steps, out, progress)


def _write(
    result: Analysis, pipeline: AnalyzedPipeline, steps: Iterable[Step], out: Path, progress: Progress
) -> Analysis:
    began_ns = monotonic_ns()
    with ResultFiles(out / result.name, MachineMessages(GYM, machine_name(result.name))) as files:
        for step in steps:
            files.write_events(step.events)
            files.write_signals(pipeline.take_signals())
            result.count(step.events)
            progress(step.t_ns / 1e9, result.duration_s)
    result.speed = result.duration_s / max(1e-9, (monotonic_ns() - began_ns) / 1e9)
    return result


def machine_name(recording: str) -> str:
    """A recording's name as a topic level."""
    return re.sub(r"[^a-z0-9_-]+", "-", recording.lower()).strip("-") or "unnamed"
