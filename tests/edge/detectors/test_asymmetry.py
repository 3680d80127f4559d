"""Uneven legs: by force, and by which knee goes ahead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from sign_tools import facts_of, motion_of, moved, rep_of

from edge.detectors.asymmetry import Asymmetry, AsymmetrySettings, lean_pct
from edge.detectors.sign import Finding
from edge.samples import FloatArray


def share_of(lean: float) -> float:
    """The left foot's share that makes this difference, %."""
    return 1.0 / (2.0 - lean / 100.0)


def told(leans: Sequence[float], **fields: object) -> list[list[Finding]]:
    """What is found after each of a set's reps."""
    asymmetry, before, out = Asymmetry(AsymmetrySettings()), [], []
    for k, lean in enumerate(leans, start=1):
        rep = rep_of(rep=k, left_share=share_of(lean), faults=(), **fields)
        out.append(list(asymmetry.judge(facts_of(rep, before=before))))
        before.append(rep)
    return out


def test_the_formula_is_more_less_less_over_more() -> None:
    """54:46 is 15 %, and the side that does more gives the sign."""
    assert lean_pct(0.54) == pytest.approx(14.8, abs=0.1)
    assert lean_pct(0.46) == pytest.approx(-14.8, abs=0.1)


@pytest.mark.parametrize(
    ("lean", "severity"), [(12.0, None), (14.9, None), (15.1, "S0"), (24.9, "S0"), (25.1, "S1"), (39.9, "S1")]
)
def test_the_mean_of_the_last_reps_is_what_counts(lean: float, severity: str | None) -> None:
    """15 % is written down, 25 % remarked on between reps; nothing of the first two reps."""
    findings = told([lean] * 5)
    assert findings[:2] == [[], []]
    assert [f.severity for f in findings[-1]] == ([severity] if severity else [])


@pytest.mark.parametrize(("lean", "severities"), [(39.9, []), (40.1, ["S2"])])
def test_one_rep_beyond_any_habit_is_said_at_once(lean: float, severities: list[str]) -> None:
    """40 % in a single rep."""
    assert [f.severity for f in told([lean])[0]] == severities


def test_it_names_the_leg_that_did_more() -> None:
    """And the formula, since another one gives other figures."""
    (finding,) = told([45.0])[0]
    assert finding.side == "left"
    assert "(more - less) / more" in finding.text


def test_legs_that_take_turns_in_doing_more_are_even() -> None:
    """30 % to either side, rep by rep, is no habit of one leg."""
    left, right = share_of(30.0), 1.0 - share_of(30.0)
    asymmetry, out = Asymmetry(AsymmetrySettings()), []
    for k in range(1, 7):
        rep = rep_of(rep=k, left_share=left if k % 2 else right, faults=())
        out += list(asymmetry.judge(facts_of(rep)))
    assert out == []


def test_a_leg_that_does_nothing_on_purpose_is_no_asymmetry() -> None:
    """One leg alone, or up with both and down with one."""
    assert told([97.0] * 5, lowered_with="left", pressed_with="left") == [[]] * 5
    assert told([60.0] * 5, lowered_with="left", pressed_with="both") == [[]] * 5


def knees(ahead_deg: float) -> dict[str, FloatArray]:
    flexion = 95.0 - 80.0 * np.linspace(0.0, 1.0, len(moved()))
    return {"left": flexion, "right": flexion + ahead_deg}


@pytest.mark.parametrize(("more_deg", "noted"), [(4.4, False), (4.6, True)])
def test_a_knee_that_goes_ahead_more_than_at_first_is_noted(more_deg: float, *, noted: bool) -> None:
    """4.5° beyond what it was in the first two reps, once a set; legs of unequal length are nobody's fault."""
    asymmetry, out = Asymmetry(AsymmetrySettings()), []
    for k, ahead in enumerate([3.0, 3.0, *[3.0 + more_deg] * 5], start=1):
        rep = rep_of(rep=k, left_share=None, faults=())
        speed = moved()
        motion = motion_of(speed, knees(ahead))
        out += list(asymmetry.judge(facts_of(rep, motion)))
    assert [(f.severity, f.side, f.unit) for f in out] == [("S0", "left", "deg")] * noted
