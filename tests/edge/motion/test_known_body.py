"""What is kept of a lifter's legs: what it may be, how a tape goes into it, and that nonsense is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from edge.motion.known_body import (
    LEAST_SD,
    MOST_SD,
    TABLE_SD,
    TAPE_SD_M,
    KnownBody,
    beforehand,
    by_height,
    changed,
    measured,
    with_tape,
)

HEIGHT_M = 1.75
TAPE_M = (0.45, 0.41)
KNOWN = changed(by_height(HEIGHT_M), np.array([0.44, 0.42, 0.003, 1.0]), by_height(HEIGHT_M).spread(), sessions=3)


def text(**other: Any) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(KNOWN) | other)


def covariance(place: int, value: float) -> list[float]:
    one = list(KNOWN.covariance)
    one[place] = value
    return one


def test_it_comes_back_from_text_as_it_was() -> None:
    """Every number, to the last bit."""
    odd = changed(
        KNOWN,
        KNOWN.values() + np.array([1 / 3, 1 / 7, 1 / 3, 1 / 3]) * 0.1,
        KNOWN.spread(),
        straight_deg=1 / 3,
        straight_sd_deg=0.7,
        tape_m=TAPE_M,
    )
    assert msgspec.json.decode(msgspec.json.encode(odd), type=KnownBody) == odd


@pytest.mark.parametrize("key", ["thigh_m", "shank_m"])
def test_legs_at_the_limits_of_people_are_taken(key: str) -> None:
    """From 25 to 65 cm, and not beyond."""
    for fine in (0.25, 0.65):
        assert getattr(msgspec.json.decode(text(**{key: fine}), type=KnownBody), key) == fine
    for wrong in (0.249, 0.651, 43, -0.4):
        with pytest.raises(msgspec.ValidationError, match=key):
            msgspec.json.decode(text(**{key: wrong}), type=KnownBody)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"left_surplus_m": 0.051}, "left_surplus_m"),
        ({"tissue_deg": -15.1}, "tissue_deg"),
        ({"straight_deg": 31}, "straight_deg"),
        ({"straight_sd_deg": 0.0}, "straight_sd_deg"),
        ({"sessions": -1}, "sessions"),
        ({"sessions": 1.5}, "sessions"),
        ({"tape_m": [0.4]}, "tape_m"),
        ({"tape_m": [0.4, 4.0]}, "tape_m"),
        ({"covariance": list(KNOWN.covariance)[:9]}, "covariance"),
        ({"covariance": ["x"] * 10}, "covariance"),
        ({"covariance": None}, "covariance"),
        ({"covariance": [0.0] * 10}, "a variance is 0"),
        ({"covariance": covariance(1, 1.0)}, "contradict"),
        ({"name": "Nina"}, "name"),
        ({"thigh_m": None}, "thigh_m"),
    ],
)
def test_garbage_is_refused_in_words(other: dict[str, Any], said: str) -> None:
    """Whatever a file holds: a value out of range, of another type, one too few, a key that nobody knows, a spread that
    no quantities can have.
    """
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.json.decode(text(**other), type=KnownBody)


@pytest.mark.parametrize(("place", "diagonal"), [(0, 0), (1, 4), (2, 7), (3, 9)])
def test_how_well_something_can_be_known_has_limits(place: int, diagonal: int) -> None:
    """Of each of the four: at its least and its most it is taken, beyond it is not."""
    for sd in (LEAST_SD[place] * 1.0001, MOST_SD[place] * 0.9999):
        msgspec.json.decode(text(covariance=covariance(diagonal, sd**2)), type=KnownBody)
    for sd in (LEAST_SD[place] * 0.999, MOST_SD[place] * 1.001):
        with pytest.raises(msgspec.ValidationError, match="a variance is"):
            msgspec.json.decode(text(covariance=covariance(diagonal, sd**2)), type=KnownBody)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    """Made by hand, since no JSON can say it."""
    with pytest.raises(ValueError, match="not finite"):
        KnownBody(thigh_m=0.4, shank_m=number, covariance=KNOWN.covariance)
    with pytest.raises(ValueError, match="not finite"):
        KnownBody(thigh_m=0.4, shank_m=0.4, covariance=(number, *KNOWN.covariance[1:]))


def test_a_tape_is_believed_more_than_the_tables_and_not_alone() -> None:
    """The lengths lie between the tape's and the height's, nearer to the tape's; known better than by either."""
    tables, tape = by_height(HEIGHT_M), measured(*TAPE_M, HEIGHT_M)
    assert tables.thigh_m < 0.5 * (tables.thigh_m + TAPE_M[0]) < tape.thigh_m < TAPE_M[0]
    sd = np.sqrt(np.diag(tape.spread()))[:2]
    assert (sd < TAPE_SD_M).all()
    assert (sd < TABLE_SD * tables.thigh_m).all()
    assert (tape.sessions, tape.tape_m) == (0, TAPE_M)


def test_a_tape_tells_of_what_hangs_together_with_the_lengths() -> None:
    """Where earlier sessions left open whether legs are longer or flesh gives more, a tape tells both."""
    spread = KNOWN.spread()
    spread[0, 3] = spread[3, 0] = spread[1, 3] = spread[3, 1] = 0.6 * np.sqrt(spread[0, 0] * spread[3, 3])
    either = changed(KNOWN, KNOWN.values(), spread)
    told = with_tape(either, KNOWN.thigh_m + 0.02, KNOWN.shank_m + 0.02)
    assert told.tissue_deg > KNOWN.tissue_deg + 0.5
    assert told.spread()[3, 3] < 0.6 * spread[3, 3]
    assert told.sessions == KNOWN.sessions


def test_what_to_go_by() -> None:
    """Nothing, what is kept, the tape, or both; a tape goes in once, and another one's figures start anew."""
    tape = measured(*TAPE_M, HEIGHT_M)
    assert beforehand(None, None, HEIGHT_M) == ()
    assert beforehand(KNOWN, None, HEIGHT_M) == (KNOWN,)
    assert beforehand(None, TAPE_M, HEIGHT_M) == (tape,)
    both = beforehand(KNOWN, TAPE_M, HEIGHT_M)
    assert both == (with_tape(KNOWN, *TAPE_M), tape)
    assert beforehand(both[0], TAPE_M, HEIGHT_M) == both
    assert beforehand(both[0], (0.40, 0.41), HEIGHT_M) == (measured(0.40, 0.41, HEIGHT_M),)


def test_where_kept_legs_and_the_tape_cannot_both_be_true_the_tape_counts() -> None:
    """Flesh would have to turn the sensors by more than any does."""
    spread = KNOWN.spread()
    spread[3, 3] = 25.0
    spread[0, 3] = spread[3, 0] = spread[1, 3] = spread[3, 1] = 0.65 * 5.0 * np.sqrt(spread[0, 0])
    odd = changed(KNOWN, np.array([0.3, 0.3, 0.0, 12.0]), spread)
    assert beforehand(odd, TAPE_M, HEIGHT_M) == (measured(*TAPE_M, HEIGHT_M),)
