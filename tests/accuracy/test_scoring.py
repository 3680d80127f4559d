"""The scoring itself: what counts as found, missed, false."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from accuracy.measures import measure_reps
from accuracy.verdicts import judge
from example_events import ALERT, REP

from edge.events import Alert

REPS = [{"index": 1, "start": 10.0, "bottom": 11.0, "drive": 11.2, "top": 12.0, "end": 12.0, "rom_m": 0.25}]


def facts(**verdict: Any) -> dict[str, Any]:
    """A session of one rep with one verdict on the left knee."""
    usual = {"kind": "lockout", "side": "left", "rep": 1, "state": "fault", "onset": 11.8, "near": 11.7}
    return {"reps": REPS, "verdicts": [{**usual, **verdict}]}


def alert(t_s: float, side: str | None = "left", kind: str = "lockout") -> Alert:
    """An alert of that instant."""
    return msgspec.structs.replace(ALERT, t_s=t_s, side=side, kind=kind)


@pytest.mark.parametrize(
    ("t_s", "found", "false"),
    [(11.64, 0, 1), (11.65, 1, 0), (11.9, 1, 0), (13.3, 1, 0), (13.31, 0, 1)],
)
def test_a_fault_is_found_from_a_little_before_to_a_while_after(t_s: float, found: int, false: int) -> None:
    """From 0.15 s before the onset to 1.5 s after; beyond, it is missed and the alert false."""
    tally = judge(facts(), [alert(t_s)])["lockout"]
    assert (tally.found, tally.missed, tally.false) == (found, 1 - found, false)


def test_whoever_says_no_side_speaks_of_both() -> None:
    """Right about the left and wrong about the right: one found, one false."""
    tally = judge(facts(), [alert(11.9, side=None)])["lockout"]
    assert (tally.found, tally.false) == (1, 1)


def test_too_close_to_call_counts_neither_way() -> None:
    """Nothing is found, missed or false."""
    tally = judge(facts(state="grey"), [alert(11.9)])["lockout"]
    assert (tally.found, tally.missed, tally.false) == (0, 0, 0)


def test_an_alert_when_nobody_lifts_is_false_and_outside() -> None:
    """Half a minute later."""
    tally = judge(facts(state="ok"), [alert(42.0)])["lockout"]
    assert (tally.false, tally.outside, tally.clean) == (1, 1, 1)


def test_a_rep_told_twice_is_not_exact() -> None:
    """One true rep, told twice: one is matched."""
    rep = msgspec.structs.replace(REP, bottom_s=11.1, rom_m=0.26)
    truth = {"reps": [{**REPS[0], "mean_concentric_mps": 0.3, "eccentric_s": 1.0, "concentric_s": 0.8}]}
    twice, once = measure_reps(truth, [rep, rep]), measure_reps(truth, [rep])
    assert (once.exact, twice.exact, twice.matched) == (True, False, 1)
    assert once.errors["rom_m"] == pytest.approx([0.01])
