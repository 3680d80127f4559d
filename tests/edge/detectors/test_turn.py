"""The turn at the bottom: bounced, or into the stops."""

from __future__ import annotations

import numpy as np
import pytest
from sign_tools import eased, facts_of, motion_of, moved, rep_of

from edge.detectors.sign import Finding, RepFacts
from edge.detectors.turn import Turn, TurnSettings, turn_of
from edge.motion.series import GRID_S
from edge.samples import FloatArray


def turned(push_m_s2: float, speed_m_s: float = 0.3) -> FloatArray:
    """Speed of an attempt that is lowered and driven at an even speed, turned round at an even push."""
    steps = max(round(2 * speed_m_s / push_m_s2 / GRID_S), 1)
    rest = np.zeros(50)
    return np.concatenate(
        [
            rest,
            np.full(70, -speed_m_s),
            np.linspace(-speed_m_s, speed_m_s, steps + 1)[1:-1],
            np.full(70, speed_m_s),
            rest,
        ]
    )


def attempt(speed: FloatArray, *, felt: FloatArray | None = None, number: int = 1) -> RepFacts:
    acc = np.gradient(speed, GRID_S) if felt is None else felt
    before = [rep_of(rep=k) for k in range(1, number)]
    return facts_of(rep_of(rep=number), motion_of(speed), before, sled_m_s2=acc)


def found(facts: RepFacts, turn: Turn | None = None) -> list[Finding]:
    return list((turn or Turn(TurnSettings())).judge(facts))


@pytest.mark.parametrize(("push_m_s2", "bounced"), [(2.0, False), (4.5, True)])
def test_a_quick_hard_turn_is_a_bounce(push_m_s2: float, *, bounced: bool) -> None:
    """Turned from -0.05 to 0.05 m/s within 0.15 s and at 2.8 m/s² or more."""
    findings = found(attempt(turned(push_m_s2, 0.5)))
    assert [f.kind for f in findings] == ["bounce"] * bounced


def test_the_time_of_a_turn_is_that_between_two_speeds() -> None:
    """At an even 2 m/s² the 0.1 m/s between them take 50 ms."""
    took_s, push = turn_of(motion_of(turned(2.0)).path)
    assert took_s == pytest.approx(0.05, abs=0.005)
    assert push == pytest.approx(2.0, abs=0.2)


def test_a_hard_push_after_a_pause_is_no_bounce() -> None:
    """A paused rep may be driven as hard as anybody likes."""
    speed = np.concatenate([np.zeros(50), eased(-0.27, 100), np.zeros(30), eased(0.27, 60), np.zeros(50)])
    assert found(attempt(speed)) == []


def test_a_bounce_twice_in_a_row_is_graver() -> None:
    """Once is S1, again in the very next attempt S2, and after a sound one S1 again."""
    turn, bounce, sound = Turn(TurnSettings()), turned(4.5, 0.5), moved()
    severities = [
        [f.severity for f in found(attempt(speed, number=k), turn)]
        for k, speed in enumerate([bounce, bounce, sound, bounce], start=1)
    ]
    assert severities == [["S1"], ["S2"], [], ["S1"]]


@pytest.mark.parametrize(("hit_m_s2", "hit"), [(9.3, False), (9.7, True)])
def test_what_no_leg_does_is_a_stop(hit_m_s2: float, *, hit: bool) -> None:
    """Beyond 9.5 m/s² about the bottom the sled has run into its stops; then nothing is said of a bounce."""
    speed = moved()
    felt = np.zeros(len(speed))
    felt[int(np.argmin(np.cumsum(speed)))] = -hit_m_s2
    assert [f.kind for f in found(attempt(speed, felt=felt))] == ["stop_hit"] * hit


def test_a_bang_at_the_top_is_no_stop() -> None:
    """Only about the bottom: racks and neighbours bang elsewhere."""
    speed = moved()
    felt = np.zeros(len(speed))
    felt[20] = felt[-20] = 40.0
    assert found(attempt(speed, felt=felt)) == []


def test_without_the_sleds_own_sensor_nothing_is_said() -> None:
    """The knees tell of no hard turn."""
    speed = turned(4.5, 0.5)
    assert found(attempt(speed, felt=np.full(len(speed), np.nan))) == []
