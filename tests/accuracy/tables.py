"""The tables that `make accuracy` prints, from the results of many sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from accuracy.measures import ERRORS
from accuracy.sessions import SUBSETS, Result
from accuracy.verdicts import KINDS, Tally

LIMIT_DEG = 5.0
"""An own limit is right when it is this near the true onset of the tuck."""
SIGNALS = {"knee flexion, deg": "flexion_deg", "knee inward, mm": "medial_mm", "tilt, deg": "tilt_deg"}
UNITS = {"rom_m": ("mm", 1000.0), "mean_concentric_m_s": ("m/s", 1.0)}
"""What an error is printed in; the others are times, in ms."""


def whole(name: str, results: Sequence[Result]) -> Iterator[str]:
    """Everything of a group of sessions."""
    if not results:
        return
    exact = sum(r.reps.exact for r in results)
    made, told = sum(r.reps.true for r in results), sum(r.reps.told for r in results)
    yield f"{name}: {len(results)} sessions, {made} reps, {told} told, {exact} sessions exact"
    yield "  fault       faults  clean  found  missed  false  outside reps  precision  recall  latency ms p50   p95"
    for kind, tally in faults_of(results).items():
        found = np.array(tally.latency_s) * 1000.0
        soon = f"{np.median(found):14.0f} {np.percentile(found, 95):5.0f}" if len(found) else f"{'-':>14} {'-':>5}"
        yield (
            f"  {kind:10} {tally.found + tally.missed:7d} {tally.clean:6d} {tally.found:6d} {tally.missed:7d}"
            f" {tally.false:6d} {tally.outside:13d} {tally.precision:10.3f} {tally.recall:7.3f} {soon}"
        )
    yield "  signal                  RMSE  worst recording  coverage"
    for label, ending in (
        ("knee flexion, deg", "flexion_deg"),
        ("knee inward, mm", "medial_mm"),
        ("tilt, deg", "tilt_deg"),
    ):
        yield _signal(label, ending, results)
    yield "  rep                        bias    RMSE  95 % within"
    for error in ERRORS:
        yield _rep(error, results)
    yield from _limits(results)


def _signal(label: str, ending: str, results: Sequence[Result]) -> str:
    parts = [e for r in results for name, e in r.signals.items() if name.endswith(ending)]
    seen = [e for e in parts if e.count]
    if not seen:
        return f"  {label:20}     -"
    mean = float(np.average([e.squared for e in seen], weights=[e.count for e in seen]))
    worst, coverage = max(e.squared for e in seen), float(np.mean([e.coverage for e in parts]))
    return f"  {label:20} {mean**0.5:7.2f} {worst**0.5:16.2f} {coverage:9.3f}"


def _rep(name: str, results: Sequence[Result]) -> str:
    errors = np.array([e for r in results for e in r.reps.errors[name]])
    unit, scale = UNITS.get(name, ("ms", 1000.0))
    if not len(errors):
        return f"  {name:20}     -"
    errors = errors * scale
    rmse = float(np.sqrt(np.mean(errors**2)))
    digits = 4 if unit == "m/s" else 1
    parts = (errors.mean(), rmse, 1.96 * errors.std())
    return f"  {name:20}" + "".join(f"{part:10.{digits}f}" for part in parts) + f" {unit}"


def _limits(results: Sequence[Result]) -> Iterator[str]:
    deeper = [r for r in results if r.deeper]
    if not deeper:
        return
    told = [r.limit for r in deeper if r.limit is not None]
    near = sum(abs(error) <= LIMIT_DEG for error, _ in told)
    yield (
        f"  own depth limit: {len(deeper)} sessions in which the pelvis tucks, known in {len(told)},"
        f" within {LIMIT_DEG:g}° in {near}, interval holds in {sum(held for _, held in told)}"
    )


def faults_of(results: Iterable[Result]) -> dict[str, Tally]:
    """All sessions' counts, kind by kind."""
    sums = {str(kind): Tally() for kind in KINDS}
    for result in results:
        for kind, tally in result.faults.items():
            sums[kind] += tally
    return sums


def by_label(results: Sequence[Result]) -> Iterator[str]:
    """A line for each group of lifters, machines, radios and difficulties."""
    labels = sorted({label for r in results for label in r.labels})
    yield from _lines("group", [(f"{what}: {which}", _with((what, which))) for what, which in labels], results)


def by_subset(results: Sequence[Result]) -> Iterator[str]:
    """A line for each set of sensors; `-` where nothing was claimed because it was not assessed."""
    yield from _lines("sensors", [(name, _subset(name)) for name in SUBSETS], results)
    for name in SUBSETS:
        of = [r for r in results if r.case.subset == name]
        blind = sorted({verdict for r in of for verdict in r.not_assessed})
        if blind:
            yield f"  {name}: not assessed: {', '.join(blind)}"


def _with(label: tuple[str, str]) -> Callable[[Result], bool]:
    return lambda result: label in result.labels


def _subset(name: str) -> Callable[[Result], bool]:
    return lambda result: result.case.subset == name


def _lines(
    head: str, groups: Sequence[tuple[str, Callable[[Result], bool]]], results: Sequence[Result]
) -> Iterator[str]:
    yield f"  {head:26} sessions  exact  " + "  ".join(f"{kind + ' P / R':>16}" for kind in KINDS) + "  knee deg"
    for name, belongs in groups:
        of = [r for r in results if belongs(r)]
        if of:
            told = "  ".join(f"{_shares(tally):>16}" for tally in faults_of(of).values())
            knee = _signal("", "flexion_deg", of).split()[0]
            yield f"  {name:26} {len(of):8d} {sum(r.reps.exact for r in of):6d}  {told}  {knee:>8}"


def _shares(tally: Tally) -> str:
    if not tally.found + tally.missed + tally.false + tally.clean:
        return "-"
    return f"{tally.precision:.3f} / {tally.recall:.3f}"
