"""One leg at a time: noted when it begins or ends, and said when the legs did not do the same number of reps."""

from __future__ import annotations

from collections.abc import Iterator

from edge.detectors.sign import Finding, RepFacts
from edge.events import LegUse, Rep

REPS_APART = 1
"""Legs that differ by one rep are even: somebody miscounts."""


class LegMode:
    """Notes a change of the legs that are used; both at first."""

    def __init__(self) -> None:
        self._mode: tuple[LegUse, LegUse] = ("both", "both")

    def judge(self, facts: RepFacts) -> Iterator[Finding]:
        """The sign of one finished rep: only where the legs that are used have changed."""
        rep = facts.rep
        down, up = rep.lowered_with, rep.pressed_with
        if down is None or up is None or (down, up) == self._mode:
            return
        self._mode = down, up
        side = next((leg for leg in (down, up) if leg != "both"), None)
        yield Finding(kind="leg_mode", severity="S0", set=rep.set, rep=rep.rep, side=side, text=_told(down, up))


class LegCounts:
    """Counts the reps that one leg did alone; legs are compared once both have had their turn."""

    def __init__(self) -> None:
        self._done = {"left": 0, "right": 0}

    def close(self, reps: list[Rep]) -> Iterator[Finding]:
        """A set is over; reps: its attempts. Legs may take turns within a set, or set by set."""
        mine = {"left": 0, "right": 0}
        for rep in reps:
            leg = single(rep)
            if rep.counted and leg is not None:
                mine[leg] += 1
        if not any(mine.values()):
            return
        left, right = (self._done[leg] + mine[leg] for leg in ("left", "right"))
        if not (left and right):
            self._done = {"left": left, "right": right}
            return
        self._done = {"left": 0, "right": 0}
        if abs(left - right) > REPS_APART:
            yield Finding(
                kind="uneven_legs", severity="S0", set=reps[-1].set, rep=reps[-1].rep, phase="rest", seen_in="rest",
                side="left" if left < right else "right", value=float(abs(left - right)), threshold=float(REPS_APART),
                unit="reps", text=f"Left leg {left} reps, right leg {right}.",
            )  # fmt: skip


def single(rep: Rep) -> LegUse | None:
    """The one leg that this rep is counted for; None where both did it, or nothing tells."""
    return next((leg for leg in (rep.lowered_with, rep.pressed_with) if leg in ("left", "right")), None)


def _told(down: LegUse, up: LegUse) -> str:
    if down == up:
        return "Both legs." if down == "both" else f"The {down} leg alone."
    return f"Lowered with {_named(down)}, pressed with {_named(up)}."


def _named(leg: LegUse) -> str:
    return "both legs" if leg == "both" else f"the {leg} leg"
