"""The faults' milder and graver forms, and a knee that falls in more from rep to rep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from sign_tools import facts_of, motion_of, moved, rep_of

from edge.detectors.grades import HELD, Grades, GradeSettings
from edge.detectors.sign import Finding, RepFacts, held
from edge.detectors.trend import Trend, slope_of
from edge.events import FaultRef, Kind, Rep, Side

ALL = ("lockout_left", "lockout_right", "valgus_left", "valgus_right", "heel_lift_left", "heel_lift_right", "lumbar")
SPEED = moved()
N = len(SPEED)
MIDDLE = slice(150, 190)


def fault(kind: Kind, side: Side | None) -> FaultRef:
    return FaultRef(kind=kind, side=side, severity="S2", worst_value=0.0, unit="")


def attempt(
    inward_mm: float = 5.0, tilt_deg: float = 2.0, heel: float = 1.0, *, rep: Rep | None = None, lasts: slice = MIDDLE
) -> RepFacts:
    """An attempt whose left knee, pelvis or left heel does this for a while at the bottom."""
    flexion = np.full(N, 80.0)
    motion = motion_of(SPEED, {"left": flexion, "right": flexion})
    knees = {side: rows.copy() for side, rows in motion.knees.items()}
    knees["left"][lasts, 2] = inward_mm
    tilt, left = np.zeros(N), np.ones(N)
    tilt[lasts], left[lasts] = tilt_deg, heel
    rep = rep or rep_of(faults=(), assessed=ALL)
    return facts_of(rep, replace(motion, knees=knees), tilt_deg=tilt, heels={"left": left, "right": np.ones(N)})


def found(facts: RepFacts, grades: Grades | None = None) -> list[tuple[str, str]]:
    return [(f.kind, f.severity) for f in (grades or practised()).judge(facts)]


def practised() -> Grades:
    """After the reps that taught the lifter's own neutral."""
    grades = Grades(GradeSettings())
    for _ in range(2):
        assert not list(grades.judge(attempt()))
    return grades


@pytest.mark.parametrize(("mm", "signs"), [(23.9, []), (24.1, [("valgus", "S1")])])
def test_a_knee_that_falls_in_by_24_mm_is_remarked_on(mm: float, signs: list[tuple[str, str]]) -> None:
    """Between reps, and on its side."""
    assert found(attempt(mm)) == signs


def test_the_first_two_reps_teach_the_neutral_and_warn_of_nothing() -> None:
    """Half of a fault's size is within what an unknown neutral may be off by."""
    assert found(attempt(30.0), Grades(GradeSettings())) == []


def test_a_fault_that_was_called_is_not_warned_of_besides() -> None:
    """Nobody hears the same thing twice."""
    rep = rep_of(faults=(fault("valgus", "left"), fault("lumbar", None)), assessed=ALL)
    assert found(attempt(40.0, 14.0, rep=rep)) == []


@pytest.mark.parametrize(("mm", "severities"), [(46.9, ["S1", "S1"]), (47.1, ["S1", "S3"])])
def test_severe_in_two_reps_running_is_for_the_set(mm: float, severities: list[str]) -> None:
    """47 mm as estimated; the first such rep is warned of as any."""
    grades = practised()
    assert [found(attempt(mm), grades)[0][1] for _ in range(2)] == severities


@pytest.mark.parametrize(("deg", "signs"), [(7.9, []), (8.1, ["S1"]), (17.9, ["S1"]), (18.1, ["S3"])])
def test_a_pelvis_that_tucks_is_remarked_on_from_8_degrees_and_grave_from_18(deg: float, signs: list[str]) -> None:
    """By what lasted."""
    assert [severity for _, severity in found(attempt(tilt_deg=deg))] == signs


@pytest.mark.parametrize(("deg", "signs"), [(6.3, []), (6.5, ["S1"]), (14.3, ["S1"]), (14.5, ["S3"])])
def test_near_the_maximum_the_lines_of_the_pelvis_are_stricter(deg: float, signs: list[str]) -> None:
    """Times 0.8, all of them."""
    assert [severity for _, severity in found(replace(attempt(tilt_deg=deg), lumbar_times=0.8))] == signs


