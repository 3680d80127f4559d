"""The limits that are published for screens."""

from __future__ import annotations

import msgspec

from edge.detectors.settings import DetectorSettings
from edge.detectors.watch import Watch
from edge.events import Live
from edge.motion.body import Body, Geometry


def test_limits_are_those_of_the_detectors_and_name_signals_of_live() -> None:
    """What is drawn as a limit is what the detector judges by; a foot whose flat share is unknown has none."""
    settings = DetectorSettings()
    limits = Watch(settings).limits(Body(Geometry(45.0, 120.0, 0.0, 1.75)))
    assert limits["left_knee_flexion_deg"] == settings.lockout.alert_deg
    assert limits["right_knee_medial_mm"] == settings.valgus.alert_mm
    assert limits["posterior_tilt_deg"] == settings.lumbar.alert_deg
    assert "left_heel_share" not in limits
    assert set(limits) <= {field.name for field in msgspec.structs.fields(Live)}
