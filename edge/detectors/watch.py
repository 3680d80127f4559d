"""All detectors of one machine over the body's signals, each signal as far as its own sensors have come."""

from __future__ import annotations

from typing import Final

from edge.detectors.base import Detection, Fault, Reading
from edge.detectors.heel_lift import HeelLift
from edge.detectors.lockout import Lockout
from edge.detectors.lumbar import Lumbar
from edge.detectors.settings import DetectorSettings
from edge.detectors.valgus import Valgus
from edge.events import Kind, Side, verdict_key
from edge.motion.body import Body
from edge.motion.gate import Gate
from edge.motion.leg import LEG_ROLES, SIDES
from edge.motion.series import GRID_S, Series

HEEL_SD: Final = 0.05
"""Sway of a flat heel's share over its flat share, and what the cells add."""
TILT_SD_DEG: Final = 1.0
"""A pelvis sensor's tilt: bias and skin."""
RATE_STEPS: Final = 3
"""Grid steps over which the knee's inward speed is taken: its noise of 0.5 mm then is 20 mm/s."""
MEDIAL_SD_MM: Final = 5.0
"""Of the knee's displacement once the neutral is known."""
LOCKOUT: Final = {side: verdict_key("lockout", side) for side in SIDES}
VALGUS: Final = {side: verdict_key("valgus", side) for side in SIDES}
HEEL_LIFT: Final = {side: verdict_key("heel_lift", side) for side in SIDES}


