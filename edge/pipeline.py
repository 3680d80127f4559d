"""One machine, from bytes to events: the single entry, live, in replay and in tests.

Pure: no clock, no event loop, no file, no socket; its randomness is seeded. Arrivals carry their own times and are
worked off on a fixed 10 ms grid, so what comes out depends on what arrived when, not on how it was bundled or how
often `advance` was called.
"""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TypeAlias

from edge.alerts.manager import AlertManager, Decision
from edge.detectors.base import Detection
from edge.detectors.sign import Finding
from edge.detectors.watch import Watch
from edge.events import (
    VERDICTS,
    ActiveAlerts,
    ActiveFault,
    Activity,
    Alert,
    AnyEvent,
    FaultRef,
    Live,
    MachineState,
    Notice,
    Rep,
    Send,
    Side,
    verdict_key,
)
from edge.ingest.native import NativeLink
from edge.ingest.native_types import NodeReport, Problem
from edge.machine import MachineSettings
from edge.motion.body import SIDES, Body, Geometry, RepMotion
from edge.motion.series import GRID_NS, GRID_S
from edge.samples import ImuSamples, LoadSamples, Role, Samples, TimeExchange
from edge.session.assessment import not_assessed
from edge.session.coach import Coach
from edge.session.node_commands import Cue, buzz
from edge.session.rep_summary import RepContext, summarise
from edge.session.sensor_health import SensorHealth
from edge.session.set_summary import summarise_set
from edge.session.signs import sign_of

LIVE_EVERY = 5
"""Grid steps between live messages: 20 a second, as screens draw."""
SIGNAL_DELAY = 30
"""Grid steps after which a signals row is final: later batches than 300 ms are too rare to wait for."""
QUIET_END_S = 300.0
"""A session ends when nothing was lifted and nobody moved for five minutes."""
SIGNAL_WIDTH = 9

SignalRow: TypeAlias = tuple[float, ...]
_Arrival: TypeAlias = tuple[int, str, bytes] | tuple[int, Samples]
NAN = float("nan")

PLACEMENTS: dict[int, Role] = {
    1: "sled", 2: "footplate", 3: "left_thigh", 4: "right_thigh", 5: "left_shank", 6: "right_shank", 7: "pelvis",
    8: "backpad", 9: "footplate", 10: "footplate", 11: "footplate", 12: "footplate", 13: "footplate",
    14: "footplate", 15: "backpad", 16: "backpad",
}  # fmt: skip
"""The protocol's placement hints as roles."""


