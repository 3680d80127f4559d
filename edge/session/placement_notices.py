"""Words for a sensor that does not sit as it should: which one, and what to do."""

from __future__ import annotations

from edge.events import Notice
from edge.motion.placement import RELEARN_REPS, Slip


def moved(slip: Slip, t_s: float, session: str | None) -> Notice:
    """A strap gave."""
    name = slip.role.replace("_", " ")
    return Notice(
        t_s=t_s,
        session=session,
        what="sensor_moved",
        severity="S1",
        text=f"The {name} sensor moved by {slip.deg:.0f}°: tighten its strap before the next set. "
        f"It is learned anew over {RELEARN_REPS} reps.",
        role=slip.role,
    )
