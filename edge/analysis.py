"""`analyze`: recordings through the live pipeline as fast as they go, with the results in files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.clock import monotonic_ns
from edge.events import Alert, AnyEvent, Rep
from edge.player import PlayedPipeline, play_samples
from edge.publishers.messages import MachineMessages
from edge.publishers.result_files import ResultFiles
from edge.sources.recording import Recording, read_recording

GYM = "recording"  # the gym's name in the topics of events.jsonl, where nobody has configured one


class AnalyzedPipeline(PlayedPipeline, Protocol):
    """What `analyze` needs of a pipeline beyond playing."""

    def take_signals(self) -> list[tuple[float, ...]]:
        """Rows that are final since the last call, in time order: the columns of signals.csv, NaN where not known."""


MakePipeline = Callable[[Recording], AnalyzedPipeline]
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


def analyze(folder: Path, out: Path, make_pipeline: MakePipeline, progress: Progress) -> Analysis:
    """Play one recording and write out/NAME. progress is told seconds done, of all. SledguardError: it cannot be."""
    recording = read_recording(folder)
    pipeline = make_pipeline(recording)
    result = Analysis(recording.name, recording.notes, recording.duration_s)
    began_ns = monotonic_ns()
    with ResultFiles(out / recording.name, MachineMessages(GYM, machine_name(recording.name))) as files:
        for step in play_samples(pipeline, recording.arrivals(), round(recording.duration_s * 1e9)):
            files.write_events(step.events)
            files.write_signals(pipeline.take_signals())
            result.count(step.events)
            progress(step.t_ns / 1e9, recording.duration_s)
    result.speed = recording.duration_s / max(1e-9, (monotonic_ns() - began_ns) / 1e9)
    return result


def machine_name(recording: str) -> str:
    """A recording's name as a topic level."""
    return re.sub(r"[^a-z0-9_-]+", "-", recording.lower()).strip("-") or "unnamed"
