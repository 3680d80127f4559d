"""Checks over the policy table itself: it is complete, its texts can be taken in mid-rep, its numbers are sane."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from edge.alerts.policy import POLICY, Policy
from edge.events import Kind, Severity

ROWS = [pytest.param(*key, policy, id="-".join(key)) for key, policy in POLICY.items()]
SPEAKING = [row for row in ROWS if row.values[2].speaks != "never"]


def test_every_kind_has_an_entry_at_every_severity() -> None:
    """No fault that a detector can report lacks its row, and no row is for a fault that does not exist."""
    assert set(POLICY) == set(itertools.product(get_args(Kind), get_args(Severity)))


@pytest.mark.parametrize(("kind", "severity", "policy"), ROWS)
def test_severity_says_when_it_speaks(kind: Kind, severity: Severity, policy: Policy) -> None:
    """S0 never speaks, S1 between reps, S2 and S3 at once."""
    assert policy.speaks == {"S0": "never", "S1": "between_reps"}.get(severity, "at_once")


@pytest.mark.parametrize(("kind", "severity", "policy"), SPEAKING)
def test_texts_are_short_sentences(kind: Kind, severity: Severity, policy: Policy) -> None:
    """Each cue is at most four words in 26 characters: what a lifter takes in under load and a small screen shows."""
    for text in (policy.external, policy.body):
        assert 1 <= len(text.split()) <= 4
        assert len(text) <= 26
        assert text[0].isupper()
        assert text.endswith(".")


@pytest.mark.parametrize(("kind", "severity", "policy"), SPEAKING)
def test_external_cues_leave_the_body_out(kind: Kind, severity: Severity, policy: Policy) -> None:
    """An external-focus cue speaks of the machine or the movement, never of a part of the body."""
    body_parts = {"knee", "knees", "heel", "heels", "pelvis", "tailbone", "back", "hips", "legs", "feet"}
    words = {word.strip(".,").lower() for word in policy.external.split()}
    assert not words & body_parts


@pytest.mark.parametrize(("kind", "severity", "policy"), SPEAKING)
def test_numbers_are_sane(kind: Kind, severity: Severity, policy: Policy) -> None:
    """Hold-offs leave time for the words and none outlasts a rep or two; repeats are spaced."""
    assert 0.5 <= policy.hold_off_s <= 5.0
    assert 2 <= policy.every_nth_rep <= 5


def test_priorities_are_distinct_and_rise_with_severity() -> None:
    """Two cues never tie, and a graver severity always outranks a lesser one, whatever the kind."""
    by_severity = {
        severity: [row.priority for (_, of), row in POLICY.items() if of == severity] for severity in ("S1", "S2", "S3")
    }
    ranked = by_severity["S1"] + by_severity["S2"] + by_severity["S3"]
    assert len(set(ranked)) == len(ranked)
    assert max(by_severity["S1"]) < min(by_severity["S2"])
    assert max(by_severity["S2"]) < min(by_severity["S3"])


def test_order_of_urgency() -> None:
    """Severe lumbar, hyperextension, severe valgus, then heel, lumbar, valgus and lockout."""
    ranked = sorted((key for key in POLICY if key[1] in ("S2", "S3")), key=lambda key: -POLICY[key].priority)
    assert ranked == [
        ("lumbar", "S3"),
        ("lockout", "S3"),
        ("valgus", "S3"),
        ("heel_lift", "S3"),
        ("heel_lift", "S2"),
        ("lumbar", "S2"),
        ("valgus", "S2"),
        ("lockout", "S2"),
    ]


def test_buzzer_patterns_tell_faults_apart_and_fit_the_wire() -> None:
    """Every spoken S2 has its own pattern, S3 share one, and each step fits a byte of 10 ms or of %."""
    by_kind = {row.buzzer for (_, severity), row in POLICY.items() if severity == "S2"}
    assert len(by_kind) == len(get_args(Kind))
    assert len({row.buzzer for (_, severity), row in POLICY.items() if severity == "S3"}) == 1
    for row in POLICY.values():
        for step in row.buzzer:
            assert 0 < step.intensity_pct <= 100
            assert all(0 < ms <= 2550 and ms % 10 == 0 for ms in (step.on_ms, step.off_ms))
