"""What comes out depends on what arrived when, not on how it was bundled; and nothing is known before its time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.events import AnyEvent
from edge.pipeline import Pipeline
from edge.pipelines import recorded_settings
from edge.simulator.draw import draw_scenario
from edge.simulator.recording import write_recording
from edge.simulator.session import simulate
from edge.sources.arrivals import Arrival
from edge.sources.recording import Recording, read_recording

SEED = 61
END_S = 45.0
"""Standing, sitting down, and the first reps with their calibration."""

Row = tuple[float, ...]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A simulated session, read back."""
    folder = tmp_path_factory.mktemp("bundling") / "session"
    write_recording(simulate(draw_scenario(SEED)), folder)
    return read_recording(folder)


def one_by_one(arrivals: list[Arrival]) -> Iterator[Arrival]:
    """Every sample as an arrival of its own, at the time at which it came."""
    for arrival in arrivals:
        samples = arrival.samples
        for i in range(len(samples.device_us)):
            cut = slice(i, i + 1)
            columns = [column[cut] for column in samples.rows()]
            yield Arrival(arrival.t_ns, type(samples)(samples.role, *columns, samples.boot))


def play(recording: Recording, arrivals: list[Arrival], every_s: float | None) -> tuple[list[AnyEvent], list[Row]]:
    """Feed the arrivals and advance with each of them, or only every so many seconds."""
    pipeline = Pipeline(recorded_settings(recording), keep_signals=True)
    events: list[AnyEvent] = []
    step_ns = None if every_s is None else round(every_s * 1e9)
    due_ns = step_ns or 0
    for arrival in arrivals:
        if step_ns is not None:
            while arrival.t_ns > due_ns:
                events += pipeline.advance(due_ns)[0]
                due_ns += step_ns
        pipeline.accept(arrival.t_ns, arrival.samples)
        if step_ns is None:
            events += pipeline.advance(arrival.t_ns)[0]
    events += pipeline.advance(round(END_S * 1e9))[0]
    return events, pipeline.take_signals()


def until(recording: Recording, end_s: float) -> list[Arrival]:
    """The arrivals up to a time."""
    return [a for a in recording.arrivals() if a.t_ns <= end_s * 1e9]


def test_samples_one_by_one_or_in_batches_give_the_same(recording: Recording) -> None:
    """A radio that hands over single samples tells nothing else than one that batches them."""
    arrivals = until(recording, END_S)
    batched, rows = play(recording, arrivals, None)
    single, single_rows = play(recording, list(one_by_one(arrivals)), None)
    assert str(single) == str(batched)
    assert str(single_rows) == str(rows)


def test_many_arrivals_between_two_steps_give_the_same(recording: Recording) -> None:
    """A host that was busy for a while catches up without having changed anything."""
    arrivals = until(recording, END_S)
    often, rows = play(recording, arrivals, 0.01)
    seldom, seldom_rows = play(recording, arrivals, 1.37)
    assert str(seldom) == str(often)
    assert str(seldom_rows) == str(rows)


@pytest.mark.parametrize("cut_s", [14.3, 27.9, 36.6])
def test_nothing_is_known_before_its_time(recording: Recording, cut_s: float) -> None:
    """A session cut off at any time gives the same events and signals up to there."""
    events, rows = play(recording, until(recording, END_S), None)
    cut = until(recording, cut_s)
    last_s = cut[-1].t_ns * 1e-9
    pipeline = Pipeline(recorded_settings(recording), keep_signals=True)
    early: list[AnyEvent] = []
    for arrival in cut:
        pipeline.accept(arrival.t_ns, arrival.samples)
        early += pipeline.advance(arrival.t_ns)[0]
    assert early
    assert str(early) == str([e for e in events if e.t_s <= last_s])
    early_rows = pipeline.take_signals()
    assert str(early_rows) == str(rows[: len(early_rows)])


def test_the_truth_beside_a_recording_is_not_read(recording: Recording, tmp_path: Path) -> None:
    """Without its truth files a recording is judged the same."""
    folder = tmp_path / recording.name
    write_recording(simulate(draw_scenario(SEED)), folder)
    for truth in folder.glob("truth*"):
        truth.unlink()
    arrivals = until(recording, 30.0)
    without = until(read_recording(folder), 30.0)
    assert str(play(recording, without, None)[0]) == str(play(recording, arrivals, None)[0])
