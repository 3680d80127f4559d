"""Knees snapped straight, or driven beyond straight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sign_tools import facts_of, motion_of, moved, rep_of

from edge.detectors.arrival import Arrival, ArrivalSettings
from edge.detectors.sign import Finding, RepFacts
from edge.events import FaultRef

LOCKED = FaultRef(kind="lockout", side="left", severity="S2", worst_value=2.0, unit="deg")
BOTH = ("lockout_left", "lockout_right")


def straightened(rate_deg_s: float = 60.0, least_deg: float = 2.0, number: int = 1, **changes: object) -> RepFacts:
    """An attempt whose left knee straightens evenly to least_deg; the right one stays soft."""
    speed = moved()
    n, bottom = len(speed), int(np.argmin(np.cumsum(speed)))
    rise = np.maximum(95.0 - rate_deg_s * 0.01 * np.arange(n - bottom), least_deg)
    left = np.concatenate([np.linspace(14.0, 95.0, bottom), rise])
    fields = {"rep": number, "faults": (LOCKED,), "assessed": BOTH, **changes}
    before = [rep_of(rep=k) for k in range(1, number)]
    return facts_of(rep_of(**fields), motion_of(speed, {"left": left, "right": np.maximum(left, 14.0)}), before)


def found(facts: RepFacts, arrival: Arrival | None = None) -> dict[str, Finding]:
    return {f.kind: f for f in (arrival or Arrival(ArrivalSettings())).judge(facts)}


@pytest.mark.parametrize(("rate_deg_s", "snapped"), [(98.0, False), (103.0, True)])
def test_straightened_faster_than_100_degrees_a_second_is_a_snap(rate_deg_s: float, *, snapped: bool) -> None:
    """Only on the way into a lockout; on the side that locked."""
    signs = found(straightened(rate_deg_s))
    assert ("snap" in signs) is snapped
    if snapped:
        assert (signs["snap"].side, signs["snap"].severity) == ("left", "S2")


def test_a_quick_soft_arrival_is_no_snap() -> None:
    """Without a lockout nothing is said, however quick the knee was."""
    assert found(straightened(150.0, least_deg=10.0, faults=())) == {}


@pytest.mark.parametrize(("least_deg", "beyond"), [(-3.9, False), (-4.1, True)])
def test_four_degrees_beyond_straight_are_hyperextension(least_deg: float, *, beyond: bool) -> None:
    """Measured from the lifter's own straight."""
    assert ("hyperextension" in found(straightened(least_deg=least_deg))) is beyond


def test_how_sure_hyperextension_is_goes_by_how_sure_the_knees_zero_is() -> None:
    """2° beyond the line: seen at two spreads of that knee's zero, and at one; the other knee's tells nothing."""
    for sd_deg, confidence in ((1.0, 0.977), (2.0, 0.841)):
        facts = replace(straightened(least_deg=-6.0), zero_sd_deg={"left": sd_deg, "right": 9.0})
        assert found(facts)["hyperextension"].confidence == pytest.approx(confidence, abs=1e-3)


def test_hyperextension_in_two_reps_advises_to_end_the_set() -> None:
    """S2 at first, S3 from the second rep of the set on; another set begins anew."""
    arrival = Arrival(ArrivalSettings())
    severities = [
        found(straightened(least_deg=-7.0, number=k, set=number), arrival)["hyperextension"].severity
        for number, k in ((1, 1), (1, 4), (2, 1))
    ]
    assert severities == ["S2", "S3", "S2"]


def test_a_knee_that_was_not_assessed_is_not_judged() -> None:
    """A knee that is not calibrated may show any angle."""
    assert found(straightened(150.0, least_deg=-9.0, faults=(), assessed=("lockout_right",))) == {}
