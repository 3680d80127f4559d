"""A set from its reps."""

from __future__ import annotations

import pytest
from attempts import attempt, context
from msgspec.structs import replace

from edge.events import FaultRef, Rep
from edge.session.rep_summary import summarise
from edge.session.set_summary import summarise_set

REP = summarise(attempt(), 12.5, context(best=0.8))
VALGUS = FaultRef(kind="valgus", side="left", severity="S2", worst_value=50.0, unit="mm")
LUMBAR = FaultRef(kind="lumbar", side=None, severity="S2", worst_value=15.0, unit="deg")


def of(*reps: Rep) -> tuple[int, int, float | None]:
    """Reps, attempts and volume of a set."""
    summary = summarise_set(list(reps), 20.0, {}, final=True)
    return summary.reps, summary.attempts, summary.volume_kg


def test_volume_counts_counted_reps() -> None:
    """Load times counted reps; an attempt that did not count moves no volume, an unknown load none that is known."""
    failed = replace(REP, counted=False, reason="partial")
    assert of(REP, REP, failed) == (2, 3, 200.0)
    assert of(failed) == (0, 1, 0.0)
    assert of(replace(REP, load_kg=None, load_source=None)) == (1, 1, None)


def test_means_leave_out_what_does_not_count() -> None:
    """Means are over counted reps in which the figure is known; time under tension is all attempts' together."""
    failed = replace(REP, counted=False, rom_m=0.01, mean_concentric_m_s=0.1, left_share=0.0)
    blind = replace(REP, rom_m=None, mean_concentric_m_s=None, left_share=None)
    fast = replace(REP, rom_m=0.5, mean_concentric_m_s=0.8, left_share=0.4)
    summary = summarise_set([REP, failed, blind, fast], 20.0, {}, final=False)
    assert REP.rom_m is not None
    assert summary.mean_rom_m == pytest.approx((REP.rom_m + 0.5) / 2)
    assert summary.mean_concentric_m_s == pytest.approx(0.7)
    assert summary.left_share == pytest.approx(0.5)
    assert summary.time_under_tension_s == pytest.approx(4 * 1.7)
    nothing = summarise_set([blind], 20.0, {}, final=False)
    assert (nothing.mean_rom_m, nothing.mean_concentric_m_s, nothing.left_share) == (None, None, None)


def test_it_spans_first_to_last() -> None:
    """From the first start to the last top; the loss is the last counted one's; what was open in any rep is told."""
    later = replace(REP, start_s=20.0, top_s=22.0, velocity_loss_pct=40.0, not_assessed={"lumbar": "silent"})
    failed = replace(later, counted=False, top_s=30.0, velocity_loss_pct=90.0, not_assessed={})
    summary = summarise_set([REP, later, failed], 31.0, {}, final=True)
    assert (summary.started_s, summary.ended_s, summary.t_s, summary.final) == (10.6, 30.0, 31.0, True)
    assert (summary.velocity_loss_pct, summary.not_assessed, summary.set) == (
        40.0, {"lockout_right": "no right thigh sensor", "lumbar": "silent"}, 2,
    )  # fmt: skip
    assert summarise_set([replace(REP, velocity_loss_pct=None)], 20.0, {}, final=False).velocity_loss_pct is None


def test_faults_are_counted_by_kind() -> None:
    """Both sides and all attempts together."""
    right = FaultRef(kind="valgus", side="right", severity="S2", worst_value=50.0, unit="mm")
    reps = [replace(REP, faults=(VALGUS, right)), replace(REP, counted=False, faults=(VALGUS, LUMBAR)), REP]
    assert summarise_set(reps, 20.0, {}, final=False).faults == {"valgus": 3, "lumbar": 1}
