"""The set-up check: each item at its limits, and that nothing unknown passes."""

from __future__ import annotations

import pytest

from edge.coaching.setup_gate import ITEMS, Checked, Evidence, check, is_ready


def verdict(item: str, evidence: Evidence, *confirmed: str) -> tuple[str, str]:
    (one,) = (c for c in check(evidence, confirmed) if c.item == item)
    return one.verdict, one.by


def test_nothing_measured_and_nothing_said_is_all_unknown() -> None:
    """Without evidence no item passes, and the gate is not ready."""
    checked = check(Evidence(), ())
    assert [c.item for c in checked] == list(ITEMS)
    assert {c.verdict for c in checked} == {"unknown"}
    assert not is_ready(checked)


@pytest.mark.parametrize(
    ("knees", "wanted"),
    [
        ((80.0, 105.0), "pass"), ((79.9, 90.0), "fix"), ((90.0, 105.1), "fix"),
        ((90.0, None), "unknown"), ((70.0, None), "fix"), ((None, None), "unknown"),
    ],
)  # fmt: skip
def test_knees_at_the_start(knees: tuple[float | None, float | None], wanted: str) -> None:
    """Both knees within 80 to 105° pass; one outside is enough to be wrong, one unknown is not enough to pass."""
    assert verdict("knees", Evidence(knee_flexion_deg=knees))[0] == wanted


@pytest.mark.parametrize(("share", "wanted"), [(0.7, "pass"), (0.69, "fix"), (None, "unknown")])
def test_back_on_the_pad(share: float | None, wanted: str) -> None:
    """The pad must carry at least 70 % of the lifter's own full contact."""
    assert verdict("back", Evidence(pad_share=share))[0] == wanted


@pytest.mark.parametrize(
    ("heels", "left", "wanted"),
    [
        ((0.25, 0.75), 0.4, "pass"), ((0.24, 0.5), 0.5, "fix"), ((0.5, 0.76), 0.5, "fix"), ((0.5, 0.5), 0.61, "fix"),
        ((0.5, 0.5), None, "unknown"), ((0.5, None), 0.5, "unknown"), ((None, None), 0.39, "fix"),
    ],
)  # fmt: skip
def test_feet_flat_and_even(heels: tuple[float | None, float | None], left: float | None, wanted: str) -> None:
    """Flat and even needs all three figures; any one of them outside its band is wrong."""
    assert verdict("feet", Evidence(heel_share=heels, left_share=left))[0] == wanted


@pytest.mark.parametrize(
    ("load", "planned", "wanted"),
    [(105.0, 100.0, "pass"), (105.1, 100.0, "fix"), (94.9, 100.0, "fix"), (100.0, None, "unknown")],
)
def test_load_against_the_plan(load: float, planned: float | None, wanted: str) -> None:
    """Within 5 % of the plan; without a plan it is asked."""
    assert verdict("load", Evidence(load_kg=load, planned_kg=planned))[0] == wanted


def test_a_tap_answers_only_what_nothing_measures() -> None:
    """The lifter's word passes an unseen item, told as said; it does not overrule a measurement."""
    assert verdict("head", Evidence(), "head") == ("pass", "said")
    assert verdict("locks", Evidence(locks_closed=False), "locks") == ("fix", "measured")


def test_ready_when_all_seven_have_passed() -> None:
    """Six of seven are not ready."""
    everything = check(Evidence(), ITEMS)
    assert is_ready(everything)
    assert not is_ready([*everything[:-1], Checked("load", "unknown", "nobody")])
