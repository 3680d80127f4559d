"""The sled's speed and place along its rail, from its own accelerometer.

The sled only slides: what its sensor feels along the rail, less what it feels at rest, is its acceleration. Drift is
taken out wherever the sled must be at rest: it feels nothing and no limb turns.
"""

from __future__ import annotations

from edge.motion.series import GRID_S, Series
from edge.motion.track import ImuState

QUIET_ACC_M_S2 = 0.15
"""Noise and rail rumble of a sled at rest; a slow turn-round has more than twice this."""
QUIET_LIMB_RAD_S = 0.09
"""5°/s, the mean of the worn leg sensors: swaying at the top stays below it, a press turns them faster but at its
ends. Used until the knees are calibrated."""
QUIET_LIMB_S = 0.2
"""The ends of a press are slow, too: without the knees rest must hold longer."""
QUIET_KNEE_M_S = 0.012
"""The same by the knees, once they are calibrated: well below the 0.03 m/s that counts as moving."""
QUIET_S = 0.08
"""Rest must hold so long before the speed is taken for zero."""
LEVEL_TAU_S = 1.0
"""What the sensor feels at rest is followed over a second of rest: warm-up and rail sag."""
KNEE_TAU_S = 0.4
"""The knees' rates give the speed without drift but with soft tissue's wobble: they steady the sensor's integral."""
LEVEL_START_S = 0.5
"""Rest needed before the first speed is given."""

SHOCK_M_S = 0.05
"""Speed left over at rest that no drift explains (a level wrong by 0.02 m/s² leaves this after 2.5 s): a bang of rack
or stops, whose ringing the sensor's rate does not integrate faithfully. It is laid to the sharpest jerk."""

SledState = tuple[float, float, float]
"""place (m, from where it was first at rest), speed (m/s, + = pushing out), acceleration (m/s²)."""


class SledMotion:
    """Feed `step` grid instant by grid instant; `states` holds place, speed, acceleration."""

    def __init__(self) -> None:
        self.states: Series[SledState] = Series()
        self._level = 0.0
        self._rest_s = 0.0
        self._known_s = 0.0
        self._place = 0.0
        self._speed = 0.0
        self._acc = 0.0
        self._moving_s = 0.0
        self._shock = 0.0
        self._since_shock_s = 0.0
        self.direction = 1.0

    def restart(self) -> None:
        """After a hole in the samples: the place is lost, the speed is zero at the next rest."""
        self._rest_s = 0.0

    def step(self, k: int, state: ImuState, limb_rad_s: float, knee_speed_m_s: float | None) -> None:
        """One grid instant; limb_rad_s: how fast the leg sensors turn, their mean; knee_speed_m_s: the speed that the
        knees' rates give, None while they are not calibrated.
        """
        felt = self.direction * state[6]
        if not self._known_s:
            self._level = felt
            self._known_s = GRID_S
        acc = felt - self._level
        by_knee = knee_speed_m_s is not None
        held = abs(knee_speed_m_s) < QUIET_KNEE_M_S if knee_speed_m_s is not None else limb_rad_s < QUIET_LIMB_RAD_S
        quiet = held and abs(acc) < QUIET_ACC_M_S2
        self._rest_s = self._rest_s + GRID_S if quiet else 0.0
        if self._rest_s >= (QUIET_S if by_knee else QUIET_LIMB_S):
            self._settle()
            self._known_s += GRID_S
            tau = min(self._known_s, LEVEL_TAU_S)
            self._level += GRID_S / tau * acc
            self._speed, self._acc = 0.0, 0.0
        else:
            self._moving_s += GRID_S
            self._since_shock_s += GRID_S
            if abs(acc - self._acc) > self._shock:
                self._shock, self._since_shock_s = abs(acc - self._acc), 0.0
            self._speed += 0.5 * GRID_S * (acc + self._acc)
            if knee_speed_m_s is not None:
                self._speed += GRID_S / KNEE_TAU_S * (knee_speed_m_s - self._speed)
            self._place += GRID_S * self._speed
            self._acc = acc
        if self._known_s >= LEVEL_START_S:
            self.states.put(k, (self._place, self._speed, acc))

    def _settle(self) -> None:
        """The sled rests: what speed is left was never there. Mend the place, for a bang's error or an even drift."""
        if self._speed:
            shocked = abs(self._speed) > SHOCK_M_S
            self._place -= self._speed * (self._since_shock_s if shocked else 0.5 * self._moving_s)
        self._moving_s = self._since_shock_s = self._shock = 0.0
