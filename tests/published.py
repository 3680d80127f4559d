"""Messages as a box publishes them, for tests of what reads them."""

from __future__ import annotations

from typing import Any

import msgspec

from edge.clock import Instant
from edge.events import AnyEvent, Live, MachineState
from edge.history.received import FromMachine, Place, read
from edge.publishers.envelope import Origin, mint, seal
from edge.publishers.messages import BoxMessages, MachineMessages, Message

PLACE = Place(gym="gym", machine="press-1")
ORIGIN = Origin("box", "b-1")
UTC_NS = 1_760_000_000_000_000_000


def sealed(message: Message, t_s: float, origin: Origin = ORIGIN, late_s: float = 0.0) -> bytes:
    """The payload, decided at t_s and sent late_s after that."""
    now = Instant(round(t_s * 1e9), UTC_NS + round(t_s * 1e9), synced=True)
    minted = mint(message.body, origin, now, bytes(10))
    return seal(minted, Instant(now.mono_ns + round(late_s * 1e9), now.utc_ns, synced=True))


def messages(event: AnyEvent, late_s: float = 0.0, place: Place = PLACE) -> list[tuple[str, bytes]]:
    """Topic and payload of everything that is published for an event."""
    made = MachineMessages(place.gym, place.machine).of(event)
    return [(one.topic, sealed(one, event.t_s, late_s=late_s)) for one in made]


def received(event: AnyEvent, *, retained: bool = False, late_s: float = 0.0) -> FromMachine:
    """An event as the first of its messages is read."""
    topic, payload = messages(event, late_s)[0]
    message = read(topic, payload, retained=retained)
    assert isinstance(message, FromMachine)
    return message


def box_online(status: str = "online") -> tuple[str, bytes]:
    """The box's status."""
    message = BoxMessages(PLACE.gym, ORIGIN.box).status(status, 0, "9f3c")
    return message.topic, sealed(message, 1.0)


def state(session: str | None = "s-1", **changes: Any) -> MachineState:
    """A machine in a set with all assessed."""
    fields: dict[str, Any] = {
        "t_s": 10.0, "session": session, "state": "lifting", "set": 1, "rep": 0, "load_kg": 120.0,
        "assessed": ("lockout_left", "lumbar"), "not_assessed": {}, "asks": None,
        "limits": {"left_knee_flexion_deg": 6.0},
    }  # fmt: skip
    return MachineState(**fields | changes)


def live(t_s: float = 10.0, session: str | None = "s-1", **changes: Any) -> Live:
    """The body at the top of a rep."""
    fields: dict[str, Any] = {
        "t_s": t_s, "session": session, "sled_position_m": 0.4, "sled_velocity_m_s": 0.0,
        "left_knee_flexion_deg": 90.0, "right_knee_flexion_deg": 91.0, "left_knee_medial_mm": 2.0,
        "right_knee_medial_mm": 1.0, "posterior_tilt_deg": 1.0, "left_heel_share": 0.5, "right_heel_share": 0.5,
        "force_n": 900.0, "phase": "top", "set": 1, "rep": 0,
    }  # fmt: skip
    return Live(**fields | changes)


def changed(payload: bytes, **fields: Any) -> bytes:
    """A payload with other fields."""
    return msgspec.json.encode(msgspec.json.decode(payload) | fields)
