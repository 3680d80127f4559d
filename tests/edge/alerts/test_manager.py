"""Timelines of detections through the alert manager: who speaks, who is silent, and why."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alerts.manager import AlertManager, Decision
from edge.alerts.policy import POLICY, AlertSettings
from edge.events import Kind, Phase, Severity, SignKind

REP_S = 4.0
"""One rep of these lifters."""


@dataclass(frozen=True)
class Found:
    """A detection of which the tests set only what matters to them."""

    kind: Kind | SignKind = "lockout"
    severity: Severity = "S2"
    phase: Phase = "concentric"
    set: int = 1
    rep: int = 1
    value: float = 4.0
    threshold: float = 5.0
    confidence: float = 0.9


def at(rep: int, within_s: float = 0.0) -> int:
    """The time, in ns, of an instant in a rep."""
    return round((rep * REP_S + within_s) * 1e9)


def lifter_with(faults: dict[int, Found], settings: AlertSettings | None = None) -> dict[int, Decision]:
    """One fault in each of these reps, in their order; the decision for each."""
    manager = AlertManager(settings or AlertSettings())
    return {rep: manager.decide([found], at(rep))[0] for rep, found in sorted(faults.items())}


def every_rep(reps: range, kind: Kind = "lockout", **changes: object) -> dict[int, Found]:
    return {rep: Found(kind=kind, rep=rep, **changes) for rep in reps}  # type: ignore[arg-type]


def test_a_first_fault_is_spoken_in_the_words_of_the_table() -> None:
    """One fault, one cue: the external text and the buzz of its row."""
    (decision,) = AlertManager(AlertSettings()).decide([Found(kind="valgus", value=5.0)], at(1))
    row = POLICY["valgus", "S2"]
    assert decision == Decision("S2", row.external, row.buzzer, "spoken", row.priority)
    assert decision.is_alert


@pytest.mark.parametrize(("value", "on_ms"), [(5.0, 300), (2.5, 450), (0.0, 600), (-4.0, 600)])
def test_the_worse_a_fault_the_longer_it_sounds(value: float, on_ms: int) -> None:
    """From the table's length at the threshold to twice that at twice the threshold beyond it, and no longer."""
    (decision,) = AlertManager(AlertSettings()).decide([Found(value=value)], at(1))
    assert decision.buzzer[0].on_ms == on_ms
    assert [one.off_ms for one in decision.buzzer] == [one.off_ms for one in POLICY["lockout", "S2"].buzzer]


def test_the_focus_setting_chooses_the_words() -> None:
    """With body focus the body text speaks."""
    (decision,) = AlertManager(AlertSettings(focus="body")).decide([Found(kind="valgus")], at(1))
    assert decision.cue == POLICY["valgus", "S2"].body


def test_of_two_at_the_same_instant_the_more_urgent_speaks() -> None:
    """Heel lift outranks lockout whichever comes first in the list; both are alerts, in the order given."""
    for order in ([0, 1], [1, 0]):
        both = [Found(kind="lockout"), Found(kind="heel_lift")]
        decisions = AlertManager(AlertSettings()).decide([both[i] for i in order], at(1))
        assert [decisions[i].outcome for i in order] == ["rep_has_its_cue", "spoken"]
        assert all(decision.is_alert for decision in decisions)


def test_a_rep_has_one_cue() -> None:
    """A second fault in the same rep, of whatever kind, side or urgency, is published in silence."""
    manager = AlertManager(AlertSettings())
    assert manager.decide([Found(kind="lockout")], at(1))[0].spoken
    (later,) = manager.decide([Found(kind="lumbar", severity="S3")], at(1, within_s=3.5))
    assert later.outcome == "rep_has_its_cue"
    assert later.is_alert


