"""What a machine without some of its sensors still tells, and what it does not claim."""

from __future__ import annotations

import pytest

from edge.events import Alert, AnyEvent, MachineState, Rep, SetSummary
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


def events_without(recording: Recording, *missing: Role) -> list[AnyEvent]:
    """What the pipeline tells of the session when these sensors were never there."""
    pipeline = Pipeline(recorded_settings(recording))
    events: list[AnyEvent] = []
    for arrival in recording.arrivals():
        if arrival.samples.role not in missing:
            pipeline.accept(arrival.t_ns, arrival.samples)
            events += pipeline.advance(arrival.t_ns)[0]
    return events


@pytest.mark.parametrize(
    "missing",
    [("sled",), ("footplate",), ("sled", "footplate", "pelvis", "backpad")],
    ids=["sled", "footplate", "all but the legs"],
)
def test_reps_are_counted_and_nothing_is_raised_outside_them(
    recorded: tuple[Recording, list[tuple[float, float]]], missing: tuple[Role, ...]
) -> None:
    """What one sensor cannot tell the others do: every rep, the end of the set, and no alert while getting up."""
    recording, reps = recorded
    events = events_without(recording, *missing)
    assert sum(isinstance(e, Rep) and e.counted for e in events) == len(reps)
    assert any(isinstance(e, SetSummary) and e.final for e in events)
    outside = [e for e in events if isinstance(e, Alert) and not any(a - 0.2 <= e.t_s <= b + 0.8 for a, b in reps)]
    assert outside == []


LEGS: tuple[Role, ...] = ("left_thigh", "left_shank", "right_thigh", "right_shank")


def test_without_any_leg_sensor_no_rep_is_claimed(recorded: tuple[Recording, list[tuple[float, float]]]) -> None:
    """A sled's accelerometer alone cannot tell drift from movement: nothing is counted, and every fault says why."""
    events = events_without(recorded[0], *LEGS)
    assert not any(isinstance(e, Rep | Alert) for e in events)
    last = [e for e in events if isinstance(e, MachineState)][-1]
    assert last.assessed == ()
    assert set(last.not_assessed.values()) >= {"reps cannot be seen: no thigh or shank sensor"}


def test_without_a_whole_leg_no_stroke_is_measured(recorded: tuple[Recording, list[tuple[float, float]]]) -> None:
    """A thigh alone helps to count; how far and how fast the sled went is not known, and not told."""
    reps = [e for e in events_without(recorded[0], *LEGS[1:]) if isinstance(e, Rep)]
    assert reps
    assert {(rep.rom_m, rep.mean_concentric_m_s, rep.peak_eccentric_m_s, rep.mean_power_w) for rep in reps} == {
        (None, None, None, None)
    }


@pytest.mark.parametrize("role", LEGS)
def test_any_one_sensor_of_a_leg_is_enough_to_count_by_the_sled(
    recorded: tuple[Recording, list[tuple[float, float]]], role: Role
) -> None:
    """Every rep, and no fault nor sign of a knee."""
    recording, reps = recorded
    events = events_without(recording, *(r for r in LEGS if r != role))
    assert sum(isinstance(e, Rep) and e.counted for e in events) == len(reps)
    assert not any(isinstance(e, Alert) and e.kind in ("lockout", "valgus") for e in events)
