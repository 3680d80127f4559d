"""What a native node tells beside samples: who it is, how it is, what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edge.ingest.native_access import AccessOf, open_access
from edge.samples import Role, Samples, TimeExchange

RoleOf: TypeAlias = Callable[[str, int, int], Role | None]
"""(node id as 16 hex digits, channel, placement hint) to the role that this channel plays, None for none."""

CalibrationOf: TypeAlias = Callable[[str, int], tuple[float, float] | None]
"""(node id, channel) of a cell that sends raw counts to (counts at no load, N per count), None where unknown."""

ProblemKind = Literal["placement", "cells", "calibration", "version", "node_fault", "node_log", "restart", "auth"]


def uncalibrated(_node_id: str, _chan: int) -> tuple[float, float] | None:
    """No calibration for any cell."""
    return None


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """What the configuration says of nodes beside their roles."""

    calibration_of: CalibrationOf = uncalibrated
    access_of: AccessOf = open_access


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """One channel of a node. rate_hz is nominal."""

    chan: int
    kind: Literal["imu", "load", "unknown"]
    placement: int
    role: Role | None
    rate_hz: float


@dataclass(frozen=True, slots=True)
class NodeReport:
    """A node's identity and health, at each INFO and STATUS. None where the node does not know.

    boot counts the restarts this host has seen, as in the samples; boot_count is the node's own counter.
    authenticated: the node has shown in this session that it holds its key.
    """

    link: str
    node_id: str
    firmware: str
    hardware: str
    boot: int
    boot_count: int
    channels: tuple[ChannelReport, ...]
    state: str | None = None
    battery_pct: int | None = None
    battery_v: float | None = None
    temperature_c: float | None = None
    uptime_s: int | None = None
    dropped_messages: int = 0
    faults: tuple[str, ...] = ()
    authenticated: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that this node's channels play, each once."""
        return tuple(dict.fromkeys(c.role for c in self.channels if c.role))


@dataclass(frozen=True, slots=True)
class NodeEvent:
    """A button, a strap taken off, a safety lock: `kind` as in the protocol's EventKind, lower case.

    roles: of the whole node; of a strap taken off, where the node says which, of that channel alone.
    """

    node_id: str
    kind: str
    arg: int
    device_us: int | None
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is wrong with a node, told when it begins, in words that say what to do."""

    link: str
    kind: ProblemKind
    text: str
    role: Role | None = None


Item: TypeAlias = Samples | TimeExchange | NodeReport | NodeEvent | Problem
