"""The examples for other systems name only what the contract has: topics, and fields in the messages on them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge.publishers.contract import FOLDER, Kind, kinds

CONFIG = Path(__file__).parents[2] / "config"
FLOW = json.loads((CONFIG / "node-red/flow.json").read_text())
TELEGRAF = tomllib.loads((CONFIG / "telegraf/sledguard.conf").read_text())
CONSUMERS = TELEGRAF["inputs"]["mqtt_consumer"]
TOPICS = [node["topic"] for node in FLOW if node["type"] == "mqtt in"] + [t for one in CONSUMERS for t in one["topics"]]


def heard(topic: str) -> list[Kind]:
    """The kinds of messages that a subscription brings."""
    pattern = re.compile(re.escape(topic).replace(r"\+", "[^/]+") + r"\Z")
    return [kind for kind in kinds() if pattern.match(kind.address)]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_subscription_brings_something(topic: str) -> None:
    """No example listens to a topic that nobody speaks on."""
    assert heard(topic)


def test_every_wire_of_the_flow_leads_somewhere() -> None:
    """Nodes are joined to nodes that there are, and share the one broker."""
    ids = {node["id"] for node in FLOW}
    assert {end for node in FLOW for port in node.get("wires", []) for end in port} <= ids
    assert {node["broker"] for node in FLOW if node["type"] == "mqtt in"} <= ids
    assert not any(node.get("credentials", {}).get("password", "${").count("${") == 0 for node in FLOW)


def paths(consumer: dict[str, Any]) -> list[str]:
    """The fields that a consumer of telegraf reads."""
    parsers = consumer["json_v2"]
    found = [one["path"] for parser in parsers for what in ("field", "tag") for one in parser.get(what, [])]
    return found + [parser["timestamp_path"] for parser in parsers if "timestamp_path" in parser]


@pytest.mark.parametrize(("number", "path"), [(i, path) for i, one in enumerate(CONSUMERS) for path in paths(one)])
def test_every_field_that_telegraf_reads_is_in_a_message(number: int, path: str) -> None:
    """By the published schemas of the topics that it hears."""
    schemas = [
        json.loads((FOLDER / f"{kind.name}.schema.json").read_text())
        for topic in CONSUMERS[number]["topics"]
        for kind in heard(topic)
    ]
    assert any(has(schema, schema, path.split(".")) for schema in schemas)


def has(document: dict[str, Any], schema: dict[str, Any], steps: list[str]) -> bool:
    """Whether a schema has a field, however deep."""
    if "$ref" in schema:
        schema = document["definitions"][schema["$ref"].rpartition("/")[2]]
    if not steps:
        return True
    field = schema.get("properties", {}).get(steps[0])
    return field is not None and has(document, field, steps[1:])
