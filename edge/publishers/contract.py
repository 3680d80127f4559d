"""The contract as a list: every kind of message, its topic, which way it goes and what is in it.

`schemas.py` and `asyncapi.py` make the published documents of it; `python -m edge.publishers.contract` writes them.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec

from edge.commands import Command, MachineCommand, Replay, name_of
from edge.publishers.messages import EVENT_ROUTE, HEALTH_ROUTE, REPLAY_ROUTE, ROOT, ROUTES, STATUS_ROUTE, Lane, Route
from edge.publishers.payloads import Assistance, Confirm, Health, Replayed, Status

MACHINE, BOX = f"{ROOT}/{{gym}}/machine/{{machine}}", f"{ROOT}/{{gym}}/box/{{box}}"
COMMAND_ROUTE = Route(suffix="", qos=1, retain=False, expiry_s=10, lane=Lane.ALERT)
FOLDER = Path(__file__).with_name("contract")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message. address: its topic, with {names} for levels; sent: by the box; received: by it; pages: said
    by the pages, and none of the box's business.
    """

    name: str
    address: str
    route: Route
    payload: type[msgspec.Struct]
    direction: Literal["sent", "received", "pages"] = "sent"

    @property
    def topics(self) -> re.Pattern[str]:
        """Its topics."""
        return re.compile(re.sub(r"\\{\w+\\}", "[a-z0-9_-]+", re.escape(self.address)) + r"\Z")


def kinds() -> list[Kind]:
    """All kinds of messages, in the order of the documents."""
    found = [Kind(tag_of(event), f"{MACHINE}/{route.suffix}", route, event) for event, route in ROUTES.items()]
    found.append(Kind("event", f"{MACHINE}/{EVENT_ROUTE.suffix}", EVENT_ROUTE, msgspec.Struct))
    found += [
        Kind("status", f"{BOX}/{STATUS_ROUTE.suffix}", STATUS_ROUTE, Status),
        Kind("health", f"{BOX}/{HEALTH_ROUTE.suffix}", HEALTH_ROUTE, Health),
        Kind("replay", f"{BOX}/{REPLAY_ROUTE.suffix}", REPLAY_ROUTE, Replayed),
    ]
    found.append(_result_of_the_box(found))
    found += [_command(MACHINE, one) for one in get_args(MachineCommand)]
    found += [_command(BOX, Replay), Kind("confirm", f"{BOX}/confirm", COMMAND_ROUTE, Confirm, "received")]
    found.append(Kind("assistance", f"{MACHINE}/assistance", COMMAND_ROUTE, Assistance, "pages"))
    return found


def kind_of(topic: str) -> Kind | None:
    """The kind of message on a topic; None: none of ours."""
    return next((kind for kind in kinds() if kind.topics.match(topic)), None)


def tag_of(event: type[msgspec.Struct]) -> str:
    """The value of its `type`."""
    return str(event.__struct_config__.tag)


def _result_of_the_box(found: list[Kind]) -> Kind:
    result = next(kind for kind in found if kind.name == "result")
    return Kind("box_result", f"{BOX}/{result.route.suffix}", result.route, result.payload)


def _command(root: str, command: type[Command]) -> Kind:
    name = name_of(command)
    return Kind(f"cmd_{name}", f"{root}/cmd/{name}", COMMAND_ROUTE, command, "received")


def documents() -> dict[str, bytes]:
    """File name -> content of everything that is published of the contract."""
    from edge.publishers.asyncapi import asyncapi  # noqa: PLC0415 - it is made of this module
    from edge.publishers.schemas import schema  # noqa: PLC0415

    made: dict[str, object] = {f"{kind.name}.schema.json": schema(kind) for kind in kinds()}
    made["asyncapi.json"] = asyncapi()
    return {name: msgspec.json.format(msgspec.json.encode(one), indent=1) + b"\n" for name, one in made.items()}


def write(folder: Path) -> None:
    """Write all documents anew; what is none of them goes."""
    folder.mkdir(exist_ok=True)
    made = documents()
    for old in folder.glob("*.json"):
        if old.name not in made:
            old.unlink()
    for name, content in made.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
