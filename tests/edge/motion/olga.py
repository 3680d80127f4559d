"""A lifter whose sensors are known to the last degree, for tests of how they sit."""

from __future__ import annotations

from math import radians

import numpy as np
from turned import UP, G, angle_deg, rotation

from edge.motion.series import GRID_NS
from edge.motion.track import ImuTrack
from edge.motion.wear import Wear
from edge.samples import ImuSamples, Role

DT_US = 10_000
LEFT = (0.0, 1.0, 0.0)
WORN: tuple[Role, ...] = ("left_thigh", "left_shank", "pelvis")
SEATED_DEG: dict[Role, float] = {"left_thigh": -170.0, "left_shank": -80.0, "pelvis": -45.0}
TOP_DEG: dict[Role, float] = {"left_thigh": -125.0, "left_shank": -120.0, "pelvis": -45.0}


class Olga:
    """A lifter whose sensors sit crookedly and are off by known biases; she does what she is told."""

    def __init__(self, roles: tuple[Role, ...] = WORN, upside_down: tuple[Role, ...] = ()) -> None:
        rng = np.random.default_rng(4)
        self.roles = list(roles)
        self.sits = {r: rotation(rng.normal(size=3), 12.0) for r in roles}
        for role in upside_down:
            self.sits[role] = rotation((1.0, 0.0, 0.0), 180.0) @ self.sits[role]
        self.acc_bias = {r: np.array([0.12, 0.0, -0.1]) * (-1) ** i for i, r in enumerate(roles)}
        self.gyr_bias = {r: np.array([0.02, -0.015, 0.01]) for r in roles}
        self.pitch = dict.fromkeys(roles, 0.0)
        self.tracks = {r: ImuTrack() for r in roles}
        self.wear = Wear(self.tracks)
        self.began = 0
        self._t = 0

    def _feel(self, role: Role, rate_rad_s: float, roll_deg: float = 0.0, roll_rad_s: float = 0.0) -> None:
        sits, roll = self.sits[role], rotation((1.0, 0.0, 0.0), roll_deg)
        turn = rotation(LEFT, self.pitch[role]) @ roll
        acc = sits @ (G * turn.T @ UP) + self.acc_bias[role]
        gyr = sits @ (roll.T @ np.array([0.0, rate_rad_s, 0.0]) + (roll_rad_s, 0.0, 0.0)) + self.gyr_bias[role]
        at = self._t * GRID_NS
        self.tracks[role].accept(at, ImuSamples(role, np.array([self._t * DT_US]), acc[None], gyr[None]))
        self.tracks[role].step()

    def hold(self, seconds: float) -> None:
        """Stay as she is."""
        for _ in range(round(seconds * 100)):
            self._t += 1
            for role in self.roles:
                self._feel(role, 0.0)
            self.began += self.wear.step(self.roles)

    def turn_to(self, pitch: dict[Role, float], seconds: float = 1.5) -> None:
        """Move all segments smoothly."""
        before, n = dict(self.pitch), round(seconds * 100)
        for i in range(1, n + 1):
            self._t += 1
            share, speed = (1 - np.cos(np.pi * i / n)) / 2, np.pi / 2 * np.sin(np.pi * i / n) / seconds
            for role in self.roles:
                way = pitch[role] - before[role]
                self.pitch[role] = before[role] + way * share
                self._feel(role, radians(way) * speed)
            self.began += self.wear.step(self.roles)

    def swing_out(self, deg: float, seconds: float = 0.8) -> None:
        """Let all segments fall to the side and come back."""
        n = round(seconds * 100)
        for i in range(1, n + 1):
            self._t += 1
            for role in self.roles:
                speed = radians(deg) * np.pi / seconds * np.cos(np.pi * i / n)
                self._feel(role, 0.0, deg * np.sin(np.pi * i / n), speed)
            self.began += self.wear.step(self.roles)

    @property
    def now(self) -> int:
        """The grid instant."""
        return self._t

    def calibrate(self, stay_s: float = 0.6) -> None:
        """Stand, sit, press to the top and stay there."""
        self.hold(2.5)
        self.turn_to({r: SEATED_DEG[r] for r in self.roles}, 3.0)
        self.hold(2.5)
        pressed = self.now
        self.turn_to({r: TOP_DEG[r] for r in self.roles})
        at_top = self.now
        self.hold(stay_s)
        self.wear.arrive(["left_thigh", "left_shank"], (pressed, at_top), (at_top + 5, self.now))

    def read_deg(self, role: Role) -> float:
        """The pitch that the found mount reads now."""
        state = self.tracks[role].states.last()
        assert state is not None
        return self.wear.mounts[role].read(state)[0]

    def axis_error_deg(self, role: Role) -> float:
        """Between the flexion axis found and the true one."""
        return angle_deg(self.wear.mounts[role].y, self.sits[role] @ np.array(LEFT))
