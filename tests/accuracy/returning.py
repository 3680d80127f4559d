"""How much better a lifter is seen who has been here before, or was measured. Run: python -m accuracy.returning.

Each lifter comes four times: the same legs, the same own straight, and of soft tissue half (of its variance) the same.
Straps, sensors, radio, machine, sets, and how the lifter stands are drawn anew each time. What is known after one
session goes into the next as a box would keep it, as text; beside it, the very same session is played as a stranger's.
The first is played once more with legs that were measured by a tape, and in the end somebody else presses under this
lifter's name and height. Ctrl-C ends it with what has been seen by then.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import msgspec
import numpy as np
from accuracy.measures import SignalError, measure_signals
from accuracy.sessions import measured_settings
from accuracy.verdicts import Tally, judge
from msgspec.structs import replace as with_settings
from simulated import STRIDE_NS, Told, arrivals, settings_of

from edge.events import Alert, AnyEvent, Rep, Side
from edge.machine import MachineSettings
from edge.motion.known_body import KnownBody
from edge.motion.leg import SIDES
from edge.pipeline import Pipeline
from edge.simulator.draw import draw_scenario, draw_tissue
from edge.simulator.scenario import Scenario, SoftTissue
from edge.simulator.session import Session, simulate

FIRST_SEED = 7_700_000
"""Seeds from here on are for these figures alone."""
APART = 10
"""Seeds of one lifter."""
SESSIONS = 4
LACKING, MOST_LACKING_DEG = 0.1, 6.0
"""Share of lifters whose knees lack some degrees, and how many at most."""
MIDDLE = SoftTissue(
    thigh_flexion_deg=0.25, thigh_twist_deg=0.0, shank_flexion_deg=0.0, slide_mm=10.0, contraction_deg=1.15,
    wobble=0.95, wobble_hz=9.0, pelvis_deg=0.45,
)  # fmt: skip
"""The middle of what `draw_tissue` draws."""
TOP_S = 0.2
"""So long after it has come up a knee is looked at for how far its zero is off."""


@dataclass(frozen=True)
class Seen:
    """One session. knees, faults: see `measures`, `verdicts`; zeros: of each knee and rep, the error at the top and the
    spread that the chain says of its zero, deg; lengths: of thigh and shank and the whole leg, what is known afterwards
    less what is so, over its spread; known: what is handed on; forgot: whether what was known was found to be wrong.
    """

    knees: tuple[SignalError, ...]
    lockout: Tally
    zeros: tuple[tuple[float, float], ...]
    lengths: tuple[float, ...]
    known: KnownBody | None
    forgot: bool

    @property
    def knee_deg(self) -> float:
        """RMSE of both knees."""
        return sqrt(sum(e.squared * e.count for e in self.knees) / max(sum(e.count for e in self.knees), 1))


def scenario_of(lifter: int, session: int) -> Scenario:
    """The session (from 0) of a lifter (by the first of its seeds)."""
    rng = np.random.default_rng([lifter, 0x90D4])
    own, flesh = draw_scenario(lifter).lifter, draw_tissue(rng)
    straight = rng.uniform(0.0, MOST_LACKING_DEG) if rng.random() < LACKING else 0.0
    drawn = draw_scenario(lifter + session)
    body = replace(
        drawn.lifter, height_m=own.height_m, said_height_m=own.said_height_m, thigh_m=own.thigh_m, shank_m=own.shank_m,
        hip_half_width_m=own.hip_half_width_m, own_straight_deg=straight,
    )  # fmt: skip
    return replace(drawn, lifter=body, tissue=_mixed(flesh, drawn.tissue))


def _mixed(one: SoftTissue, other: SoftTissue) -> SoftTissue:
    """Half of each by variance, which stays what it is."""
    mixed = {}
    for name in MIDDLE.__slots__:
        middle = getattr(MIDDLE, name)
        mixed[name] = middle + (getattr(one, name) + getattr(other, name) - 2.0 * middle) / sqrt(2.0)
    for name in ("contraction_deg", "pelvis_deg", "wobble"):
        mixed[name] = max(mixed[name], 0.05)
    return SoftTissue(**mixed)


def see(session: Session, known: KnownBody | None, settings: MachineSettings | None = None) -> Seen:
    """Play through the pipeline with what is known beforehand, measure."""
    pipeline = Pipeline(settings or settings_of(session), keep_signals=True)
    body = pipeline._body
    body.know(known)
    events: list[AnyEvent] = []
    spreads: list[tuple[float, dict[Side, float]]] = []
    after, now_ns = None, 0
    for t_ns, samples in arrivals(session):
        while t_ns > now_ns + STRIDE_NS:
            now_ns += STRIDE_NS
            told = pipeline.advance(now_ns)[0]
            events += told
            if any(isinstance(event, Rep) for event in told):
                after = body.known() or after
                spreads.append((now_ns / 1e9, {side: body.learning.offset_sd_deg(side) for side in SIDES}))
        pipeline.accept(t_ns, samples)
    events += [*pipeline.advance(round(session.duration_s * 1e9))[0], *pipeline.end()]
    rows = Told(session, events, pipeline.take_signals())
    knees = tuple(e for name, e in measure_signals(rows).items() if name.endswith("flexion_deg") and e.count)
    lockout = judge(session.truth.facts, rows.of(Alert))["lockout"]
    forgot = known is not None and after is not None and after.sessions <= known.sessions
    return Seen(knees, lockout, tuple(_zeros(rows, spreads)), _lengths(session.scenario, after), after, forgot)


def _zeros(told: Told, spreads: Sequence[tuple[float, dict[Side, float]]]) -> Iterator[tuple[float, float]]:
    truth, rows = told.session.truth, np.array(told.rows)
    for rep in truth.facts["reps"]:
        known = [sd for t_s, sd in spreads if t_s < rep["top"]]
        at = (rows[:, 0] >= rep["top"]) & (rows[:, 0] <= rep["top"] + TOP_S)
        for column, side in ((2, "left"), (3, "right")):
            error = rows[at, column] - np.interp(rows[at, 0], truth.t_s, truth.columns[f"{side}_knee_flexion_deg"])
            error = error[np.isfinite(error)]
            if known and len(error):
                yield float(error.mean()), known[-1]["left" if side == "left" else "right"]


def _lengths(scenario: Scenario, known: KnownBody | None) -> tuple[float, ...]:
    if known is None:
        return ()
    thigh, shank = (sum(pair) / 2 for pair in (scenario.lifter.thigh_m, scenario.lifter.shank_m))
    spread = known.spread()
    off, sd = (known.thigh_m - thigh, known.shank_m - shank), np.sqrt(np.diag(spread))
    return (off[0] / float(sd[0]), off[1] / float(sd[1]), sum(off) / known.length_sd_m())


def of_lifter(lifter: int) -> dict[str, Seen]:
    """All sessions of one."""
    seen: dict[str, Seen] = {}
    known: KnownBody | None = None
    for i in range(SESSIONS):
        session = simulate(scenario_of(lifter, i))
        seen[f"session {i + 1}, a stranger"] = found = see(session, None)
        if known is not None:
            seen[f"session {i + 1}, known"] = found = see(session, known)
        else:
            seen["session 1, measured"] = see(session, None, measured_settings(session, lifter))
        if found.known is not None:
            known = msgspec.json.decode(msgspec.json.encode(found.known), type=KnownBody)
    other = simulate(scenario_of(lifter + APART, 0))
    under_the_name = with_settings(settings_of(other), height_m=settings_of(session).height_m)
    seen["another, a stranger"] = see(other, None, under_the_name)
    seen["another, taken for known"] = see(other, known, under_the_name)
    return seen


def table(found: Sequence[dict[str, Seen]]) -> Iterator[str]:
    """A line for each session."""
    yield f"{len(found)} lifters"
    yield (
        f"  {'':25}{'knee deg':>9}{'worst':>7}{'90 %':>7}{'lockout P / R':>16}{'zero rms':>10}{'within 2 sd':>12}"
        f"{'leg m':>8}{'lengths rms, within 2 sd':>26}{'forgot':>8}"
    )
    for name in found[0]:
        seen = [one[name] for one in found]
        each = np.array([one.knee_deg for one in seen])
        tally = Tally()
        for one in seen:
            tally += one.lockout
        zeros = np.array([zero for one in seen for zero in one.zeros])
        lengths = np.array([one.lengths for one in seen if one.lengths])
        total = np.sqrt(np.mean([one.known.length_sd_m() ** 2 for one in seen if one.known is not None]))
        yield (
            f"  {name:25}{sqrt(float(np.mean(each**2))):9.2f}{each.max():7.2f}{np.percentile(each, 90):7.2f}"
            f"{f'{tally.precision:.3f} / {tally.recall:.3f}':>16}{sqrt(float(np.mean(zeros[:, 0] ** 2))):10.2f}"
            f"{np.mean(np.abs(zeros[:, 0]) < 2 * zeros[:, 1]):12.3f}{total:8.4f}"
            f"{np.sqrt(np.mean(lengths**2)):14.2f}{np.mean(np.abs(lengths) < 2):12.3f}"
            f"{sum(one.forgot for one in seen):8d}"
        )


def main() -> None:
    """Run the sessions and print the table."""
    parser = argparse.ArgumentParser(prog="accuracy.returning", description=__doc__)
    parser.add_argument("--lifters", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--keep", type=Path, help="file for all that was seen, pickled")
    asked = parser.parse_args()
    found: list[dict[str, Seen]] = []
    seeds = [asked.first_seed + APART * i for i in range(asked.lifters)]
    with ProcessPoolExecutor(asked.jobs) as pool:
        with suppress(KeyboardInterrupt):
            for one in pool.map(of_lifter, seeds):
                found.append(one)
                if sys.stderr.isatty():
                    sys.stderr.write(f"\r{len(found)} of {len(seeds)} lifters")
        pool.shutdown(wait=False, cancel_futures=True)
    if not found:
        return
    sys.stdout.write("\n" + "\n".join(table(found)) + "\n")
    if asked.keep:
        asked.keep.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main()
