"""A machine without its sled sensor or its footplate still counts every rep and raises nothing outside them."""

from __future__ import annotations

import pytest

from edge.events import Alert, AnyEvent, Rep, SetSummary
from edge.pipeline import Pipeline
from edge.pipelines import recorded_settings
from edge.samples import Role
from edge.simulator.draw import draw_scenario
from edge.simulator.recording import write_recording
from edge.simulator.session import simulate
from edge.sources.recording import Recording, read_recording

SEED = 1004


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, list[tuple[float, float]]]:
    """A simulated session, and when its true reps began and ended."""
    session = simulate(draw_scenario(SEED))
    folder = tmp_path_factory.mktemp("without") / "session"
    write_recording(session, folder)
    return read_recording(folder), [(rep["start"], rep["end"]) for rep in session.truth.facts["reps"]]


def events_without(recording: Recording, missing: Role) -> list[AnyEvent]:
    """What the pipeline tells of the session when one sensor was never there."""
    pipeline = Pipeline(recorded_settings(recording))
    events: list[AnyEvent] = []
    for arrival in recording.arrivals():
        if arrival.samples.role != missing:
            pipeline.accept(arrival.t_ns, arrival.samples)
            events += pipeline.advance(arrival.t_ns)[0]
    return events


@pytest.mark.parametrize("missing", ["sled", "footplate"])
def test_reps_are_counted_and_nothing_is_raised_outside_them(
    recorded: tuple[Recording, list[tuple[float, float]]], missing: Role
) -> None:
    """What one sensor cannot tell the others do: every rep, the end of the set, and no alert while getting up."""
    recording, reps = recorded
    events = events_without(recording, missing)
    assert sum(isinstance(e, Rep) and e.counted for e in events) == len(reps)
    assert any(isinstance(e, SetSummary) and e.final for e in events)
    outside = [e for e in events if isinstance(e, Alert) and not any(a - 0.2 <= e.t_s <= b + 0.8 for a, b in reps)]
    assert outside == []