def test_what_has_grown_worse_in_a_rep_goes_on_to_the_advice_to_stop() -> None:
    """The same fault's graver form after its cue is spoken once the hold-off is over; no third cue follows."""
    manager = AlertManager(AlertSettings())
    assert manager.decide([Found(kind="lumbar")], at(1))[0].spoken
    graver, again = Found(kind="lumbar", severity="S3"), Found(kind="valgus", severity="S3")
    assert manager.decide([graver], at(1, within_s=2.5))[0].spoken
    assert manager.decide([again], at(1, within_s=6.5))[0].outcome == "rep_has_its_cue"


def test_the_same_cue_speaks_every_second_rep() -> None:
    """A fault in reps 1 to 3 is spoken in 1 and 3."""
    decisions = lifter_with(every_rep(range(1, 4)))
    assert [decision.outcome for decision in decisions.values()] == ["spoken", "repeated", "spoken"]


@pytest.mark.parametrize(("value", "outcome"), [(2.8, "repeated"), (2.75, "spoken")])
def test_a_fault_that_worsens_is_spoken_in_the_next_rep_too(value: float, outcome: str) -> None:
    """A quarter of the threshold further beyond it is news, and the repeat rule gives way; less is not."""
    decisions = lifter_with({1: Found(rep=1, value=4.0), 2: Found(rep=2, value=value)})
    assert decisions[2].outcome == outcome


def test_worse_is_meant_on_either_side_of_a_threshold() -> None:
    """An inward knee is worse when it is larger, as a knee near straight is when its flexion is smaller."""
    inward = {rep: Found(kind="valgus", rep=rep, value=value, threshold=35.0) for rep, value in ((1, 36.0), (2, 45.0))}
    assert lifter_with(inward)[2].spoken


def test_another_kind_may_speak_in_the_rep_between() -> None:
    """The repeat rule holds back the same words only."""
    decisions = lifter_with({1: Found(rep=1), 2: Found(rep=2, kind="heel_lift")})
    assert decisions[2].spoken


def test_lifter_who_does_not_heed() -> None:
    """A fault in every rep: cues in 1, 3 and 5, the advice to end the set in 6, silence after."""
    decisions = lifter_with(every_rep(range(1, 11), kind="lumbar"))
    assert [rep for rep, decision in decisions.items() if decision.spoken] == [1, 3, 5, 6]
    assert decisions[6].severity == "S3"
    assert decisions[6].cue == POLICY["lumbar", "S3"].external
    assert {decisions[rep].outcome for rep in range(7, 11)} == {"advised"}
    assert {decisions[rep].severity for rep in (1, 2, 3, 4, 5, 7, 8, 9, 10)} == {"S2"}
    assert all(decision.is_alert for decision in decisions.values())


@pytest.mark.parametrize(("limit", "advised_in"), [(1, 2), (2, 4), (3, 6)])
def test_the_number_of_cues_before_the_advice_is_a_setting(limit: int, advised_in: int) -> None:
    """With n cues allowed, the advice comes in the first faulty rep after the nth."""
    decisions = lifter_with(every_rep(range(1, 9)), AlertSettings(unheeded_before_stop=limit))
    assert [rep for rep, decision in decisions.items() if decision.severity == "S3"] == [advised_in]


def test_lifter_who_heeds_for_a_rep() -> None:
    """A rep without the fault starts the count again, so that no advice to stop comes."""
    faulty = [1, 3, 5, 7, 9, 11]
    decisions = lifter_with({rep: Found(rep=rep) for rep in faulty}, AlertSettings(fading=False))
    assert {decision.severity for decision in decisions.values()} == {"S2"}
    assert all(decision.spoken for decision in decisions.values())


def test_a_heeded_cue_fades() -> None:
    """Slipping back in every second rep and correcting each time, the lifter is told in ever fewer of them."""
    decisions = lifter_with({rep: Found(rep=rep) for rep in range(1, 24, 2)})
    assert [rep for rep, decision in decisions.items() if decision.spoken] == [1, 5, 9, 15, 21]
    assert {decision.outcome for decision in decisions.values()} == {"spoken", "repeated"}
    assert all(decision.is_alert for decision in decisions.values())


