"""Which faults a sensor may serve, at the limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.ingest import drivers
from edge.ingest.capability import refusal
from edge.ingest.drivers import DRIVERS

IMU = DRIVERS["witmotion"].capability
CELL = DRIVERS["progressor"].capability


@pytest.mark.parametrize(("rate_hz", "refused"), [(47.4, True), (47.6, False), (100.0, False)])
def test_an_imus_rate(rate_hz: float, refused: bool) -> None:  # noqa: FBT001
    """50 samples a second less 5 % serve an alert, fewer do not."""
    assert (refusal(IMU, "lockout", rate_hz) is not None) is refused


@pytest.mark.parametrize(("rate_hz", "refused"), [(37.9, True), (38.1, False)])
def test_a_cells_rate(rate_hz: float, refused: bool) -> None:  # noqa: FBT001
    """40 samples a second less 5 % serve a heel lift, fewer do not."""
    assert (refusal(CELL, "heel_lift", rate_hz) is not None) is refused


@pytest.mark.parametrize(("delay_ms", "refused"), [(100.0, False), (101.0, True)])
def test_the_age_of_samples(delay_ms: float, refused: bool) -> None:  # noqa: FBT001
    """Samples gathered for over 100 ms are too old for an alert."""
    assert (refusal(CELL, "heel_lift", 80.0, delay_ms) is not None) is refused


def test_what_a_kind_cannot_see() -> None:
    """An IMU sees no heel pressure, a load cell no knee, whatever the rate."""
    assert refusal(IMU, "heel_lift", 1000.0)
    assert refusal(CELL, "valgus", 1000.0)
    assert refusal(replace(CELL, serves=frozenset()), "load")


def test_the_page_tells_of_every_driver() -> None:
    """The table of bought sensors has a row for each."""
    page = (Path(drivers.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in DRIVERS if f"| `{name}` |" not in page] == []
