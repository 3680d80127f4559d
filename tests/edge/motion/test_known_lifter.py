"""Simulated sessions of lifters of whom something is known beforehand."""

from __future__ import annotations

from functools import cache
from math import sqrt
from unittest.mock import patch

import numpy as np
import pytest
from accuracy.measures import measure_signals
from msgspec.structs import replace
from simulated import Machine, Told, play, settings_of
from test_learning import SPAN, legs, stroke, teach

from edge.events import AnyEvent, Rep
from edge.motion.body import Body, Geometry
from edge.motion.known_body import KnownBody, by_height, changed, measured
from edge.motion.learning import Learning
from edge.motion.leg import SHANK_OF_HEIGHT, SIDES, THIGH_OF_HEIGHT
from edge.simulator.scenario import Lifter, RepPlan, Scenario, SetPlan, SoftTissue
from edge.simulator.session import Session, simulate

HEIGHT_M = 1.75
LONGER = 1.06
THIGH_M, SHANK_M = LONGER * THIGH_OF_HEIGHT * HEIGHT_M, LONGER * SHANK_OF_HEIGHT * HEIGHT_M


@cache
def long_legs() -> Session:
    """A lifter 6 % off the tables, with straps that turn the other way than flesh mostly does."""
    lifter = Lifter(thigh_m=(THIGH_M, THIGH_M), shank_m=(SHANK_M, SHANK_M))
    tissue = SoftTissue(thigh_flexion_deg=-1.0, shank_flexion_deg=0.5)
    return simulate(Scenario(lifter=lifter, tissue=tissue, sets=(SetPlan(reps=(RepPlan(),) * 5),)))


def known_legs(sd_m: float = 0.005) -> KnownBody:
    """Her legs, as well known as that."""
    tables = by_height(HEIGHT_M)
    spread = tables.spread()
    spread[:2, :2] = sd_m**2 * np.eye(2)
    return changed(tables, np.array([THIGH_M, SHANK_M, 0.0, 0.0]), spread, sessions=2)


def knee_deg(told: Told) -> float:
    """RMSE of both knees."""
    return sqrt(np.mean([e.squared for name, e in measure_signals(told).items() if name.endswith("flexion_deg")]))


def test_measured_legs_show_the_knees_better() -> None:
    """Of a lifter whose legs are 6 % longer than the height says: a third less error, and the same repetitions."""
    session = long_legs()
    tape = replace(settings_of(session), thigh_m=round(THIGH_M, 2), shank_m=round(SHANK_M, 2))
    stranger, known = play(session), play(session, tape)
    assert knee_deg(known) < 0.67 * knee_deg(stranger)
    assert [rep.rep for rep in known.reps()] == [rep.rep for rep in stranger.reps()]


def test_what_a_session_has_learned_is_there_until_it_is_over() -> None:
    """From the first repetition on; once the session is over it is gone, and what was told before counts again."""
    session, known = long_legs(), known_legs()
    machine = Machine(session)
    body = machine.pipeline._body
    body.know(known)
    learned: dict[int, KnownBody | None] = {}
    until = machine.until

    def watched(t_ns: int) -> list[AnyEvent]:
        events = until(t_ns)
        learned.update({event.rep: body.known() for event in events if isinstance(event, Rep)})
        return events

    with patch.object(machine, "until", watched):
        machine.lifts(session)
    assert [None if one is None else one.sessions for one in learned.values()] == [3] * 5
    body.forget_lifter()
    assert body.known() is None
    assert body.legs["left"].chain.thigh_m == pytest.approx(THIGH_M)


def test_it_counts_now_and_in_the_sessions_after() -> None:
    """In the legs' chains before anything was seen, in the next session too, and until told of nobody."""
    body, known = Body(Geometry(height_m=HEIGHT_M)), known_legs()
    assert body.known() is None
    body.know(known)
    for _ in range(2):
        assert [body.legs[side].chain.thigh_m for side in SIDES] == pytest.approx([THIGH_M] * 2)
        body.forget_lifter()
    body.know(None)
    assert body.legs["left"].chain.thigh_m == THIGH_OF_HEIGHT * HEIGHT_M


def test_another_lifter_has_another_height_and_tape() -> None:
    """What was told of the one before is not the next one's; without a word of it, height and tape stay."""
    body, tape = Body(Geometry(height_m=HEIGHT_M)), (0.40, 0.38)
    body.know(None, height_m=1.6, tape_m=tape)
    assert body.legs["left"].chain.thigh_m == pytest.approx(measured(*tape, 1.6).thigh_m)
    body.know(None)
    assert body.geometry == Geometry(height_m=1.6, tape_m=tape)
    body.know(None, height_m=1.9)
    assert body.legs["right"].chain.shank_m == SHANK_OF_HEIGHT * 1.9
    assert body.geometry.tape_m is None


def test_told_between_repetitions_it_counts_from_the_next_stroke_on() -> None:
    """No knee jumps when a lifter is named in the middle of a set."""
    there = legs()
    learning = Learning(there)
    told = stroke(there["left"].chain)
    teach(learning, told, SPAN, clean=True)
    before = there["left"].chain
    learning.know(HEIGHT_M, known_legs())
    assert there["left"].chain is before
    teach(learning, told, SPAN, clean=True)
    assert there["left"].chain.thigh_m > 1.04 * THIGH_OF_HEIGHT * HEIGHT_M
