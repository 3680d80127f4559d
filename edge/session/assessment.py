"""What can be judged at present, and why not the rest. Not seen is not fine: silence never means good form."""

from __future__ import annotations

from edge.events import VERDICTS, Kind, Side, verdict_key
from edge.motion.body import Body
from edge.samples import Role

SLOW_HZ = 25.0
"""Half of what a knee at 200°/s needs: a slower sensor sees a fault too late or not at all."""


def needs(kind: Kind, side: Side | None) -> tuple[Role, ...]:
    """The sensors without which a fault cannot be judged."""
    if kind == "lumbar":
        return ("pelvis",)
    if kind == "heel_lift":
        return ("footplate",)
    return ("left_thigh", "left_shank") if side == "left" else ("right_thigh", "right_shank")


def not_assessed(body: Body, t_ns: int) -> dict[str, str]:
    """Verdict key -> why it cannot be judged now, in words that say what to do."""
    out = {}
    for kind, side in VERDICTS:
        reason = _reason(body, kind, side, t_ns)
        if reason:
            out[verdict_key(kind, side)] = reason
    return out


def _reason(body: Body, kind: Kind, side: Side | None, t_ns: int) -> str | None:
    for role in needs(kind, side):
        name = role.replace("_", " ")
        if not body.heard(role):
            return f"no {name} sensor"
        if not body.live(role, t_ns):
            return f"{name} sensor silent: check its battery and strap"
        rate = body.rate_hz(role)
        if rate is not None and rate < SLOW_HZ:
            return f"{name} sensor too slow ({rate:.0f} Hz)"
        if body.settling(role, t_ns):
            return f"{name} sensor just back"
    return _uncalibrated(body, kind, side)


def _uncalibrated(body: Body, kind: Kind, side: Side | None) -> str | None:
    if kind == "heel_lift":
        return None if side and body.flat_known(side) else "foot's own share not known yet: press the sled out"
    roles = needs(kind, side)
    if any(r not in body.wear.standing for r in roles):
        return "no standing pose: stand still and upright for 2 s"
    if any(r not in body.wear.seated for r in roles):
        return "no seated pose: sit still for 2 s, feet on the plate"
    if any(r not in body.wear.mounts for r in roles):
        return "not calibrated yet: press the sled to the top and hold a moment"
    if kind == "valgus" and side and not body.legs[side].neutral.known:
        return "the knee's own neutral not known yet: finish one rep"
    return None
