"""A node's identity and health in words, from its last INFO and STATUS."""

from __future__ import annotations

from enum import IntEnum

from edge.ingest.native_types import ChannelReport, NodeReport
from firmware_protocol.messages import Info, Status
from firmware_protocol.registries import FaultCode, HwClass, NodeState

_BATTERY_UNKNOWN_PCT = 255
_TEMPERATURE_UNKNOWN = -0x8000


def name_of(registry: type[IntEnum], value: int) -> str:
    """A registry's name in lower case, or the number where this version does not know it."""
    try:
        return registry(value).name.lower()
    except ValueError:
        return str(value)


def firmware_text(fw: int) -> str:
    """INFO.fw as `a.b.c`, or `a.b.c.d` where there is a d."""
    parts = fw.to_bytes(4, "big")
    return ".".join(str(part) for part in (parts if parts[3] else parts[:3]))


def node_report(
    link: str, boot: int, told: tuple[Info, Status | None], channels: tuple[ChannelReport, ...]
) -> NodeReport:
    """The report of a node; what STATUS would tell stays None until one has come."""
    info, status = told
    return NodeReport(
        link=link,
        node_id=f"{info.node_id:016x}",
        firmware=firmware_text(info.fw),
        hardware=name_of(HwClass, info.hw_class),
        boot=boot,
        boot_count=info.boot_count,
        channels=channels,
        state=name_of(NodeState, status.state) if status else None,
        battery_pct=status.batt_pct if status and status.batt_pct != _BATTERY_UNKNOWN_PCT else None,
        battery_v=status.batt_mv / 1000 if status and status.batt_mv else None,
        temperature_c=status.temp_c100 / 100 if status and status.temp_c100 != _TEMPERATURE_UNKNOWN else None,
        uptime_s=status.uptime_s if status else None,
        dropped_messages=status.dropped_msgs if status else 0,
        faults=_faults(status.fault_bits) if status else (),
    )


def _faults(bits: int) -> tuple[str, ...]:
    return tuple(name_of(FaultCode, code) for code in range(1, 16) if bits >> code & 1)
