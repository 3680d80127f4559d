"""The set-up check before a set: seven items, each measured where it can be and asked where it cannot. Pure.

An item is `pass`, `fix` (measured, and not in order) or `unknown`; unknown is never shown as passed. What a sensor can
see is not to be confirmed by a tap; what none sees is asked, and the lifter's word is told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

Item = Literal["knees", "back", "head", "feet", "brace", "locks", "load"]
Verdict = Literal["pass", "unknown", "fix"]
By = Literal["measured", "said", "nobody"]

ITEMS: tuple[Item, ...] = ("knees", "back", "head", "feet", "brace", "locks", "load")

# The numbers are engineering choices that await a pilot with coaches.
START_KNEE_DEG = (80.0, 105.0)
"""About a right angle at the start; sources differ on which side of it, so both are taken."""
PAD_SHARE_MIN = 0.7
"""Of this lifter's own full contact: below it hips or back are off the pad."""
HEEL_SHARE = (0.25, 0.75)
"""A flat foot shares its force between heel and toes; where it stands on the plate moves the share this far."""
LEFT_SHARE = (0.4, 0.6)
"""Both feet carry; uneven legs alone make 45 to 55 %."""
LOAD_TOLERANCE = 0.05
"""Of the planned load: one small plate on a usual working weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is measured with the sled racked and the lifter seated; None where nothing measures it.

    knee_flexion_deg: left and right; pad_share: of the own full contact, of the row that has less; heel_share: left and
    right, of each foot's force; left_share: of the force of both feet; locks_closed: the safety locks' switch;
    load_kg and planned_kg: what lies on the sled and what was meant to.
    """

    knee_flexion_deg: tuple[float | None, float | None] = (None, None)
    pad_share: float | None = None
    heel_share: tuple[float | None, float | None] = (None, None)
    left_share: float | None = None
    locks_closed: bool | None = None
    load_kg: float | None = None
    planned_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One item. by: who says so."""

    item: Item
    verdict: Verdict
    by: By


def check(evidence: Evidence, confirmed: Collection[str]) -> tuple[Checked, ...]:
    """All seven items in their order. confirmed: items that the lifter has tapped."""
    return tuple(_judge(item, MEASURES[item](evidence), item in confirmed) for item in ITEMS)


def is_ready(checked: Collection[Checked]) -> bool:
    """Whether every item has passed."""
    return all(one.verdict == "pass" for one in checked)


def _judge(item: Item, measured: bool | None, said: bool) -> Checked:  # noqa: FBT001
    if measured is not None:
        return Checked(item, "pass" if measured else "fix", "measured")
    return Checked(item, "pass", "said") if said else Checked(item, "unknown", "nobody")


def _knees(evidence: Evidence) -> bool | None:
    return _both_within(evidence.knee_flexion_deg, START_KNEE_DEG)


def _back(evidence: Evidence) -> bool | None:
    return None if evidence.pad_share is None else evidence.pad_share >= PAD_SHARE_MIN


def _feet(evidence: Evidence) -> bool | None:
    """Flat and even: all three figures are needed to pass, any one is enough to be wrong."""
    flat = _both_within(evidence.heel_share, HEEL_SHARE)
    even = None if evidence.left_share is None else LEFT_SHARE[0] <= evidence.left_share <= LEFT_SHARE[1]
    if flat is False or even is False:
        return False
    return True if flat and even else None


def _locks(evidence: Evidence) -> bool | None:
    return evidence.locks_closed


def _load(evidence: Evidence) -> bool | None:
    load, planned = evidence.load_kg, evidence.planned_kg
    if load is None or planned is None:
        return None
    return abs(load - planned) <= LOAD_TOLERANCE * planned


def _unseen(_evidence: Evidence) -> bool | None:
    """Head, neck and bracing: no sensor of ours sees them."""
    return None


MEASURES: dict[Item, Callable[[Evidence], bool | None]] = {
    "knees": _knees,
    "back": _back,
    "head": _unseen,
    "feet": _feet,
    "brace": _unseen,
    "locks": _locks,
    "load": _load,
}


def _both_within(pair: tuple[float | None, float | None], band: tuple[float, float]) -> bool | None:
    """Either one outside is wrong; both are needed to be right."""
    known = [band[0] <= value <= band[1] for value in pair if value is not None]
    if not all(known):
        return False
    return True if len(known) == 2 else None
