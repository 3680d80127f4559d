"""Which signs a simulated session truly has, from its true motion and its plan alone: no detector's code, no sensor.

Every rule is told three ways: it holds plainly, it plainly does not, or it is too close to call and is not scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from edge.samples import FloatArray
from edge.simulator.scenario import RepPlan
from edge.simulator.session import Session

DT_S = 0.002
SIDES = ("left", "right")
State = Literal["yes", "no", "close"]


@dataclass(frozen=True)
class Attempt:
    """One attempt: its plan, set, number in its set (of the counted ones), times (s), and its verdicts' states."""

    plan: RepPlan
    set: int
    rep: int
    counted: bool
    start: float
    bottom: float
    drive: float
    top: float
    end: float
    verdicts: dict[tuple[str, str], str]


@dataclass(frozen=True)
class Known:
    """One sign that is or is not there: of a rep, or (rep None) of a set."""

    kind: str
    set: int
    rep: int | None
    state: State


class SessionTruth:
    """A session's attempts and true signals."""

    def __init__(self, session: Session) -> None:
        self.scenario = session.scenario
        self.t, self.columns = session.truth.t_s, session.truth.columns
        self.sled = self.columns["sled_position_m"]
        self.speed = np.gradient(self.sled, DT_S)
        self.acc = np.gradient(self.speed, DT_S)
        self.attempts = list(_attempts(session))

    def sets(self) -> dict[int, list[Attempt]]:
        """Set number -> its attempts."""
        out: dict[int, list[Attempt]] = {}
        for one in self.attempts:
            out.setdefault(one.set, []).append(one)
        return out

    def cut(self, name: str, begin: float, end: float) -> FloatArray:
        """A true signal between two instants."""
        part: FloatArray = self.columns[name][round(begin / DT_S) : round(end / DT_S) + 1]
        return part

    def moving(self, begin: float, end: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Place, speed and acceleration of the sled between two instants."""
        span = slice(round(begin / DT_S), round(end / DT_S) + 1)
        return self.sled[span], self.speed[span], self.acc[span]


def _attempts(session: Session) -> Iterator[Attempt]:
    facts: dict[str, Any] = session.truth.facts
    plans = [plan for one in session.scenario.sets for plan in one.reps]
    told = sorted([*facts["reps"], *facts["not_reps"]], key=lambda one: one["start"])
    verdicts: dict[int, dict[tuple[str, str], str]] = {}
    for one in facts["verdicts"]:
        verdicts.setdefault(one["rep"], {})[one["kind"], one["side"]] = one["state"]
    numbers: dict[int, int] = {}
    for plan, one in zip(plans, told, strict=True):
        counted = "index" in one
        numbers[one["set"]] = numbers.get(one["set"], 0) + counted
        times = [one.get(*name) for name in (("bottom", one["start"]), ("drive", one["start"]), ("top", one["end"]))]
        yield Attempt(
            plan, one["set"], numbers[one["set"]] + (not counted), counted, one["start"], *times, one["end"],
            verdicts.get(one.get("index", -1), {}),
        )  # fmt: skip


def above(value: float, line: float, close: float) -> State:
    """Whether a value lies beyond a line, or within `close` of it."""
    return "close" if abs(value - line) < close else "yes" if value > line else "no"


def either(*states: State) -> State:
    """Yes where any is, no where all are not."""
    return "yes" if "yes" in states else "close" if "close" in states else "no"


def both(*states: State) -> State:
    """Yes where all are."""
    return "no" if "no" in states else "close" if "close" in states else "yes"


def longest_s(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """The longest run of a condition, s."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return float(np.max(edges[1::2] - edges[::2], initial=0)) * DT_S


def sustained(values: FloatArray, seconds: float) -> float:
    """The highest level that lasted so long."""
    n = round(seconds / DT_S)
    return float(np.lib.stride_tricks.sliding_window_view(values, n).min(axis=1).max()) if len(values) >= n else -1e3


# One rep:


def fast_lowering(truth: SessionTruth, one: Attempt) -> State:
    lasts = one.bottom - one.start
    place, speed, _ = truth.moving(one.start, one.bottom)
    dash, longer = sustained(-speed, 0.1), max(float(np.ptp(place)) / 0.27, 1.0)
    return either(above(-lasts, -1.5, 0.06), above(dash / longer, 0.45, 0.02))


def turn(truth: SessionTruth, one: Attempt) -> tuple[float, float]:
    """How long the turn took, s, and the push in it, m/s², over 50 ms."""
    place, speed, acc = truth.moving(one.start, one.top)
    low = int(np.argmin(place))
    down, up = np.flatnonzero(speed[:low] < -0.05), np.flatnonzero(speed[low:] > 0.05)
    if not len(down) or not len(up):
        return 9.0, 0.0
    push = np.convolve(acc, np.ones(25) / 25, mode="same")[max(int(down[-1]) - 25, 0) : low + int(up[0]) + 25]
    return (low + int(up[0]) - int(down[-1])) * DT_S, float(push.max())


def bounce(truth: SessionTruth, one: Attempt) -> State:
    took, push = turn(truth, one)
    return "no" if one.plan.stop_hit_m_s2 else both(above(-took, -0.15, 0.02), above(push, 2.8, 0.5))


def stop_hit(_truth: SessionTruth, one: Attempt) -> State:
    return "no" if not one.plan.stop_hit_m_s2 else above(one.plan.stop_hit_m_s2, 18.0, 5.0)


def _knees(truth: SessionTruth, one: Attempt) -> list[FloatArray]:
    """Flexion of each knee from the drive on, its lockout being scored."""
    end = min(one.end, one.top + 0.4)
    return [
        truth.cut(f"{side}_knee_flexion_deg", one.drive, end)
        for side in SIDES
        if one.verdicts.get(("lockout", side)) != "unseen"
    ]


def snap(truth: SessionTruth, one: Attempt) -> State:
    states: list[State] = ["no"]
    for flexion in _knees(truth, one):
        rate = np.abs(np.gradient(flexion, DT_S))
        near = rate[flexion < 15.0]
        fast = above(float(near.max()), 100.0, 10.0) if len(near) else "no"
        locked: State = "yes" if flexion.min() < 4.0 else "no" if flexion.min() > 8.0 else "close"
        states.append(both(fast, locked))
    return either(*states)


def resting_locked(truth: SessionTruth, one: Attempt) -> State:
    states: list[State] = ["no"]
    for side in SIDES:
        if one.verdicts.get(("lockout", side)) == "unseen":
            continue
        flexion = truth.cut(f"{side}_knee_flexion_deg", one.drive, one.end + 0.5)
        sure, maybe = longest_s(flexion < 4.5), longest_s(flexion < 7.5)
        states.append("yes" if sure > 1.3 else "no" if maybe < 0.9 else "close")
    return either(*states)


def hyperextension(truth: SessionTruth, one: Attempt) -> State:
    return either("no", *(above(-float(flexion.min()), 4.0, 2.0) for flexion in _knees(truth, one)))


def stall(truth: SessionTruth, one: Attempt) -> State:
    place, speed, _ = truth.moving(one.bottom, one.end)
    begin = truth.sled[round(one.start / DT_S)]
    up = (place - place.min()) / max(begin - place.min(), 0.03)
    low = int(np.argmin(place))
    slow = (np.abs(speed) < 0.05) & (up > 0.1) & (up < 0.85)
    return above(longest_s(slow[low:]), 0.5, 0.12)


def _lean(truth: SessionTruth, one: Attempt) -> float:
    """(more - less) / more of the legs in this rep, %, signed."""
    down, up = one.plan.left_share or (truth.scenario.lifter.left_share,) * 2
    share = (down * (one.bottom - one.start) + up * (one.top - one.drive)) / (
        one.bottom - one.start + one.top - one.drive
    )
    more, less = max(share, 1 - share), min(share, 1 - share)
    return float(np.sign(share - 0.5)) * 100.0 * (more - less) / more


def single(one: Attempt) -> tuple[str, str]:
    """The legs that let the sled down and drove it up."""
    shares = one.plan.left_share or (0.5, 0.5)
    down, up = ("left" if s > 0.95 else "right" if s < 0.05 else "both" for s in shares)
    return down, up


PER_REP: dict[str, Callable[[SessionTruth, Attempt], State]] = {
    "fast_lowering": fast_lowering,
    "bounce": bounce,
    "stop_hit": stop_hit,
    "snap": snap,
    "resting_locked": resting_locked,
    "hyperextension": hyperextension,
    "stall": stall,
}


# One set:


def asymmetry(truth: SessionTruth, reps: list[Attempt]) -> Iterator[Known]:
    leans: list[float] = []
    for one in reps:
        if single(one) != ("both", "both"):
            yield Known("asymmetry", one.set, one.rep, "no")
            continue
        leans.append(_lean(truth, one))
        usual = abs(float(np.mean(leans[-5:]))) if len(leans) >= 3 else 0.0
        yield Known("asymmetry", one.set, one.rep, either(above(usual, 15.0, 3.5), above(abs(leans[-1]), 40.0, 5.0)))


def knees_apart(truth: SessionTruth, reps: list[Attempt]) -> Iterator[Known]:
    """Whether one knee goes ahead of the other by more than at the set's start, in the middle of the drive."""
    ahead = []
    for one in reps:
        left, right = (truth.cut(f"{side}_knee_flexion_deg", one.drive, one.top) for side in SIDES)
        middle = (left + right > 60.0) & (left + right < 120.0)
        ahead.append(float((right - left)[middle].mean()) if middle.any() else 0.0)
    own = float(np.median(ahead[:2]))
    off = [abs(float(np.median(ahead[i - 3 : i])) - own) for i in range(5, len(ahead) + 1)]
    yield Known("asymmetry/knees", reps[0].set, None, above(max(off, default=0.0), 4.5, 1.0))


def leg_mode(truth: SessionTruth, reps: list[Attempt]) -> Iterator[Known]:
    earlier = [one for one in truth.attempts if one.counted and one.set < reps[0].set]
    before = single(earlier[-1]) if earlier else ("both", "both")
    for one in reps:
        yield Known("leg_mode", one.set, one.rep, "yes" if single(one) != before else "no")
        before = single(one)


def brace(_truth: SessionTruth, reps: list[Attempt]) -> Iterator[Known]:
    states: list[State] = [above(-(b.start - a.top), -0.6, 0.05) for a, b in pairwise(reps)]
    runs = [both(*states[i : i + 3]) for i in range(len(states) - 2)]
    yield Known("brace", reps[0].set, None, either("no", *runs))


def inward(truth: SessionTruth, one: Attempt, side: str) -> float:
    """The inward displacement that lasted 0.15 s, mm."""
    flexion = truth.cut(f"{side}_knee_flexion_deg", one.start, one.top)
    medial = truth.cut(f"{side}_knee_medial_mm", one.start, one.top)
    return sustained(np.where((flexion > 30.0) & (flexion < 110.0), medial, -1e3), 0.15)


def graded(truth: SessionTruth, reps: list[Attempt]) -> Iterator[Known]:
    """The milder and graver forms of the faults; where the fault itself is there, the milder one is not asked for."""
    severe: dict[str, list[State]] = {side: ["no"] for side in SIDES}
    for i, one in enumerate(reps):
        warn: list[State] = ["no"]
        grave: list[State] = ["no"]
        for side in SIDES:
            worst, state = inward(truth, one, side), one.verdicts.get(("valgus", side))
            if state == "unseen":
                continue
            warn.append("close" if state == "fault" or i < 2 else above(worst, 24.0, 4.5))
            severe[side].append(above(worst, 50.0, 5.0))
            grave.append(both(*severe[side][-2:]))
        yield Known("valgus/S1", one.set, one.rep, either(*warn))
        yield Known("valgus/S3", one.set, one.rep, either(*grave))
        state = one.verdicts.get(("lumbar", ""))
        if state != "unseen":
            tilt = sustained(truth.cut("posterior_tilt_deg", one.start, one.top), 0.15)
            mild: State = "close" if state == "fault" else above(tilt, 8.0, 1.0)
            yield Known("lumbar/S1", one.set, one.rep, mild)
        heel: list[State] = ["no"]
        for leg, side in enumerate(SIDES):
            state = one.verdicts.get(("heel_lift", side))
            share = truth.cut(f"{side}_heel_share", one.start, one.top) / truth.scenario.lifter.heel_share[leg]
            light = -sustained(-share, 0.15)
            heel.append("close" if state == "fault" else above(-light, -0.6, 0.04))
        yield Known("heel_lift/S1", one.set, one.rep, either(*heel))


def valgus_trend(truth: SessionTruth, reps: list[Attempt]) -> Iterator[Known]:
    states: list[State] = ["no"]
    for side in SIDES:
        y = np.array([max(inward(truth, one, side), 0.0) for one in reps])
        for n in range(5, len(y) + 1):
            x = np.arange(n) - 0.5 * (n - 1)
            slope = float(x @ y[:n]) / float(x @ x)
            off = y[:n] - y[:n].mean() - slope * x
            sd = float(np.sqrt(max(off @ off / (n - 2), 4.0) / (x @ x)))
            states.append(
                "yes" if slope > 2.6 and slope > 5.0 * sd else "no" if slope < 1.4 or slope < 3.0 * sd else "close"
            )
    yield Known("valgus_trend", reps[0].set, None, either(*states))


def too_heavy(truth: SessionTruth, attempts: list[Attempt]) -> Iterator[Known]:
    reps = [one for one in attempts if one.counted]
    failed = any(one.plan.kind == "failed" for one in attempts)
    signs: list[State] = []
    strokes = [float(np.ptp(truth.moving(one.drive, one.top)[0])) for one in reps]
    late = [max(strokes[i - 1 : i + 1]) / np.median(strokes[:3]) for i in range(4, len(strokes))]
    signs.append("yes" if failed else either("no", *(above(-share, -0.85, 0.03) for share in late)))
    stalls = either("no", *(stall(truth, one) for one in attempts))
    signs.append(stalls)
    for kinds in ("valgus", "heel_lift", "lumbar"):
        hits = sum(any(k == kinds and s == "fault" for (k, _), s in one.verdicts.items()) for one in reps)
        unsure = sum(any(k == kinds and s in ("grey", "unseen") for (k, _), s in one.verdicts.items()) for one in reps)
        signs.append("yes" if hits >= 2 else "close" if hits + unsure >= 2 else "no")
    faults = either(*signs[2:])
    speeds = [stroke / (one.top - one.drive) for stroke, one in zip(strokes, reps, strict=True)]
    losses = [100 * (1 - speeds[i] / max(speeds[: i + 1])) for i in range(len(speeds))]
    slower = either("no", *(above(loss, 40.0, 4.0) for loss in losses))
    bounces = [bounce(truth, one) for one in reps]
    twice: State = "yes" if bounces.count("yes") >= 2 else "close" if len(bounces) - bounces.count("no") >= 2 else "no"
    leans = [abs(_lean(truth, one)) for one in reps if single(one) == ("both", "both")]
    grew = [np.mean(leans[i - 3 : i]) - np.mean(leans[:3]) for i in range(6, len(leans) + 1)]
    uneven = either("no", *(above(float(more), 10.0, 3.0) for more in grew))
    all_ = [signs[0], stalls, faults, slower, twice, uneven]
    sure, maybe = all_.count("yes"), len(all_) - all_.count("no")
    yield Known("too_heavy", attempts[0].set, None, "yes" if sure >= 2 else "close" if maybe >= 2 else "no")


def seat(truth: SessionTruth, attempts: list[Attempt]) -> Iterator[Known]:
    flexion = truth.scenario.machine.rack_deg
    yield Known("seat", attempts[0].set, None, either(above(-flexion, -80.0, 3.0), above(flexion, 105.0, 3.0)))


PER_SET = (leg_mode, brace, asymmetry, knees_apart, graded, valgus_trend)
PER_SET_OF_ALL = (too_heavy, seat)


def signs_of(session: Session) -> list[Known]:
    """Every sign that is, is not, or is too close to call."""
    truth = SessionTruth(session)
    out = []
    for one in truth.attempts:
        rules = PER_REP if one.counted else {"stall": stall}
        out += [Known(kind, one.set, one.rep, rule(truth, one)) for kind, rule in rules.items()]
    for attempts in truth.sets().values():
        reps = [one for one in attempts if one.counted]
        out += [found for rule in PER_SET for found in rule(truth, reps)]
        out += [found for rule in PER_SET_OF_ALL for found in rule(truth, attempts)]
    return out
