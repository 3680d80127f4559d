"""How the worn sensors sit: gathered from the standing pose, the seated pose and the first press, once a session.

Standing gives each segment its zero and each gyro its bias; from then on the gyro links every later pose. Seated gives
the pelvis its set-up posture. The first arrival at the top completes the leg sensors: bias from three poses, flexion
axis from the press.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import acos, degrees, hypot
from typing import Any, Final

import numpy as np

from edge.motion.bias import Pose, find_bias, pitch_sd_deg, solve_bias
from edge.motion.mixed_up import Pair, mixed_up_at_seat, on_wrong_legs
from edge.motion.mount import Mount, Vec, find_mount, flexion_axis, rotation
from edge.motion.rest import STAND_S, RestMean
from edge.motion.series import columns
from edge.motion.strapdown import Strapdown
from edge.motion.track import ImuTrack
from edge.motion.vectors import cross, unit
from edge.samples import FloatArray, Role

SEAT_S: Final = STAND_S
"""For the same reason."""
LOOK_REST_S: Final = 1.0
"""All sensors must rest so long on the seat before it is asked which is which."""
WALK: Final = 2000
"""Grid steps (20 s) before that rest in which the walk to the machine is looked for."""
SEATED_TURN: Final = 0.64
"""Cosine of the turn a shank makes at least from standing to the seat (50°)."""
SEATED_THIGH_TURN: Final = -0.5
"""The same of a thigh, asked where no shank is worn (120°): on a chair, feet on the floor, it turns by 90°."""
TOP_POSE_S: Final = 0.25
"""A stay at the top from here on is a pose like the others."""
GLIMPSE_S, GLIMPSE_SD_M_S2 = 0.04, 0.1
"""A shorter one tells less, since the sled still slows down; below this, two poses must do."""
STANDING_BEND_SD_DEG: Final = 0.9
"""How differently people stand: knees 0 to 3° bent."""
UNMOUNTED_SD_DEG: Final = 5.0
"""Of a sensor that was never mounted: how crookedly straps are put on, with which no lockout is judged."""
BEFORE_PRESS: Final = 20
"""Grid steps (0.2 s) from before the press that are looked at, too: its beginning is slow."""
REST, LEAST_REST = 50, 20
"""Grid steps (0.5 s) of rest before the press, and how many of them must be quiet: the rack's bang falls into some."""
HELD_RAD_S: Final = 0.1
"""A leg held at the top sways slower than this (6°/s)."""
PRESS_RAD_S: Final = 0.15
"""A press turns the segments faster than this (9°/s) along most of it; slower rates tell little of the axis."""
ONE_AXIS: Final = 0.16
"""A segment that is pressed out turns about one axis: across it a twentieth of that, in squares, in the worst of 200
simulated legs a tenth. Where it is more, a foot was put elsewhere meanwhile, or the sensor hangs loose."""


