"""One machine's settings: its geometry, its lifter, its sensors, and how its faults are judged."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.alerts.policy import AlertSettings
from edge.detectors.watch import DetectorSettings
from edge.samples import Role


class SensorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which node's channel plays a role, where the node's own placement hint is not to be followed."""

    role: Annotated[Role, Meta(description="What the sensor is strapped to.")]
    node: Annotated[str, Meta(pattern="^[0-9a-f]{16}$", description="The node's id, 16 hex digits.")]
    chan: Annotated[int, Meta(ge=1, le=31, description="The node's channel.")] = 1


class MachineSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One leg press. Masses unknown are None: then load and static force are not known either."""

    id: Annotated[str, Meta(pattern="^[a-z0-9_-]{1,64}$", description="The machine's name in topics.")] = "legpress"
    links: Annotated[tuple[str, ...], Meta(description="The serial links that carry this machine's nodes.")] = ()
    rail_angle_deg: Annotated[float, Meta(ge=0.0, le=90.0, description="Rail above horizontal, deg.")] = 45.0
    sled_mass_kg: (
        Annotated[
            float, Meta(ge=1.0, le=800.0, description="Sled and plates together, kg; leave out where it changes.")
        ]
        | None
    ) = None
    stack_kg: Annotated[float, Meta(ge=0.0, le=500.0, description="Weight stack pulling through a cable, kg.")] = 0.0
    height_m: Annotated[float, Meta(ge=1.2, le=2.3, description="The lifter's height, m.")] = 1.72
    sensors: Annotated[tuple[SensorSettings, ...], Meta(description="Sensors whose role is not the node's hint.")] = ()
    faults: DetectorSettings = DetectorSettings()
    alerts: AlertSettings = AlertSettings()