def test_a_relapse_brings_the_cue_back() -> None:
    """A fault in the very rep after the cue ends the fading: from there on it is said at the table's pace again."""
    heeded = {rep: Found(rep=rep) for rep in (1, 3, 5, 7, 9)}
    relapse = {rep: Found(rep=rep) for rep in range(10, 15)}
    decisions = lifter_with(heeded | relapse, AlertSettings(unheeded_before_stop=20))
    assert [rep for rep, decision in decisions.items() if decision.spoken] == [1, 5, 9, 11, 13]


def test_a_fault_that_worsens_does_not_fade() -> None:
    """However often it was heeded, a graver slip is named at once."""
    slips = {rep: Found(rep=rep) for rep in (1, 3, 5, 7)}
    assert lifter_with(slips | {9: Found(rep=9, value=1.0)})[9].spoken


def test_muting_is_of_a_session() -> None:
    """A kind that is muted by a command is silent until it is spoken of again, or the next session begins."""
    manager = AlertManager(AlertSettings(muted=("valgus",)))
    manager.mute(["lockout"], muted=True)
    assert manager.decide([Found(rep=1)], at(1))[0].outcome == "muted"
    manager.mute(["lockout", "valgus"], muted=False)
    assert manager.decide([Found(rep=2)], at(2))[0].spoken
    assert manager.decide([Found(rep=4, kind="valgus")], at(4))[0].spoken
    manager.mute(["fast_lowering"], muted=True)
    assert manager.decide([Found(rep=6, kind="fast_lowering")], at(6))[0].outcome == "muted"
    manager.begin_session()
    assert manager.decide([Found(rep=9, kind="valgus")], at(9))[0].outcome == "muted"


def test_the_language_setting_chooses_the_language() -> None:
    """The same row in another language, in either focus."""
    for language, said in (("en", "Spread the plate apart."), ("de", "Platte auseinanderdrücken.")):
        manager = AlertManager(AlertSettings(language=language))  # type: ignore[arg-type]
        assert manager.decide([Found(kind="valgus")], at(1))[0].cue == said


def test_a_new_set_starts_afresh() -> None:
    """After the advice, the next set's first fault is spoken as S2 again, though the rep number is the same."""
    manager = AlertManager(AlertSettings(unheeded_before_stop=1))
    spoken = [manager.decide([Found(rep=rep)], at(rep))[0] for rep in (1, 2, 3)]
    assert [decision.outcome for decision in spoken] == ["spoken", "spoken", "advised"]
    (first,) = manager.decide([Found(set=2, rep=3)], at(60))
    assert first.spoken
    assert first.severity == "S2"


def test_advice_about_one_kind_leaves_the_others_their_voice() -> None:
    """A lifter told to stop for one fault still hears of another."""
    manager = AlertManager(AlertSettings(unheeded_before_stop=1))
    for rep in (1, 2, 3):
        manager.decide([Found(kind="valgus", rep=rep)], at(rep))
    assert manager.decide([Found(kind="heel_lift", rep=4)], at(4))[0].spoken


@pytest.mark.parametrize(("confidence", "outcome"), [(0.59, "unsure"), (0.6, "spoken")])
def test_confidence_at_its_limit(confidence: float, outcome: str) -> None:
    """At 0.6 a detection is an alert; below it is none, and silent."""
    (decision,) = AlertManager(AlertSettings()).decide([Found(confidence=confidence)], at(1))
    assert decision.outcome == outcome
    assert decision.is_alert == (outcome == "spoken")


