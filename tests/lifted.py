"""A lifter's set as plain functions of time, for pictures and charts: smooth, with four faults in known reps."""

from __future__ import annotations

from math import cos, exp, pi
from typing import Any

import msgspec
from example_events import ALERT, REP
from published import live

from edge.events import Alert, FaultRef, Kind, Live, Phase, Rep, Side

REP_S, DOWN_S, BOTTOM_S, UP_S = 4.0, 1.8, 0.2, 1.2
TOP_DEG, BOTTOM_DEG = 14.0, 97.0
LIMITS = {
    "left_knee_flexion_deg": 6.0, "right_knee_flexion_deg": 6.0, "left_knee_medial_mm": 34.0,
    "right_knee_medial_mm": 34.0, "posterior_tilt_deg": 11.5, "left_heel_share": 0.15, "right_heel_share": 0.15,
}  # fmt: skip
FAULTS: dict[int, tuple[tuple[Kind, Side | None, str], ...]] = {
    3: (("valgus", "left", "Spread the plate apart."),),
    5: (("lockout", "left", "Stop short of straight."), ("lockout", "right", "Stop short of straight.")),
    6: (("lumbar", None, "Keep the seat full."), ("heel_lift", "right", "Shoes flat on plate.")),
}
"""By rep."""
WORST = {"valgus": (52.0, 34.0, "mm"), "lockout": (2.0, 6.0, "deg"), "lumbar": (17.0, 11.5, "deg"),
         "heel_lift": (0.05, 0.15, "share")}  # fmt: skip
ONSET_S = {"valgus": 2.2, "lockout": 3.03, "lumbar": 1.55, "heel_lift": 2.25}
"""After the rep's begin."""


def phase_at(in_rep_s: float) -> Phase:
    """What the sled does so long after leaving the top."""
    for end_s, phase in (
        (DOWN_S, "eccentric"),
        (DOWN_S + BOTTOM_S, "bottom"),
        (DOWN_S + BOTTOM_S + UP_S, "concentric"),
    ):
        if in_rep_s < end_s:
            return phase  # type: ignore[return-value]
    return "top"


def body(t_s: float, begin_s: float, **more: Any) -> Live:
    """The body at t_s in a set whose first rep began at begin_s."""
    number, in_rep_s = int((t_s - begin_s) // REP_S) + 1, (t_s - begin_s) % REP_S
    bend = _bend(in_rep_s)
    kinds = {(kind, side) for kind, side, _ in FAULTS.get(number, ())}
    swell = exp(-(((in_rep_s - 2.4) / 0.22) ** 2))
    knee = {s: TOP_DEG + (BOTTOM_DEG - TOP_DEG) * bend - 12 * (1 - bend) * (("lockout", s) in kinds) * (in_rep_s > 2)
            for s in ("left", "right")}  # fmt: skip
    phase, tuck = phase_at(in_rep_s), exp(-(((in_rep_s - 1.8) / 0.25) ** 2))
    fields = {
        "sled_position_m": 0.42 * (1 - bend), "left_knee_flexion_deg": knee["left"],
        "right_knee_flexion_deg": knee["right"] + 0.8,
        "left_knee_medial_mm": 3 + 5 * bend + 46 * swell * (("valgus", "left") in kinds),
        "right_knee_medial_mm": 1 + 4 * bend,
        "posterior_tilt_deg": 0.5 + 3 * bend + 14 * (("lumbar", None) in kinds) * tuck,
        "left_heel_share": 0.55 - 0.05 * bend,
        "right_heel_share": 0.52 - 0.03 * bend - 0.46 * swell * (("heel_lift", "right") in kinds),
        "force_n": 1380 + 330 * exp(-(((in_rep_s - 2.15) / 0.2) ** 2)) - 90 * (phase == "eccentric"), "phase": phase,
        "lockout_nearness": (1 - bend) ** 2 if phase == "concentric" else None,
        "left_lockout_nearness": (1 - bend) ** 2 if phase == "concentric" else None,
        "right_lockout_nearness": 0.9 * (1 - bend) ** 2 if phase == "concentric" else None,
        "depth_nearness": 0.95 * bend if phase == "eccentric" else None,
    }  # fmt: skip
    return live(t_s=t_s, **fields | more)


def rep(number: int, begin_s: float) -> Rep:
    """The rep's figures."""
    at_s = begin_s + (number - 1) * REP_S
    faults = tuple(
        FaultRef(kind=kind, side=side, severity="S2", worst_value=WORST[kind][0], unit=WORST[kind][2])
        for kind, side, _ in FAULTS.get(number, ())
    )
    return msgspec.structs.replace(
        REP, session="s-1", rep=number, start_s=at_s, bottom_s=at_s + DOWN_S, drive_s=at_s + DOWN_S + BOTTOM_S,
        top_s=at_s + 3.2, t_s=at_s + 3.3, rom_m=0.42 - 0.006 * number, faults=faults, not_assessed={},
        assessed=("lockout_left", "lockout_right", "valgus_left", "valgus_right", "heel_lift_left", "lumbar"),
        mean_concentric_m_s=0.34 - 0.012 * number, left_depth_deg=BOTTOM_DEG, right_depth_deg=BOTTOM_DEG - 1,
        left_top_deg=TOP_DEG, right_top_deg=TOP_DEG - 1, mean_force_n=1395.0, peak_force_n=1705.0,
    )  # fmt: skip


def alerts(number: int, begin_s: float) -> list[Alert]:
    """What is said about a rep; the first of its faults aloud."""
    at_s = begin_s + (number - 1) * REP_S
    return [
        msgspec.structs.replace(
            ALERT, session="s-1", rep=number, kind=kind, side=side, cue=cue, spoken=i == 0,
            onset_s=at_s + ONSET_S[kind], t_s=at_s + ONSET_S[kind] + 0.1,
            value=WORST[kind][0], threshold=WORST[kind][1], unit=WORST[kind][2],
            phase=phase_at(ONSET_S[kind]), sensors=(f"{side}_thigh", f"{side}_shank") if side else ("pelvis",),
        )
        for i, (kind, side, cue) in enumerate(FAULTS.get(number, ()))
    ]  # fmt: skip


def _bend(in_rep_s: float) -> float:
    """0 at the top, 1 at the bottom."""
    if in_rep_s < DOWN_S:
        return (1 - cos(pi * in_rep_s / DOWN_S)) / 2
    if in_rep_s < DOWN_S + BOTTOM_S:
        return 1.0
    up = (in_rep_s - DOWN_S - BOTTOM_S) / UP_S
    return (1 + cos(pi * up)) / 2 if up < 1 else 0.0
