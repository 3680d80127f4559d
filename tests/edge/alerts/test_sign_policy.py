"""The policy's rows for signs, and how they stand beside the faults'."""

from __future__ import annotations

from typing import get_args

import pytest

from edge.alerts.manager import AlertManager
from edge.alerts.policy import POLICY, AlertSettings, Policy
from edge.alerts.sign_policy import SIGN_POLICY, TABLE, policy_of
from edge.detectors.sign import Finding
from edge.events import Severity, SignKind

ROWS = [pytest.param(*key, policy, id="-".join(key)) for key, policy in SIGN_POLICY.items()]


@pytest.mark.parametrize(("kind", "severity", "policy"), ROWS)
def test_severity_says_when_a_sign_speaks_and_its_words_are_short(
    kind: SignKind, severity: Severity, policy: Policy
) -> None:
    """S0 never speaks, S1 between reps, S2 and S3 at once; at most four words in 26 characters."""
    assert policy.speaks == {"S0": "never", "S1": "between_reps"}.get(severity, "at_once")
    for text in (policy.external, policy.body):
        assert 1 <= len(text.split()) <= 4
        assert len(text) <= 26
        assert text.endswith(".")


def test_priorities_are_distinct_rise_with_severity_and_leave_faults_first() -> None:
    """No two rows tie; a graver severity outranks a lesser; every fault goes before the signs of its severity."""
    speaking = {key: row for key, row in TABLE.items() if row.speaks != "never"}
    assert len({row.priority for row in speaking.values()}) == len(speaking)
    by_severity = [[r.priority for (_, s), r in speaking.items() if s == of] for of in ("S1", "S2", "S3")]
    assert max(by_severity[0]) < min(by_severity[1])
    assert max(by_severity[1]) < min(by_severity[2])
    least_fault = min(row.priority for (_, s), row in POLICY.items() if s == "S2")
    assert all(row.priority < least_fault for (_, s), row in SIGN_POLICY.items() if s == "S2")


def test_a_sign_without_a_row_is_written_down_only() -> None:
    """Every kind at every severity has a policy."""
    for kind in get_args(SignKind):
        for severity in get_args(Severity):
            assert policy_of(kind, severity).speaks in ("never", "between_reps", "at_once")
    assert policy_of("shallow", "S0").speaks == "never"


def finding(kind: SignKind, severity: Severity, rep: int) -> Finding:
    return Finding(kind=kind, severity=severity, set=1, rep=rep, text="", value=2.0, threshold=1.0)


def test_one_cue_a_rep_and_the_same_words_not_at_every_rep() -> None:
    """Of two signs after a rep the more urgent speaks; the same one again only after the reps its row says."""
    manager = AlertManager(AlertSettings())
    first = manager.decide([finding("fast_lowering", "S1", 1), finding("deep", "S1", 1)], 10_000_000_000)
    assert [d.outcome for d in first] == ["rep_has_its_cue", "spoken"]
    assert manager.decide([finding("deep", "S1", 2)], 15_000_000_000)[0].outcome == "repeated"
    assert manager.decide([finding("deep", "S1", 4)], 25_000_000_000)[0].spoken


def test_an_unheeded_sign_never_ends_the_set() -> None:
    """Only kinds with an S3 row advise to rack the sled."""
    manager = AlertManager(AlertSettings(unheeded_before_stop=1))
    for rep in range(1, 8):
        assert manager.decide([finding("bounce", "S2", rep)], rep * 5_000_000_000)[0].severity == "S2"


def test_a_signs_cue_silences_no_fault() -> None:
    """A fault in a rep whose sign was just spoken is spoken as well; the other way round the sign is silent."""
    manager = AlertManager(AlertSettings())
    assert manager.decide([finding("bounce", "S2", 1)], 10_000_000_000)[0].spoken
    fault = Finding(kind="valgus", severity="S2", set=1, rep=1, text="", value=40.0, threshold=34.0)
    assert manager.decide([fault], 10_100_000_000)[0].spoken
    assert manager.decide([finding("snap", "S2", 1)], 12_000_000_000)[0].outcome == "rep_has_its_cue"
    assert manager.decide([finding("snap", "S2", 2)], 10_500_000_000)[0].outcome == "hold_off"


def test_what_lasts_is_said_again_within_its_rep() -> None:
    """A rest on straight knees is spoken of although the rep had its cue, and again, but for the hold-off."""
    manager = AlertManager(AlertSettings())
    lockout = Finding(kind="lockout", severity="S2", set=1, rep=1, text="", value=2.0, threshold=6.0)
    assert manager.decide([lockout], 10_000_000_000)[0].spoken
    outcomes = [
        manager.decide([finding("resting_locked", "S2", 1)], t)[0].outcome
        for t in (11_000_000_000, 12_000_000_000, 14_000_000_000)
    ]
    assert outcomes == ["spoken", "hold_off", "spoken"]


@pytest.mark.parametrize("kind", ["snap", "resting_locked", "hyperextension"])
def test_who_means_to_straighten_the_knees_hears_no_form_of_it(kind: SignKind) -> None:
    """Muting the lockout mutes its forms; other signs are spoken."""
    manager = AlertManager(AlertSettings(muted=("lockout",)))
    assert manager.decide([finding(kind, "S2", 1)], 10_000_000_000)[0].outcome == "muted"
    assert manager.decide([finding("bounce", "S2", 1)], 11_000_000_000)[0].spoken


def test_advice_that_is_told_once_a_set_is_not_lost_to_a_lesser_cue() -> None:
    """A load that is too heavy is spoken of although the rep had a cue."""
    manager = AlertManager(AlertSettings())
    assert manager.decide([finding("bounce", "S2", 1)], 10_000_000_000)[0].spoken
    assert manager.decide([finding("too_heavy", "S3", 1)], 12_000_000_000)[0].spoken