class Watch:
    """Feed `step` at every grid instant, after the body."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._seen: dict[str, int] = {}
        self._lumbar_times = 1.0
        self.suit(settings)

    def suit(self, settings: DetectorSettings) -> None:
        """Judge by these from here on; not within a rep."""
        self._settings = settings
        self._lockouts = {s: Lockout(s, settings.lockout) for s in SIDES}
        self._valgus = {s: Valgus(s, settings.valgus) for s in SIDES}
        self._heels = {s: HeelLift(s, settings.heel_lift) for s in SIDES}
        self._lumbar = Lumbar(settings.lumbar)
        self._faults = self._all()
        self._of_verdict = {verdict_key(kind, side): fault for kind, side, fault in self._faults}
        self._limits: dict[str, float] = {}
        self._limits_at: tuple[float | None, ...] | None = None
        self._lumbar.be_strict(self._lumbar_times)

    def faults(self) -> list[tuple[Kind, Side | None, Fault]]:
        """Every fault with its side."""
        return self._faults

    def _all(self) -> list[tuple[Kind, Side | None, Fault]]:
        out: list[tuple[Kind, Side | None, Fault]] = [("lumbar", None, self._lumbar.fault)]
        for side in SIDES:
            out.append(("lockout", side, self._lockouts[side].fault))
            out.append(("valgus", side, self._valgus[side].fault))
            out.append(("heel_lift", side, self._heels[side].fault))
        return out

    def locked(self) -> list[Side]:
        """The knees whose lockout lasts at present."""
        return [side for side, one in self._lockouts.items() if one.fault.active]

    def be_strict(self, times: float) -> None:
        """The back's lines count times this, until said otherwise: near the lifter's maximum."""
        self._lumbar.be_strict(times)
        self._lumbar_times, self._limits_at = times, None

    def limits(self, body: Body) -> dict[str, float]:
        """Signal of `Live` -> the value from which its fault is an alert; without those that are not known yet."""
        s = self._settings
        flat = [body.feet.flat_share(side) for side in SIDES]
        heels = tuple([None if share is None else round(s.heel_lift.alert_share * share, 2) for share in flat])
        if heels == self._limits_at:
            return self._limits
        out = {"posterior_tilt_deg": round(s.lumbar.alert_deg * self._lumbar_times, 2)}
        for side, heel in zip(SIDES, heels, strict=True):
            out[f"{side}_knee_flexion_deg"] = s.lockout.alert_deg
            out[f"{side}_knee_medial_mm"] = s.valgus.alert_mm
            if heel is not None:
                out[f"{side}_heel_share"] = heel
        self._limits, self._limits_at = out, heels
        return out

    def step(self, body: Body, t_ns: int, blind: frozenset[str]) -> list[Detection]:
        """Judge what is new. blind: verdict keys (`lockout_left`) that cannot be judged now; none of these goes on."""
        found: list[Detection] = []
        gate = body.gate()
        for key in blind:
            self._of_verdict[key].pass_over()
        for side in SIDES:
            found += self._knee(body, side, gate, blind)
            found += self._heel(body, side, gate, blind)
        found += self._back(body, gate, blind)
        return found

    def _knee(self, body: Body, side: Side, gate: Gate, blind: frozenset[str]) -> list[Detection]:
        knees = body.legs[side].knees
        begin, end = self._new(LOCKOUT[side], knees)
        if begin >= end:
            return []
        lockout, valgus = self._lockouts[side], self._valgus[side]
        if not gate.judged:
            lockout.fault.pass_over()
            valgus.fault.pass_over()
            return []
        sd = body.learning.offset_sd_deg(side)
        light = not body.foot_stands(side)
        lockout_blind, valgus_blind = light or LOCKOUT[side] in blind, light or VALGUS[side] in blind
        found = []
        arrival_s = body.sensors.heard_s(*LEG_ROLES[side])
        for k in range(begin, end):
            knee = knees.at(k)
            if knee is None:
                continue
            if lockout_blind:
                lockout.fault.pass_over()
            else:
                found.append(lockout.step(Reading(k * GRID_S, arrival_s, knee[0], knee[1], sd), gate))
            if valgus_blind:
                valgus.fault.pass_over()
            else:
                before = knees.at(k - RATE_STEPS)
                rate = (knee[2] - before[2]) / (RATE_STEPS * GRID_S) if before else 0.0
                found.append(valgus.step(Reading(k * GRID_S, arrival_s, knee[2], rate, MEDIAL_SD_MM), knee[0], gate))
        return [f for f in found if f is not None]

    def _heel(self, body: Body, side: Side, gate: Gate, blind: frozenset[str]) -> list[Detection]:
        heels, detector = body.feet.heels[side], self._heels[side]
        begin, end = self._new(HEEL_LIFT[side], heels)
        if begin >= end or HEEL_LIFT[side] in blind:
            return []
        if not gate.judged:
            detector.fault.pass_over()
            return []
        found = []
        arrival_s = body.sensors.heard_s("footplate")
        for k in range(begin, end):
            ratio = heels.at(k)
            if ratio is None:
                detector.fault.pass_over()
                continue
            share = body.feet.share(side, k)
            found.append(detector.step(Reading(k * GRID_S, arrival_s, ratio, 0.0, HEEL_SD), share, gate))
        return [f for f in found if f is not None]

    def _back(self, body: Body, gate: Gate, blind: frozenset[str]) -> list[Detection]:
        begin, end = self._new("lumbar", body.pelvis.tilts)
        if begin >= end or "lumbar" in blind:
            return []
        if not gate.judged:
            self._lumbar.fault.pass_over()
            return []
        found = []
        arrival_s = body.sensors.heard_s("pelvis")
        for k in range(begin, end):
            tilt = body.pelvis.tilts.at(k)
            if tilt is None:
                self._lumbar.fault.pass_over()
                continue
            reading = Reading(k * GRID_S, arrival_s, tilt[0], tilt[1], TILT_SD_DEG)
            found.append(self._lumbar.step(reading, gate, ("pelvis",)))
        return [f for f in found if f is not None]

    def _new(self, key: str, series: Series) -> tuple[int, int]:  # type: ignore[type-arg]
        """The first index of a verdict's series that is not judged yet, and the end."""
        seen, end = self._seen.get(key, 0), series.end
        if seen < end:
            self._seen[key] = end
        return max(seen, series.start), end