def test_what_is_unsure_neither_uses_up_the_rep_nor_counts_as_unheeded() -> None:
    """Doubtful detections leave the cue to a certain one, and never lead to the advice to stop."""
    manager = AlertManager(AlertSettings(unheeded_before_stop=1))
    doubtful = [manager.decide([Found(rep=rep, confidence=0.3)], at(rep))[0] for rep in range(1, 6)]
    assert {decision.severity for decision in doubtful} == {"S2"}
    assert manager.decide([Found(rep=5)], at(5, within_s=1.0))[0].spoken


@pytest.mark.parametrize(("later_s", "outcome"), [(0.99, "hold_off"), (1.0, "spoken")])
def test_hold_off_at_its_limit(later_s: float, outcome: str) -> None:
    """A cue late in one rep holds back one early in the next, for as long as its row says."""
    assert POLICY["lockout", "S2"].hold_off_s == 1.0
    manager = AlertManager(AlertSettings())
    manager.decide([Found(kind="lockout", rep=1)], at(1))
    assert manager.decide([Found(kind="heel_lift", rep=2)], at(1, within_s=later_s))[0].outcome == outcome


def test_a_muted_kind_is_published_and_never_spoken() -> None:
    """A lifter who lifts the heels on purpose hears nothing of it, and other cues have the rep."""
    manager = AlertManager(AlertSettings(muted=("heel_lift",)))
    muted, other = manager.decide([Found(kind="heel_lift"), Found(kind="lockout")], at(1))
    assert (muted.outcome, other.outcome) == ("muted", "spoken")
    assert muted.is_alert


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [("eccentric", "mid_rep"), ("bottom", "mid_rep"), ("concentric", "mid_rep"), ("top", "spoken"), ("rest", "spoken")],
)
def test_a_warning_speaks_only_between_reps(phase: Phase, outcome: str) -> None:
    """S1 is said at the top or at rest, and is no alert wherever it comes."""
    (decision,) = AlertManager(AlertSettings()).decide([Found(severity="S1", phase=phase)], at(1))
    assert decision.outcome == outcome
    assert not decision.is_alert


def test_a_near_miss_is_logged() -> None:
    """S0 never speaks and is no alert."""
    (decision,) = AlertManager(AlertSettings()).decide([Found(severity="S0", phase="top")], at(1))
    assert decision.outcome == "logged"
    assert not decision.is_alert


kinds = st.sampled_from(sorted({kind for kind, _ in POLICY}))
found = st.builds(
    Found, kind=kinds, severity=st.sampled_from(["S0", "S1", "S2", "S3"]), value=st.floats(-10, 10),
    confidence=st.floats(0, 1), phase=st.sampled_from(["eccentric", "bottom", "concentric", "top"]),
)  # fmt: skip


@given(st.lists(st.lists(st.lists(found, max_size=4), max_size=3), max_size=15))
def test_whatever_is_detected_a_rep_hears_one_cue_at_most(set_of_reps: list[list[list[Found]]]) -> None:
    """Any detections, in any order: one cue a rep, but that a sign's may be followed by a fault's, and a fault's by the
    advice to stop for that fault; one advice to stop a kind, one decision a detection.
    """
    manager = AlertManager(AlertSettings())
    stops: list[Kind] = []
    for rep, instants in enumerate(set_of_reps):
        spoken = []
        for i, detected in enumerate(instants):
            detections = [msgspec.convert({**vars(one), "rep": rep}, Found) for one in detected]
            decisions = manager.decide(detections, at(rep, within_s=i * 1.2))
            assert len(decisions) == len(detections)
            spoken += [(f, d) for f, d in zip(detections, decisions, strict=True) if d.spoken]
        cues = [(found.kind, found.severity) for found, _ in spoken]
        if len(cues) > 1 and cues[-1][1] == "S3" and cues[-2] == (cues[-1][0], "S2"):
            cues.pop()
        assert [severity in ("S2", "S3") for _, severity in cues] in ([], [True], [False], [False, True])
        stops += [found.kind for found, decision in spoken if decision.severity == "S3"]
    assert len(stops) == len(set(stops))
