"""A node that is silent while the sled is first pressed out costs a rep or two of its verdicts, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from simulated import Told, play

from edge.events import MachineState, Side
from edge.motion.learning import Learning
from edge.motion.look_back import LookBack
from edge.samples import Role
from edge.simulator.scenario import RepPlan, Scenario, SetPlan, Silence, Trouble
from edge.simulator.session import simulate

REP = RepPlan(eccentric_s=1.6, pause_s=0.3, concentric_s=1.2, rest_s=0.8)


def silent(role: Role, lasts_s: float, *, restart: bool) -> Told:
    """Four sound reps and a locked one, with this node silent in the press."""
    trouble = Trouble(silences=(Silence(role, 0, lasts_s, restart),))
    plan = SetPlan(reps=(REP, REP, REP, REP, replace(REP, top_deg=1.0)), unrack_s=2.4)
    return play(simulate(Scenario(sets=(plan,), trouble=trouble)))


@pytest.mark.parametrize(("role", "restart"), [("left_shank", False), ("right_thigh", True)])
def test_a_leg_is_mounted_by_a_later_drive(role: Role, restart: bool) -> None:  # noqa: FBT001
    """Whose press was not heard is mounted at the next top, and its lockout is called like the other's."""
    told = silent(role, 2.5, restart=restart)
    assert len(told.reps()) == 5
    assert {(kind, side) for kind, side, _ in told.alerts()} == {("lockout", "left"), ("lockout", "right")}
    assert [state for state in told.of(MachineState) if state.state == "lifting"][-1].not_assessed == {}


@pytest.mark.parametrize("restart", [False, True])
def test_no_rep_is_lost_with_the_sled(restart: bool) -> None:  # noqa: FBT001
    """A sled that was silent in the press is at the top by what the legs say; every rep counts."""
    told = silent("sled", 1.4, restart=restart)
    assert len(told.reps()) == 5
    assert {(kind, side) for kind, side, _ in told.alerts()} == {("lockout", "left"), ("lockout", "right")}


def presses(monkeypatch: pytest.MonkeyPatch, role: Role, lasts_s: float) -> tuple[list[list[Side]], list[Side]]:
    """With that silence: the legs of each press that was learned, and of each zero that was set, in order."""
    learned: list[list[Side]] = []
    zeros: list[Side] = []
    press, expect = LookBack.press, Learning.expect

    def noted_press(self: LookBack, begin: int, end: int, sides: Sequence[Side]) -> None:
        learned.append(list(sides))
        press(self, begin, end, sides)

    def noted_expect(self: Learning, side: Side, offset_sd_deg: float) -> None:
        zeros.append(side)
        expect(self, side, offset_sd_deg)

    monkeypatch.setattr(LookBack, "press", noted_press)
    monkeypatch.setattr(Learning, "expect", noted_expect)
    assert len(silent(role, lasts_s, restart=False).reps()) == 5
    return learned, zeros


@pytest.mark.parametrize(("lasts_s", "legs"), [(2.5, ["right", "left"]), (100.0, ["right"])])
def test_a_leg_is_taught_by_its_own_first_drive_alone(
    monkeypatch: pytest.MonkeyPatch, lasts_s: float, legs: list[Side]
) -> None:
    """The other one's zero stays as sure as it has become, whether the silent node comes back or never does."""
    assert presses(monkeypatch, "left_shank", lasts_s) == ([[side] for side in legs], legs)
