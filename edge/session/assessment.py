"""What can be judged at present, and why not the rest. Not seen is not fine: silence never means good form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from edge.events import VERDICTS, Kind, Side, verdict_key
from edge.motion.body import Body
from edge.motion.gate import Gate
from edge.motion.leg import LEG_ROLES
from edge.samples import Role

Refusal: TypeAlias = Callable[[Role, Kind], str | None]

NO_MACHINE = "no machine is seen: repetitions are counted by the legs alone"
ELSEWHERE = (
    "the pelvis stands otherwise than in the first reps: sit as before; if its strap gave, tighten it, then "
    "stand still for 2 s"
)
NO_LEG = "reps cannot be seen: no thigh or shank sensor"
NO_REPS = "reps cannot be seen: no sled sensor and no whole leg"
MAYBE_RACKED = (
    "the sled may have been in its rack: keep your feet on it, and without a footplate pause at the bottom for less "
    "than 1.5 s"
)
"""Of an attempt: faults are not judged while nothing tells its pause from the rack, or no foot carries the sled."""
WRONG_LEGS = "left and right sensors seem swapped: strap each to its own leg, then stand still for 2 s"
ZERO_SD_MAX_DEG: Final = 1.8
"""A zero that is surer than this is right within 3° nine times in ten: a soft bend and a locked knee are 5.5° apart."""
UNSURE = "the knee's zero is not sure enough: stand still and straight for 2 s before you sit, or finish a rep"
SLOW_HZ: Final = 25.0
"""Half of what a knee at 200°/s needs: a slower sensor sees a fault too late or not at all."""


def _none(_role: Role, _kind: Kind) -> str | None:
    return None


def needs(kind: Kind, side: Side | None) -> tuple[Role, ...]:
    """The sensors without which a fault cannot be judged."""
    if kind == "lumbar":
        return ("pelvis",)
    if kind == "heel_lift":
        return ("footplate",)
    return ("left_thigh", "left_shank") if side == "left" else ("right_thigh", "right_shank")


NEEDS = tuple((verdict_key(kind, side), kind, side, needs(kind, side)) for kind, side in VERDICTS)
NEEDED = tuple(dict.fromkeys(role for *_, roles in NEEDS for role in roles))
_RACKED = {verdict_key(*verdict): MAYBE_RACKED for verdict in VERDICTS}
_RACKED_AT_BOTTOM = {verdict_key(*verdict): MAYBE_RACKED for verdict in VERDICTS if verdict[0] != "lockout"}
"""A lockout is judged later, at the end of the drive."""


def not_assessed(body: Body, t_ns: int, refusal: Refusal = _none) -> dict[str, str]:
    """Verdict key -> why it cannot be judged now, in words that say what to do.

    refusal: why the sensor in a role may not serve a fault at all, whatever it sends; None where it may.
    """
    if body.free.in_set:
        return {verdict_key(kind, side): NO_MACHINE for kind, side in VERDICTS}
    out = {}
    missing = {role: _missing(body, role, t_ns) for role in NEEDED}
    poor = {role: None if missing[role] else _poor(body, role, t_ns) for role in NEEDED}
    unseen, untrusted = _reps_unseen(body, t_ns), body.placement.untrusted
    for key, kind, side, roles in NEEDS:
        reason = None
        for role in roles:
            reason = reason or poor[role] or refusal(role, kind) or missing[role]
        reason = (
            reason
            or unseen
            or (WRONG_LEGS if body.on_wrong_legs and kind in ("lockout", "valgus") else None)
            or (_misplaced(untrusted, roles) if untrusted else None)
            or (ELSEWHERE if kind == "lumbar" and body.placement.pelvis_elsewhere else None)
            or _uncalibrated(body, kind, side)
        )
        if reason:
            out[key] = reason
    return out


def maybe_racked(gate: Gate) -> Mapping[str, str]:
    """Verdict key -> why, of what goes unjudged at this instant of an attempt since the sled may be in its rack."""
    if gate.judged or not gate.moving:
        return {}
    return _RACKED_AT_BOTTOM if gate.phase == "bottom" else _RACKED


def with_rack(reasons: dict[str, str], body: Body) -> dict[str, str]:
    """What `not_assessed` says, and what the rack hides for as long as it may; any other reason says more. Feet that
    a footplate shows to be off end the set in a moment, and are none.
    """
    return {**maybe_racked(body.gate()), **reasons} if body.may_be_racked else reasons


def _reps_unseen(body: Body, t_ns: int) -> str | None:
    """Faults are judged in reps: the sled shows them with a leg's sensor, or a leg whose thigh and shank are there."""
    live = body.sensors.live
    if not body.sensors.heard_legs():
        return NO_LEG
    if live("sled", t_ns) or any(all(live(r, t_ns) for r in roles) for roles in LEG_ROLES.values()):
        return None
    return NO_REPS


def _missing(body: Body, role: Role, t_ns: int) -> str | None:
    """Whether a sensor is not heard, ever or at present."""
    if not body.sensors.heard(role):
        return f"no {role.replace('_', ' ')} sensor"
    if not body.sensors.live(role, t_ns):
        return f"{role.replace('_', ' ')} sensor silent: check its battery and strap"
    return None


def _poor(body: Body, role: Role, t_ns: int) -> str | None:
    """Why what a sensor says is not enough."""
    if body.sensors.settling(role, t_ns):
        return f"{role.replace('_', ' ')} sensor just back"
    rate = body.sensors.rate_hz(role)
    slow = rate is not None and rate < SLOW_HZ
    return f"{role.replace('_', ' ')} sensor too slow ({rate:.0f} Hz)" if slow else None


def _misplaced(untrusted: Mapping[Role, int], roles: tuple[Role, ...]) -> str | None:
    """Which sensor does not sit where it was learned."""
    for role in roles:
        if role in untrusted:
            reps, name = untrusted[role], role.replace("_", " ")
            return f"{name} sensor moved: judged again after {reps} more rep{'s' if reps > 1 else ''}"
    return None


def _uncalibrated(body: Body, kind: Kind, side: Side | None) -> str | None:
    if kind == "heel_lift":
        known = side and body.feet.flat_share(side) is not None
        return None if known else "foot's own share not known yet: press the sled out"
    wear, roles = body.wear, set(needs(kind, side))
    if not wear.standing.keys() >= roles:
        return "no standing pose: stand still and upright for 2 s"
    if not wear.seated.keys() >= roles:
        return "no seated pose: sit still for 2 s, feet on the plate"
    if not wear.mounts.keys() >= roles:
        return "not calibrated yet: press the sled to the top and hold a moment"
    return _unlearned(body, kind, side) if side else None


def _unlearned(body: Body, kind: Kind, side: Side) -> str | None:
    """What of a knee that is calibrated is not known well enough yet."""
    if kind == "lockout" and body.learning.offset_sd_deg(side) > ZERO_SD_MAX_DEG:
        return UNSURE
    if kind == "valgus" and not body.legs[side].neutral.known:
        return "the knee's own neutral not known yet: finish one rep"
    return None
