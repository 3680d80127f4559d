"""A lifter's own table over the machine's settings."""

from __future__ import annotations

import msgspec
import pytest

from edge.detectors.lockout import LockoutSettings
from edge.detectors.settings import DetectorSettings
from edge.machine import MachineSettings, for_lifter

MACHINE = MachineSettings(
    id="press", sled_mass_kg=140.0, faults=DetectorSettings(lockout=LockoutSettings(alert_deg=5.0, clear_deg=7.0))
)


def test_what_is_not_mentioned_stays_the_machines() -> None:
    """One threshold of the lifter's own: its neighbours, and everything else, are as the machine has them."""
    mine = for_lifter(MACHINE, {"height_m": 1.9, "faults": {"lockout": {"alert_deg": 4.0}}})
    assert (mine.height_m, mine.faults.lockout.alert_deg) == (1.9, 4.0)
    assert (mine.faults.lockout.clear_deg, mine.faults.valgus) == (7.0, MACHINE.faults.valgus)
    assert (mine.id, mine.sled_mass_kg, mine.alerts) == ("press", 140.0, MACHINE.alerts)


def test_an_empty_table_changes_nothing() -> None:
    """And the machine's own settings are never touched."""
    assert for_lifter(MACHINE, {}) == MACHINE
    for_lifter(MACHINE, {"height_m": 2.0})
    assert MACHINE.height_m == 1.72


def test_measured_legs_belong_to_the_height_beside_them() -> None:
    """Another lifter's height puts the legs aside that were measured for the machine's own; other tables do not."""
    measured = msgspec.structs.replace(MACHINE, thigh_m=0.43, shank_m=0.42)
    assert for_lifter(measured, {"height_m": 1.6}).tape_m is None
    assert for_lifter(measured, {"thigh_m": 0.4, "shank_m": 0.39}).tape_m == (0.4, 0.39)
    assert for_lifter(measured, {"height_m": 1.6, "thigh_m": 0.4, "shank_m": 0.39}).tape_m == (0.4, 0.39)
    for alone in ("thigh_m", "shank_m"):
        with pytest.raises(msgspec.ValidationError, match="measure both"):
            for_lifter(measured, {alone: 0.4})
    assert for_lifter(measured, {"faults": {"lockout": {"alert_deg": 4.0}}}).tape_m == (0.43, 0.42)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"thigh_m": 0.43}, "thigh_m without shank_m: measure both"),
        ({"shank_m": 0.43}, "shank_m without thigh_m: measure both"),
        ({"thigh_m": 43, "shank_m": 0.42}, "<= 0.65"),
        ({"thigh_m": 0.43, "shank_m": 0.2}, ">= 0.25"),
    ],
)
def test_legs_are_measured_both_and_in_metres(own: dict[str, object], said: str) -> None:
    """One of the two alone, centimetres for metres, and what is no leg, are refused."""
    with pytest.raises(msgspec.ValidationError, match=said):
        for_lifter(MACHINE, own)


@pytest.mark.parametrize(
    "own",
    [
        {"height_m": 3.0},
        {"faults": {"lockout": {"alert_deg": 7.0}}},
        {"faults": {"lockout": {"typo": 1.0}}},
        {"faults": 3},
    ],
)
def test_what_contradicts_the_machine_is_refused(own: dict[str, object]) -> None:
    """A value out of range, a line beyond the machine's other line, an unknown name, a number for a table."""
    with pytest.raises(msgspec.ValidationError):
        for_lifter(MACHINE, own)
