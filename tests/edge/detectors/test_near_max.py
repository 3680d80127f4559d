"""How near the load is to the lifter's maximum: what is said, what speeds tell, and what is not claimed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sign_tools import rep_of

from edge.detectors.near_max import LAST_M_S, LoadShare, NearMax, NearMaxSettings, fastest_drives, maximum_kg
from edge.events import Rep

FAST = NearMaxSettings(every_drive_fast=True)


def drive(kg: float | None, m_s: float | None, *, counted: bool = True) -> Rep:
    """A finished rep as this part reads it."""
    return replace(rep_of(), load_kg=kg, mean_concentric_m_s=m_s, counted=counted)


def on_a_line(max_kg: float, *loads: float) -> list[tuple[float, float]]:
    """A lifter whose speed falls evenly to LAST_M_S at max_kg, from 1.5 m/s more at nothing."""
    return [(kg, LAST_M_S + 1.5 * (1.0 - kg / max_kg)) for kg in loads]


def lifted(settings: NearMaxSettings, *drives: tuple[float, float]) -> NearMax:
    """After these reps, each done twice, the second a little slower."""
    near = NearMax(settings)
    for kg, m_s in drives:
        near.note(drive(kg, m_s))
        near.note(drive(kg, m_s - 0.01))
    return near


def test_what_is_said_counts() -> None:
    """Load over the said maximum; a command goes before the configuration until it is taken back."""
    near = NearMax(NearMaxSettings(one_rep_max_kg=200.0))
    assert near.nearness(150.0) == LoadShare(0.75, "said")
    near.say(160.0)
    near.begin()
    assert near.nearness(150.0) == LoadShare(150.0 / 160.0, "said")
    near.say(None)
    assert near.nearness(150.0) == LoadShare(0.75, "said")


def test_nothing_is_claimed_of_what_is_not_known() -> None:
    """Without a maximum, or without a load, no nearness and no strictness, however slow the drives are."""
    near = lifted(NearMaxSettings(), *on_a_line(200.0, 100.0, 140.0, 180.0))
    assert near.nearness(190.0) is None
    assert near.lines_times(None) == 1.0
    assert NearMax(NearMaxSettings(one_rep_max_kg=200.0)).nearness(None) is None


@pytest.mark.parametrize(("load_kg", "times"), [(160.0, 1.0), (160.1, 0.8), (250.0, 0.8)])
def test_strict_above_its_share_and_not_at_it(load_kg: float, times: float) -> None:
    """Of 200 kg, from just above 80 %, and beyond what was said to be the most."""
    near = NearMax(NearMaxSettings(one_rep_max_kg=200.0))
    assert near.lines_times(near.nearness(load_kg)) == times


def test_the_plate_tells_the_load_from_a_sets_first_rep_on() -> None:
    """Where none is said; the next set may have another."""
    near = NearMax(NearMaxSettings(one_rep_max_kg=200.0))
    near.note(drive(170.0, 0.4))
    assert near.nearness(None) == LoadShare(0.85, "said")
    near.end_set()
    assert near.nearness(None) is None


def test_own_speeds_at_three_loads_tell_the_maximum() -> None:
    """The line's end, by the fastest drive at each load, in any order; slower and uncounted ones are passed over."""
    near = lifted(FAST, *on_a_line(200.0, 180.0, 100.0, 140.0))
    near.note(drive(141.0, 0.2))
    near.note(drive(100.0, 1.9, counted=False))
    near.note(drive(None, 1.9))
    near.note(drive(60.0, None))
    found = near.nearness(170.0)
    assert found is not None
    assert (found.share, found.source) == (pytest.approx(0.85), "speeds")


def test_another_lifter_begins_anew() -> None:
    """What was seen of the one before is over with the session."""
    near = lifted(FAST, *on_a_line(200.0, 100.0, 140.0, 180.0))
    near.begin()
    assert near.nearness(170.0) is None


@pytest.mark.parametrize(("second_kg", "loads"), [(104.9, 1), (105.1, 2)])
def test_loads_within_a_few_percent_are_one(second_kg: float, loads: int) -> None:
    """A footplate's scatter makes no second load of one."""
    assert len(fastest_drives([(100.0, 0.9), (second_kg, 0.8)] * 2)) == loads


