"""What was published, read back into types: for all who stand on messages alone. Pure.

A message that cannot be read is a peer's mistake: it is refused with its reason, to be counted and survived. Fields
that are not known here are passed over, so that a newer box can be read.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from edge.errors import SledguardError
from edge.events import Alert, AnyEvent, MachineState, Notice, SensorState, Sign

ROOT = "sledguard/v1"
PAYLOAD_MAX = 64_000
"""Bytes. The longest message, a rep with all its faults, has 3,000; what is far longer is no message of ours."""
DURABLE_SUFFIX = "event"
NAME_MAX = 64
TOPIC_LEVEL = re.compile(rf"[a-z0-9_-]{{1,{NAME_MAX}}}\Z")
"""What the contract allows as a name; anything else in its place is somebody else's, and may be meant to do harm."""

Body = dict[str, Any]


class Unreadable(SledguardError):  # noqa: N818
    """A message that is none of ours, or is damaged."""


Name = Annotated[str, Meta(max_length=NAME_MAX)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who said it and when. ts: UTC; late: it was more than 5 s old when it was sent; seq: its number in the outbox."""

    id: Name
    box: Name
    boot: Name
    ts: datetime
    clock: str = "unsynced"
    late: bool = False
    seq: int | None = None


class BoxStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a box is there: online, stopping, offline."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a machine stands."""

    gym: str
    machine: str

    @property
    def topic(self) -> str:
        """What its topics begin with."""
        return f"{ROOT}/{self.gym}/machine/{self.machine}"

    def __str__(self) -> str:
        return f"{self.gym}/{self.machine}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromMachine:
    """A message about a machine. durable: the copy for the history, not the live one; retained: of the past."""

    place: Place
    envelope: Envelope
    event: AnyEvent
    durable: bool
    retained: bool

    @property
    def session(self) -> str:
        """The session's id; where none was begun, one of this boot, since its reps belong together all the same."""
        return self.event.session or f"{self.envelope.boot}-{self.place.machine}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromBox:
    """A message about an edge box: its status (a word) or its health (facts)."""

    gym: str
    box: str
    envelope: Envelope
    status: str | None = None
    health: Body | None = None


def read(topic: str, payload: bytes, *, retained: bool) -> FromMachine | FromBox | None:
    """A message of ours; None: one that says nothing to us, or is empty, which is how a broker is to forget one.
    Unreadable: damaged, or too long.
    """
    parts = topic.split("/")
    if not payload or "/".join(parts[:2]) != ROOT or len(parts) < 6 or parts[3] not in ("machine", "box"):
        return None
    if len(payload) > PAYLOAD_MAX:
        raise Unreadable(f"{topic}: {len(payload)} bytes are too many")
    gym, what, name, suffix = parts[2], parts[3], parts[4], "/".join(parts[5:])
    if not TOPIC_LEVEL.match(gym) or not TOPIC_LEVEL.match(name):
        return None
    try:
        if what == "box":
            return _from_box(gym, name, suffix, payload)
        event = _event(suffix, payload)
        if event is None:
            return None
        if event.session is not None and len(event.session) > NAME_MAX:
            raise Unreadable(f"{topic}: a session's id of {len(event.session)} characters is none of ours")
        return FromMachine(
            place=Place(gym=gym, machine=name),
            envelope=msgspec.json.decode(payload, type=Envelope),
            event=event,
            durable=suffix == DURABLE_SUFFIX,
            retained=retained,
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"{topic}: {error}") from error


def forgotten(topic: str) -> Place | tuple[str, str] | None:
    """Whom an empty message on this topic has a broker forget: a machine with its state, a box (gym, name) with its
    status; None: no such topic.
    """
    parts = topic.split("/")
    if "/".join(parts[:2]) != ROOT or len(parts) != 6:
        return None
    match parts[2:]:
        case [gym, "machine", machine, "state"]:
            return Place(gym=gym, machine=machine)
        case [gym, "box", box, "status"]:
            return gym, box
    return None


def utc_of(message: FromMachine, t_s: float) -> datetime:
    """UTC of a time in the event's body. Unreadable: it is no time."""
    ahead_s = t_s - message.event.t_s
    if not math.isfinite(ahead_s) or abs(ahead_s) > 1e6:
        raise Unreadable(f"{t_s} s is no time beside {message.event.t_s} s")
    return datetime.fromtimestamp(message.envelope.ts.timestamp() + ahead_s, UTC)


def _from_box(gym: str, box: str, suffix: str, payload: bytes) -> FromBox | None:
    if suffix not in ("status", "health"):
        return None
    envelope = msgspec.json.decode(payload, type=Envelope)
    if suffix == "status":
        status = msgspec.json.decode(payload, type=BoxStatus).status
        return FromBox(gym=gym, box=box, envelope=envelope, status=status)
    return FromBox(gym=gym, box=box, envelope=envelope, health=msgspec.json.decode(payload, type=Body))


_ANY_EVENT = msgspec.json.Decoder(AnyEvent)
LIVE_SUFFIXES = ("rep", "set", "alert", "alert/active", "state", "live")
LIVE_AROUND = (("sensor/", "/state"), ("cmd/", "/result"))
"""How topics with a name in them begin and end."""


def _event(suffix: str, payload: bytes) -> AnyEvent | None:
    if suffix == DURABLE_SUFFIX:
        return _from_durable(msgspec.json.decode(payload, type=Body))
    is_named = any(suffix.startswith(begin) and suffix.endswith(end) for begin, end in LIVE_AROUND)
    if suffix in LIVE_SUFFIXES or is_named:
        event: AnyEvent = _ANY_EVENT.decode(payload)
        return event
    return None


DURABLE: dict[str, type[Alert | Sign | Notice | SensorState | MachineState]] = {
    "alert": Alert,
    "sign": Sign,
    "notice": Notice,
    "sensor": SensorState,
    "session": MachineState,
}


def _from_durable(body: Body) -> AnyEvent | None:
    """The event inside a message of the history: the fields of live, a level deeper, under the live type's name."""
    name = body.get("event")
    if not isinstance(name, str) or name not in DURABLE:
        return None
    kind = DURABLE[name]
    tag = kind.__struct_config__.tag
    about = body.get(str(tag))
    if not isinstance(about, dict):
        return None
    fields = about | {key: body[key] for key in ("t_s", "session") if key in body}
    return msgspec.convert(fields | {"type": tag}, kind)
