"""What really happened, in the words of the recording format: reps, verdicts, what no sensor could see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.samples import FloatArray, Role
from edge.simulator.body import Body
from edge.simulator.imus import slip_time_s
from edge.simulator.press import Seated
from edge.simulator.radio import Quiet
from edge.simulator.scenario import Scenario
from edge.simulator.timeline import DT_S, PlacedFidget, RepTimes, Timeline
from edge.simulator.verdicts import KINDS, Signal, judge

MOVING_M_S = 0.03
COUNTS_FROM = 0.8  # of the median stroke of the set's reps so far
BLIND_AFTER_S = 1.0
SLIP_SPOILS_REPS = 3
SIDES = ("left", "right")


@dataclass(slots=True)
class Truth:
    """`facts` is truth.json; `columns` the truth.csv columns on the simulator's own grid, NaN where not defined."""

    facts: dict[str, Any]
    t_s: FloatArray
    columns: dict[str, FloatArray]


def when_quiet(scenario: Scenario, timeline: Timeline, role: Role) -> list[Quiet]:
    """When this role's node is silent."""
    out = []
    for silence in scenario.trouble.silences:
        if silence.role == role:
            start = round(_silent_from_s(scenario, timeline, silence.in_rep), 3)
            out.append(Quiet(start, round(start + silence.lasts_s, 3), silence.restart))
    return out


def _silent_from_s(scenario: Scenario, timeline: Timeline, in_rep: int) -> float:
    """In a rep soon after it leaves the top; in the press before the first one a third of its way."""
    if not in_rep:
        first = scenario.sets[0]
        return timeline.attempts[0].start_s - first.first_rest_s - 0.65 * first.unrack_s
    rep = timeline.attempts[min(in_rep, len(timeline.attempts)) - 1]
    return rep.start_s + 0.35 * (rep.bottom_s - rep.start_s)


def _rep_facts(rep: RepTimes, t: FloatArray, sled: FloatArray, speed: FloatArray) -> dict[str, Any]:
    """Phases as the sled's true speed crosses 0.03 m/s; stroke between the dead points."""
    a, end = (round(x / DT_S) for x in (rep.start_s - 0.05, rep.end_s))
    end = min(end, len(t) - 1)
    last = min(round((rep.top_s + 0.25) / DT_S), end)
    dead = a + int(np.argmin(sled[a:last]))
    down = a + np.flatnonzero(speed[a:dead] < -MOVING_M_S)
    up = dead + np.flatnonzero(speed[dead:last] > MOVING_M_S)
    start, bottom = (int(down[0]), int(down[-1]) + 1) if len(down) else (a, dead)
    drive, top = (int(up[0]), int(up[-1]) + 1) if len(up) else (dead, dead)
    settled = min(top + round(0.25 / DT_S), end)
    times = [round(float(x), 3) for x in t[[start, bottom, drive, top, max(end, top)]]]
    return {
        **dict(zip(("start", "bottom", "drive", "top", "end"), times, strict=True)),
        "rom_m": float(sled[top : settled + 1].max() - sled[dead]),
        "mean_concentric_mps": float((sled[top] - sled[drive]) / max(t[top] - t[drive], DT_S)),
        "eccentric_s": round(times[1] - times[0], 3),
        "concentric_s": round(times[3] - times[2], 3),
    }


def _reps(timeline: Timeline, sled: FloatArray) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Counted reps and the attempts that are none."""
    speed = np.gradient(sled, DT_S)
    reps: list[dict[str, Any]] = []
    not_reps: list[dict[str, Any]] = []
    for attempt in timeline.attempts:
        facts = _rep_facts(attempt, timeline.t_s, sled, speed)
        before = [r["rom_m"] for r in reps if r["set"] == attempt.set_number]
        counts = not before or facts["rom_m"] >= COUNTS_FROM * float(np.median(before))
        if attempt.plan.kind == "failed" or not counts:
            kind = attempt.plan.kind if attempt.plan.kind != "rep" else "partial"
            not_reps.append({"kind": kind, "set": attempt.set_number, "start": facts["start"], "end": facts["end"]})
            continue
        planned = [[f.kind, "" if f.kind == "lumbar" else f.side, f.size] for f in attempt.plan.faults]
        head = {"index": len(reps) + 1, "set": attempt.set_number}
        angles = {"top_deg": attempt.plan.top_deg, "depth_deg": attempt.plan.bottom_deg}
        reps.append({**head, **facts, **angles, "faults": planned})
    return reps, not_reps


def _unseen(scenario: Scenario, timeline: Timeline, reps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Intervals in which a role's sensor cannot be relied on."""
    end, trouble = round(float(timeline.t_s[-1]), 3), scenario.trouble
    always: list[str] = [*trouble.missing, *(role for role, _ in trouble.upside_down)]
    always += [f"{side}_{segment}" for segment in trouble.swapped for side in SIDES]
    always += [role for pair in trouble.mixed_up for role in pair]
    out: list[dict[str, Any]] = [{"role": role, "from": 0.0, "to": end} for role in always]
    seated = round(timeline.seated_from_s, 3)
    out += [{"role": role, "from": seated, "to": end} for role, _ in trouble.creeps]
    for silence in trouble.silences:
        for quiet in when_quiet(scenario, timeline, silence.role):
            entry = {"role": silence.role, "from": quiet.from_s, "to": round(quiet.to_s + BLIND_AFTER_S, 3)}
            if entry not in out:
                out.append(entry)
    for slip in trouble.slips:
        at = slip_time_s(timeline, slip)
        spoilt = [r for r in reps if r["end"] >= at][: SLIP_SPOILS_REPS + 1]
        out.append({"role": slip.role, "from": round(at, 3), "to": spoilt[-1]["end"] if spoilt else end})
    return out


