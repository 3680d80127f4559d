"""From what the pipeline says to MQTT messages: which topic, which promise of delivery. Pure.

One table tells it all. Five lanes, since five things are wanted of a broker that may be away:

- OUTBOX: never lost as long as there is room; sent in order, oldest first.
- ALERT: past the queue, now or not at all; an alert for an old rep must never sound.
- LEVEL: retained; only the newest of a topic matters.
- REPLAY: history that a consumer asked for; behind everything else, and asked for again where the broker goes away.
- STREAM: for screens; dropped as soon as it would wait.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from edge.errors import SledguardError
from edge.events import (
    ActiveAlerts,
    Alert,
    AnyEvent,
    CommandResult,
    Event,
    FeedbackGiven,
    Live,
    MachineState,
    Notice,
    Rep,
    SensorState,
    SetSummary,
    Sign,
)

ROOT = "sledguard/v1"
LEVEL_PATTERN = re.compile(r"[a-z0-9_-]+\Z")  # what every broker, bridge and shell takes without quoting

DIGITS = 6

Body = dict[str, Any]


class Lane(Enum):
    """What is done with a message while the broker is away."""

    OUTBOX = "outbox"
    ALERT = "alert"
    LEVEL = "level"
    REPLAY = "replay"
    STREAM = "stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table. suffix: under the machine's topic; expiry_s: how long a broker may keep it waiting.

    plain: without our envelope, for those whose form of message is not ours.
    """

    suffix: str
    qos: int
    retain: bool
    expiry_s: int | None
    lane: Lane
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message before its envelope. body: JSON-able, with `type`; correlation: of the MQTT 5 request it answers."""

    topic: str
    body: Body
    route: Route
    correlation: bytes | None = None


# fmt: off
ROUTES: dict[type[Event], Route] = {
    Rep:          Route(suffix="rep",                 qos=1, retain=False, expiry_s=None, lane=Lane.OUTBOX),
    SetSummary:   Route(suffix="set",                 qos=1, retain=True,  expiry_s=None, lane=Lane.OUTBOX),
    Alert:        Route(suffix="alert",               qos=1, retain=False, expiry_s=5,    lane=Lane.ALERT),
    ActiveAlerts: Route(suffix="alert/active",        qos=1, retain=True,  expiry_s=None, lane=Lane.LEVEL),
    MachineState: Route(suffix="state",               qos=1, retain=True,  expiry_s=None, lane=Lane.LEVEL),
    SensorState:  Route(suffix="sensor/{role}/state", qos=1, retain=True,  expiry_s=None, lane=Lane.LEVEL),
    Live:         Route(suffix="live",                qos=0, retain=False, expiry_s=1,    lane=Lane.STREAM),
    CommandResult: Route(suffix="cmd/{command}/result", qos=1, retain=False, expiry_s=60, lane=Lane.ALERT),
}
EVENT_ROUTE =     Route(suffix="event",               qos=1, retain=False, expiry_s=None, lane=Lane.OUTBOX)
STATUS_ROUTE =    Route(suffix="status",              qos=1, retain=True,  expiry_s=None, lane=Lane.LEVEL)
HEALTH_ROUTE =    Route(suffix="health",              qos=0, retain=True,  expiry_s=120,  lane=Lane.STREAM)
REPLAY_ROUTE =    Route(suffix="replay",              qos=1, retain=False, expiry_s=None, lane=Lane.REPLAY)
# fmt: on


def topic_level(name: str) -> str:
    """The name, if it may stand in a topic. SledguardError: it may not."""
    if not LEVEL_PATTERN.match(name):
        raise SledguardError(f"{name!r} cannot stand in an MQTT topic; use only a-z, 0-9, _ and -")
    return name


class MachineMessages:
    """The messages of one machine. It remembers what it last told of sensors and session, to tell changes apart."""

    def __init__(self, gym: str, machine: str) -> None:
        self.root = f"{ROOT}/{topic_level(gym)}/machine/{topic_level(machine)}"
        self._told: dict[str, object] = {}

    def of(self, event: AnyEvent) -> tuple[Message, ...]:
        """All messages for one event, in the order to send them."""
        body: Body = _rounded(msgspec.to_builtins(event))
        kept = self._for_history(event, body)
        route = ROUTES.get(type(event))
        if route is None:
            return kept
        suffix = route.suffix.format(**body) if "{" in route.suffix else route.suffix
        return Message(f"{self.root}/{suffix}", body, route), *kept

    def _for_history(self, event: AnyEvent, body: Body) -> tuple[Message, ...]:
        """The durable copy on {m}/event, of what belongs in the history."""
        match event:
            case Alert() | Notice() | Sign() | FeedbackGiven():
                wanted = True
            case SensorState():
                now = (event.node, event.connected, event.calibrated, event.firmware, event.problem)
                wanted = self._changed(event.role, now)
            case MachineState():
                wanted = self._changed("session", event.session)
            case _:
                wanted = False
        if not wanted:
            return ()
        # `"type": "alert"` stands on {m}/alert alone, so that nobody who takes every topic hears one alert twice.
        about = {key: value for key, value in body.items() if key not in {"type", "t_s", "session"}}
        kind = str(body["type"])
        name = "session" if isinstance(event, MachineState) else kind
        copy: Body = {"type": "event", "t_s": body["t_s"], "session": event.session, "event": name, kind: about}
        return (Message(f"{self.root}/{EVENT_ROUTE.suffix}", copy, EVENT_ROUTE),)

    def _changed(self, name: str, value: object) -> bool:
        before = self._told.get(name)
        self._told[name] = value
        return before != value


def _rounded(value: Any) -> Any:
    """The value with its numbers at DIGITS: times to the µs, and no digits that only arithmetic made."""
    match value:
        case float():
            return round(value, DIGITS)
        case dict():
            return {key: _rounded(one) for key, one in value.items()}
        case tuple() | list():
            return [_rounded(one) for one in value]
        case _:
            return value


class BoxMessages:
    """The messages of the edge box itself."""

    def __init__(self, gym: str, box: str) -> None:
        self.root = f"{ROOT}/{topic_level(gym)}/box/{topic_level(box)}"
        self.echo_topic = f"{self.root}/echo"

    def status(self, status: str, newest_seq: int, outbox_id: str | None) -> Message:
        """status: online, stopping, or, as the will, offline. newest_seq: of the outbox, in this boot; 0 before any.

        outbox_id: whose numbers they are, None where they begin anew with every start.
        """
        body = {"type": "status", "status": status, "newest_seq": newest_seq, "outbox_id": outbox_id}
        return Message(f"{self.root}/{STATUS_ROUTE.suffix}", body, STATUS_ROUTE)

    def replay(self, topic: str, fields: Body) -> Message:
        """A message of the history, as it was sent on its topic."""
        return Message(
            f"{self.root}/{REPLAY_ROUTE.suffix}", {"type": "replay", "topic": topic, "message": fields}, REPLAY_ROUTE
        )

    def result(self, result: CommandResult) -> Message:
        """What became of a command to the box."""
        route = ROUTES[CommandResult]
        return Message(f"{self.root}/{route.suffix.format(command=result.command)}", msgspec.to_builtins(result), route)

    def health(self, counters: Body) -> Message:
        """counters: JSON-able facts about the box at this moment."""
        return Message(f"{self.root}/{HEALTH_ROUTE.suffix}", {"type": "health"} | counters, HEALTH_ROUTE)
