"""What a lifter is told who says that something hurts: which cards, which timers, what waits. Pure.

General information that a person asks for by a tap; nothing here is inferred from a sensor, scored or diagnosed, and
nobody is ever told to push on. The words stand with the pages; here stands which of them, and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Pain = Literal["none", "ache", "sharp"]
Area = Literal["back", "hip", "knee", "other"]
Card = Literal["after_care", "red_flags", "hip_first_try"]

AREAS: tuple[Area, ...] = ("back", "hip", "knee", "other")

# The times are those that physiotherapists' guides for lifters give for ordinary soreness.
ICE_MAX = timedelta(minutes=20)
HOLD = timedelta(hours=48)
"""First one to two days: rest and ice. After that slowly back, lighter, form first."""
SEE_A_DOCTOR_AFTER = timedelta(days=14)
"""Not better by then: a doctor."""

RED_FLAGS = (
    "cannot_stand_or_walk",
    "numbness_or_pain_down_a_leg",
    "weak_legs",
    "both_legs",
    "numb_groin",
    "bladder_or_bowel",
    "stabbing_pain",
    "pop_or_tear",
)
"""Signs with which to get emergency help at once, in the order in which they are shown."""

AFTER_CARE = ("ice", "rest", "return_lighter", "doctor_after_two_weeks")
"""What is told about ordinary soreness, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What follows. ends_session: no more lifting now; hold: no more weight before this has passed (None: no limit
    of time, until the lifter says that it was looked at); ice: how long an ice timer may run.
    """

    cards: tuple[Card, ...] = ()
    ends_session: bool = False
    holds_progress: bool = False
    hold: timedelta | None = None
    ice: timedelta | None = None
    see_a_doctor_after: timedelta | None = None


def care_for(pain: Pain, area: Area | None = None) -> Care:
    """What follows from one tap. area: where it aches, if told."""
    if pain == "none":
        return Care()
    if pain == "sharp":
        return Care(cards=("red_flags", "after_care"), ends_session=True, holds_progress=True, ice=ICE_MAX)
    cards: tuple[Card, ...] = ("hip_first_try", "after_care") if area == "hip" else ("after_care",)
    return Care(
        cards=cards,
        holds_progress=True,
        hold=HOLD,
        ice=ICE_MAX,
        see_a_doctor_after=SEE_A_DOCTOR_AFTER,
    )
