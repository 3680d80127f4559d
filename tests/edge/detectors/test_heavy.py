"""Two signs of lost control make a load too heavy; and what a stall is."""

from __future__ import annotations

import pytest
from sign_tools import facts_of, rep_of

from edge.detectors.heavy import Heavy, HeavySettings
from edge.detectors.sign import Finding
from edge.detectors.stall import Stall, StallSettings
from edge.events import FaultRef, Kind, Phase, Rep
from edge.motion.gate import Gate

TUCKED = FaultRef(kind="lumbar", side=None, severity="S2", worst_value=15.0, unit="deg")
BOUNCE = Finding(kind="bounce", severity="S1", set=1, rep=1, text="")


def rep(number: int, **fields: object) -> Rep:
    sound = {"rom_m": 0.3, "velocity_loss_pct": 5.0, "left_share": 0.5, "faults": ()}
    return rep_of(rep=number, lowered_with="both", pressed_with="both", **{**sound, **fields})


def told(reps: list[Rep], bounces: tuple[int, ...] = ()) -> list[tuple[int, str]]:
    heavy, before, out = Heavy(HeavySettings()), [], []
    for one in reps:
        found = [BOUNCE] if one.rep in bounces else []
        out += [(f.rep, f.text) for f in heavy.judge(facts_of(one, before=before), found)]
        before.append(one)
    return out


def test_one_sign_alone_is_not_enough() -> None:
    """Slow last reps are what training is for; form that gives way has its own cues; nor do two bounces do."""
    assert told([rep(k, velocity_loss_pct=60.0) for k in range(1, 9)]) == []
    assert told([rep(k, faults=(TUCKED,)) for k in range(1, 9)]) == []
    assert told([rep(k) for k in range(1, 9)], bounces=(1, 2, 3)) == []


@pytest.mark.parametrize(("loss_pct", "reps"), [(39.9, []), (40.1, [3])])
def test_two_signs_are_told_once_a_set(loss_pct: float, reps: list[int]) -> None:
    """Form that gave way in two reps, and 40 % of the speed gone; S3 comes with both named."""
    found = told([rep(k, faults=(TUCKED,), velocity_loss_pct=loss_pct if k > 2 else 0.0) for k in range(1, 7)])
    assert [number for number, _ in found] == reps
    assert all("form gave way" in text and "slower" in text for _, text in found)


@pytest.mark.parametrize(("late_m", "lost"), [(0.257, False), (0.253, True)])
def test_range_is_lost_where_the_last_two_reps_are_short(late_m: float, *, lost: bool) -> None:
    """Below 85 % of the set's first reps, with a second sign beside it."""
    reps = [rep(k, rom_m=0.3 if k < 6 else late_m) for k in range(1, 8)]
    assert bool(told(reps, bounces=(1, 2))) is lost


@pytest.mark.parametrize(("late_share", "grew"), [(0.52, False), (0.56, True)])
def test_legs_that_drift_apart_are_a_sign(late_share: float, *, grew: bool) -> None:
    """By more than 10 points of (more - less) / more."""
    reps = [rep(k, left_share=0.5 if k < 4 else late_share) for k in range(1, 8)]
    assert bool(told(reps, bounces=(1, 2))) is grew


@pytest.mark.parametrize(("kinds", "heavy"), [(("lumbar", "valgus"), False), (("lumbar", "lumbar"), True)])
def test_form_gives_way_where_one_fault_comes_twice(kinds: tuple[Kind, Kind], *, heavy: bool) -> None:
    """Two different ones, once each, are two slips."""
    faults = [FaultRef(kind=kind, side=None, severity="S2", worst_value=0.0, unit="") for kind in kinds]
    reps = [rep(k, faults=(fault,), velocity_loss_pct=50.0) for k, fault in enumerate(faults, start=1)]
    assert bool(told(reps)) is heavy


def gate(phase: Phase, attempt: int = 1) -> Gate:
    return Gate(phase, 1, 4, attempt, judged=True, since_top_s=0.0)


def test_a_stall_is_one_sign_and_a_drive_that_is_racked_after_it_two() -> None:
    """Two drives that stop on their way are one: pulses and partial reps stop, too. What is lost is told once."""
    heavy = Heavy(HeavySettings())
    assert list(heavy.stall(gate("concentric"), lost=False)) == []
    assert list(heavy.stall(gate("concentric"), lost=False)) == []
    (finding,) = heavy.stall(gate("rest"), lost=True)
    assert (finding.kind, finding.severity, finding.rep) == ("too_heavy", "S3", 4)
    assert list(heavy.stall(gate("rest"), lost=True)) == []


def driven(stop_at: float, stop_s: float, speed_m_s: float = 0.0) -> list[str]:
    """What is told of a drive of 0.3 m at 0.25 m/s that stops on its way, and then goes on."""
    stall, out = Stall(StallSettings()), []
    stall.step(0.3, 0.0, gate("top", 0))
    for k in range(121):
        stall.step(0.3 - 0.0025 * k, -0.25, gate("eccentric"))
    place = 0.0
    while place < 0.3:
        out.append(stall.step(place, 0.25, gate("concentric")))
        place += 0.0025
        if abs(place - 0.3 * stop_at) < 0.00125:
            out += [stall.step(place, speed_m_s, gate("concentric")) for _ in range(round(stop_s / 0.01))]
    return [told for told in out if told]


@pytest.mark.parametrize(("stop_s", "told"), [(0.48, []), (0.52, ["stalled"])])
def test_half_a_second_of_hardly_moving_is_a_stall(stop_s: float, told: list[str]) -> None:
    """A sticking point passes sooner; it is told once."""
    assert driven(0.4, stop_s) == told


@pytest.mark.parametrize(("stop_at", "told"), [(0.05, []), (0.15, ["stalled"]), (0.8, ["stalled"]), (0.9, [])])
def test_a_stop_near_either_end_is_none(stop_at: float, told: list[str]) -> None:
    """Below is the turn, above the easing into the top."""
    assert driven(stop_at, 1.0) == told


@pytest.mark.parametrize(("speed_m_s", "told"), [(0.04, ["stalled"]), (0.06, [])])
def test_a_slow_grinder_does_not_stall(speed_m_s: float, told: list[str]) -> None:
    """Slower than 0.05 m/s is standing."""
    assert driven(0.5, 1.0, speed_m_s) == told


def test_a_pause_at_the_bottom_is_no_stall_wherever_the_sled_seems_to_be() -> None:
    """Only a drive can stall: lifting heels move the place that the knees tell."""
    stall = Stall(StallSettings())
    stall.step(0.3, 0.0, gate("top", 0))
    stall.step(0.0, -0.25, gate("eccentric"))
    assert not any(stall.step(0.05, 0.0, gate("bottom")) for _ in range(200))


@pytest.mark.parametrize(("then", "told"), [("rest", ["lost"]), ("top", [])])
def test_a_stalled_drive_is_lost_where_it_is_racked(then: Phase, told: list[str]) -> None:
    """Said once; a drive that gets to the top after all, straight or after another turn, is not lost."""
    stall = Stall(StallSettings())
    stall.step(0.3, 0.0, gate("top", 0))
    stall.step(0.0, -0.25, gate("eccentric"))
    assert [stall.step(0.15, 0.0, gate("concentric")) for _ in range(60)].count("stalled") == 1
    assert not any(stall.step(0.1, -0.2, gate("eccentric")) for _ in range(20))
    assert [one for _ in range(20) if (one := stall.step(0.0, 0.0, gate(then)))] == told