class Wear:
    """Poses and mounts of the worn sensors of one session."""

    def __init__(self, tracks: Mapping[Role, ImuTrack]) -> None:
        self._tracks = tracks
        self.standing: dict[Role, RestMean] = {}
        self.seated: dict[Role, tuple[RestMean, Pose]] = {}
        self.mounts: dict[Role, Mount] = {}
        self._pitch_sd_deg: dict[Role, float] = {}
        self.walked = False
        self.mixed_up: tuple[Pair, ...] = ()
        self._left_from: int | None = None
        self._in_place = False
        self._walk: dict[Role, FloatArray] = {}

    @property
    def _known(self) -> tuple[dict[Role, Any], ...]:
        """All that is known of single sensors: it goes with the straps, and with a sensor that was called otherwise."""
        return self.standing, self.seated, self.mounts, self._pitch_sd_deg, self._walk

    def forget(self) -> None:
        """The straps come off: no pose and no mount is known any more."""
        for known in self._known:
            known.clear()
        self.walked = self._in_place = False
        self._left_from = None

    def interchange(self, a: Role, b: Role) -> None:
        """Two worn sensors carry each other's names: what is known of one is the other's."""
        for known in self._known:
            entries = {b: known.pop(a, None), a: known.pop(b, None)}
            known.update({role: entry for role, entry in entries.items() if entry is not None})

    def on_wrong_legs(self) -> bool:
        """Whether the walk to the machine shows that a left and a right sensor are exchanged; ask once mounted."""
        rates = {role: self._walk[role] @ np.array(m.y) for role, m in self.mounts.items() if role in self._walk}
        return on_wrong_legs(rates)

    def step(self, live: list[Role]) -> bool:
        """Look for the next pose among the live worn sensors. True when a new standing pose begins a session.

        mixed_up: pairs of them that were found, at this instant, to carry each other's names.
        """
        self.mixed_up = ()
        if self._stands(live):
            began = self.walked or not self.standing
            if self.walked:
                self.forget()
            # Who has fallen silent meanwhile stood like this before: its pose is kept.
            self.standing |= {r: m for r in live if (m := self._tracks[r].rest.mean())}
            for role in self.standing:
                self._tracks[role].turn = None
            self._left_from, self._in_place = None, False
            self._walk.clear()
            return began
        if self.standing and not self.walked:
            self._leave(live)
        elif self.walked:
            self._sit(live)
        return False

    def _stands(self, live: list[Role]) -> bool:
        for role in live:
            rest = self._tracks[role].rest
            if rest.duration_s < STAND_S or not (mean := rest.mean()) or not mean.stands:
                return False
        if any(r.endswith("shank") for r in live):
            return True
        return any(r.endswith("thigh") for r in live) and not any(self._hangs_over(r) for r in live)

    def _hangs_over(self, role: Role) -> bool:
        """Whether a sensor is turned over since the lifter stood: a thigh on the seat, without a shank that tells."""
        mean, stood = self._tracks[role].rest.mean(), self.standing.get(role)
        return self.walked and mean is not None and stood is not None and _turn_deg(stood.acc, mean.acc) > 90.0

    def _leave(self, live: list[Role]) -> None:
        """The lifter walks off: each gyro counts every turn from when its own sensor first moves; all have left when
        none that is heard rests.
        """
        moving = [role for role in self.standing if role not in live or self._tracks[role].rest.duration_s == 0.0]
        for role in moving:
            track = self._tracks[role]
            if track.turn is None:
                track.set_gyr_bias(self.standing[role].gyr)
                track.turn = Strapdown()
                if self._left_from is None:
                    self._left_from = track.states.end
        self.walked = len(moving) == len(self.standing)

    def _sit(self, live: list[Role]) -> None:
        if not self._in_place:
            self._look_who_is_who(live)
            if self.mixed_up:
                return
        longer = [role for role in live if self._rests_longer(role)]
        if not longer:
            return
        worn = [r for r in live if r in self.standing]
        tell = [r for r in worn if r.endswith("shank")] or [r for r in worn if r.endswith("thigh")]
        if not tell or not all(self._seated(r) for r in tell):
            return
        for role in longer:
            if mean := self._tracks[role].rest.mean():
                self.seated[role] = (mean, self._pose(role, np.array(mean.acc)))
                if role == "pelvis":
                    self._mount_pelvis()

    def _look_who_is_who(self, live: list[Role]) -> None:
        """Once all rest on the seat: which of them carry each other's names, and how they were walked with."""
        rests = {role: self._tracks[role].rest for role in live if role in self.standing}
        if any(rest.duration_s < LOOK_REST_S for rest in rests.values()):
            return
        turned = {r: _turn_deg(self.standing[r].acc, mean.acc) for r, rest in rests.items() if (mean := rest.mean())}
        pairs = mixed_up_at_seat(turned)
        if pairs is None:
            return
        self._in_place, self.mixed_up = True, pairs
        tracks = {role: self._tracks[role].states for role in turned}
        end = min((states.end for states in tracks.values()), default=0)
        begin = max(self._left_from or 0, end - WALK)
        self._walk = {role: columns(states.span(begin, end), 9)[:, 3:6] for role, states in tracks.items()}

    def _rests_longer(self, role: Role) -> bool:
        """Whether a sensor rests for longer than in the seated pose known so far."""
        known, rest = self.seated.get(role), self._tracks[role].rest
        return rest.duration_s > (known[0].duration_s if known else 1.0) and role in self.standing

    def _seated(self, role: Role) -> bool:
        rest = self._tracks[role].rest
        if rest.duration_s < SEAT_S or not (mean := rest.mean()):
            return False
        least = SEATED_TURN if role.endswith("shank") else SEATED_THIGH_TURN
        return _cosine(mean.acc, self.standing[role].acc) < least

    def _mount_pelvis(self) -> None:
        """The pelvis leans back from standing to the seat by 30 to 60°: that turn is its axis."""
        bias = solve_bias(self._poses("pelvis", None))
        up, back = np.array(self.standing["pelvis"].acc) - bias, np.array(self.seated["pelvis"][0].acc) - bias
        if float(unit(up) @ unit(back)) < 0.97:
            self.mounts["pelvis"] = find_mount(unit(up), unit(back), cross(up, back))
            self._tracks["pelvis"].set_acc_bias(bias)

    def arrive(self, roles: list[Role], press: tuple[int, int], stay: tuple[int, int]) -> None:
        """The sled has come to the top for the first time: grid indices of the press and of the stay so far."""
        for role in roles:
            if role in self.mounts or role not in self.standing or role not in self.seated:
                continue
            track = self._tracks[role]
            moved, stayed = _states(track, press), _states(track, stay)
            turning = moved[np.linalg.norm(moved[:, 3:6], axis=1) > PRESS_RAD_S, 3:6]
            if len(turning) < 20 or not len(stayed):
                continue
            held = stayed[np.linalg.norm(stayed[:, 3:6], axis=1) < HELD_RAD_S]
            top = held[:, 6:9].mean(axis=0) + np.array(track.acc_bias) if len(held) > GLIMPSE_S * 100 else None
            axis, across = flexion_axis(turning)
            if across > ONE_AXIS:
                continue
            bias, spread = find_bias(self._poses(role, top, glimpse=len(held) <= TOP_POSE_S * 100))
            # The poses differ by turns about this axis alone, which show nothing of the bias along it.
            bias -= axis * float(axis @ bias)
            self._retell(track, press[0], stay[1], bias - np.array(track.acc_bias))
            track.set_acc_bias(bias)
            up = unit(np.array(self.standing[role].acc) - bias)
            self._pitch_sd_deg[role] = pitch_sd_deg(axis, (up, stayed[-1, 0:3]), spread)
            self.mounts[role] = find_mount(up, stayed[-1, 0:3], axis)
            track.turn = None

    def _retell(self, track: ImuTrack, begin: int, end: int, off_m_s2: FloatArray) -> None:
        """The press once more, now that the bias is known: from the rest before it on. off: what was not taken off."""
        begin -= BEFORE_PRESS
        rest = _states(track, (begin - REST, begin))
        held = rest[np.linalg.norm(rest[:, 3:6], axis=1) < HELD_RAD_S]
        if len(held) >= LEAST_REST:
            track.retell(begin, end, unit(held[:, 6:9].mean(axis=0) - off_m_s2))

    def slipped(self, role: Role, turn_rad: tuple[float, float, float]) -> None:
        """A worn sensor has turned on its segment: its mount and its earlier poses turn along."""
        if role not in self.mounts:
            return
        self.mounts[role] = self.mounts[role].turned(turn_rad)
        back, bias = rotation(-np.array(turn_rad)), np.array(self._tracks[role].acc_bias)
        standing = self.standing[role]
        self.standing[role] = standing._replace(acc=_tuple(back @ (np.array(standing.acc) - bias) + bias))
        rest, pose = self.seated[role]
        self.seated[role] = (rest._replace(acc=_tuple(back @ (np.array(rest.acc) - bias) + bias)), pose)

    def zero_sd_deg(self, roles: tuple[Role, Role]) -> float:
        """How far the zero of a leg's knee can be off, one standard deviation, by how thigh and shank were mounted; a
        sensor that was not is as good as unknown.
        """
        return hypot(STANDING_BEND_SD_DEG, *(self._pitch_sd_deg.get(role, UNMOUNTED_SD_DEG) for role in roles))

    def _poses(self, role: Role, top: FloatArray | None, *, glimpse: bool = False) -> list[Pose]:
        """What tells of the accelerometer's bias. top: what was felt there; glimpse: for a moment only."""
        poses = [Pose(np.array(self.standing[role].acc), np.eye(3), 0.0)]
        if role in self.seated:
            poses.append(self.seated[role][1])
        if top is not None:
            pose = self._pose(role, top)
            poses.append(replace(pose, acc_sd_m_s2=GLIMPSE_SD_M_S2) if glimpse else pose)
        return poses

    def _pose(self, role: Role, acc: FloatArray) -> Pose:
        """What the sensor feels now, and how far it has turned since the lifter stood."""
        turn = self._tracks[role].turn
        return Pose(acc, turn.matrix(), turn.sd_rad) if turn and not turn.broken else Pose(acc, None, 0.0)


def _turn_deg(a: Vec, b: Vec) -> float:
    """The angle between two vectors."""
    return degrees(acos(max(-1.0, min(1.0, _cosine(a, b)))))


def _cosine(a: Vec, b: Vec) -> float:
    """Of the angle between two vectors."""
    return (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (hypot(*a) * hypot(*b))


def _states(track: ImuTrack, span: tuple[int, int]) -> FloatArray:
    """(N, 9) states of a span of the grid, holes left out."""
    states = columns(track.states.span(*span), 9)
    return states[np.isfinite(states[:, 0])]


def _tuple(v: FloatArray) -> tuple[float, float, float]:
    return (float(v[0]), float(v[1]), float(v[2]))
