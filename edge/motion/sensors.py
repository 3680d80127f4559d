"""The sensors of one machine: each one's track, and which of them are heard."""

from __future__ import annotations

from collections.abc import Iterable

from edge.motion.leg import LEG_ROLES
from edge.motion.track import ImuTrack, LoadTrack
from edge.samples import IMU_ROLES, ImuSamples, Role, Samples, TimeExchange

SILENT_S = 0.5
"""A sensor that was not heard for so long is not live: five to ten batches."""
SETTLE_S = 1.0
"""After a silence gravity is found anew within four times the still filter's time constant."""


class Sensors:
    """Feed `accept` and `exchange`, then `step` at every grid instant."""

    def __init__(self) -> None:
        self.imus: dict[Role, ImuTrack] = {r: ImuTrack() for r in IMU_ROLES}
        self.worn: dict[Role, ImuTrack] = {r: t for r, t in self.imus.items() if r != "sled"}
        self.footplate, self.backpad = LoadTrack(), LoadTrack()
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

    def step(self, t_ns: int) -> list[Role]:
        """Advance the tracks to the grid instant t_ns; the sensors that are live then."""
        live = [r for r in self._heard if self.live(r, t_ns)]
        for role in live:
            if role in self.imus:
                self.imus[role].step()
        self.footplate.step()
        self.backpad.step()
        return live

    def live(self, role: Role, t_ns: int) -> bool:
        """Whether the sensor has been heard of late."""
        heard = self._heard.get(role)
        return heard is not None and t_ns - heard < SILENT_S * 1e9

    def heard_s(self, *roles: Role) -> float:
        """When the newest samples of the last of these sensors arrived, s of the host's time line."""
        return max(self._heard.get(role, 0) for role in roles) * 1e-9

    def heard_legs(self) -> bool:
        """Whether any sensor on a leg was ever heard: without one nothing tells the sled's drift from movement."""
        return any(role in self._heard for pair in LEG_ROLES.values() for role in pair)

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

    def stirs(self, t_ns: int) -> bool:
        """Whether any worn sensor that is heard is in movement."""
        return any(self.worn[r].rest.duration_s == 0.0 and self.live(r, t_ns) for r in self._heard if r in self.worn)

    def settling(self, role: Role, t_ns: int) -> bool:
        """Whether the sensor is just back from a silence, so that its direction is not yet sure."""
        return t_ns * 1e-9 - self._track(role).began_s < SETTLE_S and self._track(role).interrupted

    def rate_hz(self, role: Role) -> float | None:
        """The sensor's own rate, None before it is known."""
        return self._track(role).rate_hz

    def loss_pct(self, role: Role) -> float | None:
        """Samples lost since the node began, in percent."""
        return self._track(role).loss_pct()

    def drift_ppm(self, role: Role) -> float | None:
        """The node's clock against the host's, parts per million."""
        return self._track(role).clock.drift_ppm

    def _track(self, role: Role) -> ImuTrack | LoadTrack:
        if role == "footplate":
            return self.footplate
        return self.backpad if role == "backpad" else self.imus[role]
