"""A rep's figures from an attempt whose figures are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from attempts import BOTTOM, DRIVE, END, TOP, N, attempt, context

from edge.session.rep_summary import Load, left_share, summarise


def test_times_and_velocities() -> None:
    """Phases are the four instants apart; speeds are along the rail, the way down as a magnitude."""
    rep = summarise(attempt(), 12.5, context())
    assert (rep.t_s, rep.set, rep.rep, rep.counted, rep.session) == (12.5, 2, 3, True, "s1")
    assert (rep.eccentric_s, rep.pause_s, rep.concentric_s) == pytest.approx((1.0, 0.2, 0.5))
    assert rep.time_under_tension_s == pytest.approx(1.7)
    assert (rep.mean_eccentric_m_s, rep.peak_eccentric_m_s) == pytest.approx((0.3, 0.3))
    assert (rep.mean_concentric_m_s, rep.peak_concentric_m_s) == pytest.approx((0.6, 0.6))
    assert rep.rom_m == pytest.approx(0.6 * 0.51)


def test_peaks_are_of_their_own_phase() -> None:
    """The fastest instant of the drive is the concentric peak, that of the way down the eccentric one."""
    motion = attempt()
    motion.path.speed_m_s[BOTTOM - 20], motion.path.speed_m_s[DRIVE + 20] = -0.5, 0.9
    rep = summarise(motion, 12.5, context())
    assert (rep.peak_eccentric_m_s, rep.peak_concentric_m_s) == pytest.approx((0.5, 0.9))


def test_forces_and_power_are_of_the_drive() -> None:
    """Force by the plate over the drive alone; power is force times speed."""
    motion = attempt()
    motion.force_n[:DRIVE] = 5000.0
    motion.force_n[DRIVE + 10] = 1500.0
    rep = summarise(motion, 12.5, context())
    assert (rep.peak_force_n, rep.peak_power_w) == pytest.approx((1500.0, 900.0))
    assert rep.mean_force_n == pytest.approx(1000.0, abs=15.0)
    assert rep.mean_power_w == pytest.approx(600.0, abs=10.0)


def test_without_a_plate_forces_are_not_known() -> None:
    """Never 0, never a guess."""
    nothing = np.full(N, np.nan)
    rep = summarise(replace(attempt(), force_n=nothing, left_n=nothing), 12.5, context())
    assert (rep.mean_force_n, rep.peak_force_n, rep.mean_power_w, rep.peak_power_w, rep.left_share) == (None,) * 5


def test_the_left_share_is_of_the_attempt() -> None:
    """From dead point to dead point: a foot that was off before the rep does not count; holes are left out."""
    motion = attempt(left=0.6)
    assert left_share(motion) == pytest.approx(0.6)
    motion.left_n[END + 1 :] = 0.0
    motion.force_n[TOP + 5 : TOP + 20] = np.nan
    assert left_share(motion) == pytest.approx(0.6)


def test_knees() -> None:
    """Depth is the largest flexion, top the smallest after the bottom, range between them; an unseen knee has none."""
    rep = summarise(attempt(), 12.5, context())
    assert (rep.left_depth_deg, rep.left_top_deg, rep.left_range_deg) == pytest.approx((95.0, 10.0, 85.0))
    assert (rep.right_depth_deg, rep.right_top_deg, rep.right_range_deg) == (None, None, None)


@pytest.mark.parametrize(("best", "loss"), [(None, None), (0.6, 0.0), (0.8, 25.0), (0.5, 0.0)])
def test_velocity_loss_is_against_the_sets_best(best: float | None, loss: float | None) -> None:
    """The first rep has none; a rep faster than the best so far has lost nothing."""
    assert summarise(attempt(), 12.5, context(best)).velocity_loss_pct == (
        None if loss is None else pytest.approx(loss, abs=1e-9)
    )


@pytest.mark.parametrize(
    ("load", "told"),
    [
        (Load(120.0, "configured", 6.9), (120.0, "configured")),
        (Load(80.0, "commanded", 6.9), (80.0, "commanded")),
        (Load(None, None, 5.0), (200.0, "footplate")),
        (Load(None, None, None), (None, None)),
    ],
)
def test_the_load_and_where_it_comes_from(load: Load, told: tuple[float | None, str | None]) -> None:
    """What was said counts; else the plate's mean over the attempt; else it is not known."""
    rep = summarise(attempt(), 12.5, context(load=load))
    assert (rep.load_kg, rep.load_source) == (told[0] if told[0] is None else pytest.approx(told[0]), told[1])


def test_what_was_judged_is_told() -> None:
    """Assessed, not assessed, firmware and calibration go into the rep as they were."""
    rep = summarise(attempt(), 12.5, context())
    assert (rep.assessed, rep.not_assessed) == (("lockout_left",), {"lockout_right": "no right thigh sensor"})
    assert (rep.firmware, rep.calibration, rep.faults) == ({"sled": "1.2"}, "s1", ())
