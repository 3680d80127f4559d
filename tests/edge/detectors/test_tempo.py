"""Lowering too fast: by its time, and by its speed."""

from __future__ import annotations

import numpy as np
import pytest
from sign_tools import facts_of, motion_of, moved, rep_of

from edge.detectors.sign import Finding
from edge.detectors.tempo import USUAL_STROKE_M, Tempo, TempoSettings


def found(
    eccentric_s: float, *, counted: bool = True, dash_m_s: float = 0.0, rom_m: float = USUAL_STROKE_M
) -> Finding | None:
    """dash_m_s: for 0.11 s at the beginning of a stroke that is longer by it."""
    speed = moved(rom_m=rom_m - 0.11 * dash_m_s)
    if dash_m_s:
        speed[39:50] = -dash_m_s
    facts = facts_of(rep_of(eccentric_s=eccentric_s, counted=counted), motion_of(speed))
    return next(Tempo(TempoSettings()).judge(facts), None)


@pytest.mark.parametrize(
    ("eccentric_s", "severity"), [(2.2, None), (1.51, None), (1.49, "S1"), (1.01, "S1"), (0.99, "S2"), (0.5, "S2")]
)
def test_a_second_and_a_half_is_quick_and_a_second_is_dropped(eccentric_s: float, severity: str | None) -> None:
    """Below 1.5 s it is remarked on between reps, below 1 s at once."""
    finding = found(eccentric_s)
    assert (finding.severity if finding else None) == severity


@pytest.mark.parametrize(("dash_m_s", "severity"), [(0.44, None), (0.46, "S2")])
def test_a_dash_is_remarked_on_in_a_slow_lowering(dash_m_s: float, severity: str | None) -> None:
    """More than 0.45 m/s for 0.1 s is too fast, however long the whole took."""
    finding = found(2.2, dash_m_s=dash_m_s)
    assert (finding.severity if finding else None) == severity


@pytest.mark.parametrize(
    ("rom_m", "dash_m_s", "severity"), [(0.36, 0.59, None), (0.36, 0.61, "S2"), (0.18, 0.44, None), (0.18, 0.46, "S2")]
)
def test_long_legs_are_as_fast_in_proportion(rom_m: float, dash_m_s: float, severity: str | None) -> None:
    """A stroke of 36 cm goes a third faster than one of 27 at the same pace; short ones are not judged harder."""
    finding = found(2.2, dash_m_s=dash_m_s, rom_m=rom_m)
    assert (finding.severity if finding else None) == severity


def test_a_shorter_dash_is_none() -> None:
    """A knock moves the sled for some hundredths of a second."""
    speed = moved()
    speed[60:67] = -1.0
    assert not list(Tempo(TempoSettings()).judge(facts_of(rep_of(eccentric_s=2.2), motion_of(speed))))


def test_a_partial_rep_is_not_judged() -> None:
    """Half a stroke takes half the time."""
    assert found(0.8, counted=False) is None


def test_it_is_about_the_lowering_and_as_sure_as_the_time_is_known() -> None:
    """A time hardly below the line is uncertain; the phase is the eccentric one."""
    near, far = found(1.495), found(1.3)
    assert near is not None
    assert far is not None
    assert near.confidence < 0.6 < far.confidence
    assert far.seen_in == "eccentric"


def test_settings_whose_lines_cross_are_refused() -> None:
    """The graver line lies beyond the milder one."""
    with pytest.raises(ValueError, match="alert_s"):
        TempoSettings(warn_s=1.0, alert_s=1.0)
    assert np.isclose(TempoSettings().warn_s, 1.5)
