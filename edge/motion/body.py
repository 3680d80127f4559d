"""The lifter on the machine: every sensor's track, joined into joint angles, the sled's motion and reps.

Each signal advances as far as its own sensors have come, so that a late pelvis does not hold back a knee; the sled and
what is counted on it advance together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians

import numpy as np

from edge.events import Phase, Side
from edge.motion.heel import FlatShare
from edge.motion.learning import Learning
from edge.motion.leg import Leg
from edge.motion.phases import Phases, Stroke
from edge.motion.placement import Placement, Slip
from edge.motion.plate import LOADED_SHARE, PlateState, read_plate, static_force_n
from edge.motion.press_by_legs import HELD, PressByLegs
from edge.motion.series import GRID_NS, GRID_S, Series, columns
from edge.motion.sled import KneeSlide, SledMotion, SledState
from edge.motion.stroke import Path, Window, integrate_back, press_span, retrace
from edge.motion.track import ImuState, ImuTrack, LoadTrack
from edge.motion.wear import Wear
from edge.samples import IMU_ROLES, FloatArray, ImuSamples, Role, Samples, TimeExchange

SILENT_S = 0.5
"""A sensor that was not heard for so long is not live: five to ten batches."""
WAIT = 8
"""Grid steps (80 ms) that the sled waits for the knees: a late batch is usual, one later than this is rare."""
HELD_TILT_DEG = 5.0
"""A pelvis that tilts by more slides the hip by centimetres: such a stroke teaches nothing of the legs' chain."""
HELD_HEEL = 0.5
"""Below this share of its flat share a heel is lifting, and the ankle with it."""
LOST = 100
"""Grid steps (1 s) in which nothing shows the sled, after which the attempt under way is given up: it was not seen."""
TURNED_M_S2 = 1.5
"""Gravity along a rail of 9°; flatter rails do not tell which way the sled's sensor is turned."""
RACKED = 250
"""Grid steps (2.5 s) at the bottom that mean the rack, where no footplate tells: lifters pause there for a second."""
OFF_SEAT_DEG = 25.0
"""Of pelvic tilt from the set-up posture: no seated lifter rolls so far, one who stands up does at once."""
TOP_STEPS = 40
"""Grid steps (0.4 s) at the top that make a pose; most lifters gather themselves for longer before the first rep."""
LONG_WAIT = 50
"""The same (0.5 s) before the knees can carry the sled over a hole: then a late batch is waited for."""
FELT = 0.95
"""Share of a stroke in which the sled's own sensor must have been heard for the stroke to teach anything."""
PLATE_SILENT = 20
"""Grid steps (0.2 s) after which a footplate that says nothing is no witness of the load: a late batch is not meant."""
LIGHT = 50
"""Grid steps (0.5 s) seen without load before the feet are off: a sled that is let drop weighs little for 0.3 s."""
STANDING_M_S = 0.05
"""At the top the sled counts as standing below this: sinking knees and re-gripping move it by less."""
SETTLE_S = 1.0
"""After a silence gravity is found anew within four times the still filter's time constant."""
UNKNOWN_STATIC_N = 300.0
"""Where the masses are not known: an empty sled on a 45° rail."""
FOOT_STANDS = 0.12
"""Least share of the static force on a foot that is judged; even a lopsided press leaves a foot 0.3."""
SIDES: tuple[Side, Side] = ("left", "right")
LEG_ROLES: dict[Side, tuple[Role, Role]] = {
    "left": ("left_thigh", "left_shank"),
    "right": ("right_thigh", "right_shank"),
}


@dataclass(frozen=True, slots=True)
class Geometry:
    """The machine and lifter as configured. rail_deg: above horizontal. Masses None where not known."""

    rail_deg: float = 45.0
    sled_kg: float | None = None
    stack_kg: float = 0.0
    height_m: float = 1.72


@dataclass(frozen=True, slots=True)
class Gate:
    """What the machine is doing. judged: whether a fault may be called at all (loaded, and in a set's reps). attempt:
    counts every stroke, counted or not. since_top_s: time since the drive arrived at the top, 0 before.
    """

    phase: Phase
    set: int
    rep: int
    attempt: int
    judged: bool
    since_top_s: float

    @property
    def moving(self) -> bool:
        """Whether the sled is away from the top."""
        return self.phase in ("eccentric", "bottom", "concentric")


