"""A finished attempt as the `Rep` that is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge.events import FaultRef, Rep
from edge.motion.leg_use import lowered_with, pressed_with
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit
from edge.motion.series import GRID_S
from edge.samples import FloatArray

LoadSource = Literal["configured", "commanded", "footplate"]


@dataclass(frozen=True, slots=True)
class Load:
    """What is on the sled, sled included, and where that comes from. kg None: not known, or for the plate to tell.
    newton_per_kg: static force that a kilogram on this rail makes, for the plate; None where it makes none.
    """

    kg: float | None
    source: LoadSource | None
    newton_per_kg: float | None


@dataclass(frozen=True, slots=True)
class RepContext:
    """What a rep's summary says beside its motion."""

    session: str | None
    best_mean_m_s: float | None
    load: Load
    faults: tuple[FaultRef, ...]
    assessed: tuple[str, ...]
    not_assessed: dict[str, str]
    firmware: dict[str, str]
    calibration: str | None
    limit: Limit | None = None


def summarise(motion: RepMotion, t_s: float, context: RepContext) -> Rep:
    """The rep's figures: sled along the rail, forces of the plate, knees of either leg."""
    path, stroke, limit = motion.path, motion.stroke, context.limit
    at = (path.begin + np.arange(len(path.speed_m_s))) * GRID_S
    speed = path.speed_m_s if path.sure else np.full_like(path.speed_m_s, np.nan)
    down = speed[(at >= motion.start_s) & (at <= motion.bottom_s)]
    up_span = (at >= motion.drive_s) & (at <= motion.top_s)
    up = speed[up_span]
    mean_up = _mean(up)
    force = motion.force_n[up_span]
    left, right = _knee(motion, "left"), _knee(motion, "right")
    load_kg, source = _load(context.load, motion)
    loss = None
    if mean_up is not None and context.best_mean_m_s:
        loss = max(0.0, 100.0 * (1.0 - mean_up / context.best_mean_m_s))
    return Rep(
        t_s=t_s,
        session=context.session,
        set=stroke.set,
        rep=stroke.rep,
        counted=stroke.counted,
        reason=stroke.reason,
        start_s=motion.start_s,
        bottom_s=0.5 * (motion.bottom_s + motion.drive_s),
        drive_s=motion.drive_s,
        top_s=motion.top_s,
        rom_m=path.rom_m if path.sure else None,
        eccentric_s=motion.bottom_s - motion.start_s,
        pause_s=motion.drive_s - motion.bottom_s,
        concentric_s=motion.top_s - motion.drive_s,
        time_under_tension_s=motion.top_s - motion.start_s,
        mean_concentric_m_s=mean_up,
        peak_concentric_m_s=_peak(up),
        mean_eccentric_m_s=_mean(-down),
        peak_eccentric_m_s=_peak(-down),
        velocity_loss_pct=loss,
        left_depth_deg=left[0],
        right_depth_deg=right[0],
        left_top_deg=left[1],
        right_top_deg=right[1],
        left_range_deg=_less(left),
        right_range_deg=_less(right),
        mean_force_n=_mean(force),
        peak_force_n=_peak(force),
        mean_power_w=_mean(force * up),
        peak_power_w=_peak(force * up),
        load_kg=load_kg,
        load_source=source,
        left_share=left_share(motion),
        lowered_with=lowered_with(motion),
        pressed_with=pressed_with(motion),
        own_limit_knee_flexion_deg=limit.knee_deg if limit else None,
        own_limit_low_deg=limit.low_deg if limit else None,
        own_limit_high_deg=limit.high_deg if limit else None,
        own_limit_hip_flexion_deg=limit.hip_deg if limit else None,
        faults=context.faults,
        assessed=context.assessed,
        not_assessed=context.not_assessed,
        firmware=context.firmware,
        calibration=context.calibration,
    )


def _load(load: Load, motion: RepMotion) -> tuple[float | None, LoadSource | None]:
    """Said beforehand, else by the plate: the mean force of a whole attempt is the static one."""
    a, _, c = motion.path.dead
    mean_n = _mean(motion.force_n[a : c + 1])
    if load.kg is not None or mean_n is None or not load.newton_per_kg:
        return load.kg, load.source
    return mean_n / load.newton_per_kg, "footplate"


def left_share(motion: RepMotion) -> float | None:
    """The left foot's share of the force impulse over the attempt, from dead point to dead point."""
    a, _, c = motion.path.dead
    force, left = motion.force_n[a : c + 1], motion.left_n[a : c + 1]
    both = np.isfinite(force)
    total = float(force[both].sum()) if both.any() else 0.0
    return float(left[both].sum()) / total if total > 0.0 else None


def _knee(motion: RepMotion, side: Literal["left", "right"]) -> tuple[float | None, float | None]:
    """Depth and flexion at the top, deg."""
    flexion = motion.knees[side][:, 0]
    a, _, c = motion.path.dead
    way, rise = flexion[a : c + 1], flexion[motion.path.dead[1] :]
    return _peak(way), None if (least := _peak(-rise)) is None else -least


def _less(pair: tuple[float | None, float | None]) -> float | None:
    return None if pair[0] is None or pair[1] is None else pair[0] - pair[1]


def _mean(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _peak(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None
