"""A repetition without a machine as the `Rep` that is published: its times and how far the knee went, no form."""

from __future__ import annotations

from edge.events import VERDICTS, Rep, verdict_key
from edge.motion.free_reps import FreeRep
from edge.motion.series import GRID_S
from edge.session.assessment import NO_MACHINE


def free_rep(one: FreeRep, t_s: float, session: str | None, firmware: dict[str, str]) -> Rep:
    """Without a sled there is no path, no speed and no force; without poses the knee's range is known, not its zero."""
    start_s, bottom_s, drive_s, top_s = (k * GRID_S for k in (one.start, one.bottom, one.drive, one.top))
    range_deg = {one.side: one.knee_deg}
    return Rep(
        t_s=t_s,
        session=session,
        set=one.set,
        rep=one.rep,
        counted=True,
        start_s=start_s,
        bottom_s=0.5 * (bottom_s + drive_s),
        drive_s=drive_s,
        top_s=top_s,
        rom_m=None,
        eccentric_s=bottom_s - start_s,
        pause_s=drive_s - bottom_s,
        concentric_s=top_s - drive_s,
        time_under_tension_s=top_s - start_s,
        mean_concentric_m_s=None,
        peak_concentric_m_s=None,
        mean_eccentric_m_s=None,
        peak_eccentric_m_s=None,
        velocity_loss_pct=None,
        left_depth_deg=None,
        right_depth_deg=None,
        left_top_deg=None,
        right_top_deg=None,
        left_range_deg=range_deg.get("left"),
        right_range_deg=range_deg.get("right"),
        mean_force_n=None,
        peak_force_n=None,
        mean_power_w=None,
        peak_power_w=None,
        load_kg=None,
        load_source=None,
        left_share=None,
        faults=(),
        assessed=(),
        not_assessed={verdict_key(kind, side): NO_MACHINE for kind, side in VERDICTS},
        firmware=firmware,
        calibration=session,
    )
