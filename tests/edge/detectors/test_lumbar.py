"""Lumbar lift-off on timelines of the pelvis' posterior tilt."""

from __future__ import annotations

import numpy as np
import pytest
from timelines import gate, reading

from edge.detectors.lumbar import Lumbar, LumbarSettings
from edge.events import Phase

S = LumbarSettings()


def curling(lumbar: Lumbar, peak_deg: float, phase: Phase = "bottom") -> list[float]:
    """A pelvis that curls and comes back within 0.8 s. Returns when it was told, s."""
    path = peak_deg * np.sin(np.linspace(0.0, np.pi, 80)) ** 2
    rate = np.gradient(path, 0.01)
    said = [lumbar.step(reading(i, path[i], rate[i]), gate(phase), ("pelvis",)) for i in range(80)]
    return [i * 0.01 for i, found in enumerate(said) if found]


@pytest.mark.parametrize(
    ("lifter", "peak_deg", "curls"),
    [("Lea curls", 20.0, True), ("Max just curls", 14.5, True), ("Nia moves a little", 9.0, False),
     ("Omar arches", -20.0, False)],
)  # fmt: skip
def test_who_curls(lifter: str, peak_deg: float, curls: bool) -> None:  # noqa: FBT001
    """A plain curl is told once, on its way; normal motion and an arched back are not."""
    said = curling(Lumbar(S), peak_deg)
    assert len(said) == (1 if curls else 0), lifter
    assert all(at < 0.4 for at in said)


@pytest.mark.parametrize(
    ("phase", "judged"), [("eccentric", True), ("bottom", True), ("concentric", True), ("top", False), ("rest", False)]
)
def test_judged_while_the_sled_moves(phase: Phase, judged: bool) -> None:  # noqa: FBT001
    """Shifting about on the seat at the top or before the set is nothing."""
    assert bool(curling(Lumbar(S), 20.0, phase)) is judged


def test_line_and_hold_are_exact() -> None:
    """On the line is no lift-off; beyond it for hold_s is, for less is not."""
    on_line, brief, lasting = (Lumbar(S) for _ in range(3))
    assert not any(on_line.step(reading(i, S.alert_deg), gate("bottom"), ("pelvis",)) for i in range(50))
    values = [12.0] * 3 + [0.0] * 20
    assert not any(brief.step(reading(i, v), gate("bottom"), ("pelvis",)) for i, v in enumerate(values))
    assert any(lasting.step(reading(i, 12.0), gate("bottom"), ("pelvis",)) for i in range(4))


@pytest.mark.parametrize(("times", "tilt_deg", "told"), [(0.8, 9.35, False), (0.8, 9.37, True), (1.0, 9.37, False)])
def test_strict_lines_are_exact(times: float, tilt_deg: float, told: bool) -> None:  # noqa: FBT001
    """Times 0.8 the line is 9.36 deg, and the end moves with it; strictness goes as it came."""
    lumbar = Lumbar(S)
    lumbar.be_strict(0.8)
    lumbar.be_strict(times)
    found = [d for i in range(10) if (d := lumbar.step(reading(i, tilt_deg), gate("bottom"), ("pelvis",)))]
    assert bool(found) is told
    assert all(d.threshold == pytest.approx(9.36) and d.confidence > 0.9 for d in found)


def test_unjudged_is_silent_and_the_sensors_are_named() -> None:
    """Nothing without load; with it, unit and the sensors that spoke are named."""
    lumbar = Lumbar(S)
    assert not any(lumbar.step(reading(i, 20.0), gate("bottom", judged=False), ("pelvis",)) for i in range(50))
    found = [d for i in range(10) if (d := lumbar.step(reading(i, 20.0), gate("bottom"), ("pelvis", "backpad")))]
    assert [(d.kind, d.side, d.unit, d.sensors) for d in found] == [("lumbar", None, "deg", ("pelvis", "backpad"))]


def test_settings_that_contradict_themselves_are_refused() -> None:
    """The fault ends below where it begins."""
    with pytest.raises(ValueError, match="below alert_deg, 9"):
        LumbarSettings(alert_deg=9.0, clear_deg=9.0)
    assert LumbarSettings(alert_deg=9.0, clear_deg=8.9).clear_deg == 8.9
