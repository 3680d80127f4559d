"""Each sensor's state, told when it changes and now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from edge.events import SensorState
from edge.ingest.native_types import NodeReport
from edge.motion.body import Body
from edge.samples import IMU_ROLES, LOAD_ROLES, Role

REFRESH_S: Final = 30.0
"""Loss and drift move slowly; what changes at once (silence, calibration) is told at once."""


@dataclass(frozen=True, slots=True)
class BatteryRead:
    """The battery of the bought sensor on a link, percent."""

    link: str
    pct: int


class SensorHealth:
    """Keeps what nodes report and tells `SensorState`s."""

    def __init__(self) -> None:
        self._nodes: dict[Role, NodeReport] = {}
        self._batteries: dict[Role, dict[str, int]] = {}
        self._told: dict[Role, tuple[object, ...]] = {}
        self._told_s: dict[Role, float] = {}
        self._calibrated_s: dict[Role, float] = {}
        self._off: dict[Role, int] = {}

    def report(self, report: NodeReport) -> None:
        """A node told of itself."""
        for role in report.roles:
            self._nodes[role] = report

    def taken_off(self, roles: Iterable[Role], body: Body) -> None:
        """Straps were taken off: where these sensors sit is not known until the lifter has stood again."""
        self._off.update(dict.fromkeys((r for r in roles if r in IMU_ROLES and r != "sled"), body.sessions))

    def is_off(self, role: Role, body: Body) -> bool:
        """Whether the sensor was taken off since the standing pose."""
        return self._off.get(body.sensors.named(role)) == body.sessions

    def battery(self, role: Role, read: BatteryRead) -> None:
        """A bought sensor's battery was read; of several that play a role together the emptiest counts."""
        self._batteries.setdefault(role, {})[read.link] = read.pct

    def firmware(self) -> dict[str, str]:
        """Role -> firmware, where a node told it."""
        return {role: node.firmware for role, node in sorted(self._nodes.items())}

    def changes(self, body: Body, t_ns: int, session: str | None) -> Iterator[SensorState]:
        """The sensors whose state has changed or was not told for REFRESH_S."""
        t_s = t_ns * 1e-9
        for role in body.sensors.roles():
            node = self._nodes.get(body.sensors.named(role))
            calibrated = role in LOAD_ROLES or role == "sled" or role in body.wear.mounts
            if calibrated:
                self._calibrated_s.setdefault(role, t_s)
            else:
                self._calibrated_s.pop(role, None)
            told = (node.firmware, node.battery_pct) if node else (None, None)
            key = (calibrated, self._problem(role, body, t_ns), *told)
            if self._told.get(role) != key or t_s - self._told_s.get(role, 0.0) >= REFRESH_S:
                self._told[role], self._told_s[role] = key, t_s
                yield self._state(body, role, t_ns, session)

    def _problem(self, role: Role, body: Body, t_ns: int) -> str | None:
        if not body.sensors.live(role, t_ns):
            return "silent: check its battery and strap"
        return "taken off: strap it on and stand still for 2 s" if self.is_off(role, body) else None

    def _state(self, body: Body, role: Role, t_ns: int, session: str | None) -> SensorState:
        name = body.sensors.named(role)
        node, since_s = self._nodes.get(name), self._calibrated_s.get(role)
        loss, drift, rate = body.sensors.loss_pct(role), body.sensors.drift_ppm(role), body.sensors.rate_hz(role)
        return SensorState(
            t_s=t_ns * 1e-9,
            session=session,
            role=role,
            node=node.node_id if node else None,
            connected=body.sensors.live(role, t_ns),
            calibrated=since_s is not None,
            rate_hz=None if rate is None else round(rate, 1),
            loss_pct=None if loss is None else round(loss, 2),
            drift_ppm=None if drift is None else round(drift, 1),
            battery_pct=node.battery_pct if node else min(self._batteries.get(name, {}).values(), default=None),
            firmware=node.firmware if node else None,
            problem=self._problem(role, body, t_ns),
            calibrated_s=since_s,
        )
