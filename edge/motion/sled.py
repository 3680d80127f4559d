"""The sled's speed and place along its rail, from its own accelerometer and from the knees that push it.

The sled only slides: what its sensor feels along the rail, less what it feels at rest, is its acceleration. Drift is
taken out wherever the sled must be at rest: it feels nothing and no limb turns. The knees' rates give its speed without
drift, but with soft tissue's wobble. While both are there they steady each other; while one is silent the other
carries the sled on.
"""

from __future__ import annotations

from typing import Final

from edge.events import Side
from edge.motion.series import GRID_S, Series

QUIET_ACC_M_S2: Final = 0.15
"""Noise and rail rumble of a sled at rest; a slow turn-round has more than twice this."""
QUIET_LIMB_RAD_S: Final = 0.09
"""5°/s, the mean of the worn leg sensors: swaying at the top stays below it, a press turns them faster but at its
ends. Used until the knees are calibrated."""
QUIET_LIMB_S: Final = 0.2
"""The ends of a press are slow, too: without the knees rest must hold longer."""
QUIET_KNEE_M_S: Final = 0.012
"""The same by the knees, once they are calibrated: well below the 0.03 m/s that counts as moving."""
QUIET_S: Final = 0.08
"""Rest must hold so long before the speed is taken for zero."""
NOISE_M_S2: Final = 0.03
"""What a sensor feels at rest; a movement over 0.3 m in 4 s is felt three times as strongly."""
DRIFT_M_S, DRIFT_M_S2 = 0.05, 0.02
"""Speed that may be left over at a rest, from the outset and for each second since the last rest. A sled that no worn
sensor watches feels nothing in the middle of a slow stroke, too: there its speed is far more."""
SURE_S: Final = 1.0
"""No stroke feels nothing for so long."""
STEADY_M_S2: Final = 0.1
"""What the sensor feels may vary so much in a rest that is told by the limbs alone."""
LEVEL_TAU_S: Final = 1.0
"""What the sensor feels at rest is followed over a second of rest: warm-up and rail sag."""
LEVEL_START_S: Final = 0.5
"""Rest needed before the first speed is given."""
KNEE_TAU_S: Final = 0.4
"""The knees steady the sensor's integral over this time: long against soft tissue's wobble, short against drift."""
PLACE_TAU_S: Final = 1.5
PLACE_PULL_M: Final = 0.02
"""The knees' place steadies the sled's over 1.5 s, and never pulls by more than 2 cm: a strap that slips moves it by
several."""
LEAD_TAU_S: Final = 10.0
"""How far the knees' place is off is followed over two reps."""
BLIND_S: Final = 0.1
"""So long the last speed is held when nothing is heard; after that the sled's place is not known."""
RESUME_S: Final = 0.4
"""So long it is still the best guess of what the sled does meanwhile: a stroke goes on through some lost batches."""
BANG_M_S2: Final = 3.0
"""A change of acceleration within 10 ms that no leg makes: a bang, after which any speed may be left over."""
SHOCK_M_S: Final = 0.05
"""Speed left over at rest that no drift explains (a level wrong by 0.02 m/s² leaves this after 2.5 s): a bang of rack
or stops, whose ringing the sensor's rate does not integrate faithfully. It is laid to the sharpest jerk."""

APART_M_S, APART_S = 0.06, 0.1
"""After a bang, or a hole in what the sensor sent, both knees may say for so long that the sled is faster, or slower,
by so much: then it is as they say. Straps that wobble after a bang swing to and fro within 0.08 s; one knee alone may
be in a hole itself."""

SledState = tuple[float, float, float]
"""place (m, from where it was first at rest), speed (m/s, + = pushing out), acceleration (m/s², NaN: not felt)."""
NAN = float("nan")


class KneeSlide:
    """What one leg says of the sled. place_m: from the hip along the rail; speed_m_s: + = pushing out."""

    __slots__ = ("place_m", "side", "speed_m_s")

    def __init__(self, side: Side, place_m: float, speed_m_s: float) -> None:
        self.side, self.place_m, self.speed_m_s = side, place_m, speed_m_s


