"""One machine as configured: its geometry, its sensors, who is on it, and how it judges.

A lifter's own table overrides the machine's values; what it does not mention stays the machine's.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.alerts.policy import AlertSettings
from edge.samples import Role
from edge.settings import LinkName, Settings

Height = Annotated[float, Meta(ge=1.0, le=2.5)]
LifterId = Annotated[
    str, Meta(pattern="^[a-z0-9_-]{1,32}$", extra={"legal": "text of a-z, 0-9, _ and -, 1 to 32 long"})
]


class SensorSettings(Settings, frozen=True, kw_only=True):
    """Which channel of which node plays a role, where the node's own hint of its place is not to be believed."""

    role: Annotated[Role, Meta(description="What the sensor is fixed to.")]
    node: Annotated[
        str,
        Meta(
            pattern="^[0-9a-f]{16}$",
            description="The node's id, as printed on it and in its state.",
            extra={"legal": "16 digits of 0-9 and a-f"},
        ),
    ]
    chan: Annotated[int, Meta(ge=0, le=63, description="The node's channel.")] = 0


class MachineSettings(Settings, frozen=True, kw_only=True):
    """One leg press."""

    rail_angle_deg: Annotated[
        float, Meta(ge=0.0, le=90.0, description="The sled's rail above horizontal, as near as a level tells.")
    ]
    backrest_angle_deg: (
        Annotated[float, Meta(ge=-10.0, le=100.0, description="The back pad above horizontal.", examples=[35.0])] | None
    ) = None
    sled_mass_kg: (
        Annotated[
            float,
            Meta(
                ge=0.0,
                le=2000.0,
                description="Sled and plates together, where known.",
                examples=[120.0],
            ),
        ]
        | None
    ) = None
    stack_kg: Annotated[
        float, Meta(ge=0.0, le=1000.0, description="Weight stack that pulls through a cable, one to one.")
    ] = 0.0
    height_m: Annotated[
        Height, Meta(description="The lifter's height as said; leg lengths begin from it and are then measured.")
    ] = 1.72
    lifter: (
        Annotated[
            LifterId, Meta(description="Whose table under [lifters] counts; without it, nobody's.", examples=["k7f3"])
        ]
        | None
    ) = None
    links: Annotated[
        tuple[LinkName, ...],
        Meta(description="The serial lines that this machine's nodes are on; without it, all of them."),
    ] = ()
    sensors: Annotated[
        tuple[SensorSettings, ...],
        Meta(
            description="Only where a node's own hint of its place is wrong or missing.",
            examples=[[{"role": "left_thigh", "node": "00000000000000a1"}]],
        ),
    ] = ()
    alerts: AlertSettings = AlertSettings()


class LifterSettings(Settings, frozen=True, kw_only=True):
    """What may differ for one lifter, under an opaque id: never a name."""

    height_m: Annotated[Height, Meta(description="The lifter's height as said.")] = 1.72
    alerts: AlertSettings = AlertSettings()


def for_lifter(machine: MachineSettings, overrides: dict[str, object]) -> MachineSettings:
    """The machine's settings with a lifter's table laid over. msgspec.ValidationError: they contradict each other."""
    return msgspec.convert(_laid_over(msgspec.to_builtins(machine), overrides), MachineSettings)


def _laid_over(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    laid = dict(below)
    for key, value in above.items():
        under = laid.get(key)
        laid[key] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return laid
