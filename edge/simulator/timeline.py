"""What happens when: the sled's planned path and the times of every rep, fidget and knock.

The path is planned in sled positions that give the knee angles of the plan with the hips where they should then be;
what the knees really do follows later from the whole body (`body.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from edge.samples import FloatArray
from edge.simulator import shapes
from edge.simulator.chain import rail_of, sled_for_knee_m
from edge.simulator.scenario import Fidget, RepPlan, Scenario, SetPlan

STALL_AT = 0.4  # of the way up: just past where the drive is hardest
DT_S = 0.002  # 500 Hz: carries a 40 Hz frame ring and a 230 Hz buzz, and cheap enough for a session in a second


@dataclass(slots=True)
class RepTimes:
    """One attempt: planned moments, s. `end_s` is when the next movement down begins."""

    plan: RepPlan
    set_number: int
    start_s: float
    bottom_s: float
    drive_s: float
    top_s: float
    end_s: float


@dataclass(slots=True)
class PlacedFidget:
    """A fidget at its absolute time; `loaded` where the legs carry the sled."""

    fidget: Fidget
    start_s: float
    end_s: float
    loaded: bool


@dataclass(slots=True)
class Timeline:
    """The plan in time. Arrays are (N,) at DT_S; sled_m counts from the hip joint's set-up place."""

    t_s: FloatArray
    sled_m: FloatArray
    carried: FloatArray  # 0 racked .. 1 the legs carry the sled
    standing_end_s: float
    walking_end_s: float
    seated_from_s: float
    seated_to_s: float
    attempts: list[RepTimes]
    fidgets: list[PlacedFidget]
    bangs: list[tuple[float, float]]  # time, share of the machine's bang
    knocks: list[tuple[float, float]]  # time, m/s²


@dataclass(slots=True)
class _Builder:
    """Appends stretches of sled path; `kinks` are (time, smoothing sigma in s)."""

    at_m: float
    pieces: list[FloatArray] = field(default_factory=list)
    n: int = 0
    kinks: list[tuple[float, float]] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        return self.n * DT_S

    def hold(self, seconds: float) -> None:
        count = max(round(seconds / DT_S), 1)
        self.pieces.append(np.full(count, self.at_m))
        self.n += count

    def move(self, to_m: float, path: FloatArray) -> None:
        self.pieces.append(self.at_m + (to_m - self.at_m) * path)
        self.n += len(path)
        self.at_m = to_m


def hip_shift_m(scenario: Scenario, rep: RepPlan, leg: int) -> FloatArray:
    """(3,) the hip joint's planned displacement in this rep: slid towards the sled, and listed."""
    sign = -0.5 if leg == 0 else 0.5
    return rail_of(scenario.machine).along * (rep.slide_mm + sign * rep.list_mm) / 1000


def _sled_at(scenario: Scenario, rep: RepPlan, knee_deg: float, *, straightest: bool) -> float:
    """Sled position for a knee angle of the straighter leg, or of the mean of both."""
    s = [
        sled_for_knee_m(scenario.lifter, scenario.machine, leg, knee_deg, hip_shift_m(scenario, rep, leg))
        for leg in (0, 1)
    ]
    return min(s) if straightest else 0.5 * (s[0] + s[1])


def _cut_path(seconds: float, rep: RepPlan, part: int, cut: tuple[float, float]) -> FloatArray:
    """A stretch of a warped path, from share cut[0] to cut[1] of its time: cut ends keep their speed."""
    n = max(round(seconds / DT_S), 8)
    stick = rep.stick_by if part == 1 else 0.0
    whole = shapes.warped_path(2000, rep.stick_at, stick, rep.skew[part])
    piece = np.interp(np.linspace(cut[0], cut[1], n + 1)[1:], np.linspace(0, 1, 2000), whole)
    low, high = np.interp(np.array(cut), np.linspace(0, 1, 2000), whole)
    return np.asarray((piece - low) / (high - low), dtype=np.float64)


def _descend(build: _Builder, scenario: Scenario, rep: RepPlan) -> float:
    """Down to the bottom; returns when it is reached."""
    bottom = _sled_at(scenario, rep, rep.bottom_deg, straightest=False)
    hurried = rep.bounce_m_s2 > 0 or rep.stop_hit_m_s2 > 0
    path = _cut_path(rep.eccentric_s, rep, 0, (0.0, 0.72 if hurried else 1.0))
    speed = abs(bottom - build.at_m) * (path[-1] - path[-2]) / DT_S
    build.move(bottom, path)
    if hurried:
        jump = speed * (2.0 if rep.bounce_m_s2 > 0 else 1.0)
        wanted = rep.bounce_m_s2 or rep.stop_hit_m_s2
        build.kinks.append((build.now_s, float(np.clip(jump / (wanted * 2.5), 0.012, 0.12))))
    return build.now_s


