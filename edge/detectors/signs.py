"""All signs of one machine: the remarks beside the four faults, found at an instant, after a rep, or after a set."""

from __future__ import annotations

from collections.abc import Iterator

from edge.detectors.arrival import Arrival
from edge.detectors.asymmetry import Asymmetry
from edge.detectors.brace import Brace
from edge.detectors.depth import Depth
from edge.detectors.grades import Grades
from edge.detectors.heavy import Heavy
from edge.detectors.leg_use import LegCounts, LegMode
from edge.detectors.resting import Resting
from edge.detectors.seat import Seat
from edge.detectors.settings import SignSettings
from edge.detectors.sign import Finding, RepFacts
from edge.detectors.stall import Stall
from edge.detectors.tempo import Tempo
from edge.detectors.too_fast import TooFast
from edge.detectors.trend import Trend
from edge.detectors.turn import Turn
from edge.detectors.watch import Watch
from edge.events import Rep
from edge.motion.body import Body
from edge.motion.gate import Gate
from edge.motion.own_limit import Limit


class Signs:
    """Feed `step` at every grid instant, `finish` with every finished attempt, `close` with every set.

    straight_deg: where a knee counts as locked.
    """

    def __init__(self, settings: SignSettings, straight_deg: float) -> None:
        s, self._straight_deg = settings, straight_deg
        self._after_reps = (
            Depth(s.depth), Tempo(s.tempo), Turn(s.turn), Arrival(s.arrival), Asymmetry(s.asymmetry), Grades(s.grades),
            Trend(s.grades), LegMode(), Brace(s.brace), TooFast(s.too_fast, straight_deg),
        )  # fmt: skip
        self._heavy, self._stall, self._stall_s = Heavy(s.heavy), Stall(s.stall), s.stall.lasts_s
        self._resting, self._seat, self._counts = Resting(s.resting), Seat(s.seat), LegCounts()

    def step(self, body: Body, watch: Watch, t_s: float, limit: Limit | None) -> list[Finding]:
        """What is to be remarked on at this instant. limit: the lifter's own depth limit."""
        found = list(self._seat.step(body, t_s, limit))
        locked = watch.locked()
        if locked:
            straight = [s for s in locked if (knee := body.legs[s].knees.last()) and knee[0] <= self._straight_deg]
            found += self._resting.step(t_s, straight, body.gate())
        else:
            self._resting.clear()
        sled = body.sled.states.last()
        if sled is not None:
            gate = body.gate()
            told = self._stall.step(sled[0], sled[1], gate)
            if told is not None:
                found += self._drive(gate, told)
        return found

    def _drive(self, gate: Gate, told: str) -> Iterator[Finding]:
        if told == "stalled":
            yield Finding(
                kind="stall", severity="S0", set=gate.set, rep=gate.rep, phase=gate.phase, seen_in="concentric",
                value=self._stall.lasted_s, threshold=self._stall_s, unit="s",
                text="The drive came to a stop on its way.",
            )  # fmt: skip
        yield from self._heavy.stall(gate, lost=told == "lost")

    def finish(self, facts: RepFacts) -> list[Finding]:
        """What is to be remarked on after an attempt."""
        found = [finding for sign in self._after_reps for finding in sign.judge(facts)]
        return [*found, *self._heavy.judge(facts, found)]

    def close(self, reps: list[Rep]) -> list[Finding]:
        """What is to be remarked on after a set; reps: its attempts."""
        return list(self._counts.close(reps))
