"""The sensors of one machine: each one's track, and which of them are heard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.motion.leg import LEG_ROLES
from edge.motion.track import ImuTrack, LoadTrack
from edge.samples import IMU_ROLES, ImuSamples, Role, Samples, TimeExchange

SILENT_NS: Final = 500_000_000
"""A sensor that was not heard for 0.5 s is not live: five to ten batches."""
SETTLE_S: Final = 1.0
"""After a silence gravity is found anew within four times the still filter's time constant."""


class Sensors:
    """Feed `accept` and `exchange`, then `step` at every instant. worn_live, legs_live: which of the worn ones, and of
    those on the legs, were live then; sled_live: whether the sled's was.
    """

    def __init__(self) -> None:
        self.imus: dict[Role, ImuTrack] = {r: ImuTrack() for r in IMU_ROLES}
        self._by_name = dict(self.imus)
        self.worn: dict[Role, ImuTrack] = {r: t for r, t in self.imus.items() if r != "sled"}
        self.footplate, self.backpad = LoadTrack(), LoadTrack()
        self.worn_live: list[Role] = []
        self.legs_live: list[Role] = []
        self.sled_live = False
        self._live: list[Role] = []
        self._heard: dict[Role, int] = {}
        self._named: dict[Role, Role] = {}
        self._arrived: dict[Role, ImuTrack | LoadTrack] = {}
        self._tracks: dict[Role, ImuTrack | LoadTrack] = {
            **self.imus, "footplate": self.footplate, "backpad": self.backpad,
        }  # fmt: skip

    def accept(self, t_ns: int, samples: Samples) -> None:
        """Samples of one sensor that reached the host at t_ns."""
        self._heard[samples.role] = t_ns
        self._arrived[samples.role] = self._tracks[samples.role]
        if isinstance(samples, ImuSamples):
            self._by_name[samples.role].accept(t_ns, samples)
        else:
            (self.footplate if samples.role == "footplate" else self.backpad).accept(t_ns, samples)

    def exchange(self, exchange: TimeExchange) -> None:
        """A node answered what its clock reads."""
        self._tracks[exchange.role].exchange(exchange)

    def step(self, t_ns: int) -> None:
        """Advance the tracks to t_ns."""
        for track in self._arrived.values():
            track.step()
        self._arrived.clear()
        silent_ns = t_ns - SILENT_NS
        live = [role for role, heard_ns in self._heard.items() if heard_ns > silent_ns]
        if live != self._live:
            self._live = live
            self._tell_live()

    def interchange(self, a: Role, b: Role) -> None:
        """The sensors called so carry each other's names: from now on each is known as what it is."""
        self.imus[a], self.imus[b] = self.imus[b], self.imus[a]
        self.worn |= {role: self.imus[role] for role in (a, b) if role in self.worn}
        self._named[a], self._named[b] = self.named(b), self.named(a)
        self._tell_live()

    def as_named(self) -> None:
        """Every sensor is again known as what it is called."""
        for role in IMU_ROLES:
            while (name := self.named(role)) != role:
                self.interchange(role, name)

    @property
    def renamed(self) -> bool:
        """Whether any sensor is known as something else than it is called."""
        return any(role != name for role, name in self._named.items())

    def named(self, role: Role) -> Role:
        """What the sensor in a role calls itself."""
        return self._named.get(role, role)

    def role_of(self, name: Role) -> Role:
        """The role of the sensor that calls itself so."""
        return next((role for role, own in self._named.items() if own == name), name)

    def _tell_live(self) -> None:
        live = [self.role_of(name) for name in self._live]
        self.worn_live = [r for r in live if r in self.worn]
        self.legs_live = [r for r in live if r.endswith(("thigh", "shank"))]
        self.sled_live = "sled" in live

    def live(self, role: Role, t_ns: int) -> bool:
        """Whether the sensor has been heard of late."""
        heard = self._heard.get(self.named(role))
        return heard is not None and t_ns - heard < SILENT_NS

    def heard_s(self, *roles: Role) -> float:
        """When the newest samples of the last of these sensors arrived, s of the host's time line."""
        newest_ns = 0
        for role in roles:
            newest_ns = max(newest_ns, self._heard.get(self.named(role), 0))
        return newest_ns * 1e-9

    def heard_legs(self) -> bool:
        """Whether any sensor on a leg was ever heard: without one nothing tells the sled's drift from movement."""
        return bool(self.legs_live) or any(role in self._heard for pair in LEG_ROLES.values() for role in pair)

    def heard(self, role: Role) -> bool:
        """Whether the sensor has ever been heard."""
        return self.named(role) in self._heard

    def arrived_s(self, roles: Iterable[str]) -> float | None:
        """When the newest samples of these sensors reached the host, s; None where none was heard."""
        asked = set(roles)
        heard = [t_ns for name, t_ns in self._heard.items() if self.role_of(name) in asked]
        return max(heard) * 1e-9 if heard else None

    def roles(self) -> list[Role]:
        """The sensors heard so far."""
        return sorted(self._heard)

    def stirs(self, t_ns: int) -> bool:
        """Whether any worn sensor that is heard is in movement."""
        return any(track.rest.duration_s == 0.0 and self.live(role, t_ns) for role, track in self.worn.items())

    def settling(self, role: Role, t_ns: int) -> bool:
        """Whether the sensor is just back from a silence, so that its direction is not yet sure."""
        track = self._tracks[self.named(role)]
        return track.interrupted and t_ns * 1e-9 - track.began_s < SETTLE_S

    def rate_hz(self, role: Role) -> float | None:
        """The sensor's own rate, None before it is known."""
        return self._tracks[self.named(role)].rate_hz

    def loss_pct(self, role: Role) -> float | None:
        """Samples lost since the node began, in percent."""
        return self._tracks[self.named(role)].loss_pct()

    def drift_ppm(self, role: Role) -> float | None:
        """The node's clock against the host's, parts per million."""
        return self._tracks[self.named(role)].clock.drift_ppm