def test_three_of_four_reps_with_a_tucked_pelvis_are_grave() -> None:
    """Though none of them was by itself."""
    grades, tucked = practised(), rep_of(faults=(fault("lumbar", None),), assessed=ALL)
    reps = [tucked, rep_of(faults=(), assessed=ALL), tucked, tucked]
    assert [found(attempt(tilt_deg=2.0 if not rep.faults else 14.0, rep=rep), grades) for rep in reps] == [
        [], [], [], [("lumbar", "S3")],
    ]  # fmt: skip


@pytest.mark.parametrize(("share", "signs"), [(0.61, []), (0.59, ["S1"])])
def test_a_heel_that_grows_light_is_remarked_on(share: float, signs: list[str]) -> None:
    """Below 60 % of its own flat share."""
    assert [severity for _, severity in found(attempt(heel=share))] == signs


@pytest.mark.parametrize(("lasts", "scope"), [(slice(150, 190), "bottom_only"), (slice(40, 380), "all_phases")])
def test_where_in_the_rep_a_heel_is_up_is_told(lasts: slice, scope: str) -> None:
    """About the bottom it is a matter of depth, throughout one of where the foot stands; of a called fault, too."""
    rep = rep_of(faults=(fault("heel_lift", "left"),), assessed=ALL)
    (finding,) = practised().judge(attempt(heel=0.1, rep=rep, lasts=lasts))
    assert (finding.severity, finding.scope) == ("S0", scope)


@pytest.mark.parametrize(("leg", "signs"), [("both", 1), ("left", 1), ("right", 0)])
def test_a_foot_that_only_rides_along_has_no_light_heel(leg: str, signs: int) -> None:
    """Where the right leg lowers alone, the left heel may be anywhere."""
    rep = rep_of(faults=(), assessed=ALL, lowered_with=leg, pressed_with="both")
    assert len(found(attempt(heel=0.4, rep=rep))) == signs


@pytest.mark.parametrize(("top_deg", "signs"), [(9.1, []), (8.9, [("lockout", "S0")])])
def test_a_knee_that_came_near_straight_is_written_down(top_deg: float, signs: list[tuple[str, str]]) -> None:
    """Below 9° there is no soft bend left; no lockout was called."""
    assert found(attempt(rep=rep_of(faults=(), assessed=ALL, left_top_deg=top_deg))) == signs


def test_what_was_not_assessed_is_not_graded() -> None:
    """Nor is what lasted too short, or an attempt that does not count."""
    assert found(attempt(60.0, 30.0, 0.1, rep=rep_of(faults=(), assessed=()))) == []
    assert found(attempt(60.0, 30.0, 0.1, rep=rep_of(faults=(), assessed=ALL, counted=False))) == []
    assert found(attempt(30.0, 10.0, 0.5, lasts=slice(150, 160))) == []


def test_the_level_that_lasted_is_the_lowest_of_its_time() -> None:
    """Too few values have none."""
    assert held(np.concatenate([np.zeros(20), np.full(15, 7.0), np.zeros(20)]), HELD) == 7.0
    assert held(np.concatenate([np.zeros(20), np.full(14, 7.0), np.zeros(20)]), HELD) == 0.0
    assert held(np.ones(5), HELD) is None
    assert held(np.full(40, np.nan), HELD) is None


def trend(worst_mm: Sequence[float]) -> list[Finding]:
    one, out = Trend(GradeSettings()), []
    for k, mm in enumerate(worst_mm, start=1):
        out += list(one.judge(attempt(mm, rep=rep_of(rep=k, faults=(), assessed=ALL))))
    return out


@pytest.mark.parametrize(("growth_mm", "told"), [(1.9, 0), (2.6, 1)])
def test_growth_from_rep_to_rep_is_noted_once(growth_mm: float, told: int) -> None:
    """2 mm a rep, over five reps and more."""
    findings = trend([8.0 + growth_mm * k for k in range(9)])
    assert [(f.kind, f.side, f.severity) for f in findings] == [("valgus_trend", "left", "S0")] * told


def test_scatter_is_no_trend() -> None:
    """One bad rep at the end of many is none, nor are four reps."""
    assert trend([8.0, 16.0, 4.0, 14.0, 6.0, 18.0, 9.0]) == []
    assert slope_of([1.0, 5.0, 9.0, 13.0]) == (0.0, float("inf"))