@given(st.permutations([(97.0, 0.8), (100.0, 1.0), (103.0, 0.4), (103.5, 0.5), (140.0, 0.7), (141.0, 0.6)]))
def test_the_order_of_drives_tells_nothing(drives: list[tuple[float, float]]) -> None:
    """A load scattered by over 5 % is one load in any order, with its fastest drive."""
    assert fastest_drives(drives) == [(100.0, 1.0), (140.0, 0.7)]


def test_one_drive_makes_no_load() -> None:
    """A slow drive that the plate tells as another load leaves the maximum as it is; a second one there counts."""
    line = on_a_line(200.0, 100.0, 140.0, 180.0)
    near = lifted(FAST, *line)
    known = near.nearness(170.0)
    near.note(drive(152.0, 0.1))
    assert near.nearness(170.0) == known
    near.note(drive(152.0, 0.1))
    assert near.nearness(170.0) != known


def test_a_single_drive_at_a_heavier_load_can_be_moved_again() -> None:
    """It is no point of the line, and the maximum is no less than it."""
    near = lifted(FAST, *on_a_line(200.0, 100.0, 140.0, 180.0))
    near.note(drive(210.0, 0.2))
    assert near.nearness(210.0) == LoadShare(1.0, "speeds")


@pytest.mark.parametrize(
    "fastest",
    [
        on_a_line(200.0, 100.0, 180.0),
        on_a_line(200.0, 140.0, 160.0, 180.0),
        [(100.0, 0.5), (140.0, 0.9), (180.0, 0.5)],
        [(100.0, 0.5), (140.0, 0.5), (180.0, 0.5)],
        [(100.0, 0.3), (140.0, 0.4), (180.0, 0.5)],
        on_a_line(400.0, 100.0, 140.0, 180.0),
    ],
    ids=["two loads", "too close together", "no line", "no fall", "faster with more", "all of them light"],
)
def test_speeds_that_tell_nothing(fastest: list[tuple[float, float]]) -> None:
    """No maximum is made of them."""
    assert maximum_kg(fastest) is None


@pytest.mark.parametrize(("max_kg", "known"), [(299.0, True), (301.0, False)])
def test_how_far_a_line_may_reach(max_kg: float, known: bool) -> None:  # noqa: FBT001
    """The heaviest load, 180 kg, is at least 60 % of what the line ends at."""
    assert (maximum_kg(on_a_line(max_kg, 90.0, 140.0, 180.0)) is not None) == known


@pytest.mark.parametrize(("heaviest_kg", "known"), [(129.0, False), (131.0, True)])
def test_how_far_apart_loads_must_be(heaviest_kg: float, known: bool) -> None:  # noqa: FBT001
    """The heaviest is 1.3 times the lightest or more."""
    assert (maximum_kg(on_a_line(150.0, 100.0, 115.0, heaviest_kg)) is not None) == known


@pytest.mark.parametrize(("middle_m_s", "known"), [(0.80, True), (0.95, False)])
def test_how_straight_a_line_must_be(middle_m_s: float, known: bool) -> None:  # noqa: FBT001
    """Between 1.0 and 0.4 m/s: 0.80 still explains 97 % of the scatter, 0.95 under 90 %."""
    assert (maximum_kg([(100.0, 1.0), (140.0, middle_m_s), (180.0, 0.4)]) is not None) == known


def test_what_was_moved_can_be_moved() -> None:
    """A line that ends below the heaviest load, since its drive was slow, gives that load."""
    assert maximum_kg([(100.0, 0.9), (140.0, 0.5), (180.0, 0.1)]) == 180.0


@given(st.lists(st.tuples(st.floats(0.1, 2000.0), st.floats(0.0, 5.0)), max_size=8))
def test_whatever_was_lifted_the_maximum_is_one_or_unknown(fastest: list[tuple[float, float]]) -> None:
    """Never less than what was moved, never so far off as to mean nothing."""
    found = maximum_kg(fastest)
    heaviest_kg = max((kg for kg, _ in fastest), default=0.0)
    assert found is None or heaviest_kg <= found <= heaviest_kg / 0.6 + 1e-9
