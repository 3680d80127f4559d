"""The contract as an AsyncAPI 3 document, from the same list as the schemas: channels, operations, bindings of MQTT."""

from __future__ import annotations

import re
from typing import Any

from edge.publishers.contract import Kind, kinds

DESCRIPTION = """\
What a sledguard edge box publishes and hears over MQTT. MQTT 5 is spoken where the broker does, else 3.1.1, where
nothing expires by itself. Payloads are JSON. Drop a message whose id you have seen; order messages of the outbox by
seq, not by arrival; ask on cmd/replay for numbers that are missing. A fault in not_assessed was not looked for: the
absence of an alert says nothing about it. Nothing may sound for an alert with late = true."""

PARAMETERS = {
    "gym": "The gym's name.",
    "machine": "The machine's name.",
    "box": "The edge box's name.",
    "role": "What a sensor is fixed to.",
    "command": "The command's name.",
}


def asyncapi() -> dict[str, Any]:
    """The whole document."""
    everything = kinds()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "sledguard",
            "version": "1.0.0",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}:8883",
                "protocol": "mqtts",
                "description": "The gym's broker; plain MQTT on 1883 only where it runs on the box itself.",
                "variables": {"host": {"description": "The broker's name.", "default": "localhost"}},
            }
        },
        "channels": {kind.name: _channel(kind) for kind in everything},
        "operations": {f"{_verb(k)}_{k.name}": _operation(k) for k in everything if k.direction != "pages"},
        "components": {"messages": {kind.name: _message(kind) for kind in everything}},
    }


def _channel(kind: Kind) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", kind.address)
    return {
        "address": kind.address,
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"}},
        "parameters": {name: {"description": PARAMETERS[name]} for name in names},
    }


def _operation(kind: Kind) -> dict[str, Any]:
    binding: dict[str, Any] = {"qos": kind.route.qos, "retain": kind.route.retain}
    if kind.route.expiry_s is not None:
        binding["messageExpiryInterval"] = kind.route.expiry_s
    return {
        "action": _verb(kind),
        "channel": {"$ref": f"#/channels/{kind.name}"},
        "messages": [{"$ref": f"#/channels/{kind.name}/messages/{kind.name}"}],
        "bindings": {"mqtt": binding | {"bindingVersion": "0.2.0"}},
    }


def _message(kind: Kind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-07",
            "schema": {"$ref": f"./{kind.name}.schema.json"},
        },
    }


def _verb(kind: Kind) -> str:
    return "send" if kind.direction == "sent" else "receive"
