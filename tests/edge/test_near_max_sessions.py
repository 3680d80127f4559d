"""Whole sets of a simulated lifter near the maximum, far from it, and where nobody knows, through the alert manager."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import msgspec
import pytest
from simulated import Told, arrivals, play, settings_of

from edge.alerts.policy import POLICY
from edge.commands import SetLoad
from edge.detectors.near_max import NearMaxSettings
from edge.events import Alert, AnyEvent, CommandResult, MachineState, Sign
from edge.pipeline import Pipeline
from edge.simulator.scenario import Fault, RepPlan, Scenario, SetPlan
from edge.simulator.session import Session, simulate

REP = RepPlan(eccentric_s=2.0, concentric_s=1.1, rest_s=0.9, bottom_deg=94.0)
SLED_KG, BETWEEN_DEG, HABIT_DEG, STRICT_DEG = 160.0, 10.6, 6.0, 9.36
"""A tilt between the strict line, 9.36°, and the usual one, 11.7°; and one that is below both."""


@cache
def lifter(tilt_deg: float) -> Session:
    """Four reps; in the second and the fourth the pelvis tucks."""
    tucked = replace(REP, faults=(Fault("lumbar", "both", tilt_deg),))
    return simulate(Scenario(seed=21, sets=(SetPlan((REP, tucked, REP, tucked)),)))


def told(one_rep_max_kg: float | None, tilt_deg: float = BETWEEN_DEG) -> Told:
    """What is told of it where this maximum is configured."""
    session = lifter(tilt_deg)
    near = NearMaxSettings(one_rep_max_kg=one_rep_max_kg)
    return play(session, msgspec.structs.replace(settings_of(session), near_max=near))


def tucks(events: list[AnyEvent]) -> list[tuple[int, float, bool]]:
    """Rep, threshold and whether it was spoken, of every lumbar alert."""
    return [(e.rep, e.threshold, e.spoken) for e in events if isinstance(e, Alert) and e.kind == "lumbar"]


def test_near_the_maximum_a_tuck_is_called_that_is_none_elsewhere() -> None:
    """160 of 190 kg: an alert at the strict line in both reps, spoken in the words of the table, and fading as any that
    is heeded; no other alert.
    """
    near = told(190.0)
    found = tucks(near.events)
    assert [(rep, spoken) for rep, _, spoken in found] == [(2, True), (4, False)]
    assert [threshold for _, threshold, _ in found] == pytest.approx([STRICT_DEG] * 2)
    assert {alert.cue for alert in near.of(Alert)} == {POLICY["lumbar", "S2"].external}
    state = near.of(MachineState)[-1]
    assert (state.one_rep_max_share, state.one_rep_max_source) == (0.84, "said")
    assert state.limits["posterior_tilt_deg"] == STRICT_DEG


@pytest.mark.parametrize("one_rep_max_kg", [None, 250.0])
def test_far_from_it_or_not_known_nothing_is_stricter(one_rep_max_kg: float | None) -> None:
    """The same set is warned of between reps, and no alert; the state says what is known."""
    far = told(one_rep_max_kg)
    assert tucks(far.events) == []
    assert {s.severity for s in far.of(Sign) if s.kind == "lumbar"} == {"S1"}
    state = far.of(MachineState)[-1]
    assert state.one_rep_max_share == (None if one_rep_max_kg is None else 0.64)
    assert state.limits["posterior_tilt_deg"] == 11.7


def test_a_plain_habit_is_none_near_the_maximum_either() -> None:
    """Six degrees of tilt are no alert and no remark."""
    near = told(190.0, HABIT_DEG)
    assert near.of(Alert) == []
    assert [s for s in near.of(Sign) if s.kind == "lumbar"] == []


def test_a_maximum_that_is_commanded_counts_from_the_next_attempt_on() -> None:
    """Said in the middle of the second rep, it leaves that one to the usual line and holds for the fourth."""
    session = lifter(BETWEEN_DEG)
    middle_ns = round(session.truth.facts["reps"][1]["start"] * 1e9) + 1_000_000_000
    pipeline, events, given = Pipeline(settings_of(session)), list[AnyEvent](), False
    for t_ns, samples in arrivals(session):
        if t_ns >= middle_ns and not given:
            given = True
            ts = "2026-01-31T12:00:00Z"
            pipeline.command(t_ns, SetLoad(id="1", ts=ts, load_kg=SLED_KG, one_rep_max_kg=190.0))
        pipeline.accept(t_ns, samples)
        events += pipeline.advance(t_ns)[0]
    (result,) = [e for e in events if isinstance(e, CommandResult)]
    assert result.ok
    assert [rep for rep, _, _ in tucks(events)] == [4]
