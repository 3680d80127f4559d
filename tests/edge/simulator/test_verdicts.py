"""The verdict on a rep follows from the true signal and the bands alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edge.simulator.verdicts import Signal, judge

T = np.arange(0.0, 10.0, 0.002)
REP: dict[str, Any] = {"index": 4, "start": 1.0, "bottom": 3.0, "drive": 3.5, "top": 5.0, "end": 8.0}


def verdict(kind: str, values: np.ndarray, unseen: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return judge(Signal(kind, "left", values, ("left_thigh", "left_shank")), REP, T, unseen or [])


def dip(to: float, at_s: float, rest: float) -> np.ndarray:
    return rest + (to - rest) * np.exp(-(((T - at_s) / 0.3) ** 2))


@pytest.mark.parametrize(
    ("kind", "peak", "rest", "state"),
    [
        ("lockout", 3.5, 15.0, "fault"),
        ("lockout", 3.6, 15.0, "grey"),
        ("lockout", 8.9, 15.0, "grey"),
        ("lockout", 9.0, 15.0, "ok"),
        ("valgus", 45.0, 0.0, "fault"),
        ("valgus", 44.9, 0.0, "grey"),
        ("valgus", 24.0, 0.0, "ok"),
        ("lumbar", 14.5, 0.0, "fault"),
        ("lumbar", 9.0, 0.0, "ok"),
        ("lumbar", 9.1, 0.0, "grey"),
        ("heel_lift", 0.1, 1.0, "fault"),
        ("heel_lift", 0.11, 1.0, "grey"),
        ("heel_lift", 0.45, 1.0, "ok"),
    ],
)
def test_bands(kind: str, peak: float, rest: float, state: str) -> None:
    """At the band's edge the verdict is the band's; just beyond it is not."""
    values = dip(peak, 5.0, rest)
    values[np.argmin(np.abs(T - 5.0))] = peak
    assert verdict(kind, values)["state"] == state


def test_a_bent_knee_at_the_top_before_the_drive_is_no_lockout() -> None:
    """Lockout is judged from the drive on: a straight knee at the start belongs to the rep before."""
    assert verdict("lockout", dip(0.0, 1.0, 60.0))["state"] == "ok"
    assert verdict("valgus", dip(60.0, 1.5, 0.0))["state"] == "fault"


def test_near_and_onset_bracket_the_crossing() -> None:
    """`near` is when the signal last left the ok band, `onset` when it crossed the onset."""
    values = np.interp(T, [0, 4, 6, 10], [0.0, 0.0, 100.0, 100.0])  # 50 a second from 4 s on
    told = verdict("valgus", values)
    assert told["near"] == pytest.approx(4.0 + 24 / 50, abs=0.003)
    assert told["onset"] == pytest.approx(4.0 + 35 / 50, abs=0.003)
    assert told["until"] == pytest.approx(8.0, abs=0.003)


@pytest.mark.parametrize(("lasts", "told"), [(1.9, False), (2.1, True)])
def test_only_long_ones_say_when_they_ended(lasts: float, told: bool) -> None:  # noqa: FBT001
    """`until` is there for what lasts over two seconds."""
    values = np.where((T > 4.0) & (lasts > T - 4.0), 60.0, 0.0)
    assert ("until" in verdict("valgus", values)) is told


@pytest.mark.parametrize(
    ("role", "start", "end", "state"),
    [
        ("left_shank", 7.9, 9.0, "unseen"),
        ("left_shank", 8.1, 9.0, "fault"),
        ("left_shank", 0.0, 0.9, "fault"),
        ("right_shank", 0.0, 9.0, "fault"),
    ],
)
def test_what_no_sensor_saw(role: str, start: float, end: float, state: str) -> None:
    """A verdict is unseen where a sensor that it needs was blind in any part of the rep."""
    blind = [{"role": role, "from": start, "to": end}]
    assert verdict("valgus", dip(60.0, 4.0, 0.0), blind)["state"] == state
