"""The attempts of the set under way: what was found in each, and what could not be judged; from them reps and sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from edge.events import VERDICTS, FaultRef, Kind, Rep, SetSummary, Side, verdict_key
from edge.motion.gate import Gate
from edge.motion.leg_use import lowered_with, pressed_with
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit
from edge.session.assessment import MAYBE_RACKED, maybe_racked
from edge.session.rep_summary import Load, RepContext, summarise
from edge.session.set_summary import summarise_set

KEYS = tuple(verdict_key(*verdict) for verdict in VERDICTS)


@dataclass(frozen=True, slots=True)
class About:
    """What a rep says of the session around it. firmware: role -> version; limit: the lifter's own depth limit; worst:
    how far each fault went in this attempt, in its unit.
    """

    session: str | None
    load: Load
    firmware: dict[str, str]
    limit: Limit | None
    worst: Mapping[tuple[Kind, Side | None], float]


class Tally:
    """One set at a time. Feed `watch` at every grid instant, `fault` with every detection, `finish` with attempts."""

    def __init__(self) -> None:
        self.reps: list[Rep] = []
        self._attempt = 0
        self._told = -1
        self._faults: list[FaultRef] = []
        self._blind: dict[str, str] = {}
        self._signs: dict[str, str] = {}
        self._signs_of_set: dict[str, str] = {}

    def watch(self, gate: Gate, not_assessed: Mapping[str, str], signs: Mapping[str, str]) -> None:
        """What could not be judged at any time of an attempt is not assessed in it; of signs, in its set."""
        if gate.attempt != self._attempt:
            self._attempt, self._faults, self._blind, self._signs = gate.attempt, [], {}, {}
        if gate.moving:
            self._blind.update(not_assessed)
            self._signs.update(signs)
            for key, why in maybe_racked(gate).items():
                self._blind.setdefault(key, why)

    def fault(self, fault: FaultRef, t_s: float) -> SetSummary | None:
        """A fault of the attempt under way; the set so far where its rep has been told already."""
        self._faults.append(fault)
        if self._told != self._attempt or not self.reps:
            return None
        self.reps[-1] = replace(self.reps[-1], faults=(*self.reps[-1].faults, fault))
        return summarise_set(self.reps, t_s, self._signs_of_set, final=False)

    def finish(self, motion: RepMotion, t_s: float, about: About) -> Rep:
        """The attempt as a rep; `reps` holds those before it until `count` takes it in."""
        best = max((r.mean_concentric_m_s or 0.0 for r in self.reps if r.counted), default=0.0)
        blind = {**self._blind, **_idle(motion)}
        return summarise(
            motion,
            t_s,
            RepContext(
                session=about.session,
                best_mean_m_s=best or None,
                load=about.load,
                faults=tuple(replace(f, worst_value=about.worst[f.kind, f.side]) for f in self._faults),
                assessed=_others(blind),
                not_assessed=blind,
                firmware=about.firmware,
                calibration=about.session,
                limit=about.limit,
            ),
        )

    def count(self, rep: Rep, t_s: float) -> SetSummary:
        """Take the rep in: the set so far."""
        self.reps.append(rep)
        self._signs_of_set.update(self._signs)
        self._told = self._attempt
        return summarise_set(self.reps, t_s, self._signs_of_set, final=False)

    def close(self, t_s: float) -> SetSummary | None:
        """The set is over; its summary, None where it had no attempt."""
        if not self.reps:
            return None
        summary = summarise_set(self.reps, t_s, self._signs_of_set, final=True)
        self.reps, self._signs_of_set = [], {}
        return summary


def looked_back_on(rep: Rep) -> Rep:
    """The same as it is seen once it is over: the sled was not in its rack, and all that was felt meanwhile counts."""
    if MAYBE_RACKED not in rep.not_assessed.values():
        return rep
    blind = {key: why for key, why in rep.not_assessed.items() if why != MAYBE_RACKED}
    return replace(rep, assessed=_others(blind), not_assessed=blind)


def _others(blind: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(key for key in KEYS if key not in blind)


def _idle(motion: RepMotion) -> dict[str, str]:
    """The verdicts of a leg that did no work either way: an idle knee is not judged."""
    worked = lowered_with(motion)
    if worked != pressed_with(motion) or worked not in ("left", "right"):
        return {}
    side: Side = "right" if worked == "left" else "left"
    return {verdict_key(kind, side): f"{side} foot only rides along" for kind in ("lockout", "valgus", "heel_lift")}