class Pipeline:
    """Feed `receive`, `accept`, `sent` as things happen; `advance` gives what is to be told and sent.

    keep_signals: whether the live estimates are kept for `take_signals`.
    """

    def __init__(self, settings: MachineSettings, *, seed: int = 0, keep_signals: bool = False) -> None:
        self._settings = settings
        self._seed = seed
        self._random = Random(seed)  # noqa: S311 - an opaque id, no secret
        self._body = Body(
            Geometry(settings.rail_angle_deg, settings.sled_mass_kg, settings.stack_kg, settings.height_m)
        )
        self._watch = Watch(settings.faults)
        self._coach = Coach(settings.signs)
        self._manager = AlertManager(settings.alerts)
        self._health = SensorHealth()
        self._links: dict[str, NativeLink] = {}
        self._arrivals: deque[_Arrival] = deque()
        self._k: int | None = None
        self._session: str | None = None
        self._sessions = 0
        self._reps: list[Rep] = []
        self._rep_faults: list[FaultRef] = []
        self._attempt = 0
        self._blind_in_rep: dict[str, str] = {}
        self._state: MachineState | None = None
        self._active: tuple[ActiveFault, ...] = ()
        self._spoken: set[tuple[str, str | None]] = set()
        self._not_assessed: dict[str, str] = {}
        self._keep_signals = keep_signals
        self._signals: list[SignalRow] = []
        self._signal_k: int | None = None
        self._events: list[AnyEvent] = []
        self._cue: Cue | None = None
        self._cues = 0

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """Bytes of a link that arrived at t_ns."""
        self._arrivals.append((t_ns, link, data))

    def accept(self, t_ns: int, samples: Samples) -> None:
        """Samples (of a recording) that arrived at t_ns."""
        self._arrivals.append((t_ns, samples))

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """A `Send` with this seq left at t_ns."""
        if link in self._links:
            self._links[link].sent(t_ns, seq)

    def open_link(self, link: str, *, framed: bool = True) -> None:
        """A link exists: its nodes are greeted from the next step on. framed: serial frames, else bare messages."""
        if link not in self._links:
            self._links[link] = NativeLink(link, framed=framed, role_of=self._role_of, seed=self._seed)

    def counters(self) -> dict[str, dict[str, int]]:
        """Per link: what was dropped, and why."""
        return {name: dict(link.counters) for name, link in self._links.items()}

    def advance(self, t_ns: int) -> tuple[list[AnyEvent], list[Send]]:
        """Work off every grid step up to t_ns."""
        sends: list[Send] = []
        self._events = []
        if self._k is None:
            first = min((a[0] for a in self._arrivals), default=t_ns)
            self._k = min(first, t_ns) // GRID_NS
        while (self._k + 1) * GRID_NS <= t_ns:
            self._k += 1
            step_ns = self._k * GRID_NS
            self._take_arrivals(step_ns)
            for link in self._links.values():
                sends += link.step(step_ns)
            self._step(step_ns)
            if self._cue is not None:
                sends += [send for link in buzz(self._links, self._cue, step_ns) for send in link.step(step_ns)]
                self._cue = None
        return self._events, sends

    def take_signals(self) -> list[SignalRow]:
        """The rows that have become final: t_s, then the columns of signals.csv, NaN where not known."""
        rows, self._signals = self._signals, []
        return rows

    def _take_arrivals(self, step_ns: int) -> None:
        later: list[_Arrival] = []
        while self._arrivals:
            arrival = self._arrivals.popleft()
            if arrival[0] > step_ns:
                later.append(arrival)
            elif len(arrival) == 3:
                self._decode(arrival[1], arrival[0], arrival[2])
            else:
                self._body.accept(arrival[0], arrival[1])
        self._arrivals.extend(later)

    def _decode(self, link: str, t_ns: int, data: bytes) -> None:
        self.open_link(link)
        for item in self._links[link].receive(t_ns, data):
            if isinstance(item, ImuSamples | LoadSamples):
                self._body.accept(t_ns, item)
            elif isinstance(item, TimeExchange):
                self._body.exchange(item)
            elif isinstance(item, NodeReport):
                self._health.report(item)
            elif isinstance(item, Problem):
                self._tell(
                    Notice(
                        t_s=t_ns * 1e-9, session=self._session, what=item.kind, severity="S1", text=item.text,
                        role=item.role,
                    )
                )  # fmt: skip

    def _role_of(self, node: str, chan: int, placement: int) -> Role | None:
        for sensor in self._settings.sensors:
            if sensor.node == node and sensor.chan == chan:
                return sensor.role
        return PLACEMENTS.get(placement)

    def _tell(self, event: AnyEvent) -> None:
        self._events.append(event)

    def _step(self, t_ns: int) -> None:
        body = self._body
        body.step(t_ns)
        if body.sessions != self._sessions and body.wear.standing:
            self._begin_session(t_ns)
        if self._state is None or (self._k is not None and self._k % 5 == 0):
            self._not_assessed = not_assessed(body, t_ns)
        gate = body.gate()
        if gate.attempt != self._attempt:
            self._attempt, self._rep_faults, self._blind_in_rep = gate.attempt, [], {}
        if gate.moving:
            self._blind_in_rep.update(self._not_assessed)
        self._judge(self._watch.step(body, t_ns, frozenset(self._not_assessed)), t_ns)
        for motion in body.finished:
            self._finish(motion, t_ns)
        self._tell_levels(t_ns)
        if self._keep_signals:
            self._write_signals(t_ns // GRID_NS)

    def _begin_session(self, t_ns: int) -> None:
        self._end_set(t_ns)
        self._coach.begin()
        self._sessions = self._body.sessions
        self._session = f"{self._random.getrandbits(48):012x}"

    def _judge(self, found: list[Detection], t_ns: int) -> None:
        if not found:
            return
        for detection, decision in zip(found, self._manager.decide(found, t_ns), strict=True):
            self._rep_faults.append(
                FaultRef(
                    kind=detection.kind, side=detection.side, severity=decision.severity,
                    worst_value=detection.value, unit=detection.unit,
                )
            )  # fmt: skip
            if not decision.is_alert:
                continue
            if decision.spoken:
                self._spoken.add((detection.kind, detection.side))
            self._sound(decision, detection.side)
            self._tell(
                Alert(
                    t_s=t_ns * 1e-9, session=self._session, set=detection.set, rep=detection.rep, kind=detection.kind,
                    side=detection.side, severity=decision.severity, phase=detection.phase,
                    onset_s=detection.onset_s, value=detection.value, threshold=detection.threshold,
                    unit=detection.unit, confidence=detection.confidence, sensors=detection.sensors,
                    sample_s=detection.sample_s, arrival_s=detection.arrival_s, cue=decision.cue,
                    spoken=decision.spoken, buzzer=decision.buzzer,
                )
            )  # fmt: skip

    def _sound(self, decision: Decision, side: Side | None) -> None:
        """What speaks with a buzz is told to the nodes at the end of this step."""
        if decision.spoken and decision.buzzer:
            self._cues += 1
            self._cue = Cue(self._cues, decision.priority, decision.buzzer, side)

    def _finish(self, motion: RepMotion, t_ns: int) -> None:
        if self._reps and self._reps[-1].set != motion.stroke.set:
            self._end_set(t_ns)
        best = max((r.mean_concentric_m_s or 0.0 for r in self._reps if r.counted), default=0.0)
        blind = dict(self._blind_in_rep)
        self._coach.learn(self._body, motion)
        load, source = (self._settings.sled_mass_kg, "configured") if self._settings.sled_mass_kg else (None, None)
        rep = summarise(
            motion,
            t_ns * 1e-9,
            RepContext(
                session=self._session,
                best_mean_m_s=best or None,
                load_kg=load,
                load_source="configured" if source else None,
                faults=tuple(self._rep_faults),
                assessed=tuple(key for v in VERDICTS if (key := verdict_key(*v)) not in blind),
                not_assessed=blind,
                firmware=self._health.firmware(),
                calibration=self._session,
                limit=self._coach.limit,
            ),
        )
        self._tell(rep)
        self._remark(self._coach.remark(rep, motion, self._reps), t_ns)
        self._reps.append(rep)
        self._tell(summarise_set(self._reps, t_ns * 1e-9, final=False))

    def _remark(self, findings: list[Finding], t_ns: int) -> None:
        """Tell the signs, and let the alert manager decide which of them is spoken."""
        for finding, decision in zip(findings, self._manager.decide(findings, t_ns), strict=True):
            self._sound(decision, finding.side)
            self._tell(sign_of(finding, decision, t_ns * 1e-9, self._session))

    def _end_set(self, t_ns: int) -> None:
        if self._reps:
            self._tell(summarise_set(self._reps, t_ns * 1e-9, final=True))
            self._reps = []

    def _tell_levels(self, t_ns: int) -> None:
        gate = self._body.gate()
        if gate.phase == "rest" and self._reps:
            self._end_set(t_ns)
        active = tuple(
            ActiveFault(kind=kind, side=side, rep=gate.rep, since_s=fault.since_s, spoken=(kind, side) in self._spoken)
            for kind, side, fault in self._watch.faults()
            if fault.active
        )
        if [(a.kind, a.side) for a in active] != [(a.kind, a.side) for a in self._active]:
            self._active = active
            self._spoken &= {(a.kind, a.side) for a in active}
            self._tell(ActiveAlerts(t_s=t_ns * 1e-9, session=self._session, active=active))
        if t_ns // GRID_NS % 10 == 0:
            for state in self._health.changes(self._body, t_ns, self._session):
                self._tell(state)
        self._tell_state(t_ns)
        if self._session and t_ns // GRID_NS % LIVE_EVERY == 0:
            self._tell(self._live(t_ns))

    def _tell_state(self, t_ns: int) -> None:
        gate = self._body.gate()
        missing = self._not_assessed
        state = MachineState(
            t_s=t_ns * 1e-9,
            session=self._session,
            state=self._activity(),
            set=gate.set,
            rep=gate.rep,
            load_kg=self._settings.sled_mass_kg,
            assessed=tuple(key for v in VERDICTS if (key := verdict_key(*v)) not in missing),
            not_assessed=missing,
            asks=self._asks(),
            limits=self._watch.limits(self._body),
        )
        told = self._state
        if told is None or any(
            getattr(told, f) != getattr(state, f) for f in ("state", "set", "not_assessed", "asks", "session", "limits")
        ):
            self._state = state
            self._tell(state)

    def _activity(self) -> Activity:
        if self._session is None:
            return "idle"
        phases = self._body.phases
        if phases.phase != "rest":
            return "lifting"
        return "resting" if phases.set else "setup"

    def _asks(self) -> str | None:
        wear = self._body.wear
        worn = [r for r in self._body.roles() if r.endswith(("thigh", "shank")) or r == "pelvis"]
        if not worn:
            return None
        if not wear.standing:
            return "Stand still and upright for 2 s."
        if wear.walked and not wear.seated:
            return "Sit, feet on the plate, and hold still for 2 s."
        return None

    def _live(self, t_ns: int) -> Live:
        body, gate = self._body, self._body.gate()
        sled = body.sled.states.last()
        plate = body.plates.last()
        left, right = (body.legs[s].knees.last() for s in SIDES)
        tilt = body.tilts.last()
        return Live(
            t_s=t_ns * 1e-9,
            session=self._session,
            sled_position_m=sled[0] if sled else None,
            sled_velocity_m_s=sled[1] if sled else None,
            left_knee_flexion_deg=left[0] if left else None,
            right_knee_flexion_deg=right[0] if right else None,
            left_knee_medial_mm=left[2] if left else None,
            right_knee_medial_mm=right[2] if right else None,
            posterior_tilt_deg=tilt[0] if tilt else None,
            left_heel_share=plate.left_heel_share if plate else None,
            right_heel_share=plate.right_heel_share if plate else None,
            force_n=plate.force_n if plate else None,
            phase=gate.phase,
            set=gate.set,
            rep=gate.rep,
        )

    def _write_signals(self, now: int) -> None:
        begin = now - SIGNAL_DELAY if self._signal_k is None else self._signal_k
        for k in range(begin, now - SIGNAL_DELAY + 1):
            self._signals.append(self._row(k))
        self._signal_k = now - SIGNAL_DELAY + 1

    def _row(self, k: int) -> SignalRow:
        body = self._body
        sled, plate, tilt = body.sled.states.at(k), body.plates.at(k), body.tilts.at(k)
        left, right = body.legs["left"].knees.at(k), body.legs["right"].knees.at(k)
        heels = (plate.left_heel_share, plate.right_heel_share) if plate else (None, None)
        values = (
            sled[0] if sled else None,
            left[0] if left else None,
            right[0] if right else None,
            left[2] if left else None,
            right[2] if right else None,
            tilt[0] if tilt else None,
            *heels,
        )
        return (k * GRID_S, *(NAN if v is None else v for v in values))
