"""When a session begins and ends, what it asks for, and what its set says of the load."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.body import Body, Geometry
from edge.samples import ImuSamples, Role
from edge.session.life import QUIET_END_S, Life

WORN: tuple[Role, ...] = ("left_thigh", "left_shank")
STEP_NS = 10_000_000


def feed(body: Body, life: Life, k: int, *, moving: bool) -> str | None:
    """One grid instant of upright sensors, still or swinging."""
    wave = 3.0 * np.sin(0.7 * k) if moving else 0.0
    for role in WORN:
        acc = np.array([[wave, 0.0, 9.81]])
        body.sensors.accept(k * STEP_NS, ImuSamples(role, np.array([k * 10_000]), acc, np.array([[0.0, wave, 0.0]])))
    body.step(k * STEP_NS)
    return life.step(body, k * STEP_NS)


@pytest.fixture
def stood() -> tuple[Body, Life]:
    """A lifter who has just stood still."""
    body, life = Body(Geometry()), Life(seed=1)
    told = [feed(body, life, k, moving=False) for k in range(200)]
    assert told.count("began") == 1
    return body, life


def test_a_standing_pose_begins_a_session(stood: tuple[Body, Life]) -> None:
    """Whoever stands still with the straps on is a session, named by an opaque id."""
    body, life = stood
    assert life.session is not None
    assert life.activity(body) == "setup"


def test_without_a_standing_pose_one_is_asked_for() -> None:
    """Sensors that are worn but never stood still say what is missing."""
    body, life = Body(Geometry()), Life(seed=1)
    for k in range(200):
        feed(body, life, k, moving=True)
    assert life.session is None
    assert life.asks(body) == "Stand still and upright for 2 s."


def test_a_quiet_time_ends_the_session(stood: tuple[Body, Life]) -> None:
    """After five minutes in which nobody moved the session is over, its calibration with it; not a moment before."""
    body, life = stood
    last = 200
    feed(body, life, last, moving=True)
    end_ns = last * STEP_NS + round(QUIET_END_S * 1e9)
    assert life.step(body, end_ns) is None
    assert life.step(body, end_ns + STEP_NS) == "ended"
    assert life.session is None
    assert life.activity(body) == "idle"
    assert not body.wear.standing


def test_movement_keeps_the_session(stood: tuple[Body, Life]) -> None:
    """A lifter who still moves is still there."""
    body, life = stood
    feed(body, life, 200, moving=True)
    much_later = 200 + round(QUIET_END_S * 100)
    feed(body, life, much_later, moving=True)
    feed(body, life, much_later + 1, moving=True)
    assert life.session is not None
