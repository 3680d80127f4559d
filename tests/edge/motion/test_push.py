"""The sled's acceleration by the push of the feet, and when it is not told."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.moved import Moved
from edge.motion.plate import LOADED_SHARE, static_force_n
from edge.motion.push import FRICTION_M_S2, HEARD, LEAST_WAY, Push, pushed
from edge.motion.series import GRID_S
from edge.samples import FloatArray

KG, RAIL_DEG, RESTS_N = 150.0, 45.0, 40.0
HELD_N = static_force_n(KG, RAIL_DEG, 0.0)
TOP, WAY, PAUSE = 60, 160, 30
DRIVE = TOP + WAY + PAUSE
END = DRIVE + WAY
ATTEMPT = slice(TOP - 5, END + 5)


def speed(way: int = WAY) -> FloatArray:
    """(N,) stand, down by 0.3 m, pause, up again, stand."""
    bell = np.sin(np.pi * np.arange(way) / way) ** 2 * 0.6 / (way * GRID_S)
    out = np.zeros(END + 40)
    out[TOP : TOP + way], out[DRIVE : DRIVE + way] = -bell, bell
    return out


def force(moves: FloatArray, rubs_m_s2: float = 0.25) -> FloatArray:
    """(N,) what the feet push, their own weight with it."""
    acc = np.gradient(moves, GRID_S) + rubs_m_s2 * np.sign(moves)
    return HELD_N + KG * acc + RESTS_N


def told(force_n: FloatArray, knee_m_s: FloatArray | None = None, moved: Moved | None = None) -> Push | None:
    """What is told of the whole attempt."""
    knee = speed() if knee_m_s is None else knee_m_s
    return pushed(force_n, RESTS_N, knee, ATTEMPT, moved or Moved(RAIL_DEG))


def test_acceleration_without_weight_and_friction() -> None:
    """Neither friction nor mass need be known: what is told is how the sled speeds up, both ways."""
    push = told(force(speed()))
    assert push is not None
    moving = np.abs(speed()) > 0.05
    assert push.acc_m_s2[moving] == pytest.approx(np.gradient(speed(), GRID_S)[moving], abs=0.03)
    assert set(np.round(push.friction_side[moving])) == {-1.0, 1.0}


def test_a_sled_that_rests_does_not_speed_up() -> None:
    """At rest friction takes whatever side holds it: what the feet push there says nothing."""
    pushes = force(speed())
    pushes[DRIVE - PAUSE + 5 : DRIVE - 5] += 30.0
    push = told(pushes)
    assert push is not None
    rest = slice(DRIVE - PAUSE + 5, DRIVE - 5)
    assert not push.acc_m_s2[rest].any()
    assert not push.friction_side[rest].any()


def test_quiet_knees_alone_are_no_rest() -> None:
    """A pelvis that tucks under keeps the knees quiet for a moment: a push that no friction holds moves the sled."""
    hidden = speed()
    hidden[DRIVE : DRIVE + 25] = 0.0
    push = told(force(speed()), hidden)
    assert push is not None
    begins = slice(DRIVE + 8, DRIVE + 20)
    true = np.gradient(speed(), GRID_S)[begins]
    assert np.all(push.acc_m_s2[begins] > 0.5 * true)


def test_a_sled_that_is_carried_is_not_felt() -> None:
    """Where rack or stop carry the sled the plate shows little: nothing is told there, and all else as before."""
    pushes = force(speed())
    pushes[END + 6 :] = LOADED_SHARE * 0.9 * HELD_N
    push = told(pushes)
    assert push is not None
    assert np.isnan(push.acc_m_s2[END + 6 :]).all()
    assert np.isfinite(push.acc_m_s2[: END + 6]).all()


@pytest.mark.parametrize(("rubs_m_s2", "tells"), [(-0.2, False), (0.0, True), (1.0, True), (1.4, False)])
def test_somebody_else_pushed_along(rubs_m_s2: float, *, tells: bool) -> None:
    """Friction that pushes, or more of it than rails have: a spotter, or a stop that carries."""
    assert FRICTION_M_S2[0] > -0.2
    assert 1.0 < FRICTION_M_S2[1] < 1.4
    assert (told(force(speed(), rubs_m_s2)) is not None) == tells


@pytest.mark.parametrize("lacking", ["force", "knees"])
@pytest.mark.parametrize(("more", "tells"), [(-2, True), (2, False)])
def test_what_must_be_heard(lacking: str, more: int, *, tells: bool) -> None:
    """Both footplate and knees for all but a twentieth of the attempt."""
    hole = slice(DRIVE, DRIVE + round((1.0 - HEARD) * (ATTEMPT.stop - ATTEMPT.start)) + more)
    pushes, knees = force(speed()), speed()
    (pushes if lacking == "force" else knees)[hole] = np.nan
    assert (told(pushes, knees) is not None) == tells


@pytest.mark.parametrize(("way", "tells"), [(LEAST_WAY - 4, False), (LEAST_WAY + 12, True)])
def test_each_way_must_be_one(way: int, *, tells: bool) -> None:
    """A way of under 0.2 s is none, and its mean force no measure."""
    moves = speed(way) * way / WAY
    assert (told(force(moves), moves) is not None) == tells


def test_nothing_without_a_mass() -> None:
    """A level rail and no mass: nothing tells how hard the sled is to move."""
    assert told(force(speed()), moved=Moved(5.0)) is None
    assert told(force(speed()), moved=Moved(5.0, KG)) is not None
