"""Home Assistant finds machines and boxes by itself: its MQTT discovery messages, made from our topics. Pure.

Nothing is added to what is published anyway: sensors read `state`, `set`, `sensor/…` and `alert/active` by templates,
availability is the box's status, and a machine has a button that gives the identify command and a number that says what
is on the sled. Two forms of the same: one
message for each component, which every version takes, and one for a whole device, for 2024.11 and newer. They are
retained, and sent again when Home Assistant says that it is online.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from edge.publishers.messages import Lane, Message, Route
from edge.samples import IMU_ROLES, LOAD_ROLES

PREFIX = "homeassistant"
STATUS_TOPIC = f"{PREFIX}/status"
ROUTE = Route(suffix="", qos=1, retain=True, expiry_s=None, lane=Lane.LEVEL, plain=True)
Form = Literal["component", "device"]

# Home Assistant fills these in when the button is pressed: the command is given at that moment, under an id of its own.
NOW = '"id": "ha-{{ (now().timestamp() * 1000) | int }}", "ts": "{{ utcnow().isoformat() }}"'
IDENTIFY = "{" + NOW + ', "role": "sled", "seconds": 5}'
SET_LOAD = "{" + NOW + ', "load_kg": {{ value }}}'
LOAD_MAX_KG = 1000
"""More than any press holds; the command itself takes twice that."""


@dataclass(frozen=True, slots=True)
class Component:
    """One entity. topic: where its value comes from or its command goes; about: further keys of its configuration."""

    kind: Literal["sensor", "binary_sensor", "button", "number"]
    key: str
    name: str
    about: dict[str, Any]


def machine_components(root: str) -> list[Component]:
    """The entities of one machine. root: what its topics begin with."""
    found = [
        _value("activity", "Activity", f"{root}/state", "state", icon="mdi:weight-lifter"),
        _value("load", "Load", f"{root}/state", "load_kg", "kg", device_class="weight"),
        _value("reps", "Reps in set", f"{root}/set", "reps", icon="mdi:counter"),
        _value("set", "Set", f"{root}/set", "set", icon="mdi:counter"),
        _value("velocity_loss", "Velocity loss", f"{root}/set", "velocity_loss_pct", "%"),
        Component(
            "binary_sensor",
            "fault",
            "Fault now",
            {
                "state_topic": f"{root}/alert/active",
                "value_template": "{{ 'ON' if value_json.active else 'OFF' }}",
                "device_class": "problem",
            },
        ),
        Component(
            "binary_sensor",
            "blind",
            "Something not assessed",
            {
                "state_topic": f"{root}/state",
                "value_template": "{{ 'ON' if value_json.not_assessed else 'OFF' }}",
                "entity_category": "diagnostic",
                "json_attributes_topic": f"{root}/state",
                "json_attributes_template": "{{ value_json.not_assessed | tojson }}",
            },
        ),
        Component(
            "button",
            "identify",
            "Identify",
            {"command_topic": f"{root}/cmd/identify", "command_template": IDENTIFY, "device_class": "identify"},
        ),
        Component(
            "number",
            "set_load",
            "Set load",
            {
                "state_topic": f"{root}/state",
                "value_template": "{{ value_json.load_kg }}",
                "command_topic": f"{root}/cmd/set_load",
                "command_template": SET_LOAD,
                "device_class": "weight",
                "unit_of_measurement": "kg",
                "min": 0,
                "max": LOAD_MAX_KG,
                "step": 0.5,
                "mode": "box",
            },
        ),
    ]
    return found + [one for role in (*IMU_ROLES, *LOAD_ROLES) for one in _of_sensor(root, role)]


def discovery(gym: str, box_root: str, machine: str, root: str, form: Form) -> list[Message]:
    """The retained messages by which one machine is found."""
    device_id = f"sledguard_{gym}_{machine}"
    device = {"identifiers": [device_id], "name": f"Leg press {machine}", "manufacturer": "sledguard"}
    origin = {"name": "sledguard"}
    around = {
        "availability_topic": f"{box_root}/status",
        "availability_template": "{{ 'online' if value_json.status == 'online' else 'offline' }}",
    }
    components = {c.key: _config(c, device_id) for c in machine_components(root)}
    if form == "device":
        body: dict[str, Any] = {"device": device, "origin": origin, "components": components} | around
        return [Message(f"{PREFIX}/device/{device_id}/config", body, ROUTE)]
    return [
        Message(
            f"{PREFIX}/{config['platform']}/{device_id}/{key}/config",
            {k: v for k, v in config.items() if k != "platform"} | {"device": device, "origin": origin} | around,
            ROUTE,
        )
        for key, config in components.items()
    ]


def _config(component: Component, device_id: str) -> dict[str, Any]:
    return {
        "platform": component.kind,
        "unique_id": f"{device_id}_{component.key}",
        "object_id": f"{device_id}_{component.key}",
        "name": component.name,
    } | component.about


def _value(key: str, name: str, topic: str, field: str, unit: str | None = None, **about: str) -> Component:
    more = {"unit_of_measurement": unit, "state_class": "measurement"} if unit else {}
    template = "{{ value_json." + field + " }}"
    return Component("sensor", key, name, {"state_topic": topic, "value_template": template} | more | about)


def _of_sensor(root: str, role: str) -> list[Component]:
    """A sensor's link and its battery; one that the machine does not have stays unknown."""
    name, topic = role.replace("_", " ").capitalize(), f"{root}/sensor/{role}/state"
    return [
        Component(
            "binary_sensor",
            f"{role}_connected",
            f"{name} sensor",
            {
                "state_topic": topic,
                "value_template": "{{ 'ON' if value_json.connected else 'OFF' }}",
                "device_class": "connectivity",
                "entity_category": "diagnostic",
            },
        ),
        _value(
            f"{role}_battery",
            f"{name} battery",
            topic,
            "battery_pct",
            "%",
            device_class="battery",
            entity_category="diagnostic",
        ),
    ]
