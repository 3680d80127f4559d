"""Whether what a broker is to forget is still there, by what the broker keeps of it and of the boxes that told it.

A box tells its status as it connects, and its will tells "offline" once it is gone. What bears the boot of a box that
is online comes from that very run of it, which watches the machine; of a machine that was taken out of its
configuration only words of an earlier boot are left. Where no status is kept, or this login may not hear it, nobody
knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from edge.history.received import FromBox, FromMachine, Place, Unreadable, read
from edge.publishers.broker_connection import BrokerConnection, Incoming
from edge.publishers.messages import ROOT

LOOK_S = 2.0
"""A broker sends what it keeps at once after it has agreed to a subscription; 2 s is enough for a slow line."""
Box = tuple[str, str]
"""Gym and name."""


@dataclass
class Kept:
    """What a broker keeps. boxes: their status and boot; machines: the boxes, each with its boot, that told of them."""

    boxes: dict[Box, tuple[str, str]] = field(default_factory=dict)
    machines: dict[Box, set[tuple[str, str]]] = field(default_factory=dict)

    def take(self, topic: str, payload: bytes) -> None:
        """A message; one that does not read says nothing."""
        try:
            message = read(topic, payload, retained=True)
        except Unreadable:
            return
        match message:
            case FromBox(gym=gym, box=box, envelope=envelope, status=str(status)):
                self.boxes[gym, box] = status, envelope.boot
            case FromMachine(place=Place(gym=gym, machine=machine), envelope=envelope):
                self.machines.setdefault((gym, machine), set()).add((envelope.box, envelope.boot))

    def objections(self, machines: Iterable[Box], boxes: Iterable[Box]) -> list[str]:
        """Why these are not to be forgotten, each with what to do; none where all of them are gone."""
        told = [self._of_machine(gym, name) for gym, name in machines] + [self._of_box(*one) for one in boxes]
        return [one for one in told if one is not None]

    def _of_machine(self, gym: str, machine: str) -> str | None:
        unknown = None
        for box, boot in sorted(self.machines.get((gym, machine), ())):
            status, now = self.boxes.get((gym, box), (None, None))
            if status is None:
                unknown = f"{gym}/{machine}: no status of its box {box} is to be heard, so it may still be watched"
            elif status != "offline" and boot == now:
                return f"{gym}/{machine} is watched by {box}: take it out of its configuration and start it anew first"
        return unknown

    def _of_box(self, gym: str, box: str) -> str | None:
        status, _ = self.boxes.get((gym, box), (None, None))
        if status is None:
            return f"{gym}/{box}: no status of it is to be heard, so it may still run"
        return None if status == "offline" else f"{gym}/{box} is {status}: stop it first"


class Look:
    """Hears what a broker keeps; see `broker_connection.Hears`."""

    def __init__(self) -> None:
        self.kept = Kept()
        self._answered = asyncio.Event()

    async def at(self, connection: BrokerConnection, machines: Iterable[Box], boxes: Iterable[Box]) -> Kept:
        """Ask for it and wait until it is there."""
        ours = [f"{ROOT}/{gym}/machine/{name}" for gym, name in machines]
        gyms = dict.fromkeys(gym for gym, _ in [*machines, *boxes])
        told = [f"{machine}/{what}" for machine in ours for what in ("state", "sensor/+/state")]
        connection.subscribe([*told, *(f"{ROOT}/{gym}/box/+/status" for gym in gyms)])
        await self._answered.wait()
        await asyncio.sleep(LOOK_S)
        return self.kept

    def delivered(self, number: int, accepted: bool) -> None:  # noqa: FBT001
        """Nothing is said."""

    def heard(self, message: Incoming) -> None:
        """See Hears."""
        self.kept.take(message.topic, message.payload)

    def subscribed(self, refused: list[str]) -> None:
        """What is refused is not heard, and so not known."""
        self._answered.set()
