"""All detectors of one machine over the body's signals, each signal as far as its own sensors have come."""

from __future__ import annotations

import msgspec

from edge.detectors.base import Detection, Fault, Reading
from edge.detectors.heel_lift import HeelLift, HeelLiftSettings
from edge.detectors.lockout import Lockout, LockoutSettings
from edge.detectors.lumbar import Lumbar, LumbarSettings
from edge.detectors.valgus import Valgus, ValgusSettings
from edge.events import Kind, Side
from edge.motion.body import Body
from edge.motion.gate import Gate
from edge.motion.leg import LEG_ROLES, SIDES
from edge.motion.series import GRID_S, Series

HEEL_SD = 0.05
"""Sway of a flat heel's share over its flat share, and what the cells add."""
TILT_SD_DEG = 1.0
"""A pelvis sensor's tilt: bias and skin."""
RATE_STEPS = 3
"""Grid steps over which the knee's inward speed is taken: its noise of 0.5 mm then is 20 mm/s."""
MEDIAL_SD_MM = 5.0
"""Of the knee's displacement once the neutral is known."""


class DetectorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The four faults: from where on each is one, until where, and how long it must last."""

    lockout: LockoutSettings = LockoutSettings()
    valgus: ValgusSettings = ValgusSettings()
    heel_lift: HeelLiftSettings = HeelLiftSettings()
    lumbar: LumbarSettings = LumbarSettings()


class Watch:
    """Feed `step` at every grid instant, after the body."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._lockouts = {s: Lockout(s, settings.lockout) for s in SIDES}
        self._valgus = {s: Valgus(s, settings.valgus) for s in SIDES}
        self._heels = {s: HeelLift(s, settings.heel_lift) for s in SIDES}
        self._lumbar = Lumbar(settings.lumbar)
        self._seen: dict[str, int] = {}

    def faults(self) -> list[tuple[Kind, Side | None, Fault]]:
        """Every fault with its side."""
        out: list[tuple[Kind, Side | None, Fault]] = [("lumbar", None, self._lumbar.fault)]
        for side in SIDES:
            out.append(("lockout", side, self._lockouts[side].fault))
            out.append(("valgus", side, self._valgus[side].fault))
            out.append(("heel_lift", side, self._heels[side].fault))
        return out

    def limits(self, body: Body) -> dict[str, float]:
        """Signal of `Live` -> the value from which its fault is an alert; without those that are not known yet."""
        s = self._settings
        out = {"posterior_tilt_deg": s.lumbar.alert_deg}
        for side in SIDES:
            out[f"{side}_knee_flexion_deg"] = s.lockout.alert_deg
            out[f"{side}_knee_medial_mm"] = s.valgus.alert_mm
            flat_share = body.feet.flat_share(side)
            if flat_share is not None:
                out[f"{side}_heel_share"] = round(s.heel_lift.alert_share * flat_share, 2)
        return out

    def step(self, body: Body, t_ns: int, blind: frozenset[str]) -> list[Detection]:
        """Judge what is new. blind: verdict keys (`lockout_left`) that cannot be judged at present."""
        found: list[Detection] = []
        gate = body.gate()
        for side in SIDES:
            found += self._knee(body, side, gate, blind)
            found += self._heel(body, side, gate, blind)
        found += self._back(body, gate, blind)
        return found

    def _knee(self, body: Body, side: Side, gate: Gate, blind: frozenset[str]) -> list[Detection]:
        knees = body.legs[side].knees
        lockout, valgus = self._lockouts[side], self._valgus[side]
        sd = body.learning.offset_sd_deg(side)
        stands = body.foot_stands(side)
        found = []
        arrival_s = body.sensors.heard_s(*LEG_ROLES[side])
        for k in self._new(f"knee_{side}", knees):
            knee = knees.at(k)
            if knee is None:
                continue
            if f"lockout_{side}" in blind or not stands:
                lockout.fault.pass_over()
            else:
                found.append(lockout.step(Reading(k * GRID_S, arrival_s, knee[0], knee[1], sd), gate))
            if f"valgus_{side}" in blind or not stands:
                valgus.fault.pass_over()
            else:
                before = knees.at(k - RATE_STEPS)
                rate = (knee[2] - before[2]) / (RATE_STEPS * GRID_S) if before else 0.0
                found.append(valgus.step(Reading(k * GRID_S, arrival_s, knee[2], rate, MEDIAL_SD_MM), knee[0], gate))
        return [f for f in found if f is not None]

    def _heel(self, body: Body, side: Side, gate: Gate, blind: frozenset[str]) -> list[Detection]:
        heels, detector = body.feet.heels[side], self._heels[side]
        found = []
        arrival_s = body.sensors.heard_s("footplate")
        for k in self._new(f"heel_{side}", heels):
            ratio = heels.at(k)
            if ratio is None or f"heel_lift_{side}" in blind:
                detector.fault.pass_over()
                continue
            share = body.feet.share(side, k)
            found.append(detector.step(Reading(k * GRID_S, arrival_s, ratio, 0.0, HEEL_SD), share, gate))
        return [f for f in found if f is not None]

    def _back(self, body: Body, gate: Gate, blind: frozenset[str]) -> list[Detection]:
        found = []
        arrival_s = body.sensors.heard_s("pelvis")
        for k in self._new("tilt", body.pelvis.tilts):
            tilt = body.pelvis.tilts.at(k)
            if tilt is None or "lumbar" in blind:
                self._lumbar.fault.pass_over()
                continue
            found.append(self._lumbar.step(Reading(k * GRID_S, arrival_s, *tilt, TILT_SD_DEG), gate, ("pelvis",)))
        return [f for f in found if f is not None]

    def _new(self, name: str, series: Series) -> range:  # type: ignore[type-arg]
        """The indices of a series not judged yet."""
        begin = max(self._seen.get(name, 0), series.start)
        self._seen[name] = max(series.end, begin)
        return range(begin, series.end)
