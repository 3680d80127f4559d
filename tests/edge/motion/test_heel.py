"""A foot's own flat share: what is learned of it, and what must not teach it."""

from __future__ import annotations

import pytest

from edge.motion.heel import FIRST_S, FOLLOW_TAU_S, PLAINLY_FLAT, USUAL, FlatShare

FIRST = round(FIRST_S * 100)


def stood(share: float) -> FlatShare:
    """A foot that has stood on the plate with this share until that is known."""
    flat = FlatShare()
    for _ in range(FIRST):
        flat.step(share)
    return flat


def test_it_is_known_after_the_press() -> None:
    """Nothing is told before FIRST_S of load; then the share is the median, so that a jolt does not spoil it."""
    flat = FlatShare()
    told = [flat.step(0.9 if i % 4 == 0 else 0.5) for i in range(FIRST)]
    assert told[:-1] == [None] * (FIRST - 1)
    assert told[-1] == pytest.approx(1.0)
    assert flat.share == pytest.approx(0.5)


@pytest.mark.parametrize(("felt", "taken"), [(0.1, USUAL[0]), (0.9, USUAL[1])])
def test_it_stays_within_what_feet_do(felt: float, taken: float) -> None:
    """A heel that hovers through the press, or a foot on its heels, is not taken for flat."""
    flat = FlatShare()
    for _ in range(FIRST):
        flat.step(felt)
    assert flat.share == pytest.approx(taken, abs=0.001)


def test_a_ratio_is_over_the_flat_share() -> None:
    """Half of the heel's own share is 0.5, whatever that share is."""
    assert stood(0.4).step(0.2) == pytest.approx(0.5)
    assert stood(0.6).step(0.3) == pytest.approx(0.5)


def test_a_sliding_foot_is_followed() -> None:
    """A foot that stands differently from now on is known anew after FOLLOW_TAU_S, by two thirds."""
    flat = stood(0.5)
    for _ in range(round(FOLLOW_TAU_S * 100)):
        flat.step(0.6)
    assert flat.share == pytest.approx(0.6 - 0.1 / 2.718, abs=0.002)


@pytest.mark.parametrize(
    ("ratio", "teaches"),
    [(PLAINLY_FLAT[0] + 0.01, True), (PLAINLY_FLAT[0] - 0.01, False), (PLAINLY_FLAT[1] - 0.01, True),
     (PLAINLY_FLAT[1] + 0.01, False), (0.0, False)],
)  # fmt: skip
def test_only_a_plainly_flat_foot_teaches(ratio: float, teaches: bool) -> None:  # noqa: FBT001
    """A heel that lifts, or a foot rocked back, leaves the flat share as it was."""
    flat = stood(0.5)
    flat.step(0.5 * ratio)
    assert (flat.share != 0.5) is teaches


def test_a_heel_that_lifts_in_every_rep_is_never_flat() -> None:
    """Twenty reps with the heel gone at the bottom, and the lift is as plain as in the first."""
    flat = stood(0.5)
    for _ in range(20):
        for share in [0.5] * 250 + [0.03] * 100:
            flat.step(share)
    assert flat.step(0.03) == pytest.approx(0.06, abs=0.005)
