"""The links of one machine: bytes in, what sensors tell out, and what is to be sent to them.

Pure, as the pipeline is. A link is a native node's, or a bought sensor's; single load cells play one role together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from edge.events import Kind, Send
from edge.ingest.driver_link import DriverLink
from edge.ingest.drivers import new_driver
from edge.ingest.native import NativeLink
from edge.ingest.native_access import Access
from edge.ingest.native_layout import placement_role
from edge.ingest.native_types import LinkOptions, NodeEvent, NodeReport, Problem, RoleOf
from edge.ingest.single_cells import CellGroup
from edge.machine import MachineSettings
from edge.samples import LoadSamples, Role, Samples, TimeExchange
from edge.settings import BOUGHT, LinkPlan

SERIAL_FRAMES = LinkPlan()
Told: TypeAlias = Samples | TimeExchange | NodeReport | NodeEvent | Problem


class Links:
    """Feed `receive` and `sent` as things happen, `gather` and `step` at grid instants.

    nodes: the native links; groups: roles that single cells play together. keys: node id to its key, told to nobody.
    """

    def __init__(self, settings: MachineSettings, *, seed: int, keys: Mapping[str, bytes]) -> None:
        self._settings, self._seed, self._keys = settings, seed, keys
        self._all: dict[str, NativeLink | DriverLink] = {}
        self.nodes: dict[str, NativeLink] = {}
        self.groups: dict[Role, CellGroup] = {}

    def open(self, link: str, plan: LinkPlan = SERIAL_FRAMES) -> None:
        """A link exists: what is on it is greeted from the next step on."""
        if link in self._all:
            return
        role, framed = plan.role, plan.kind == "native-serial"
        if plan.kind in BOUGHT and role is not None:
            self._open_bought(link, plan, role)
        else:
            role_of: RoleOf = self._role_of if role is None else lambda _node, _chan, _placement: role
            options = LinkOptions(calibration_of=self._calibration_of, access_of=self._access_of)
            self._all[link] = self.nodes[link] = NativeLink(
                link, framed=framed, role_of=role_of, seed=self._seed, options=options
            )

    def _open_bought(self, link: str, plan: LinkPlan, role: Role) -> None:
        cells = () if plan.cell is None else (plan.cell,)
        driver = new_driver(plan.kind, role, rate_hz=plan.rate_hz, cells=cells, sign=-1 if plan.reversed else 1)
        self._all[link] = sensor = DriverLink(link, driver)
        if plan.cell is not None:
            self.groups.setdefault(role, CellGroup(role)).add(plan.cell, sensor)

    def receive(self, link: str, t_ns: int, data: bytes) -> Iterator[Told]:
        """What bytes that arrived at t_ns tell; a single cell's samples wait for its group."""
        self.open(link)
        for item in self._all[link].receive(t_ns, data):
            if isinstance(item, LoadSamples) and item.cells:
                self.groups[item.role].accept(t_ns, item)
            else:
                yield item

    def gather(self, at_ns: int) -> Iterator[Samples | TimeExchange]:
        """What the single cells make together, on the host's own clock."""
        for group in self.groups.values():
            yield from group.step(at_ns)

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """A `Send` with this seq left at t_ns."""
        if link in self._all:
            self._all[link].sent(t_ns, seq)

    def step(self, at_ns: int) -> list[Send]:
        """What is to be sent now."""
        return [send for link in self._all.values() for send in link.step(at_ns)]

    def counters(self) -> dict[str, dict[str, int]]:
        """Per link: what was dropped, and why."""
        return {name: dict(link.counters) for name, link in self._all.items()}

    def bought(self, link: str) -> Role | None:
        """What a bought sensor on this link is fixed to; None where there is none."""
        sensor = self._all.get(link)
        return sensor.role if isinstance(sensor, DriverLink) else None

    def refusal(self, role: Role, name: Role, kind: Kind) -> str | None:
        """Why a bought sensor that plays a role may not serve a fault; name: as which it is heard. None: it may."""
        if role in self.groups:
            return self.groups[role].refusal(kind)
        for link in self._all.values():
            if isinstance(link, DriverLink) and link.role == name and (reason := link.refusal(kind)):
                return reason
        return None

    def parts_heels(self) -> bool:
        """Whether the footplate, if any, tells heel from toe."""
        return "footplate" not in self.groups or self.groups["footplate"].parts_heels

    def _role_of(self, node: str, chan: int, placement: int) -> Role | None:
        for sensor in self._settings.sensors:
            if sensor.node == node and sensor.chan == chan:
                return sensor.role
        return placement_role(node, chan, placement)

    def _calibration_of(self, node: str, chan: int) -> tuple[float, float] | None:
        for cell in self._settings.cells:
            if cell.node == node and cell.chan == chan:
                return cell.zero_counts, cell.n_per_count
        return None

    def _access_of(self, node: str) -> Access:
        key = self._keys.get(node)
        for known in self._settings.nodes:
            if known.node == node:
                return Access(known.authentication, key)
        return Access("prefer" if key else "off", key)
