"""What follows a tap on the pain question."""

from __future__ import annotations

from datetime import timedelta

from edge.coaching.care import AFTER_CARE, AREAS, RED_FLAGS, Care, care_for


def test_no_pain_asks_nothing() -> None:
    """Who has no pain is shown no card and nothing waits."""
    assert care_for("none") == Care()


def test_sharp_pain_ends_the_session_and_shows_the_red_flags_first() -> None:
    """Sharp or unusual: red flags before anything else, session over, progress held without a limit of time."""
    care = care_for("sharp", "knee")
    assert care.cards[0] == "red_flags"
    assert care.ends_session
    assert care.holds_progress
    assert care.hold is None


def test_an_ache_gets_the_after_care_card_and_its_times() -> None:
    """Ice for at most 20 minutes, 48 hours without more weight, a doctor after two weeks; no red flags."""
    for area in AREAS:
        care = care_for("ache", area)
        assert "after_care" in care.cards
        assert "red_flags" not in care.cards
        assert not care.ends_session
        assert care.ice == timedelta(minutes=20)
        assert care.hold == timedelta(hours=48)
        assert care.see_a_doctor_after == timedelta(days=14)


def test_an_aching_hip_is_told_to_try_the_feet_first() -> None:
    """Where the feet stand is the first thing to try for the hip, and for nothing else."""
    assert care_for("ache", "hip").cards[0] == "hip_first_try"
    assert "hip_first_try" not in care_for("ache", "back").cards


def test_the_cards_hold_what_the_safety_page_promises() -> None:
    """The signs that need help at once are all there, each once."""
    assert {"cannot_stand_or_walk", "numb_groin", "bladder_or_bowel", "pop_or_tear"} <= set(RED_FLAGS)
    assert len(set(RED_FLAGS)) == len(RED_FLAGS)
    assert AFTER_CARE[0] == "ice"
