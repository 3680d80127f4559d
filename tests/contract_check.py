"""Holds every message that any test publishes against the published schemas, more strictly than a consumer should."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import fastjsonschema

from edge.publishers.broker_connection import Packet
from edge.publishers.contract import FOLDER, Kind, kinds
from edge.publishers.messages import ROOT


@cache
def all_kinds() -> list[Kind]:
    return kinds()


@cache
def validator(name: str) -> Any:
    """The schema that is in the repository, which must allow nothing that it does not name."""
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return fastjsonschema.compile(closed(schema))


def closed(schema: Any) -> Any:
    """The schema with all of its objects closed to unknown fields."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if made.get("type") == "object" and "properties" in made and "oneOf" not in made:
        made.setdefault("additionalProperties", False)
    return made


def faults(packet: Packet) -> list[str]:
    """What is wrong with a packet on its way to a broker: its topic, how it is sent, its payload."""
    if not packet.topic.startswith(ROOT) or packet.topic.endswith("/echo") or "/reply/" in packet.topic:
        return []
    kind = next((kind for kind in all_kinds() if kind.topics.match(packet.topic)), None)
    if kind is None or kind.direction != "sent":
        return [f"no message of the contract goes to {packet.topic}"]
    if packet.qos != kind.route.qos or (packet.retain and not kind.route.retain):
        return [f"{packet.topic}: sent with QoS {packet.qos}, retain {packet.retain}"]
    return [f"{packet.topic}: {fault}" for fault in payload_faults(kind.name, packet.payload)]


def payload_faults(name: str, payload: bytes) -> list[str]:
    """What the schema has against a payload."""
    try:
        validator(name)(json.loads(payload))
    except fastjsonschema.JsonSchemaException as error:
        return [f"{error.message}: {payload.decode()}"]
    return []
