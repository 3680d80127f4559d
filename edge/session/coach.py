"""What a coach beside the sled would learn of this lifter, and remark on, beside the four faults."""

from __future__ import annotations

import numpy as np

from edge.detectors.sign import Finding, RepFacts
from edge.detectors.signs import Signs, SignSettings
from edge.events import Rep
from edge.motion.body import Body
from edge.motion.leg import LEG_ROLES, SIDES
from edge.motion.look_back import RepMotion
from edge.motion.own_limit import Limit, OwnLimit
from edge.motion.posture import hip_flexion_deg, trunk_deg
from edge.motion.series import columns
from edge.samples import FloatArray


class Coach:
    """Of each finished attempt, first `learn`, then `remark`; `begin` with every session."""

    def __init__(self, settings: SignSettings) -> None:
        self._settings = settings
        self.begin()

    def begin(self) -> None:
        """A session begins: another lifter may have come."""
        self._signs = Signs(self._settings)
        self._own_limit = OwnLimit()
        self._tilt: FloatArray = np.empty(0)
        self._hips: FloatArray | None = None

    @property
    def limit(self) -> Limit | None:
        """The lifter's own depth limit, as far as it is known."""
        return self._own_limit.limit

    def learn(self, body: Body, motion: RepMotion) -> None:
        """Take a finished attempt into what is known of the lifter."""
        path = motion.path
        begin, end = path.begin, path.begin + len(path.place_m)
        self._tilt = columns(body.pelvis.tilts.span(begin, end), 2)[:, 0]
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
        return self._signs.finish(RepFacts(rep, motion, mine, self._tilt, deepest, self.limit))


def _mean_flexion(motion: RepMotion) -> FloatArray:
    """(N,) mean of the knees that are known, deg, NaN where neither is."""
    both = np.array([motion.knees[side][:, 0] for side in SIDES])
    known = np.isfinite(both)
    total = np.where(known, both, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