@dataclass(frozen=True, slots=True)
class RepMotion:
    """A finished attempt: its stroke, its path, knees (side -> (N, 5) KneeState rows, NaN where unknown) and plate
    forces (N,) N, left (N,) N over the path's entries, and the entries of the four instants.
    """

    stroke: Stroke
    path: Path
    start_s: float
    bottom_s: float
    drive_s: float
    top_s: float
    knees: dict[Side, FloatArray]
    force_n: FloatArray
    left_n: FloatArray


class Body:
    """Feed `accept`, then `step` at every grid instant; read the series and `finished` after each step."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.imus: dict[Role, ImuTrack] = {r: ImuTrack() for r in IMU_ROLES}
        self.footplate, self.backpad = LoadTrack(), LoadTrack()
        worn: dict[Role, ImuTrack] = {r: t for r, t in self.imus.items() if r != "sled"}
        self.wear = Wear(worn)
        self.sled = SledMotion()
        self.phases = Phases()
        self.plates: Series[PlateState] = Series()
        self.heels: dict[Side, Series[float]] = {s: Series() for s in SIDES}
        self.tilts: Series[tuple[float, float]] = Series()
        self.finished: list[RepMotion] = []
        self.slips: list[Slip] = []
        self.sessions = 0
        self._start_session()
        self.carry(geometry.sled_kg)
        self._sled_k: int | None = None
        self._upwards: float | None = None
        self._unseen = 0
        self._bottom_from = 0
        self._light = LIGHT
        self._heard: dict[Role, int] = {}

    def accept(self, t_ns: int, samples: Samples) -> None:
        """Samples of one sensor that reached the host at t_ns."""
        self._heard[samples.role] = t_ns
        if isinstance(samples, ImuSamples):
            self.imus[samples.role].accept(t_ns, samples)
        else:
            (self.footplate if samples.role == "footplate" else self.backpad).accept(t_ns, samples)

    def exchange(self, exchange: TimeExchange) -> None:
        """A node answered what its clock reads."""
        self._track(exchange.role).exchange(exchange)

    def live(self, role: Role, t_ns: int) -> bool:
        """Whether the sensor has been heard of late."""
        heard = self._heard.get(role)
        return heard is not None and t_ns - heard < SILENT_S * 1e9

    def heard_s(self, *roles: Role) -> float:
        """When the newest samples of the last of these sensors arrived, s of the host's time line."""
        return max(self._heard.get(role, 0) for role in roles) * 1e-9

    def heard(self, role: Role) -> bool:
        """Whether the sensor has ever been heard."""
        return role in self._heard

    def arrived_s(self, roles: Iterable[str]) -> float | None:
        """When the newest samples of these sensors reached the host, s; None where none was heard."""
        heard = [t_ns for role, t_ns in self._heard.items() if role in set(roles)]
        return max(heard) * 1e-9 if heard else None

    def roles(self) -> list[Role]:
        """The sensors heard so far."""
        return sorted(self._heard)

    def rate_hz(self, role: Role) -> float | None:
        """The sensor's own rate, None before it is known."""
        return self._track(role).rate_hz

    def loss_pct(self, role: Role) -> float | None:
        """Samples lost since the node began, in percent."""
        return self._track(role).loss_pct()

    def drift_ppm(self, role: Role) -> float | None:
        """The node's clock against the host's, parts per million."""
        return self._track(role).clock.drift_ppm

    def settling(self, role: Role, t_ns: int) -> bool:
        """Whether the sensor is just back from a silence, so that its direction is not yet sure."""
        return t_ns * 1e-9 - self._track(role).began_s < SETTLE_S and self._track(role).interrupted

    def flat_known(self, side: Side) -> bool:
        """Whether the foot's own flat share is known."""
        return self._flat[side].share is not None

    def flat_share(self, side: Side) -> float | None:
        """The heel's share of this foot's force while the foot is flat; None until known."""
        return self._flat[side].share

    def _track(self, role: Role) -> ImuTrack | LoadTrack:
        if role == "footplate":
            return self.footplate
        return self.backpad if role == "backpad" else self.imus[role]

    def step(self, t_ns: int) -> None:
        """Advance to the grid instant t_ns."""
        now = t_ns // GRID_NS
        self.finished, self.slips = [], []
        live = [r for r in self._heard if self.live(r, t_ns)]
        for role in live:
            if role in self.imus:
                self.imus[role].step()
        self.footplate.step()
        self.backpad.step()
        if self.wear.step([r for r in live if r in self.imus and r != "sled"]):
            self._start_session()
        self._plate(now)
        for leg in self.legs.values():
            leg.step(self._legs_from)
        self._tilt()
        self._slide(now, live)

    def loaded(self, k: int) -> bool | None:
        """Whether the feet carry the sled at grid instant k; None without a footplate."""
        if not self.plates.end or self.plates.end < k - PLATE_SILENT:
            return None
        return self._light < LIGHT

    def gate(self) -> Gate:
        """What the machine is doing now."""
        p, k = self.phases, (self._sled_k or 1) - 1
        carried = self.loaded(k) is not False
        since = (k - p.arrived) * GRID_S if p.phase == "top" else 0.0
        return Gate(p.phase, p.set, p.current_rep, p.attempt, carried and p.attempt > 0 and p.phase != "rest", since)

    def foot_share(self, side: Side, k: int) -> float:
        """The foot's force over the static force at grid instant k; 1 where there is no footplate to tell."""
        plate = self.plates.at(k) or self.plates.last()
        if plate is None or self.plates.end < k - 100:
            return 1.0
        return (plate.left_n if side == "left" else plate.right_n) / (self._static_n or UNKNOWN_STATIC_N)

    def foot_stands(self, side: Side) -> bool:
        """Whether the foot carries its part now; a leg without load is not judged."""
        return self.foot_share(side, (self._sled_k or 1) - 1) > FOOT_STANDS

    def carry(self, sled_kg: float | None) -> None:
        """What is on the sled has changed, sled included; None: not known."""
        g = self.geometry
        self._static_n = static_force_n(sled_kg, g.rail_deg, g.stack_kg) if sled_kg is not None else None

    def stirs(self, t_ns: int) -> bool:
        """Whether any worn sensor that is heard is in movement."""
        worn = (r for r in self._heard if r in self.imus and r != "sled")
        return any(self.imus[r].rest.duration_s == 0.0 and self.live(r, t_ns) for r in worn)

    def forget_lifter(self) -> None:
        """The session is over: how the worn sensors sit and what was learned of the lifter is gone."""
        self.wear.forget()
        self.phases.rack()
        self._start_session()

    def _start_session(self) -> None:
        self.sessions += 1
        g = self.geometry
        self.legs: dict[Side, Leg] = {}
        for side in SIDES:
            thigh, shank = (self.imus[role] for role in LEG_ROLES[side])
            leg = Leg(side, thigh, shank, g.height_m)
            leg.gain = max(cos(radians(g.rail_deg)), 0.3)
            self.legs[side] = leg
        self._legs_press = PressByLegs(self.imus, self.wear)
        self.learning = Learning(self.legs)
        self.phases = Phases()
        self.sled.forget_knees()
        self.placement = Placement(self.imus)
        self._flat = {s: FlatShare() for s in SIDES}
        self._legs_from = 0
        self._top_from: int | None = None
        self._press_to: int | None = None
        self._press_from = 0
        self._calibrated = False

    def _plate(self, now: int) -> None:
        forces = self.footplate.forces
        for k in range(max(self.plates.end, forces.start), forces.end):
            cells = forces.at(k)
            if cells is None:
                continue
            state = read_plate(cells)
            self.plates.put(k, state)
            self._light += 1
            if state.force_n <= LOADED_SHARE * (self._static_n or UNKNOWN_STATIC_N):
                continue
            self._light = 0
            for side in SIDES:
                share = state.left_heel_share if side == "left" else state.right_heel_share
                ratio = self._flat[side].step(share) if share is not None else None
                if ratio is not None:
                    self.heels[side].put(k, ratio)

    def _tilt(self) -> None:
        mount, seated = self.wear.mounts.get("pelvis"), self.wear.seated.get("pelvis")
        if mount is None or seated is None:
            return
        track = self.imus["pelvis"]
        zero = np.array(seated[0].acc) - np.array(track.acc_bias)
        zero = zero / np.linalg.norm(zero)
        set_up = mount.read((float(zero[0]), float(zero[1]), float(zero[2]), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)).pitch_deg
        states = track.states
        for k in range(max(self.tilts.end, states.end - 50), states.end):
            state = states.at(k)
            if state is not None:
                seen = mount.read(state)
                self.tilts.put(k, (set_up - seen.pitch_deg, -seen.rate_deg_s))

    def _slide(self, now: int, live: list[Role]) -> None:
        """Advance the sled, the phases and what hangs on them, up to where all that it needs has come."""
        sled = self.imus["sled"].states
        legs = [self.imus[r] for r in live if r.endswith(("thigh", "shank"))]
        tracks = [*legs, self.imus["sled"]] if "sled" in live else legs
        begun = [t.states for t in tracks if t.states.end]
        if self._sled_k is None:
            if not begun:
                return
            self._sled_k = min(s.start for s in begun)
        wait = WAIT if any(leg.calibrated for leg in self.legs.values()) else LONG_WAIT
        front = max(min((s.end for s in begun), default=0), now - wait)
        while self._sled_k < front:
            k = self._sled_k
            self._sled_k += 1
            state = sled.at(k)
            limb = sum(_turning(t, k) for t in legs) / len(legs) if legs else None
            if "sled" not in live:
                self._arrive_by_legs(k, live)
            self.sled.step(k, None if state is None else self._along(state), limb, self._knee_slides(k))
            moved = self.sled.states.at(k)
            self._unseen = self._unseen + 1 if moved is None else 0
            if moved is not None:
                self._count(k, moved)
            elif self._unseen == LOST:
                self.phases.rack()

    def _along(self, state: ImuState) -> float:
        """What the sled's sensor feels along the rail, upwards; a sensor turned round shows gravity the wrong way."""
        if self._upwards is None:
            self._upwards = -1.0 if state[6] < -TURNED_M_S2 else 1.0
        return self._upwards * state[6]

    def _left(self, k: int) -> bool:
        """Whether the feet are off the sled: by the footplate, else by a long stay in the rack or an empty seat."""
        if self.phases.phase != "bottom":
            self._bottom_from = k
        loaded = self.loaded(k)
        if loaded is not None:
            return not loaded
        tilt = self.tilts.last()
        return k - self._bottom_from > RACKED or (tilt is not None and abs(tilt[0]) > OFF_SEAT_DEG)

    def _knee_slides(self, k: int) -> list[KneeSlide]:
        return [
            KneeSlide(side, *leg.chain.slide(knee[0], knee[1]))
            for side, leg in self.legs.items()
            if (knee := leg.knees.at(k)) is not None
        ]

    def _count(self, k: int, moved: SledState) -> None:
        if self._left(k):
            self.phases.rack()
            self._watch_straps(k, still=False)
            return
        stroke = self.phases.step(k, moved[0], moved[1])
        if not self._calibrated:
            if self.phases.phase == "top":
                self._arrive(k)
            else:
                self._top_from = None
        self._watch_straps(k, still=self.phases.phase == "top" and self._calibrated and abs(moved[1]) < STANDING_M_S)
        if stroke is not None:
            self.finished.append(self._look_back(stroke, k))
            if self.finished[-1].stroke.counted:
                self.placement.rep()

    def _watch_straps(self, k: int, *, still: bool) -> None:
        """Where a strap gave, its sensor's mount turns along, and what was learned through it is learned anew."""
        for slip in self.placement.step(k, still=still):
            self.slips.append(slip)
            self.wear.slipped(slip.role, slip.turn_rad)
            for side, leg in self.legs.items():
                if slip.role in LEG_ROLES[side]:
                    leg.slipped(slip.turn_rad, thigh=slip.role == LEG_ROLES[side][0])
                    self.learning.forget(side)

    def _arrive(self, k: int) -> None:
        """At the top for the first time: once the stay is long enough, the leg sensors are mounted."""
        if self._top_from is None:
            self._top_from = k
        if self._press_to is None:
            self._press_from, self._press_to = self.phases.press_start, k
        if k - self._top_from >= TOP_STEPS:
            self._mount(k)

    def _arrive_by_legs(self, k: int, live: list[Role]) -> None:
        """The same where no sled sensor tells: the legs have turned away from the seat and are held."""
        roles = [r for r in live if r.endswith(("thigh", "shank"))]
        if self._calibrated or not self._legs_press.step(k, roles, loaded=self.loaded(k) is not False):
            return
        self._press_from, self._press_to, self._top_from = self._legs_press.began or k, k - HELD, k - HELD
        self._mount(k)
        slides = self._knee_slides(k)
        if slides:
            self.sled.step(k, None, None, slides)
            moved = self.sled.states.at(k)
            if moved is not None:
                self.phases.begin_set(moved[0])

    def _mount(self, k: int) -> None:
        """Mount the leg sensors by the poses known and by the press between them."""
        assert self._press_to is not None and self._top_from is not None  # noqa: S101, PT018 - set by both callers
        self._calibrated = True
        roles = [role for pair in LEG_ROLES.values() for role in pair]
        self.wear.arrive(roles, (self._press_from, self._press_to), (self._top_from + 5, k))
        self._legs_from = self._press_from - 20
        for side, leg in self.legs.items():
            leg.thigh_mount, leg.shank_mount = (self.wear.mounts.get(role) for role in LEG_ROLES[side])
            leg.step(self._legs_from)
        self._learn_press(k)

    def _learn_press(self, k: int) -> None:
        """The press out of the rack is the first stroke: it holds no lowering, and usually no fault."""
        begin, k = self._press_from - 20, min(k, (self._press_to or k) + TOP_STEPS)
        knees = {s: columns(leg.knees.span(begin, k), 5) for s, leg in self.legs.items()}
        turning = _mean_turning([kn[:, 1] for kn in knees.values()])
        if not np.isfinite(turning).any():
            return
        span = press_span(np.nan_to_num(turning))
        acc = self._acc(begin, k)
        felt = bool(np.isfinite(acc[span[0] : span[1]]).mean() > FELT)
        self.learning.take(knees, integrate_back(begin, acc, span), span, clean=felt and self._clean(begin, span))

    def _look_back(self, stroke: Stroke, k: int) -> RepMotion:
        begin, end = stroke.start - 60, k + 1
        knees = {s: columns(leg.knees.span(begin, end), 5) for s, leg in self.legs.items()}
        acc = self._acc(begin, end)
        live = np.array([0.0 if s is None else s[1] for s in self.sled.states.span(begin, end)])
        rough = (stroke.start - begin, stroke.drive - begin, stroke.top - begin)
        path = retrace(Window(begin, acc, *self._knee_speed(begin, end), live, *rough))
        a, b, c = path.dead
        for span in ((a, b), (b, c)):
            felt = bool(np.isfinite(acc[span[0] : span[1]]).mean() > FELT)
            self.learning.take(knees, path, span, clean=felt and self._clean(begin, span))
        plates = [self.plates.at(i) for i in range(begin, end)]
        return RepMotion(
            self.phases.count(stroke, path.rom_m),
            path,
            path.crossing_s(a, b, last=False, rising=True),
            path.crossing_s(a, b, last=True, rising=False),
            path.crossing_s(b, c, last=False, rising=True),
            path.crossing_s(b, c, last=True, rising=False),
            knees,
            np.array([np.nan if p is None else p.force_n for p in plates]),
            np.array([np.nan if p is None else p.left_n for p in plates]),
        )

    def _knee_speed(self, begin: int, end: int) -> tuple[FloatArray, FloatArray]:
        """(N,) the sled's speed by the mean of the knees, m/s, NaN where neither was seen; and how far each is off."""
        told = [[s.speed_m_s for s in self._knee_slides(k)] for k in range(begin, end)]
        mean = np.array([sum(t) / len(t) if t else np.nan for t in told])
        return mean, np.array([0.5 * abs(t[0] - t[-1]) if t else 0.0 for t in told])

    def _clean(self, begin: int, span: tuple[int, int]) -> bool:
        """Whether hip and ankle were held through a stroke: the pelvis on the pad, the heels down."""
        first, last = begin + span[0], begin + span[1] + 1
        tilts = [t[0] for t in self.tilts.span(first, last) if t is not None]
        heels = [h for side in SIDES for h in self.heels[side].span(first, last) if h is not None]
        return max(tilts, default=0.0) < HELD_TILT_DEG and min(heels, default=1.0) > HELD_HEEL

    def _acc(self, begin: int, end: int) -> FloatArray:
        return np.array([np.nan if s is None else s[2] for s in self.sled.states.span(begin, end)])


def _mean_turning(rates: list[FloatArray]) -> FloatArray:
    """|Mean rate| of the knees (N,) deg/s, NaN where neither is known."""
    stacked = np.array(rates)
    known = np.isfinite(stacked)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), np.abs(total) / np.maximum(known.sum(axis=0), 1), np.nan)


def _turning(track: ImuTrack, k: int) -> float:
    """The fastest rate about any axis of a sensor, rad/s; 0 where unknown."""
    state = track.states.at(k) or track.states.last()
    return max(abs(state[3]), abs(state[4]), abs(state[5])) if state else 0.0
