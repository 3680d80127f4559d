"""The published contract: it is what the types say, it holds for every message, and notices one that differs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from contract_check import all_kinds, faults, payload_faults, validator
from example_events import EVERY, REP, RESULT

from edge.clock import Instant
from edge.commands import Tare
from edge.publishers.broker_connection import Packet
from edge.publishers.contract import FOLDER, documents, kind_of
from edge.publishers.envelope import Origin, mint, seal
from edge.publishers.messages import BoxMessages, Lane, MachineMessages, Message

NOW = Instant(70 * 10**9, 10**18, synced=True)


def packet(message: Message) -> Packet:
    """A message as it would leave."""
    seq = 3 if message.route.lane is Lane.OUTBOX else None
    payload = seal(mint(message.body, Origin("box", "b-1"), NOW, bytes(10), seq), NOW)
    return Packet(topic=message.topic, payload=payload, qos=message.route.qos, retain=message.route.retain)


MESSAGES = [message for event in (*EVERY, RESULT) for message in MachineMessages("g", "m").of(event)]


def test_documents_are_what_the_types_say() -> None:
    """Every schema and the AsyncAPI document are those of the types; renew them with: make generated."""
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.json")} == documents()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.topic.rpartition("/")[2])
def test_every_message_holds(message: Message) -> None:
    """A message of each kind is as its schema says."""
    assert faults(packet(message)) == []


def test_examples_cover_every_kind() -> None:
    """The examples that all tests use show every kind of message that a machine sends."""
    shown = {kind.name for message in MESSAGES if (kind := kind_of(message.topic))}
    assert shown == {k.name for k in all_kinds() if k.direction == "sent" and "/machine/" in k.address}


@pytest.mark.parametrize(
    "change",
    [
        {"rep": "three"},
        {"rep": None},
        {"seq": 0},
        {"v": 2},
        {"id": "7"},
        {"ts": "yesterday"},
        {"clock": "wrong"},
        {"name_of_the_lifter": "x"},
        {"type": "alert"},
    ],
    ids=str,
)
def test_a_differing_message_is_noticed(change: dict[str, Any]) -> None:
    """A wrong type, a number out of range, an unknown field: each is a fault."""
    one = packet(MachineMessages("g", "m").of(REP)[0])
    payload = json.dumps(json.loads(one.payload) | change).encode()
    assert faults(replace(one, payload=payload)) != []


@pytest.mark.parametrize("field", ["seq", "late", "t_s", "faults", "session"])
def test_a_missing_field_is_noticed(field: str) -> None:
    """What a box sends has all of its fields."""
    one = packet(MachineMessages("g", "m").of(REP)[0])
    fields = json.loads(one.payload)
    del fields[field]
    assert faults(replace(one, payload=json.dumps(fields).encode())) != []


def test_wrong_topic_qos_or_retain_is_noticed() -> None:
    """The contract is of topics and flags, too."""
    one = packet(MachineMessages("g", "m").of(REP)[0])
    for wrong in (
        replace(one, topic="sledguard/v1/g/machine/m/reps"),
        replace(one, topic="sledguard/v1/g/machine/m/cmd/tare"),
        replace(one, qos=0),
        replace(one, retain=True),
    ):
        assert len(faults(wrong)) == 1


def test_what_the_schema_takes_the_box_takes() -> None:
    """A command by its schema decodes as its type; one beyond it in neither."""
    good = {"id": "t-1", "ts": "2026-01-31T12:00:00Z", "role": "backpad"}
    assert payload_faults("cmd_tare", json.dumps(good).encode()) == []
    assert msgspec.convert(good | {"command": "tare"}, Tare).role == "backpad"
    for bad in (good | {"role": "nose"}, good | {"more": 1}, {"id": "t-1"}):
        assert payload_faults("cmd_tare", json.dumps(bad).encode()) != []
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad | {"command": "tare"}, Tare)


def test_messages_of_the_box_hold() -> None:
    """Status and a replayed message are as their schemas say; health is held wherever a test runs a box."""
    box = BoxMessages("g", "box")
    rep = json.loads(packet(MachineMessages("g", "m").of(REP)[0]).payload)
    for message in (box.status("online", 7, "9f3c"), box.replay("sledguard/v1/g/machine/m/rep", rep)):
        assert faults(packet(message)) == []


def test_asyncapi_names_only_what_there_is() -> None:
    """Every reference of the document leads somewhere, and each kind has its channel, operation and message."""
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {kind.name for kind in all_kinds()}
    assert len(document["operations"]) == len([kind for kind in all_kinds() if kind.direction != "pages"])

    def refs(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [value["$ref"]] if "$ref" in value else [ref for one in value.values() for ref in refs(one)]
        return [ref for one in value for ref in refs(one)] if isinstance(value, list) else []

    for ref in refs(document):
        if ref.startswith("./"):
            validator(ref.removeprefix("./").removesuffix(".schema.json"))
            continue
        target = document
        for step in ref.removeprefix("#/").split("/"):
            target = target[step]
