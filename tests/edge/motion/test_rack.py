"""When a set is over, where no footplate tells."""

from __future__ import annotations

from math import nan

import pytest

from edge.motion.rack import FELT_M_S, PAUSE, RACKED, UNFELT_M_S, Parked, Rack, sits


@pytest.mark.parametrize(
    ("tilt_deg", "hanging", "seated"),
    [
        (None, [], True),
        (45.0, [], True),
        (45.1, [], False),
        (-25.0, [], True),
        (-25.1, [], False),
        (0.0, [0.0, -0.3], True),
        (None, [0.63, 0.9], True),
        (None, [0.64, 0.9], False),
    ],
)
def test_who_sits(tilt_deg: float | None, hanging: list[float], seated: bool) -> None:  # noqa: FBT001
    """A pelvis that rolled forwards, or back further than any curl, is off the seat; so are thighs that all hang."""
    assert sits(tilt_deg, hanging) is seated


def test_a_long_stay_at_the_bottom_is_the_rack() -> None:
    """For 5 s it may be a rest; a rep between begins the count anew; a footplate knows better."""
    rack = Rack()
    assert not rack.left(0, "concentric", None, seated=True)
    assert not rack.left(RACKED, "bottom", None, seated=True)
    assert rack.left(RACKED + 1, "bottom", None, seated=True)
    assert not rack.left(RACKED + 2, "bottom", loaded=True, seated=True)
    assert rack.left(3, "top", loaded=False, seated=True)


def lowered(felt_m_s: float) -> Parked:
    """A sled that was let down until instant 100 and has felt so much of it."""
    parked = Parked()
    parked.step(0, "top", 0.0, 0.0, near_rack=False)
    parked.step(100, "eccentric", -0.1, felt_m_s, near_rack=False)
    return parked


@pytest.mark.parametrize(
    ("k", "near_rack", "may"), [(PAUSE, True, False), (PAUSE + 1, True, True), (999, False, False)]
)
def test_who_stays_at_the_rack_for_longer_than_a_pause_may_have_racked(k: int, near_rack: bool, may: bool) -> None:  # noqa: FBT001
    """Elsewhere it is a rest at the bottom; and with the way up nothing of it is left."""
    parked = lowered(0.5)
    parked.step(100 + k, "bottom", 0.0, 0.0, near_rack=near_rack)
    assert parked.may is may
    parked.step(101 + k, "concentric", 0.1, 0.1, near_rack=near_rack)
    assert not parked.may


@pytest.mark.parametrize(
    ("let_down", "told", "felt", "may"),
    [
        (FELT_M_S + 0.01, UNFELT_M_S + 0.01, 0.0, True),
        (FELT_M_S + 0.01, UNFELT_M_S - 0.01, 0.0, False),
        (FELT_M_S + 0.01, UNFELT_M_S + 0.09, 0.05, False),
        (FELT_M_S - 0.01, UNFELT_M_S + 0.2, 0.0, False),
        (FELT_M_S + 0.01, UNFELT_M_S + 0.2, nan, False),
    ],
)
def test_a_drive_that_the_sled_does_not_feel_is_none(let_down: float, told: float, felt: float, may: bool) -> None:  # noqa: FBT001
    """Where it felt the way down; one that lies beside the machine, or is not heard, is no witness."""
    parked = lowered(let_down)
    parked.step(101, "concentric", told, felt, near_rack=True)
    assert parked.may is may
