"""The set so far, from its reps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from edge.events import Rep, SetSummary


def summarise_set(reps: list[Rep], t_s: float, signs: Mapping[str, str], *, final: bool) -> SetSummary:
    """The summary of a set's attempts (at least one). Means over counted reps. signs: those that could not be told."""
    counted = [r for r in reps if r.counted]
    last = reps[-1]
    faults: Counter[str] = Counter(f.kind for r in reps for f in r.faults)
    losses = [r.velocity_loss_pct for r in counted if r.velocity_loss_pct is not None]
    load = last.load_kg
    return SetSummary(
        t_s=t_s,
        session=last.session,
        set=last.set,
        final=final,
        reps=len(counted),
        attempts=len(reps),
        started_s=reps[0].start_s,
        ended_s=last.top_s,
        load_kg=load,
        load_source=last.load_source,
        volume_kg=None if load is None else load * len(counted),
        time_under_tension_s=sum(r.time_under_tension_s for r in reps),
        mean_rom_m=_mean([r.rom_m for r in counted]),
        mean_concentric_m_s=_mean([r.mean_concentric_m_s for r in counted]),
        velocity_loss_pct=losses[-1] if losses else None,
        left_share=_mean([r.left_share for r in counted]),
        faults=dict(faults),
        not_assessed={key: why for rep in reps for key, why in rep.not_assessed.items()},
        signs_not_assessed=dict(signs),
    )


def _mean(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None
