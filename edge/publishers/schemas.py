"""JSON Schemas of every message, from the types: draft 7, one document each, nothing written by hand.

What a box sends always has all of its fields, null where not known. A later minor version may add fields: consumers
pass over what they do not know.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from edge.events import Alert, Event, FeedbackGiven, MachineState, Notice, SensorState, Sign
from edge.publishers.contract import Kind, tag_of
from edge.publishers.messages import Lane
from edge.publishers.payloads import Envelope, Numbered

DIALECT = "http://json-schema.org/draft-07/schema#"
HISTORY: dict[str, type[Event]] = {
    "alert": Alert,
    "sign": Sign,
    "notice": Notice,
    "sensor": SensorState,
    "session": MachineState,
    "feedback": FeedbackGiven,
}
"""What stands on {m}/event: the name in `event`, and the type whose fields are in it."""

Schema = dict[str, Any]


def schema(kind: Kind) -> Schema:
    """The schema of one kind of message, as a document of its own."""
    body, shared = _history() if kind.name == "event" else _object(kind.payload, sent=kind.direction != "received")
    if kind.direction == "sent":
        parts: list[type[msgspec.Struct]] = [Envelope]
        if kind.route.lane is Lane.OUTBOX:
            parts.append(Numbered)
        for part in parts:
            around, _ = _object(part, sent=True)
            body["properties"] = around["properties"] | body["properties"]
            body["required"] = [*around["required"], *body["required"]]
    head: Schema = {"$schema": DIALECT, "$id": f"sledguard:v1:{kind.name}"}
    return head | body | ({"definitions": shared} if shared else {})


def _object(payload: type[msgspec.Struct], *, sent: bool) -> tuple[Schema, Schema]:
    """The schema of a type, and of what it refers to by name."""
    (_,), found = msgspec.json.schema_components([payload], ref_template="#/definitions/{name}")
    for one in found.values():
        one["description"] = " ".join(one.get("description", "").split())
        if sent and "properties" in one:
            one["required"] = list(one["properties"])
    found = {name: _in_order(one) for name, one in found.items()}
    own = found.pop(payload.__name__)
    tag_field = payload.__struct_config__.tag_field
    if not sent and tag_field:  # the topic names the command
        own["properties"].pop(tag_field, None)
        own["required"] = [name for name in own["required"] if name != tag_field]
    return own, found


def _in_order(value: Any) -> Any:
    """The same in a form that does not differ from run to run: choices in order, null last; whole numbers as such."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_in_order(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _in_order(one) for key, one in value.items()}
    if "anyOf" in made:
        made["anyOf"].sort(key=lambda form: (form == {"type": "null"}, json.dumps(form, sort_keys=True)))
    return made


def _history() -> tuple[Schema, Schema]:
    """{m}/event: one form for each thing that is kept."""
    shared: Schema = {}
    forms = []
    for name, event in HISTORY.items():
        own, found = _object(event, sent=True)
        shared |= found
        inner = tag_of(event)
        for field in ("type", "t_s", "session"):
            own["properties"].pop(field)
            own["required"].remove(field)
        shared[event.__name__] = own
        forms.append(
            {
                "properties": {"event": {"enum": [name]}, inner: {"$ref": f"#/definitions/{event.__name__}"}},
                "required": ["event", inner],
            }
        )
    body: Schema = {
        "title": "Event",
        "description": "The durable copy of what belongs in the history; `event` says what it is.",
        "type": "object",
        "properties": {
            "type": {"enum": ["event"]},
            "t_s": {"type": "number"},
            "session": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "event": {"enum": list(HISTORY)},
        },
        "required": ["type", "t_s", "session", "event"],
        "oneOf": forms,
    }
    return body, shared
