"""What a coach beside the sled would learn of this lifter, and remark on, beside the four faults."""

from __future__ import annotations

import numpy as np

from edge.detectors.ramp import EVERY, Nearness, Ramp
from edge.detectors.settings import SignSettings
from edge.detectors.sign import Finding, RepFacts
from edge.detectors.signs import Signs
from edge.detectors.watch import Watch
from edge.events import Rep, Side
from edge.motion.body import Body
from edge.motion.leg import LEG_ROLES, SIDES
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit, OwnLimit
from edge.motion.posture import hip_flexion_deg, trunk_deg
from edge.motion.series import GRID_NS, columns, mean_known
from edge.samples import FloatArray


class Coach:
    """`step` at every grid instant; of each finished attempt, first `learn`, then `remark`; `close` with every set that
    is over, `begin` with every session. straight_deg: where a knee counts as locked.
    """

    def __init__(self, settings: SignSettings, straight_deg: float) -> None:
        self._settings, self._straight_deg = settings, straight_deg
        self._lumbar_times = 1.0
        self.begin()

    def begin(self) -> None:
        """A session begins: another lifter may have come."""
        self._signs = Signs(self._settings, self._straight_deg)
        self._ramp = Ramp(self._straight_deg)
        self._own_limit = OwnLimit()
        self._tilt: FloatArray = np.empty(0)
        self._hips: FloatArray | None = None
        self._felt: FloatArray = np.empty(0)
        self._heels: dict[Side, FloatArray] = {}
        self._zero_sd_deg: dict[Side, float] = {}

    def suit(self, settings: SignSettings, straight_deg: float) -> None:
        """Judge by these from here on, not within a rep; what was learned of the lifter stays."""
        self._settings, self._straight_deg = settings, straight_deg
        self._signs, self._ramp = Signs(settings, straight_deg), Ramp(straight_deg)

    def be_strict(self, times: float) -> None:
        """The back's lines count times this, until said otherwise."""
        self._lumbar_times = times

    @property
    def nearness(self) -> Nearness:
        """How near the limits ahead are, as of the last look."""
        return self._ramp.now

    def step(self, body: Body, watch: Watch, t_ns: int) -> list[Finding]:
        """The signs of this instant."""
        if t_ns // GRID_NS % EVERY == 0:
            limit = self.limit
            self._ramp.step(body, t_ns, limit.knee_deg if limit else self._settings.depth.cleared_deg)
        return self._signs.step(body, watch, t_ns * 1e-9, self.limit)

    def close(self, reps: list[Rep]) -> list[Finding]:
        """The signs of a set that is over; reps: its attempts."""
        return self._signs.close(reps)

    @property
    def limit(self) -> Limit | None:
        """The lifter's own depth limit, as far as it is known."""
        return self._own_limit.limit

    def learn(self, body: Body, motion: RepMotion) -> None:
        """Take a finished attempt into what is known of the lifter."""
        path = motion.path
        begin, end = path.begin, path.begin + len(path.place_m)
        self._tilt = columns(body.pelvis.tilts.span(begin, end), 2)[:, 0]
        sled = body.sled.states.span(begin, end)
        self._felt = np.array([np.nan if state is None else state[2] for state in sled])
        self._heels = {s: np.array(body.feet.heels[s].span(begin, end), dtype=float) for s in SIDES}
        self._zero_sd_deg = {s: body.learning.offset_sd_deg(s) for s in SIDES}
        trunk = trunk_deg(body.wear, body.sensors.imus["pelvis"])
        self._hips = None
        if trunk is not None:
            thighs = {LEG_ROLES[side][0]: body.legs[side].thigh.states for side in SIDES}
            self._hips = hip_flexion_deg(body.wear, thighs, trunk, begin, end)
        a, _, c = path.dead
        inside = slice(a, c + 1)
        flexion = _mean_flexion(motion)[inside]
        self._own_limit.add(flexion, self._tilt[inside], None if self._hips is None else self._hips[inside])

    def remark(self, rep: Rep, motion: RepMotion, before: list[Rep]) -> list[Finding]:
        """The signs of the attempt just learned. before: all attempts of the session so far."""
        mine = tuple(r for r in before if r.set == rep.set)
        hips = self._hips
        deepest = float(np.nanmax(hips)) if hips is not None and np.isfinite(hips).any() else None
        return self._signs.finish(
            RepFacts(
                rep,
                motion,
                mine,
                self._tilt,
                self._felt,
                self._heels,
                self._zero_sd_deg,
                deepest,
                self.limit,
                dict(self._ramp.warned_s),
                self._lumbar_times,
            )
        )


def _mean_flexion(motion: RepMotion) -> FloatArray:
    """(N,) mean of the knees that are known, deg, NaN where neither is."""
    return mean_known(np.array([motion.knees[side][:, 0] for side in SIDES]))