class SledMotion:
    """Feed `step` grid instant by grid instant; `states` holds place, speed, acceleration. felt_m_s: how much speed its
    own sensor has felt since it last rested, all changes added; NaN where it was not heard all along.
    """

    def __init__(self) -> None:
        self.states: Series[SledState] = Series()
        self._level = 0.0
        self._near = 0.0
        self._steady_s = 0.0
        self._rest_s = 0.0
        self._known_s = 0.0
        self._place = 0.0
        self._speed = 0.0
        self._acc = NAN
        self._blind_s = 0.0
        self._moving_s = 0.0
        self._shock = 0.0
        self._since_shock_s = 0.0
        self._leads: dict[Side, float] = {}
        self._doubted = False
        self._apart_s = 0.0
        self.felt_m_s = NAN

    @property
    def level_m_s2(self) -> float:
        """What the sensor feels along the rail at rest: gravity's part and the bias."""
        return self._level

    def forget_knees(self) -> None:
        """Other legs, or legs calibrated anew: where the knees say the sled is starts afresh."""
        self._leads.clear()

    def step(self, k: int, felt_m_s2: float | None, limb_rad_s: float | None, knees: list[KneeSlide]) -> None:
        """One grid instant. felt_m_s2: what the sled's sensor feels along the rail, None where it is silent;
        limb_rad_s: how fast the leg sensors turn, their mean, None where there are none; knees: the legs that are
        calibrated and heard.
        """
        if felt_m_s2 is None and not knees:
            self._blind(k)
            return
        if self._blind_s > BLIND_S and knees:
            self._speed = sum([slide.speed_m_s for slide in knees]) / len(knees)
        acc = self._accelerates(felt_m_s2, limb_rad_s, knees)
        if felt_m_s2 is None or self._known_s < LEVEL_START_S:
            if not knees:
                return
            self._carry(knees)
            acc = NAN
        elif self._rest_s >= (QUIET_S if knees else QUIET_LIMB_S) and (limb_rad_s is not None or self._may_rest()):
            self._settle(acc, watched=bool(knees))
        else:
            self._integrate(acc, knees)
        self._blind_s = 0.0
        self._follow(knees)
        self.states.put(k, (self._place, self._speed, acc))

    def _accelerates(self, felt: float | None, limb_rad_s: float | None, knees: list[KneeSlide]) -> float:
        """The acceleration; and how long it has been quiet."""
        if knees:
            held = min(abs(s.speed_m_s) for s in knees) < QUIET_KNEE_M_S
        else:
            held = limb_rad_s is None or limb_rad_s < QUIET_LIMB_RAD_S
        if felt is None:
            self._rest_s = self._rest_s + GRID_S if held else 0.0
            return NAN
        if not self._known_s:
            self._level = self._near = felt
        self._near += GRID_S / QUIET_LIMB_S * (felt - self._near)
        self._steady_s = self._steady_s + GRID_S if held and abs(felt - self._near) < STEADY_M_S2 else 0.0
        if self._steady_s >= SURE_S and abs(felt - self._level) > QUIET_ACC_M_S2:
            self._level = self._near
        acc = felt - self._level
        self._rest_s = self._rest_s + GRID_S if held and abs(acc) < QUIET_ACC_M_S2 else 0.0
        if self._known_s < LEVEL_START_S:
            self._known_s = self._known_s + GRID_S if self._rest_s else 0.0
            self._level += GRID_S / max(self._known_s, GRID_S) * acc
        return acc

    def _blind(self, k: int) -> None:
        """Nothing is heard: the last speed is held for a moment."""
        self._rest_s, self._acc, self.felt_m_s = 0.0, NAN, NAN
        self._blind_s += GRID_S
        if self._blind_s > RESUME_S or not self.states.end:
            self._speed = 0.0
            return
        self._place += GRID_S * self._speed
        if self._blind_s <= BLIND_S:
            self.states.put(k, (self._place, self._speed, NAN))

    def _carry(self, knees: list[KneeSlide]) -> None:
        """The knees alone tell where the sled is."""
        self._obey(knees)
        if self._rest_s >= QUIET_S:
            self._speed = 0.0
        self._doubted, self._apart_s = True, 0.0
        self._acc = self.felt_m_s = NAN
        self._moving_s = self._since_shock_s = self._shock = 0.0

    def _may_rest(self) -> bool:
        """Whether the speed that is left over can be drift, or a bang's doing."""
        drift = abs(self._speed) < DRIFT_M_S + DRIFT_M_S2 * self._moving_s
        return drift or self._shock > BANG_M_S2 or self._rest_s >= SURE_S

    def _settle(self, acc: float, *, watched: bool) -> None:
        """The sled rests: what speed is left was never there. Mend the place, for a bang's error or an even drift; one
        that knees have watched was mended by theirs all the while.
        """
        if self._speed:
            shocked = abs(self._speed) > SHOCK_M_S
            mend = self._speed * (self._since_shock_s if shocked else 0.5 * self._moving_s)
            self._place -= min(max(mend, -PLACE_PULL_M), PLACE_PULL_M) if watched else mend
        self._moving_s = self._since_shock_s = self._shock = 0.0
        self._known_s += GRID_S
        self._level += GRID_S / min(self._known_s, LEVEL_TAU_S) * acc
        self._speed = self._acc = self.felt_m_s = self._apart_s = 0.0
        self._doubted = False

    def _integrate(self, acc: float, knees: list[KneeSlide]) -> None:
        before = acc if self._acc != self._acc else self._acc
        self._moving_s += GRID_S
        self._since_shock_s += GRID_S
        if abs(acc - before) > self._shock:
            self._shock, self._since_shock_s = abs(acc - before), 0.0
        if abs(acc - before) > BANG_M_S2:
            self._doubted = True
        speed = self._speed + 0.5 * GRID_S * (acc + before)
        if knees:
            # The middle of what the sensor and either knee say: one leg's wobble or slip moves nothing.
            told = sorted([speed, knees[0].speed_m_s, knees[-1].speed_m_s])[1]
            speed += GRID_S / KNEE_TAU_S * (told - speed)
        self._speed, self._acc = speed, acc
        self.felt_m_s += GRID_S * max(abs(acc) - NOISE_M_S2, 0.0)
        self._place += GRID_S * speed
        if self._doubted and len(knees) > 1 and self._belied(knees):
            self._obey(knees)

    def _belied(self, knees: list[KneeSlide]) -> bool:
        """Whether both knees have said for long enough that the sled is faster, or slower, than it is taken for."""
        gaps = [slide.speed_m_s - self._speed for slide in knees]
        least = min(gaps) if min(gaps) > 0.0 else max(gaps) if max(gaps) < 0.0 else 0.0
        same = abs(least) > APART_M_S and least * self._apart_s >= 0.0
        self._apart_s = self._apart_s + (GRID_S if least > 0.0 else -GRID_S) if same else 0.0
        return abs(self._apart_s) >= APART_S

    def _obey(self, knees: list[KneeSlide]) -> None:
        """The sled is where the knees say, and as fast."""
        self._speed = sum([s.speed_m_s for s in knees]) / len(knees)
        known = [s.place_m + self._leads[s.side] for s in knees if s.side in self._leads]
        self._place = sum(known) / len(known) if known else self._place + GRID_S * self._speed
        self._doubted, self._apart_s = False, 0.0

    def _follow(self, knees: list[KneeSlide]) -> None:
        """Steady the place by the knees', and learn how far theirs is off."""
        for slide in knees:
            lead = self._leads.get(slide.side)
            if lead is None:
                self._leads[slide.side] = self._place - slide.place_m
                continue
            gap = slide.place_m + lead - self._place
            self._leads[slide.side] = lead - GRID_S / LEAD_TAU_S * gap
            self._place += GRID_S / PLACE_TAU_S / len(knees) * min(max(gap, -PLACE_PULL_M), PLACE_PULL_M)
