"""The parking sensor, and lockouts that came too fast for it."""

from __future__ import annotations

import numpy as np
import pytest
from sign_tools import facts_of, motion_of, moved, rep_of

from edge.detectors.ramp import HORIZON_S, PLAIN, SOFT_DEG, Ramp, foreseen
from edge.detectors.too_fast import TooFast, TooFastSettings
from edge.events import FaultRef, Phase, Side
from edge.motion.body import Body, Geometry
from edge.motion.gate import Gate
from edge.motion.leg import SIDES

STRAIGHT_DEG = 6.0
D_M = 0.25


@pytest.mark.parametrize(
    ("left_s", "nearness"), [(HORIZON_S + 0.01, 0.0), (0.8 * HORIZON_S, 0.2), (0.5 * HORIZON_S, 0.5), (0.0, 1.0)]
)
def test_nearness_grows_as_the_time_left_runs_out(left_s: float, nearness: float) -> None:
    """At an even speed, from 0 at the horizon to 1 at the limit."""
    assert foreseen(0.2 * left_s, 0.2, 0.0, 0.01) == pytest.approx((nearness, left_s))


def test_a_sled_that_will_stop_short_is_less_near() -> None:
    """In the measure in which its slowing down falls short of the limit; one that hardly moves approaches nothing."""
    even, _ = foreseen(0.02, 0.2, 0.0, 0.01)
    short, _ = foreseen(0.02, 0.2, 4.0, 0.01)
    assert short == pytest.approx(0.5 * even)
    assert foreseen(0.02, 0.005, 0.0, 0.01) == (0.0, None)


class Still(Body):
    """A body whose phase is given."""

    phase: Phase = "concentric"

    def gate(self) -> Gate:
        return Gate(self.phase, 1, 1, 1, judged=True, since_top_s=0.0)


def drive(seconds: float, end_deg: float, phase: Phase = "concentric") -> list[tuple[float, float, float]]:
    """A smooth drive by the closed chain, both legs alike: (time before its end s, flexion, nearness of the left)."""
    body = Still(Geometry())
    body.phase = phase
    ramp, out = Ramp(STRAIGHT_DEG), []
    chain = body.legs["left"].chain
    end_m = chain.slide(end_deg, 0.0)[0]
    x = np.linspace(0.0, 1.0, round(seconds / 0.01) + 1)
    places = end_m - D_M * (1.0 - (10 * x**3 - 15 * x**4 + 6 * x**5))
    flexions = np.interp(
        places, [chain.slide(d, 0.0)[0] for d in np.arange(120.0, -0.1, -0.1)], np.arange(120.0, -0.1, -0.1)
    )
    rates = np.gradient(flexions, 0.01)
    for k, (flexion, rate) in enumerate(zip(flexions, rates, strict=True)):
        for side in SIDES:
            body.legs[side].knees.put(k, (float(flexion), float(rate), 0.0, float(flexion), 0.0))
        ramp.step(body, k * 10_000_000, 110.0)
        out.append((seconds - 0.01 * k, float(flexion), ramp.now.lockout["left"] or 0.0))
    return out


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.5])
def test_the_ramp_begins_well_before_a_lockout(seconds: float) -> None:
    """On drives of a second and longer it is plain 0.3 s before the knee is locked, and 1 when it is."""
    seen = drive(seconds, 2.0)
    locked_s = next(left for left, flexion, _ in seen if flexion <= STRAIGHT_DEG)
    plain_s = next(left for left, _, near in seen if near >= PLAIN)
    assert plain_s - locked_s >= 0.3
    assert all(near == 1.0 for left, _, near in seen if left < locked_s)


def test_a_soft_arrival_never_comes_near() -> None:
    """At 18° the ramp may stir while the sled is fast, and is silent again when it has arrived."""
    seen = drive(1.5, 18.0)
    assert max(near for _, _, near in seen) < 0.6
    assert seen[-1][2] == 0.0


