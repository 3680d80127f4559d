"""Discovery messages: what Home Assistant is told, and that it is only of what there is."""

from __future__ import annotations

import json
import re

import pytest
from contract_check import payload_faults
from example_events import ACTIVE, SENSOR, SET, STATE

from edge.clock import Instant
from edge.publishers.envelope import Origin, mint
from edge.publishers.home_assistant import IDENTIFY, SET_LOAD, discovery
from edge.publishers.messages import MachineMessages, Message
from edge.publishers.traffic import packet_of

ROOT = "sledguard/v1/g/machine/m"
NOW = Instant(0, 0, synced=True)
PER_COMPONENT = discovery("g", "sledguard/v1/g/box/b", "m", ROOT, "component")
(DEVICE,) = discovery("g", "sledguard/v1/g/box/b", "m", ROOT, "device")


def test_one_message_for_each_component_or_for_the_device() -> None:
    """Both forms name the same entities, under the topics that Home Assistant listens to."""
    assert DEVICE.topic == "homeassistant/device/sledguard_g_m/config"
    keys = {message.topic.split("/")[3] for message in PER_COMPONENT}
    assert keys == set(DEVICE.body["components"])
    for message in PER_COMPONENT:
        assert re.fullmatch(
            r"homeassistant/(sensor|binary_sensor|button|number)/sledguard_g_m/\w+/config", message.topic
        )


def test_ids_are_unique_and_the_device_is_one() -> None:
    """No two entities share an id, all are of one device, and availability is the box's status."""
    bodies = [message.body for message in PER_COMPONENT]
    assert len({body["unique_id"] for body in bodies}) == len(bodies)
    assert {tuple(body["device"]["identifiers"]) for body in bodies} == {("sledguard_g_m",)}
    assert {body["availability_topic"] for body in [*bodies, DEVICE.body]} == {"sledguard/v1/g/box/b/status"}


def test_messages_carry_no_envelope_and_are_retained() -> None:
    """What Home Assistant reads is its own form and nothing beside it."""
    for message in (*PER_COMPONENT, DEVICE):
        packet = packet_of(message, mint(message.body, Origin("b", "1"), NOW, bytes(10)), NOW)
        assert packet.retain
        assert json.loads(packet.payload) == message.body


def published() -> dict[str, Message]:
    """Topic -> an example of what stands on it."""
    machine = MachineMessages("g", "m")
    return {message.topic: message for event in (STATE, SET, ACTIVE, SENSOR) for message in machine.of(event)}


@pytest.mark.parametrize("message", PER_COMPONENT, ids=lambda message: message.topic.split("/")[3])
def test_values_are_read_from_what_is_published(message: Message) -> None:
    """Each template reads a field that the message on that topic has."""
    topic = message.body.get("state_topic")
    if topic is None:
        assert message.body["command_topic"] == f"{ROOT}/cmd/identify"
        return
    example = published().get(re.sub("sensor/[a-z_]+/", "sensor/left_shank/", topic))
    assert example is not None, topic
    (field,) = re.findall(r"value_json\.(\w+)", message.body["value_template"])
    assert field in example.body


@pytest.mark.parametrize(
    ("template", "command", "says"),
    [(IDENTIFY, "cmd_identify", {"role": "sled", "seconds": 5}), (SET_LOAD, "cmd_set_load", {"load_kg": 95.5})],
)
def test_button_and_number_give_a_whole_command(template: str, command: str, says: dict[str, object]) -> None:
    """With its holes filled a template is a command by the published schema."""
    holes = {
        "{{ (now().timestamp() * 1000) | int }}": "17", "{{ utcnow().isoformat() }}": "2026-01-31T12:00:00+00:00",
        "{{ value }}": "95.5",
    }  # fmt: skip
    filled = re.sub(r"{{.*?}}", lambda hole: holes[hole[0]], template)
    assert json.loads(filled) == {"id": "ha-17", "ts": "2026-01-31T12:00:00+00:00"} | says
    assert payload_faults(command, filled.encode()) == []
