"""The lifter on the machine: every sensor's track, joined into joint angles, the sled's motion and reps.

Each signal advances as far as its own sensors have come, so that a late pelvis does not hold back a knee; the sled and
what is counted on it advance together. What each of them is worked out from stands in its own file; here it is joined.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from typing import Final

from edge.events import Side
from edge.motion.creep import Creep
from edge.motion.feet import Feet
from edge.motion.first_top import FirstTop
from edge.motion.foot_off import FootOff
from edge.motion.free_reps import FreeRep, FreeReps
from edge.motion.gate import Gate
from edge.motion.known_body import KnownBody, beforehand
from edge.motion.leg import LEG_ROLES, SIDES, Leg
from edge.motion.look_back import LookBack, RepMotion
from edge.motion.mixed_up import Pair, SledWorn
from edge.motion.moved import Moved
from edge.motion.pelvis import Pelvis
from edge.motion.phases import Phases, Stroke
from edge.motion.placement import Placement, Slip
from edge.motion.press_by_legs import PressByLegs
from edge.motion.rack import Parked, Rack, sits
from edge.motion.sensors import Sensors
from edge.motion.series import GRID_NS, GRID_S
from edge.motion.sled import SledMotion, SledState
from edge.motion.sled_front import SledFront, knee_slides, limbs_rad_s
from edge.motion.wear import Wear
from edge.samples import Role

MISSED: Final = 300
"""Grid steps (3 s) after a silence of the sled's sensor in which a press may have been missed: it takes 1 to 3 s."""
STANDING_M_S: Final = 0.05
"""At the top the sled counts as standing below this: sinking knees and re-gripping move it by less."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """The machine and lifter as configured. rail_deg: above horizontal. Masses None where not known. tape_m: the
    lifter's thigh and shank as measured, see `known_body.measured`.
    """

    rail_deg: float = 45.0
    sled_kg: float | None = None
    stack_kg: float = 0.0
    height_m: float = 1.72
    tape_m: tuple[float, float] | None = None


class Body:
    """Feed `sensors`, then `step` at every grid instant; read the series, `finished`, `free_finished`, `slips` and
    `mixed_up` (pairs of sensors found to carry each other's names, and read as what they are) after each step.
    """

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.sensors = Sensors()
        self.wear = Wear(self.sensors.worn)
        self.feet = Feet(self.sensors.footplate.forces)
        self.pelvis = Pelvis(self.sensors.imus["pelvis"], self.wear)
        self.sled = SledMotion()
        self._unfelt = -MISSED
        self._front = SledFront(self.sensors.imus["sled"])
        self._rack, self._parked = Rack(), Parked()
        self.finished: list[RepMotion] = []
        self.slips: list[Slip] = []
        self.mixed_up: list[Pair] = []
        self._sled_worn = SledWorn(geometry.rail_deg)
        self.free = FreeReps(self.sensors.worn)
        self.free_finished: list[FreeRep] = []
        self.sessions = 0
        self._gate: Gate | None = None
        self._told: KnownBody | None = None
        self._start_session()
        self.carry(geometry.sled_kg)

    def step(self, t_ns: int) -> None:
        """Advance to the grid instant t_ns."""
        self.finished, self.slips, self.mixed_up = [], [], []
        self._gate = None
        self.sensors.step(t_ns)
        if self.wear.step(self.sensors.worn_live) and not self.free.set:
            self._start_session()
        for a, b in self.wear.mixed_up:
            self._interchange(a, b)
        if self.sensors.sled_live and self._sled_may_be_worn():
            self._look_for_the_sled(t_ns // GRID_NS)
        self.free_finished = self._without_machine(t_ns // GRID_NS)
        self.feet.step()
        for leg in self.legs.values():
            leg.step(self._first_top.legs_from)
        self.pelvis.step()
        self._slide(t_ns // GRID_NS)
        self._foot_off.step(self.feet, self.sled.states)

    def end(self) -> bool:
        """Nothing comes any more: whether that has finished a repetition."""
        self._gate = None
        self.free_finished = self.free.end()
        return bool(self.free_finished)

    @property
    def on_wrong_legs(self) -> bool:
        """Whether a left and a right sensor are exchanged, of whichever pair: a foot that came off the plate has shown
        it, or else the walk to the machine has, and nobody has looked.
        """
        if self._foot_off.wrong is None:
            return self._walked_wrong and not self._legs_trusted
        return self._foot_off.wrong

    @property
    def may_be_racked(self) -> bool:
        """Whether nothing tells this pause from the rack: there is no footplate, and the sled may lie in it."""
        return self._parked.may and self.feet.loaded(self._front.at) is None

    def gate(self) -> Gate:
        """What the machine is doing now, or without one the lifter, of whom nothing is judged: the same until the next
        step, but for a session that ends.
        """
        if self._gate is None and self.free.in_set:
            self._gate = self.free.gate()
        if self._gate is None:
            p, k = self.phases, self._front.at
            loaded = self.feet.loaded(k)
            judged = p.attempt > 0 and p.phase != "rest" and (not self._parked.may if loaded is None else loaded)
            since = (k - p.arrived) * GRID_S if p.phase == "top" else 0.0
            self._gate = Gate(p.phase, p.set, p.current_rep, p.attempt, judged=judged, since_top_s=since)
        return self._gate

    def foot_stands(self, side: Side) -> bool:
        """Whether the foot carries its part now; a leg without load is not judged."""
        return self.feet.stands(side, self._front.at)

    def worn_at(self, name: Role) -> Role | None:
        """Where the sensor that calls itself so sits; None of a leg's while left and right seem exchanged."""
        role = self.sensors.role_of(name)
        return None if self.on_wrong_legs and role.endswith(("thigh", "shank")) else role

    def carry(self, sled_kg: float | None) -> None:
        """What is on the sled has changed, sled included; None: not known."""
        self.feet.moved = Moved(self.geometry.rail_deg, sled_kg, self.geometry.stack_kg)

    def know(
        self, known: KnownBody | None, *, height_m: float | None = None, tape_m: tuple[float, float] | None = None
    ) -> None:
        """What earlier sessions have left of the lifter, for this session and those after it, until told otherwise;
        None: nothing. At any time; to be told of each new lifter, with height and tape where they are another's.
        """
        self._told = known
        if height_m is not None:
            self.geometry = replace(self.geometry, height_m=height_m, tape_m=tape_m)
        g = self.geometry
        self.learning.know(g.height_m, *beforehand(known, g.tape_m, g.height_m))

    def known(self) -> KnownBody | None:
        """What is known of the lifter by now, for the next session; None where this one has told nothing yet. Gone with
        the session: ask after each repetition. The session that it comes from is not to be told it again.
        """
        return self.learning.known()

    def trust_legs(self) -> bool:
        """Left and right are on their own legs, until the lifter stands anew or another foot that comes off shows
        otherwise; False: nobody had doubted it.
        """
        if not self.on_wrong_legs:
            return False
        self._legs_trusted, self._foot_off = True, FootOff(self.sensors.imus, self.feet.plates.end)
        return True

    def forget_lifter(self) -> None:
        """The session is over: how the worn sensors sit and what was learned of the lifter is gone."""
        self.wear.forget()
        self.sensors.as_named()
        self._rewire()
        self.phases.rack()
        self.free = FreeReps(self.sensors.worn)
        self._start_session()

    def _interchange(self, a: Role, b: Role) -> None:
        """Two worn sensors carry each other's names: all that looks at them looks at the right one."""
        self.mixed_up.append((a, b))
        self.sensors.interchange(a, b)
        self.wear.interchange(a, b)
        for side, leg in self.legs.items():
            leg.thigh, leg.shank = (self.sensors.imus[role] for role in LEG_ROLES[side])
        self._rewire()

    def _rewire(self) -> None:
        """After sensors have changed names: what looks at one of them for longer than a session looks at the right one.
        A sled's sensor that was somebody's begins anew.
        """
        imus = self.sensors.imus
        self.pelvis.track = imus["pelvis"]
        if not self._front.watches(imus["sled"]):
            self._front.watch(imus["sled"])
            self.sled, self._sled_worn = SledMotion(), SledWorn(self.geometry.rail_deg)

    def _sled_may_be_worn(self) -> bool:
        """Until the sled is pressed out; after that, too, where the lifter has pressed without a standing pose."""
        return not self._first_top.done or (self.phases.phase == "rest" and not self.wear.standing)

    def _look_for_the_sled(self, k: int) -> None:
        """A sensor that is worn is not the sled's: the poses must be taken anew, with the one that is on the sled."""
        role = self._sled_worn.step(k, self.sensors.imus, self.sensors.worn_live)
        if role is None:
            return
        self.mixed_up.append(("sled", role))
        self.sensors.interchange("sled", role)
        self.wear.forget()
        self._rewire()
        self._start_session()

    def _without_machine(self, now: int) -> list[FreeRep]:
        """Repetitions by the legs alone, while neither sled nor footplate nor a seated lifter speaks of a machine."""
        if self.sensors.heard("sled") or self.sensors.heard("footplate") or self.wear.seated:
            self.free.stop()
            return []
        return self.free.step(now, self.sensors.legs_live)

    def _start_session(self) -> None:
        self.sessions += 1
        self._gate = None
        self._walked_wrong = self._legs_trusted = False
        g, imus = self.geometry, self.sensors.imus
        self.legs: dict[Side, Leg] = {}
        for side in SIDES:
            thigh, shank = (imus[role] for role in LEG_ROLES[side])
            leg = Leg(side, thigh, shank, g.height_m)
            leg.line_deg = -90.0 - g.rail_deg
            self.legs[side] = leg
        self.phases = Phases()
        self.placement = Placement(imus)
        self._foot_off = FootOff(imus, self.feet.plates.end)
        self._creep = Creep(self.legs, self.pelvis)
        self._first_top = FirstTop(self.legs, self.wear, PressByLegs(imus, self.wear))
        self._look_back = LookBack(self.legs, self.sled, self._front, self.feet, self.pelvis)
        self.learning = self._look_back.learning
        self.know(self._told)
        self.sled.forget_knees()
        self.feet.forget_lifter()

    def _slide(self, now: int) -> None:
        """Advance the sled, the phases and what hangs on them, up to where all that it needs has come."""
        roles, felt = self.sensors.legs_live, self.sensors.sled_live
        legs = [self.sensors.imus[r] for r in roles]
        if not self.sensors.heard_legs():
            return
        tracks = [*legs, self.sensors.imus["sled"]] if felt else legs
        for k in self._front.advance(now, tracks, calibrated=any(leg.calibrated for leg in self.legs.values())):
            if not felt:
                self._unfelt = k
            if k - self._unfelt < MISSED and self.phases.phase == "rest":
                self._arrive_by_legs(k, roles)
            slides = knee_slides(self.legs, k, alone=felt)
            self.sled.step(k, self._front.felt_m_s2(k), limbs_rad_s(legs, k, known=bool(slides)), slides)
            moved = self.sled.states.at(k)
            lost = self._rack.lost(seen=moved is not None)
            if moved is not None:
                self._count(k, moved)
                told_m_s = sum([s.speed_m_s for s in slides]) / len(slides) if slides else nan
                near_rack = self.phases.near_rack(moved[0])
                self._parked.step(k, self.phases.phase, told_m_s, self.sled.felt_m_s, near_rack=near_rack)
            elif lost:
                self.phases.rack()

    def _count(self, k: int, moved: SledState) -> None:
        loaded = self.feet.loaded(k)
        if self._rack.left(k, self.phases.phase, loaded, seated=loaded is not None or self._sits(k)):
            self.phases.rack()
            self._watch_straps(k, still=False)
            return
        before = self.phases.phase
        stroke = self.phases.step(k, moved[0], moved[1])
        if before == "bottom" and self.phases.phase == "concentric":
            self._look_back.descent(*self.phases.descent)
        top = self.phases.phase == "top"
        if not self._first_top.done:
            if not top:
                self._first_top.leaves()
            elif self._first_top.stays(k, self.phases.press_start):
                self._mount(k)
        elif self._first_top.stays_again(k, top=top):
            self._mount(k)
        self._watch_straps(k, still=top and self._first_top.done and abs(moved[1]) < STANDING_M_S)
        if stroke is not None:
            motion = self._look_back.stroke(stroke, k)
            counted = self.phases.count(stroke, motion.path.rom_m, sure=motion.path.sure)
            self.finished.append(replace(motion, stroke=counted))
            self._first_top.drive(stroke.drive, stroke.top, self.sensors.legs_live)
            if self.finished[-1].stroke.counted:
                self.placement.rep()
            self._follow_creep(stroke)

    def _follow_creep(self, stroke: Stroke) -> None:
        """What a finished attempt shows of straps; through the pelvis nothing is learned."""
        for slip in self._creep.rep(stroke):
            if slip.role != "pelvis":
                self.placement.crept(slip.role)
            self._follow(slip)
        self.placement.pelvis_elsewhere = self._creep.posture.elsewhere

    def _sits(self, k: int) -> bool:
        tilt = self.pelvis.tilts.last()
        hanging = [share for leg in self.legs.values() if (share := leg.thigh_hangs(k)) is not None]
        return sits(None if tilt is None else tilt[0], hanging)

    def _watch_straps(self, k: int, *, still: bool) -> None:
        """Where a strap gave, its sensor's mount turns along, and what was learned through it is learned anew."""
        for slip in self.placement.step(k, still=still):
            if self._creep.slipped(slip):
                self._follow(slip)
        self.placement.pelvis_elsewhere = self._creep.posture.elsewhere

    def _follow(self, slip: Slip) -> None:
        self.slips.append(slip)
        self.wear.slipped(slip.role, slip.turn_rad)
        for side, leg in self.legs.items():
            if slip.role in LEG_ROLES[side]:
                leg.slipped(slip.turn_rad, thigh=slip.role == LEG_ROLES[side][0])
                self.learning.forget(side)

    def _arrive_by_legs(self, k: int, roles: list[Role]) -> None:
        """Where no sled sensor tells, or it was silent in the press, the legs may tell that the sled has come to the
        top: the first set begins.
        """
        if not self._first_top.by_legs(k, roles, loaded=self.feet.loaded(k) is not False):
            return
        self._mount(k)
        if not any(leg.calibrated for leg in self.legs.values()):
            self._first_top.missed()
            return
        slides = knee_slides(self.legs, k, alone=False)
        if slides:
            self.sled.step(k, None, None, slides)
            moved = self.sled.states.at(k)
            if moved is not None:
                self.phases.begin_set(moved[0])

    def _mount(self, k: int) -> None:
        press, sides = self._first_top.mount(k)
        for side in sides:
            self.learning.expect(side, self.wear.zero_sd_deg(LEG_ROLES[side]))
        self._look_back.press(*press, sides)
        self._walked_wrong = self.wear.on_wrong_legs()
