"""One machine's settings: its geometry, its lifter, its sensors, and how its faults are judged.

A lifter's own table is laid over the machine's values; what it does not mention stays the machine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from edge.alerts.policy import AlertSettings
from edge.detectors.near_max import NearMaxSettings
from edge.detectors.settings import DetectorSettings, SignSettings
from edge.ingest.native_access import Policy
from edge.lifter import Lifter
from edge.samples import Role
from edge.settings import (
    Height,
    LifterId,
    LinkName,
    NodeId,
    Segment,
    Settings,
    SledMass,
    StackMass,
    TopicLevel,
    tape_of,
)

BODY = frozenset({"height_m", "thigh_m", "shank_m"})
"""What is said of a lifter's body."""


class SensorSettings(Settings, frozen=True, kw_only=True):
    """Which node's channel plays a role, where the node's own placement hint is not to be followed."""

    role: Annotated[Role, Meta(description="What the sensor is strapped to.")]
    node: Annotated[NodeId, Meta(description="The node's id, as its state tells it.")]
    chan: Annotated[int, Meta(ge=1, le=31, description="The node's channel.")] = 1


class NodeAccessSettings(Settings, frozen=True, kw_only=True):
    """Whether one node's word is taken without proof. A node whose key is known is otherwise treated as `prefer`."""

    node: Annotated[NodeId, Meta(description="The node's id, as its state tells it.")]
    authentication: Annotated[
        Policy,
        Meta(
            description="off: never judged. prefer: once proved, always to be proved. require: nothing without proof."
        ),
    ] = "require"


class CellSettings(Settings, frozen=True, kw_only=True):
    """The calibration of one load cell that sends raw counts: force = (counts − zero_counts) · n_per_count."""

    node: Annotated[NodeId, Meta(description="The node's id, as its state tells it.")]
    chan: Annotated[int, Meta(ge=1, le=31, description="The node's channel.")]
    zero_counts: Annotated[float, Meta(description="What it reads without load, counts.")]
    n_per_count: Annotated[
        float, Meta(description="Newtons of one count, pushing positive: weight in N by the counts that it adds.")
    ]


class MachineSettings(Settings, frozen=True, kw_only=True):
    """One leg press. Masses unknown are None: then load and static force are not known either."""

    id: Annotated[TopicLevel, Meta(description="The machine's name in topics.")] = "legpress"
    links: Annotated[
        tuple[LinkName, ...],
        Meta(description="The links of this machine's nodes, serial and Bluetooth; with one machine, [] means all."),
    ] = ()
    rail_angle_deg: Annotated[
        float, Meta(ge=0.0, le=90.0, description="The sled's rail above horizontal; a level on it tells.")
    ] = 45.0
    sled_mass_kg: (
        Annotated[
            SledMass,
            Meta(
                description="Sled and plates together; leave it out where it changes.",
                examples=[120.0],
            ),
        ]
        | None
    ) = None
    stack_kg: Annotated[StackMass, Meta(description="Weight stack that pulls through a cable, one to one.")] = 0.0
    height_m: Annotated[Height, Meta(description="The lifter's height, as said; 2 cm more or less are no matter.")] = (
        1.72
    )
    thigh_m: (
        Annotated[
            Segment,
            Meta(
                description="The lifter's thigh by a tape, bone at the side of the hip to the knee's joint line; with "
                "shank_m, the knees are known better.",
                examples=[0.43],
            ),
        ]
        | None
    ) = None
    shank_m: (
        Annotated[
            Segment,
            Meta(description="The shank: the knee's joint line to the outer bone of the ankle.", examples=[0.42]),
        ]
        | None
    ) = None
    lifter: (
        Annotated[
            LifterId,
            Meta(
                description="Whose table under [lifters] counts here where nobody says who is lifting.",
                examples=["k7f3"],
            ),
        ]
        | None
    ) = None
    sensors: Annotated[
        tuple[SensorSettings, ...],
        Meta(
            description="Only for sensors whose place is not what their node says of itself.",
            examples=[[{"role": "left_thigh", "node": "00000000000000a1"}]],
        ),
    ] = ()
    cells: Annotated[
        tuple[CellSettings, ...],
        Meta(
            description="Only for load cells that send raw counts; until they stand here, nothing of them is used.",
            examples=[[{"node": "00000000000000f1", "chan": 1, "zero_counts": 84_120.0, "n_per_count": 0.0098}]],
        ),
    ] = ()
    nodes: Annotated[
        tuple[NodeAccessSettings, ...],
        Meta(
            description="Only for nodes that must authenticate, or must not be asked to.",
            examples=[[{"node": "00000000000000a1", "authentication": "require"}]],
        ),
    ] = ()
    faults: DetectorSettings = DetectorSettings()
    signs: SignSettings = SignSettings()
    alerts: AlertSettings = AlertSettings()
    near_max: NearMaxSettings = NearMaxSettings()

    def __post_init__(self) -> None:
        tape_of(self.thigh_m, self.shank_m)

    @property
    def tape_m(self) -> tuple[float, float] | None:
        """Thigh and shank, where they were measured."""
        return tape_of(self.thigh_m, self.shank_m)


class LifterSettings(Settings, frozen=True, kw_only=True):
    """What may differ for one lifter, under an opaque id, never a name. Only what is written counts."""

    height_m: Height = 1.72
    thigh_m: Segment | None = None
    shank_m: Segment | None = None
    faults: DetectorSettings = DetectorSettings()
    signs: SignSettings = SignSettings()
    alerts: AlertSettings = AlertSettings()
    near_max: NearMaxSettings = NearMaxSettings()


def usual_lifter(settings: MachineSettings) -> Lifter:
    """Whoever lifts here where nobody says who it is."""
    s = settings
    return Lifter(
        is_known=s.lifter is not None, height_m=s.height_m, tape_m=s.tape_m, faults=s.faults, signs=s.signs,
        alerts=s.alerts, near_max=s.near_max,
    )  # fmt: skip


def for_lifter(machine: MachineSettings, own: Mapping[str, Any]) -> MachineSettings:
    """The machine's settings with a lifter's table laid over. msgspec.ValidationError: they contradict each other.

    Legs that were measured belong to the body that they stand beside: another height, or other legs, put them aside.
    """
    below: dict[str, Any] = msgspec.to_builtins(machine)
    if BODY & own.keys():
        below |= {"thigh_m": None, "shank_m": None}
    return msgspec.convert(_laid_over(below, own), MachineSettings)


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(below)
    for key, value in above.items():
        under = laid.get(key)
        laid[key] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, Mapping) else value
    return laid