@pytest.mark.parametrize(
    ("flexion_deg", "nearness"), [(STRAIGHT_DEG + SOFT_DEG, 0.0), (STRAIGHT_DEG + 0.5 * SOFT_DEG, 0.5), (5.0, 1.0)]
)
def test_at_rest_the_place_alone_tells(flexion_deg: float, nearness: float) -> None:
    """A lifter who stands at the top, knees nearly straight."""
    body, ramp = Still(Geometry()), Ramp(STRAIGHT_DEG)
    body.phase = "top"
    body.legs["right"].knees.put(100, (flexion_deg, 0.0, 0.0, flexion_deg, 0.0))
    ramp.step(body, 1_000_000_000, 110.0)
    assert ramp.now.lockout["right"] == pytest.approx(nearness)
    assert ramp.now.lockout["left"] is None
    assert ramp.now.lockout_worst == ramp.now.lockout["right"]


@pytest.mark.parametrize(("flexion_deg", "nearness"), [(86.9, 0.0), (91.0, 0.5), (95.0, 1.0), (99.0, 1.0)])
def test_the_depth_limit_has_a_ramp_of_its_own(flexion_deg: float, nearness: float) -> None:
    """Eight degrees long, on the way down; knees that bend straight on are foreseen as well."""
    body, ramp = Still(Geometry()), Ramp(STRAIGHT_DEG)
    body.phase = "eccentric"
    body.legs["left"].knees.put(100, (flexion_deg, 0.0, 0.0, flexion_deg, 0.0))
    ramp.step(body, 1_000_000_000, 95.0)
    assert ramp.now.depth == pytest.approx(nearness, abs=0.02)
    body.legs["left"].knees.put(101, (flexion_deg, 60.0, 0.0, flexion_deg, 0.0))
    ramp.step(body, 1_010_000_000, 95.0)
    assert (ramp.now.depth or 0.0) > nearness or nearness == 1.0 or flexion_deg < 74.0
    assert ramp.now.depth_s == pytest.approx(max(95.0 - flexion_deg, 0.0) / 60.0)


def test_what_is_not_seen_is_not_far() -> None:
    """No knee, or one that has not been heard for 0.3 s: None."""
    body, ramp = Still(Geometry()), Ramp(STRAIGHT_DEG)
    ramp.step(body, 1_000_000_000, 95.0)
    assert (ramp.now.lockout_worst, ramp.now.depth) == (None, None)
    body.legs["left"].knees.put(100, (7.0, 0.0, 0.0, 7.0, 0.0))
    ramp.step(body, 1_400_000_000, 95.0)
    assert ramp.now.lockout_worst is None


def test_in_the_rack_nothing_is_ahead() -> None:
    """Straight knees on the seat are no lockout."""
    body, ramp = Still(Geometry()), Ramp(STRAIGHT_DEG)
    body.phase = "rest"
    body.legs["left"].knees.put(100, (1.0, 0.0, 0.0, 1.0, 0.0))
    ramp.step(body, 1_000_000_000, 95.0)
    assert (ramp.now.lockout_worst, ramp.now.depth) == (None, None)


def locked_rep(warned: dict[Side, float | None] | None) -> list[float | None]:
    speed = moved()
    flexion = np.full(len(speed), 60.0)
    flexion[300:] = 3.0
    fault = FaultRef(kind="lockout", side="left", severity="S2", worst_value=3.0, unit="deg")
    facts = facts_of(rep_of(faults=(fault,)), motion_of(speed, {"left": flexion}), warned_s=warned)
    return [f.value for f in TooFast(TooFastSettings(), STRAIGHT_DEG).judge(facts)]


@pytest.mark.parametrize(("warned_s", "told"), [(2.69, []), (2.71, [0.29]), (3.2, [0.0]), (None, [0.0])])
def test_a_lockout_within_0_3_seconds_of_the_first_warning_was_too_fast(
    warned_s: float | None, told: list[float]
) -> None:
    """The knee locked at 3.0 s; a warning that came later, or never, is none."""
    assert locked_rep({"left": warned_s, "right": None}) == pytest.approx(told)


def test_where_no_ramp_ran_nothing_is_said_of_it() -> None:
    """Nor of a rep without a lockout."""
    assert locked_rep(None) == []
