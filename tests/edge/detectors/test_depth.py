"""Too deep for the own hips, and shorter than the set's own stroke."""

from __future__ import annotations

import pytest
from sign_tools import LIMIT, facts_of, rep_of

from edge.detectors.depth import Depth, DepthSettings
from edge.detectors.sign import Finding, RepFacts


def found(facts: RepFacts) -> dict[str, Finding]:
    return {finding.kind: finding for finding in Depth(DepthSettings()).judge(facts)}


@pytest.mark.parametrize(("hips_deg", "deep"), [(116.9, False), (117.1, True)])
def test_the_hips_own_limit_less_three_degrees_is_the_line(hips_deg: float, *, deep: bool) -> None:
    """Within 3° of where the pelvis begins to tuck a rep is deep, whatever the knees say; cued between reps."""
    facts = facts_of(rep_of(left_depth_deg=125.0, right_depth_deg=125.0), hip_depth_deg=hips_deg, limit=LIMIT)
    assert ("deep" in found(facts)) is deep
    if deep:
        assert found(facts)["deep"].severity == "S1"


@pytest.mark.parametrize(("knee_deg", "deep"), [(110.0, False), (110.1, True)])
def test_without_an_own_limit_110_degrees_of_the_knee_is_the_line(knee_deg: float, *, deep: bool) -> None:
    """The usual limit counts until the lifter's own is known."""
    facts = facts_of(rep_of(left_depth_deg=knee_deg, right_depth_deg=knee_deg))
    assert ("deep" in found(facts)) is deep


def test_a_depth_hardly_beyond_the_line_is_uncertain() -> None:
    """How sure it is follows from the limit's interval: even at the line, certain 10° beyond."""
    near = found(facts_of(hip_depth_deg=117.01, limit=LIMIT))["deep"]
    far = found(facts_of(hip_depth_deg=127.0, limit=LIMIT))["deep"]
    assert near.confidence == pytest.approx(0.5, abs=0.01)
    assert far.confidence > 0.99


@pytest.mark.parametrize(("rom_m", "short"), [(0.301, False), (0.299, True)])
def test_three_quarters_of_the_usual_stroke_are_noted_and_never_cued(rom_m: float, *, short: bool) -> None:
    """A short rep is written down only: nobody is nagged into going deeper."""
    before = [rep_of(rep=k, rom_m=0.4) for k in (1, 2)]
    signs = found(facts_of(rep_of(rom_m=rom_m), before=before))
    assert ("shallow" in signs) is short
    if short:
        assert signs["shallow"].severity == "S0"


def test_a_half_squat_is_shallow_and_unknown_knees_are_no_depth() -> None:
    """Below 60° of flexion is shallow; where the knees are not known nothing is said."""
    assert found(facts_of(rep_of(left_depth_deg=59.0, right_depth_deg=59.0)))["shallow"].value == 59.0
    assert not found(facts_of(rep_of(left_depth_deg=None, right_depth_deg=None)))
