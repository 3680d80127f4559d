"""Which channel of a node plays which role, by configuration or by the placement hint, and what is wrong with that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.ingest.native_types import CalibrationOf, ChannelReport, Problem, ProblemKind, RoleOf
from edge.samples import BACKPAD_CELLS, FOOTPLATE_CELLS, IMU_ROLES, LOAD_ROLES, Role
from firmware_protocol import scaling
from firmware_protocol.messages import Channel, Info
from firmware_protocol.registries import ChannelKind, Placement

_INERTIAL = (ChannelKind.IMU6, ChannelKind.IMU6_QUAT)

CELL_PLACEMENTS: dict[Role, tuple[int, ...]] = {
    "footplate": (
        Placement.LEFT_HEEL_CELL,
        Placement.LEFT_TOE_CELL,
        Placement.RIGHT_HEEL_CELL,
        Placement.RIGHT_TOE_CELL,
    ),
    "backpad": (Placement.LUMBAR_PAD, Placement.SACRAL_PAD),
}
CELL_NAMES: dict[Role, tuple[str, ...]] = {"footplate": FOOTPLATE_CELLS, "backpad": BACKPAD_CELLS}

# A plate or a pad named as a whole plays its role too: its cells cannot be told apart, and that is told as a problem.
PLACEMENT_ROLES: dict[int, Role] = {
    Placement.FOOTPLATE: "footplate",
    Placement.FOOTPLATE_LEFT: "footplate",
    Placement.FOOTPLATE_RIGHT: "footplate",
    Placement.BACK_PAD: "backpad",
    Placement.SLED: "sled",
    Placement.LEFT_THIGH: "left_thigh",
    Placement.RIGHT_THIGH: "right_thigh",
    Placement.LEFT_SHANK: "left_shank",
    Placement.RIGHT_SHANK: "right_shank",
    Placement.PELVIS: "pelvis",
    **{placement: role for role, placements in CELL_PLACEMENTS.items() for placement in placements},
}


def placement_role(_node_id: str, _chan: int, placement: int) -> Role | None:
    """The role that a placement hint means: the RoleOf to use where nothing is configured."""
    return PLACEMENT_ROLES.get(placement)


@dataclass(frozen=True, slots=True)
class ImuChannel:
    """An inertial channel. scale: from counts to m/s² and rad/s."""

    role: Role
    period_ns: int
    scale: scaling.ImuScale


@dataclass(frozen=True, slots=True)
class LoadCell:
    """A load channel: force in N = (counts − zero_counts) · n_per_count."""

    chan: int
    role: Role
    period_ns: int
    zero_counts: float
    n_per_count: float

    @property
    def period_us(self) -> int:
        """Nominal time between samples, µs."""
        return self.period_ns // 1000


@dataclass(frozen=True, slots=True)
class Layout:
    """The channels that play a role. groups: the load cells of a role in column order."""

    imus: dict[int, ImuChannel] = field(default_factory=dict)
    cells: dict[int, LoadCell] = field(default_factory=dict)
    groups: dict[Role, tuple[LoadCell, ...]] = field(default_factory=dict)
    reports: tuple[ChannelReport, ...] = ()

    @property
    def roles(self) -> dict[int, Role]:
        """The role of each channel that is to stream."""
        return {chan: imu.role for chan, imu in self.imus.items()} | {c: cell.role for c, cell in self.cells.items()}

    def period_ns(self, chan: int) -> int:
        """The declared time between samples of a channel that plays a role; 0 where none is declared."""
        imu = self.imus.get(chan)
        return imu.period_ns if imu else self.cells[chan].period_ns


class LayoutBuilder:
    """Builds the layout of one node from its INFO; `problems` says what could not be used, and why."""

    def __init__(self, link: str, role_of: RoleOf, calibration_of: CalibrationOf) -> None:
        self._link = link
        self._role_of = role_of
        self._calibration_of = calibration_of
        self.problems: list[Problem] = []

    def build(self, info: Info) -> Layout:
        """The layout that an INFO and the configuration give."""
        node_id = f"{info.node_id:016x}"
        roles = {c.chan: self._role_of(node_id, c.chan, c.placement) for c in info.channels}
        imus: dict[int, ImuChannel] = {}
        for channel in info.channels:
            role = roles[channel.chan]
            if role and self._is_imu(channel, role, [imu.role for imu in imus.values()]):
                scale = scaling.imu_scale(channel.scale_a, channel.scale_b)
                imus[channel.chan] = ImuChannel(role, channel.period_ns, scale)
        found = {role: self._group(node_id, role, info, roles) for role in LOAD_ROLES}
        groups = {role: cells for role, cells in found.items() if cells}
        by_chan = {cell.chan: cell for cells in groups.values() for cell in cells}
        reports = tuple(_report(c, roles[c.chan]) for c in info.channels)
        return Layout(imus, by_chan, groups, reports)

    def _is_imu(self, channel: Channel, role: Role, taken: list[Role]) -> bool:
        """Whether the channel can serve this inertial role; a load role is not judged here."""
        if role not in IMU_ROLES:
            if channel.kind in _INERTIAL:
                self._problem("placement", f"channel {channel.chan} has no load cell, as {role} needs", role)
            return False
        if channel.kind not in _INERTIAL:
            self._problem("placement", f"channel {channel.chan} has no inertial sensor, as {role} needs", role)
            return False
        if role in taken:
            self._problem("placement", f"two channels are said to be {role}: channel {channel.chan} is left out", role)
            return False
        return True

    def _group(
        self, node_id: str, role: Role, info: Info, roles: dict[int, Role | None]
    ) -> tuple[LoadCell, ...] | None:
        """The cells of a role in column order; None where they cannot be used together, or one is uncalibrated."""
        channels = [c for c in info.channels if roles[c.chan] == role and c.kind == ChannelKind.LOAD]
        if not channels:
            return None
        fault = _cells_fault(role, channels)
        if fault:
            self._problem("cells", fault, role)
            return None
        by_placement = {c.placement: c for c in channels}
        cells = [self._cell(node_id, role, by_placement[placement]) for placement in CELL_PLACEMENTS[role]]
        usable = tuple(cell for cell in cells if cell)
        return usable if len(usable) == len(cells) else None

    def _cell(self, node_id: str, role: Role, channel: Channel) -> LoadCell | None:
        if channel.scale_a:
            return LoadCell(channel.chan, role, channel.period_ns, 0.0, channel.scale_a * 1e-9)
        calibration = self._calibration_of(node_id, channel.chan)
        if calibration:
            return LoadCell(channel.chan, role, channel.period_ns, *calibration)
        text = f"channel {channel.chan} sends raw counts: {role} needs its zero and newtons per count"
        self._problem("calibration", text, role)
        return None

    def _problem(self, kind: ProblemKind, text: str, role: Role) -> None:
        self.problems.append(Problem(self._link, kind, text, role))


def _cells_fault(role: Role, channels: list[Channel]) -> str | None:
    """Why these channels cannot be the cells of a role."""
    placements = {c.placement for c in channels}
    named = zip(CELL_NAMES[role], CELL_PLACEMENTS[role], strict=True)
    missing = [name for name, placement in named if placement not in placements]
    if missing:
        return f"{role} lacks {', '.join(missing)}: set the placement of its cells"
    if len(channels) != len(CELL_PLACEMENTS[role]):
        return f"{role} has {len(channels)} cells where {len(CELL_PLACEMENTS[role])} are wanted"
    if len({c.period_ns for c in channels}) > 1:
        return f"the cells of {role} differ in sample rate: they cannot be put together"
    return None


def _report(channel: Channel, role: Role | None) -> ChannelReport:
    kind: Literal["imu", "load", "unknown"] = "unknown"
    if channel.kind in _INERTIAL:
        kind = "imu"
    elif channel.kind == ChannelKind.LOAD:
        kind = "load"
    rate_hz = 1e9 / channel.period_ns if channel.period_ns else 0.0
    return ChannelReport(channel.chan, kind, channel.placement, role, rate_hz)
