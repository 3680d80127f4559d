"""How well the signs are told: precision and recall of each over simulated sessions, and how many a clean lifter hears.

PYTHONPATH=tests:. python -m bench.sign_accuracy --first-seed 7000 --count 3
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import Pool

from bench.sign_truth import signs_of
from simulated import Told, play

from edge.events import Alert, Live, Rep, Sign
from edge.simulator.draw import draw_scenario
from edge.simulator.session import simulate

TAGS = (
    "", "bounce", "stop-hit", "fast-eccentric", "uneven-push", "single-leg", "sticking-point", "failed-rep",
    "long-lockout", "growing-valgus", "odd-body", "loaded-nuisance", "knocks", "partial-reps", "other-machine",
    "uneven-drive", "overextended", "wrong-seat",
)  # fmt: skip
CALM = ("", "odd-body", "loaded-nuisance", "knocks", "other-machine")
GRADED = ("valgus", "lumbar", "heel_lift")


@dataclass
class Score:
    """Counts over sessions. kinds: (kind, what) -> how many; leads: seconds from the first warning to each lockout,
    with its drive's length.
    """

    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    spoken: Counter[str] = field(default_factory=Counter)
    reps: int = 0
    calm_reps: int = 0
    leads: list[tuple[float, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Take in another session's."""
        self.kinds += other.kinds
        self.spoken += other.spoken
        self.reps += other.reps
        self.calm_reps += other.calm_reps
        self.leads += other.leads
        self.wrong += other.wrong


def name_of(sign: Sign) -> str:
    """The milder and graver forms of a fault have names of their own; differences between the knees, too."""
    if sign.kind in GRADED:
        return f"{sign.kind}/{sign.severity}"
    return "asymmetry/knees" if sign.kind == "asymmetry" and sign.unit == "deg" else sign.kind


def score(told: Told, tag: str) -> Score:
    """One session against its truth."""
    out, signs = Score(), told.of(Sign)
    found = {(name_of(s), s.set, s.rep) for s in signs if s.confidence >= 0.6}
    found |= {(f"{a.kind}/S1", a.set, a.rep) for a in told.of(Alert)}  # a fault that was called was warned of
    in_sets = {(kind, number) for kind, number, _ in found}
    for true in signs_of(told.session):
        hit = (true.kind, true.set) in in_sets if true.rep is None else (true.kind, true.set, true.rep) in found
        what = (
            "close" if true.state == "close" else ("tp" if hit else "fn") if true.state == "yes" else "fp" * hit or "tn"
        )
        out.kinds[true.kind, what] += 1
        if what in ("fn", "fp"):
            out.wrong.append(
                f"{tag or 'plain'} {told.session.scenario.seed} set {true.set} rep {true.rep} {true.kind} {what}"
            )
    out.reps = len(told.reps())
    if tag in CALM:
        out.calm_reps = out.reps
        out.spoken.update(f"{name_of(s)}" for s in signs if s.spoken)
    out.leads = list(leads(told))
    return out


def leads(told: Told) -> list[tuple[float, float]]:
    """From when the ramp was heard (0.2, as published) to the true onset of each lockout, s; and the drive's length."""
    live, out = told.of(Live), []
    alerts = {(a.kind, a.side, a.set, a.rep) for a in told.of(Alert)}
    reps = {(r.start_s // 0.5): r for r in told.of(Rep)}
    for one in told.session.truth.facts["verdicts"]:
        if one["kind"] != "lockout" or one["state"] != "fault" or one["onset"] is None:
            continue
        rep = next((r for r in reps.values() if r.drive_s <= one["onset"] <= r.top_s + 0.3), None)
        if rep is None or ("lockout", one["side"], rep.set, rep.rep) not in alerts:
            continue
        side = one["side"]
        heard = [
            x.t_s
            for x in live
            if rep.drive_s < x.t_s <= one["onset"] and (getattr(x, f"{side}_lockout_nearness") or 0.0) >= 0.2
        ]
        out.append((one["onset"] - heard[0] if heard else 0.0, rep.concentric_s))
    return out


def run(job: tuple[str, int]) -> Score:
    """Simulate, play and score one session."""
    tag, seed = job
    return score(play(simulate(draw_scenario(seed, tags=(tag,) if tag else ()))), tag)


def table(total: Score) -> str:
    """The figures as text."""
    lines = [f"{'sign':16} {'yes':>5} {'no':>6} {'close':>5} {'precision':>9} {'recall':>7}"]
    for kind in sorted({kind for kind, _ in total.kinds}):
        n = {what: total.kinds[kind, what] for what in ("tp", "fn", "fp", "tn", "close")}
        precision = f"{n['tp'] / (n['tp'] + n['fp']):.3f}" if n["tp"] + n["fp"] else "-"
        recall = f"{n['tp'] / (n['tp'] + n['fn']):.3f}" if n["tp"] + n["fn"] else "-"
        counts = f"{n['tp'] + n['fn']:5} {n['fp'] + n['tn']:6} {n['close']:5}"
        lines.append(f"{kind:16} {counts} {precision:>9} {recall:>7}")
    said = ", ".join(f"{kind} {n}" for kind, n in total.spoken.most_common()) or "none"
    lines.append(f"spoken in {total.calm_reps} reps of calm sessions: {said}")
    slow = sorted(lead for lead, lasts in total.leads if lasts > 1.0)
    if slow:
        early = sum(lead >= 0.3 for lead in slow) / len(slow)
        middle = slow[len(slow) // 2]
        lines.append(f"ramp before {len(slow)} lockouts, drives over 1 s: median {middle:.2f} s, {early:.0%} by 0.3 s")
    return "\n".join([*lines, *total.wrong])


def main() -> None:
    """Run the sessions and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--first-seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=3, help="sessions for each kind of difficulty")
    parser.add_argument("--tags", nargs="*", default=TAGS)
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    jobs = [(tag, args.first_seed + i) for i in range(args.count) for tag in args.tags]
    total = Score()
    with Pool(args.jobs) as pool:
        for one in pool.imap_unordered(run, jobs):
            total.add(one)
    print(table(total))  # noqa: T201 - a tool's output


if __name__ == "__main__":
    main()