def _ascend(build: _Builder, scenario: Scenario, rep: RepPlan) -> float:
    """Up to the top (a failed attempt: to where it stalls); returns when it is reached."""
    top = _sled_at(scenario, rep, rep.top_deg, straightest=True)
    cut = (0.28 if rep.bounce_m_s2 > 0 else 0.0, 0.78 if rep.snap else 1.0)
    if rep.stall_s > 0:
        stall = build.at_m + STALL_AT * (top - build.at_m)
        build.move(stall, _cut_path(STALL_AT * rep.concentric_s, rep, 1, (0.0, 1.0)))
        build.hold(rep.stall_s)
    build.move(top, _cut_path(rep.concentric_s, rep, 1, cut))
    if rep.snap:
        build.kinks.append((build.now_s, 0.03))
    return build.now_s


def _one_rep(build: _Builder, scenario: Scenario, rep: RepPlan, set_number: int) -> RepTimes:
    start = build.now_s
    bottom = _descend(build, scenario, rep)
    if rep.bounce_m_s2 <= 0:
        build.hold(max(rep.pause_s, 0.02))
    drive = build.now_s
    top = _ascend(build, scenario, rep)
    if rep.kind == "failed":
        sink = _sled_at(scenario, rep, rep.top_deg + 7.0, straightest=True)
        build.move(sink, shapes.warped_path(max(round(rep.rest_s / DT_S), 50), 0.5, 0.0, 0.3))
    else:
        build.hold(rep.rest_s)
    return RepTimes(rep, set_number, start, bottom, drive, top, build.now_s)


def _place(fidgets: tuple[Fidget, ...], from_s: float, *, loaded: bool) -> list[PlacedFidget]:
    return [PlacedFidget(f, from_s + f.after_s, from_s + f.after_s + f.lasts_s, loaded) for f in fidgets]


def _one_set(build: _Builder, scenario: Scenario, plan: SetPlan, number: int, out: Timeline) -> tuple[float, float]:
    """Squirm, unrack, reps, rack; returns when the legs took the sled and gave it back."""
    rack = build.at_m
    build.hold(plan.still_s)
    out.fidgets += _place(plan.fidgets, build.now_s, loaded=False)
    build.hold(max([f.after_s + f.lasts_s for f in plan.fidgets], default=0.0) + plan.pause_s * 0.3 + 0.5)
    taken = build.now_s
    out.bangs.append((taken, 0.7))
    build.hold(0.25)
    first = plan.reps[0]
    top = _sled_at(scenario, first, max(first.top_deg, 12.0), straightest=True)
    build.move(top, shapes.warped_path(round(plan.unrack_s / DT_S), 0.3, 0.2, -0.2))
    build.hold(plan.first_rest_s)
    for rep in plan.reps:
        attempt = _one_rep(build, scenario, rep, number)
        out.attempts.append(attempt)
        out.fidgets += _place(rep.fidgets, attempt.top_s, loaded=True)
        if rep.bump_m_s2 > 0:
            out.knocks.append((0.5 * (attempt.start_s + attempt.bottom_s), rep.bump_m_s2))
        if rep.stop_hit_m_s2 > 0:
            out.bangs.append((attempt.bottom_s, rep.stop_hit_m_s2 / max(scenario.machine.bang_m_s2, 1.0)))
    build.move(rack, shapes.warped_path(round(plan.rack_s / DT_S), 0.5, 0.0, 0.0))
    out.bangs.append((build.now_s, 1.0))
    given = build.now_s + 0.15
    build.hold(0.4 + plan.pause_s * 0.7)
    return taken, given


def _smooth_kinks(sled_m: FloatArray, kinks: list[tuple[float, float]]) -> FloatArray:
    """Rounds the places where speed was cut off, each over its own time."""
    out = shapes.low_pass(sled_m, 0.008 / DT_S)
    for at_s, sigma_s in kinks:
        reach = 5.0 * sigma_s + 0.1
        a, b = max(round((at_s - reach) / DT_S), 0), min(round((at_s + reach) / DT_S), len(out))
        t = np.arange(a, b, dtype=np.float64) * DT_S
        weight = shapes.bump(t, at_s - reach, at_s + reach, (0.1, 0.1))
        out[a:b] += weight * (shapes.low_pass(out[a:b], sigma_s / DT_S) - out[a:b])
    return out


def plan_timeline(scenario: Scenario) -> Timeline:
    """Lays the whole session out in time."""
    timing = scenario.timing
    rack = _sled_at(scenario, RepPlan(), scenario.machine.rack_deg, straightest=False)
    build = _Builder(rack)
    seated = timing.standing_s + timing.walking_s + timing.sitting_s
    empty = np.empty(0)
    walked = timing.standing_s + timing.walking_s
    out = Timeline(empty, empty, empty, timing.standing_s, walked, seated, 0.0, [], [], [], [])
    build.hold(seated)
    carried = [_one_set(build, scenario, plan, number, out) for number, plan in enumerate(scenario.sets, start=1)]
    build.hold(timing.after_s)
    out.seated_to_s = build.now_s
    build.hold(timing.leaving_s)
    out.t_s = np.arange(build.n, dtype=np.float64) * DT_S
    out.sled_m = _smooth_kinks(np.concatenate(build.pieces), build.kinks)
    out.carried = np.zeros(build.n)
    for taken, given in carried:
        out.carried += shapes.smooth_step(out.t_s, taken, taken + 0.2) - shapes.smooth_step(out.t_s, given - 0.2, given)
    return out
