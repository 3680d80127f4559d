"""Another lifter's values reach all that judges by them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from edge.detectors.lockout import LockoutSettings
from edge.detectors.near_max import NearMaxSettings
from edge.detectors.settings import DetectorSettings, SignSettings
from edge.lifter import Lifter
from edge.session.judges import Judges

USUAL = Lifter(near_max=NearMaxSettings(one_rep_max_kg=100.0))
OTHERS = DetectorSettings(lockout=LockoutSettings(alert_deg=4.0))


def test_the_coach_judges_by_the_next_lifters_lines() -> None:
    """The signs' own settings, and the knees' line, by either of which it may be another."""
    judges = Judges(USUAL)
    judges.suit(replace(USUAL, faults=OTHERS))
    assert judges.coach._straight_deg == 4.0
    signs = replace(SignSettings(), tempo=replace(SignSettings().tempo, warn_s=2.0))
    judges.suit(replace(USUAL, faults=OTHERS, signs=signs))
    assert judges.coach._settings == signs
    assert judges.coach._straight_deg == 4.0


def test_the_backs_line_stays_strict_for_another_lifter_near_the_maximum() -> None:
    """It is drawn anew with the next one's settings, and the load is as near as it was."""
    judges = Judges(USUAL)
    judges.nearness(95.0, moving=False)
    strict = judges.watch._lumbar.fault._line.on
    assert strict == pytest.approx(USUAL.faults.lumbar.alert_deg * USUAL.near_max.lines_times)
    judges.suit(replace(USUAL, faults=OTHERS))
    judges.nearness(95.0, moving=False)
    assert judges.watch._lumbar.fault._line.on == strict
