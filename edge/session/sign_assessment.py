"""Which signs cannot be told at present, and why: the counterpart of `assessment.py` for what is no fault."""

from __future__ import annotations

from collections.abc import Mapping

from edge.events import SignKind
from edge.motion.body import Body
from edge.motion.leg import SIDES
from edge.samples import Role
from edge.session.assessment import NO_LEG, NO_MACHINE, NO_REPS

BY_SLED: tuple[SignKind, ...] = ("bounce", "stop_hit")
BY_REPS: tuple[SignKind, ...] = ("fast_lowering", "shallow", "stall", "too_heavy", "brace")
BY_PLATE: tuple[SignKind, ...] = ("asymmetry", "leg_mode", "uneven_legs")
BY_KNEES: tuple[SignKind, ...] = ("deep", "seat", "snap", "resting_locked", "hyperextension", "too_fast_to_warn")
NEVER = {
    "toe_out": "not seen: needs sensors on the feet, or a footplate with eight cells",
    "bracing": "not seen: needs a sensor on breath or belt; only the time for it is",
}
"""What coaches look at and no sensor of today's kit sees."""


def signs_not_assessed(body: Body, t_ns: int, faults: Mapping[str, str]) -> dict[str, str]:
    """Sign -> why it cannot be told now. faults: the same of the four faults, as `not_assessed` gives it.

    A sign that either leg can show is told as long as one of them is seen.
    """
    out = dict(NEVER)
    knees, planes = _of_both(faults, "lockout"), _of_both(faults, "valgus")
    sled = _silent(body, "sled", t_ns)
    reasons = (
        (BY_SLED, sled),
        (BY_REPS, _reps_unseen(body, sled, knees)),
        (BY_PLATE, _silent(body, "footplate", t_ns)),
        (BY_KNEES, knees),
        (("valgus_trend",), planes),
    )
    for kinds, reason in reasons:
        if reason:
            out.update(dict.fromkeys(kinds, reason))
    return out


def _reps_unseen(body: Body, sled: str | None, knees: str | None) -> str | None:
    """Why nothing is told of reps: one without a machine is only counted, and without a leg's sensor none is."""
    if not knees:
        return None
    if not sled:
        return None if body.sensors.heard_legs() else NO_LEG
    return knees if knees == NO_MACHINE else NO_REPS


def _of_both(faults: Mapping[str, str], kind: str) -> str | None:
    """Why neither side of a fault is assessed; None where one is."""
    why = [faults.get(f"{kind}_{side}") for side in SIDES]
    return why[0] if all(why) else None


def _silent(body: Body, role: Role, t_ns: int) -> str | None:
    if not body.sensors.heard(role):
        return f"no {role} sensor" if role != "footplate" else "no footplate"
    return None if body.sensors.live(role, t_ns) else f"{role} silent: check its battery and wiring"
