"""What may be asked of a machine or of the box over MQTT: the payloads of every cmd/{name}, as types.

A command is acted upon once: its id is remembered, so that a repetition only repeats the result. `ts` says when it was
given; one that waited too long is refused, since a tare or a buzz for a moment that is over does harm.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from edge.events import Kind, SignKind
from edge.samples import Role
from edge.settings import Height, LifterId, Segment, tape_of

CommandId = Annotated[str, Meta(pattern="^[A-Za-z0-9_.:-]{1,64}$", description="Chosen by the sender; unique.")]
Seq = Annotated[int, Meta(ge=1)]


NOT_REMEMBERED = (
    "this box remembers nobody ([box] remember_lifters and [outbox] durable are not both on): say it without an id"
)
"""Why a box takes no lifter's id: then it keeps nothing under it."""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="command"):
    """The base of all. ts: when it was given, UTC, ISO 8601."""

    id: CommandId
    ts: str


class Identify(Command, frozen=True, kw_only=True, tag="identify"):
    """Let the sensor of a role, or a node by its id, show itself by light and a short buzz."""

    role: Role | None = None
    node: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | None = None
    seconds: Annotated[int, Meta(ge=1, le=60)] = 5


class Tare(Command, frozen=True, kw_only=True, tag="tare"):
    """Set the load cells of a role to zero, with nothing on them. Refused during a set."""

    role: Role = "footplate"


class StartSession(Command, frozen=True, kw_only=True, tag="start_session"):
    """Begin a session now, whoever was on the machine before."""


class EndSession(Command, frozen=True, kw_only=True, tag="end_session"):
    """End the session now."""


class SetLoad(Command, frozen=True, kw_only=True, tag="set_load"):
    """Say what is on the sled, sled included; None: not known. one_rep_max_kg: the most that this lifter can press once
    on this machine, sled included, for this session; left out or None: as said before.
    """

    load_kg: Annotated[float, Meta(ge=0.0, le=2000.0)] | None
    one_rep_max_kg: Annotated[float, Meta(ge=1.0, le=2000.0)] | None = None


class SetLifter(Command, frozen=True, kw_only=True, tag="set_lifter"):
    """Say who is lifting, for this session or the one about to begin: an opaque id, never a name; None: somebody
    unknown. With an id, what is learned of this body is kept on the box for the next session, until cmd/forget_lifter;
    a box that remembers nobody refuses ids that its configuration does not name. height_m; thigh_m and shank_m by a
    tape, both or none: a command that says any of them says the whole body, what it leaves out is not known; one that
    says none leaves them as last said with this id. Refused during a set.
    """

    lifter: LifterId | None
    height_m: Height | None = None
    thigh_m: Segment | None = None
    shank_m: Segment | None = None

    def __post_init__(self) -> None:
        """ValueError: one leg length without the other."""
        tape_of(self.thigh_m, self.shank_m)

    @property
    def tape_m(self) -> tuple[float, float] | None:
        """Thigh and shank, where they were measured."""
        return tape_of(self.thigh_m, self.shank_m)


class ForgetLifter(Command, frozen=True, kw_only=True, tag="forget_lifter"):
    """Delete what this box keeps of a lifter. A session that is on goes on with what it has, and nothing more is kept
    of it. A table under [lifters] in the box's configuration stays.
    """

    lifter: LifterId


class Mute(Command, frozen=True, kw_only=True, tag="mute"):
    """Speak of these faults and signs no more in this session, or do so again. They are published all the same."""

    kinds: tuple[Kind | SignKind, ...]
    muted: bool = True


class Calibrate(Command, frozen=True, kw_only=True, tag="calibrate"):
    """Forget how the worn sensors sit; the lifter is asked for the poses again. Refused during a set."""


class TrustLegs(Command, frozen=True, kw_only=True, tag="trust_legs"):
    """Somebody has looked: left and right sensors are on their own legs, however the walk looked. Knees are judged
    again, until the lifter's next walk to the machine or a foot that comes off the plate shows otherwise. Refused where
    nothing is doubted.
    """


class Feedback(Command, frozen=True, kw_only=True, tag="feedback"):
    """Was it right? alert: the id of the message; kind: of its fault."""

    alert: str
    kind: Kind
    right: bool


class Replay(Command, frozen=True, kw_only=True, tag="replay"):
    """Send these numbers again, on box/BOX/replay, as far as they are still there."""

    from_seq: Seq
    to_seq: Seq


PassedOn: TypeAlias = Identify | Tare | StartSession | EndSession | SetLoad | Mute | Calibrate | TrustLegs | Feedback
"""What a machine is given as it came."""

MachineCommand: TypeAlias = PassedOn | SetLifter | ForgetLifter


def name_of(command: type[Command]) -> str:
    """The last level of its topic."""
    return str(command.__struct_config__.tag)
