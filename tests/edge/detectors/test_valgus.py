"""Valgus on timelines of the knee's inward displacement."""

from __future__ import annotations

import numpy as np
import pytest
from timelines import gate, reading

from edge.detectors.valgus import Valgus, ValgusSettings
from edge.events import Phase

S = ValgusSettings()


def caving(valgus: Valgus, peak_mm: float, flexion_deg: float = 70.0, phase: Phase = "concentric") -> list[float]:
    """A knee that falls in and comes back within 0.8 s. Returns when it was told, s."""
    path = peak_mm * np.sin(np.linspace(0.0, np.pi, 80)) ** 2
    rate = np.gradient(path, 0.01)
    said = [valgus.step(reading(i, path[i], rate[i]), flexion_deg, gate(phase)) for i in range(80)]
    return [i * 0.01 for i, found in enumerate(said) if found]


@pytest.mark.parametrize(
    ("lifter", "peak_mm", "caves"),
    [
        ("Ali collapses", 60.0, True),
        ("Bea caves", 45.0, True),
        ("Cleo sways", 24.0, False),
        ("Dan bows out", -60.0, False),
    ],
)
def test_who_caves(lifter: str, peak_mm: float, caves: bool) -> None:  # noqa: FBT001
    """A plain collapse is told once, on the way in; sway and a knee pushed outwards are not."""
    said = caving(Valgus("left", S), peak_mm)
    assert len(said) == (1 if caves else 0), lifter
    assert all(at < 0.4 for at in said)


@pytest.mark.parametrize(("flexion_deg", "judged"), [(S.low_deg, True), (S.low_deg - 0.1, False), (5.0, False)])
def test_a_straight_leg_has_no_plane(flexion_deg: float, judged: bool) -> None:  # noqa: FBT001
    """From low_deg of flexion on it is judged, and not below."""
    assert bool(caving(Valgus("left", S), 60.0, flexion_deg)) is judged


@pytest.mark.parametrize(
    ("phase", "judged"), [("eccentric", True), ("bottom", True), ("concentric", True), ("top", False), ("rest", False)]
)
def test_judged_while_the_sled_moves(phase: Phase, judged: bool) -> None:  # noqa: FBT001
    """Knees that flop at the top or in the rack carry nothing."""
    assert bool(caving(Valgus("left", S), 60.0, phase=phase)) is judged


def test_line_and_hold_are_exact() -> None:
    """On the line is no collapse; beyond it for hold_s is, for less is not."""
    on_line, brief, lasting = (Valgus("left", S) for _ in range(3))
    assert not any(on_line.step(reading(i, S.alert_mm), 70.0, gate("concentric")) for i in range(50))
    assert not any(brief.step(reading(i, v), 70.0, gate("concentric")) for i, v in enumerate([35.0] * 3 + [0.0] * 20))
    assert any(lasting.step(reading(i, 35.0), 70.0, gate("concentric")) for i in range(4))


def test_leaving_judgement_ends_it() -> None:
    """A knee that is still in as the leg straightens is no fault any more."""
    valgus = Valgus("left", S)
    for i in range(10):
        valgus.step(reading(i, 50.0), 70.0, gate("concentric"))
    assert valgus.fault.active
    valgus.step(reading(10, 50.0), S.low_deg - 1.0, gate("concentric"))
    assert not valgus.fault.active


def test_unjudged_is_silent_and_the_leg_is_named() -> None:
    """Nothing without load; with it, side, unit and sensors are the knee's."""
    valgus = Valgus("right", S)
    assert not any(valgus.step(reading(i, 50.0), 70.0, gate("concentric", judged=False)) for i in range(50))
    found = [d for i in range(10) if (d := valgus.step(reading(i, 50.0), 70.0, gate("concentric")))]
    assert [(d.kind, d.side, d.unit, d.sensors) for d in found] == [
        ("valgus", "right", "mm", ("right_thigh", "right_shank"))
    ]


def test_settings_that_contradict_themselves_are_refused() -> None:
    """The fault ends below where it begins."""
    with pytest.raises(ValueError, match="below alert_mm, 30"):
        ValgusSettings(alert_mm=30.0, clear_mm=30.0)
    assert ValgusSettings(alert_mm=30.0, clear_mm=29.9).clear_mm == 29.9