def _columns(
    scenario: Scenario, timeline: Timeline, body: Body, seated: Seated, shares: FloatArray
) -> dict[str, FloatArray]:
    """The truth.csv columns; what only a seated body has is NaN before and after."""
    away = (timeline.t_s < timeline.seated_from_s) | (timeline.t_s > timeline.seated_to_s)
    flexion = np.degrees(body.flexion_rad) - scenario.lifter.own_straight_deg
    on_seat = {
        "left_knee_medial_mm": seated.inward_mm[0],
        "right_knee_medial_mm": seated.inward_mm[1],
        "posterior_tilt_deg": seated.tilt_deg,
        "left_heel_share": shares[:, 0],
        "right_heel_share": shares[:, 1],
    }
    knees = {"left_knee_flexion_deg": flexion[:, 0], "right_knee_flexion_deg": flexion[:, 1]}
    return {
        "sled_position_m": seated.sled_m,
        **knees,
        **{name: np.where(away, np.nan, values) for name, values in on_seat.items()},
    }


def _signals(scenario: Scenario, columns: dict[str, FloatArray]) -> list[Signal]:
    """The judged signals, in the order of the format's examples."""
    out = []
    for leg, side in enumerate(SIDES):
        limbs = (f"{side}_thigh", f"{side}_shank")
        out.append(Signal("lockout", side, columns[f"{side}_knee_flexion_deg"], limbs))
        out.append(Signal("valgus", side, columns[f"{side}_knee_medial_mm"], limbs))
        share = columns[f"{side}_heel_share"] / scenario.lifter.heel_share[leg]
        out.append(Signal("heel_lift", side, share, ("footplate",)))
    silent_pad = any(s.role == "backpad" for s in scenario.trouble.silences)
    needs = ("pelvis", "backpad") if silent_pad else ("pelvis",)
    return [*out, Signal("lumbar", "", columns["posterior_tilt_deg"], needs)]


def _silent_facts(scenario: Scenario, timeline: Timeline, *, restarts: bool) -> list[dict[str, Any]]:
    return [
        {"role": silence.role, "t_s": quiet.from_s, "lasts_s": round(quiet.to_s - quiet.from_s, 3)}
        for silence in scenario.trouble.silences
        if silence.restart is restarts
        for quiet in when_quiet(scenario, timeline, silence.role)
        if quiet.restart is restarts
    ]


def _fidget_facts(placed: PlacedFidget) -> dict[str, Any]:
    side = "" if placed.fidget.side == "both" else placed.fidget.side
    return {"what": placed.fidget.kind, "side": side, "from": round(placed.start_s, 3), "to": round(placed.end_s, 3)}


def _trouble_facts(scenario: Scenario, timeline: Timeline) -> dict[str, Any]:
    """What a tagged session says beside."""
    trouble, body = scenario.trouble, scenario.lifter
    lengths = [body.thigh_m[leg] + body.shank_m[leg] for leg in (0, 1)]
    return {
        "tags": list(scenario.tags),
        "own_straight_deg": body.own_straight_deg,
        "knee_plane_deg": float(np.mean(body.knee_plane_deg)),
        "left_leg_longer_mm": 1000 * (lengths[0] - lengths[1]),
        "slips": [
            {"role": s.role, "t_s": round(slip_time_s(timeline, s), 3), "lasts_s": s.lasts_s, "deg": s.deg}
            for s in trouble.slips
        ],
        "missing": list(trouble.missing),
        "swapped": [f"{side}_{segment}" for segment in trouble.swapped for side in SIDES],
        "mixed_up": [list(pair) for pair in trouble.mixed_up],
        "upside_down": [{"role": role, "axis": axis} for role, axis in trouble.upside_down],
        "creeps": [{"role": role, "deg_min": rate} for role, rate in trouble.creeps],
        "dropouts": _silent_facts(scenario, timeline, restarts=False),
        "restarts": _silent_facts(scenario, timeline, restarts=True),
        "fidgets": [_fidget_facts(placed) for placed in timeline.fidgets if placed.loaded],
    }


def tell(scenario: Scenario, timeline: Timeline, body: Body, seated: Seated, shares: FloatArray) -> Truth:
    """The whole truth of a session."""
    lifter, t = scenario.lifter, timeline.t_s
    columns = _columns(scenario, timeline, body, seated, shares)
    reps, not_reps = _reps(timeline, columns["sled_position_m"])
    unseen = _unseen(scenario, timeline, reps)
    signals = _signals(scenario, columns)
    verdicts = [judge(signal, rep, t, unseen) for rep in reps for signal in signals]
    deepest = max((r["depth_deg"] for r in reps), default=0.0)
    facts: dict[str, Any] = {
        "name": scenario.name,
        "seed": scenario.seed,
        "reps": reps,
        "left_share": lifter.left_share,
        "pelvic_onset_knee_flexion_deg": lifter.tuck_onset_deg if deepest > lifter.tuck_onset_deg else None,
        "verdicts": verdicts,
        "heel_share_flat": dict(zip(SIDES, lifter.heel_share, strict=True)),
        "not_reps": not_reps,
        "unseen": unseen,
        "bands": {kind: {"clear": k.fault, "ok": k.ok} for kind, k in KINDS.items()},
        "onset": {kind: k.onset for kind, k in KINDS.items()},
        "standing_s": [0, timeline.standing_end_s],
        "seated_s": [timeline.seated_from_s, timeline.seated_to_s],
        "groups": dict(scenario.groups),
    }
    if scenario.tags:
        facts |= _trouble_facts(scenario, timeline)
    return Truth(facts, t, columns)
