"""Playing what was recorded: everything at its own time, through the live doors."""

from __future__ import annotations

import numpy as np
from fake_pipeline import FakePipeline

from edge.player import STRIDE_NS, Step, play_bytes, play_samples
from edge.samples import LoadSamples
from edge.sources.arrivals import Arrival
from edge.sources.byte_log import Direction, LogEntry

MS = 1_000_000


def texts(*steps: Step) -> list[tuple[int, list[str]]]:
    """When each step was, in ms, and what it said."""
    return [(step.t_ns // MS, [event.text for event in step.events]) for step in steps]  # type: ignore[union-attr]


def told(steps: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The steps at which something was said."""
    return [step for step in steps if step[1]]


def test_bytes_and_reports_of_sending_reach_the_pipeline() -> None:
    """What came in is received, what went out is reported as sent, and a mark only lets time pass."""
    entries = [
        LogEntry(1000 * MS, "", Direction.MARK, b""),
        LogEntry(1003 * MS, "hub", Direction.IN, b"\x01"),
        LogEntry(1013 * MS, "hub", Direction.OUT, b"hello", seq=1),
        LogEntry(1040 * MS, "", Direction.MARK, b""),
    ]
    steps = texts(*play_bytes(FakePipeline(), entries))
    assert told(steps) == [(1013, ["hub in 01"]), (1040, ["hub sent 1"])]
    assert [t for t, _ in steps] == [1000, 1003, 1013, 1040]


def test_silence_is_crossed_in_strides() -> None:
    """A gap without arrivals is stepped through, so that silence is noticed at its time and a paced replay goes on."""
    entries = [LogEntry(0, "hub", Direction.IN, b""), LogEntry(350 * MS, "hub", Direction.IN, b"")]
    steps = [s.t_ns for s in play_bytes(FakePipeline(), entries)]
    assert steps == [0, STRIDE_NS, 2 * STRIDE_NS, 3 * STRIDE_NS, 350 * MS]


def test_what_is_told_at_the_end_comes_last() -> None:
    """What the pipeline holds back until nothing comes any more is told, of bytes and of samples."""
    entries = [LogEntry(20 * MS, "hub", Direction.IN, b""), LogEntry(33 * MS, "hub", Direction.IN, b"\x02")]
    assert texts(*play_bytes(FakePipeline(), entries))[-1] == (33, ["hub in 02"])
    samples = LoadSamples("footplate", np.zeros(1, np.int64), np.zeros((1, 4)))
    assert texts(*play_samples(FakePipeline(), [Arrival(33 * MS, samples)], 35 * MS))[-1] == (35, ["footplate 1"])


def test_a_recording_without_samples_still_runs_to_its_end() -> None:
    """With no sensor at all time passes to the end, so that the pipeline can say what it cannot see."""
    steps = [s.t_ns for s in play_samples(FakePipeline(), [], 250 * MS)]
    assert steps == [0, STRIDE_NS, 2 * STRIDE_NS, 250 * MS]
