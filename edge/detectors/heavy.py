"""Too heavy: control is going. No single sign says so; two of different kinds in one set do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import mean, median
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.detectors.asymmetry import lean_pct
from edge.detectors.sign import Finding, RepFacts
from edge.events import Rep
from edge.motion.gate import Gate

FIRST_REPS, LAST_REPS = 3, 2
"""The set's fresh reps, and those that are held against them: one short rep is a choice."""
FAULTS = ("valgus", "heel_lift", "lumbar")
"""What gives way under too much load; a lockout does not."""
TWICE = 2


class HeavySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Half the possible reps cost about 20 % of speed, those near failure 40 to 50 %; a stroke varies by 5 % anyway."""

    range_share: Annotated[
        float, Meta(ge=0.5, le=0.98, description="Share of the first reps' stroke below which the range is lost.")
    ] = 0.85
    slower_pct: Annotated[
        float, Meta(ge=10.0, le=90.0, description="Loss of the drive's mean speed that counts as one of the signs.")
    ] = 40.0
    lean_pct: Annotated[
        float, Meta(ge=3.0, le=50.0, description="Growth of the legs' difference, in points, that counts as one.")
    ] = 10.0
    signs: Annotated[int, Meta(ge=1, le=5, description="So many different signs in a set advise to end it.")] = 2


class Heavy:
    """Feed `judge` with every finished rep and what was remarked on in it, `stall` with stalls; told once a set."""

    def __init__(self, settings: HeavySettings) -> None:
        self._settings = settings
        self._set = 0
        self._begin(0)

    def _begin(self, number: int) -> None:
        self._set = number
        self._signs: dict[str, str] = {}
        self._faulty: dict[str, int] = {}
        self._bounces = 0
        self._stalled_rep = 0
        self._told = False

    def stall(self, gate: Gate, *, lost: bool) -> Iterator[Finding]:
        """A drive has stalled, or was racked after it had: then its range is lost with it. One that goes on later, as
        pulses and partial reps do, is no more than a stall.
        """
        if gate.set != self._set:
            self._begin(gate.set)
        self._signs["stall"] = "a drive stalled"
        if lost:
            self._signs["range"] = "a drive was not finished"
        else:
            self._stalled_rep = gate.rep
        yield from self._tell(self._stalled_rep)

    def judge(self, facts: RepFacts, found: Iterable[Finding]) -> Iterator[Finding]:
        """The sign of one finished rep. found: the other signs of it."""
        rep = facts.rep
        if rep.set != self._set:
            self._begin(rep.set)
        self._bounces += any(f.kind == "bounce" for f in found)
        if self._bounces >= TWICE:
            self._signs["bounce"] = "bounced twice"
        for kind in {f.kind for f in rep.faults if f.severity in ("S2", "S3") and f.kind in FAULTS}:
            self._faulty[kind] = self._faulty.get(kind, 0) + 1
            if self._faulty[kind] >= TWICE:
                self._signs["faults"] = "form gave way in two reps"
        if rep.counted:
            self._compare([*facts.counted_before, rep])
        yield from self._tell(rep.rep)

    def _compare(self, reps: list[Rep]) -> None:
        s = self._settings
        if (reps[-1].velocity_loss_pct or 0.0) > s.slower_pct:
            self._signs["slower"] = f"{reps[-1].velocity_loss_pct:.0f} % slower"
        if len(reps) < FIRST_REPS + LAST_REPS:
            return
        strokes = [rep.rom_m for rep in reps if rep.rom_m is not None]
        fresh, late = strokes[:FIRST_REPS], strokes[-LAST_REPS:]
        if len(strokes) == len(reps) and max(late) < s.range_share * median(fresh):
            self._signs["range"] = f"range down to {100 * max(late) / median(fresh):.0f} %"
        both = [rep.left_share for rep in reps if {rep.lowered_with, rep.pressed_with} == {"both"}]
        leans = [abs(lean_pct(share)) for share in both if share is not None]
        if len(leans) >= 2 * FIRST_REPS and mean(leans[-FIRST_REPS:]) - mean(leans[:FIRST_REPS]) > s.lean_pct:
            self._signs["asymmetry"] = "the legs' difference grew"

    def _tell(self, rep: int) -> Iterator[Finding]:
        if self._told or len(self._signs) < self._settings.signs:
            return
        self._told = True
        yield Finding(
            kind="too_heavy", severity="S3", set=self._set, rep=rep, seen_in="concentric",
            value=float(len(self._signs)), threshold=float(self._settings.signs), unit="signs",
            text=f"Too heavy: {', '.join(self._signs.values())}.",
        )  # fmt: skip
