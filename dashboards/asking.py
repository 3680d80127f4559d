"""Commands to the box of a machine, and what became of them: asked once, and answered by the box or by nobody."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from dashboards.hub import Hub
from edge.commands import NOT_REMEMBERED, Command, ForgetLifter, SetLifter, SetLoad, TrustLegs, name_of
from edge.events import CommandResult
from edge.history.received import Place

ANSWER_MAX_S = 4.0
"""A box answers within milliseconds; whoever waits longer than this looks elsewhere."""

METRES_MAX = 3.0
"""A height or a leg below it was written in metres, above it in centimetres."""

Said = Literal[
    "done", "refused", "broker", "box", "no_answer", "no_number", "no_weight", "less", "over",
    "no_length", "one_length", "no_id", "elsewhere",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, a key of the words `said.*`. why: the box's own reason, where it refuses; command_id: what was
    asked, once it was sent.
    """

    said: Said
    why: str = ""
    command_id: str = field(default="", compare=False)

    @property
    def is_open(self) -> bool:
        """Whether the box may keep of it all the same what a lifter's number stands for: not answered in time, or
        refused by the machine once the box had looked the lifter up.
        """
        return self.command_id != "" and self.said != "done" and self.why != NOT_REMEMBERED


@dataclass(frozen=True, slots=True)
class Typed:
    """Who is lifting, as it was typed: an id, or none; height, thigh and shank in cm, or in m, or empty."""

    lifter: str = ""
    height: str = ""
    thigh: str = ""
    shank: str = ""


NOBODY = Typed()


@dataclass(slots=True)
class Asking:
    """answer_max_s: how long a box may take."""

    hub: Hub
    send: Callable[[str, bytes], None]
    utc_now: Callable[[], datetime]
    answer_max_s: float = ANSWER_MAX_S
    _waiting: dict[str, asyncio.Future[CommandResult]] = field(default_factory=dict)

    def answered(self, result: CommandResult) -> None:
        """A box has told what became of a command, ours or another's."""
        waiting = self._waiting.get(result.command_id or "")
        if waiting is not None and not waiting.done():
            waiting.set_result(result)

    async def trust_legs(self, place: Place) -> Outcome:
        """Left and right are right, says somebody who has looked."""
        return await self._ask(place, TrustLegs(**self._given()))

    async def set_load(self, place: Place, load: str, most: str) -> Outcome:
        """What is on the sled, and the most that its lifter can press once, kg, as they were typed. Empty: the load is
        not known; the most is as said before.
        """
        try:
            load_kg, most_kg = _number(load), _number(most)
        except ValueError:
            return Outcome("no_number")
        try:
            fields = {"command": name_of(SetLoad), "load_kg": load_kg, "one_rep_max_kg": most_kg}
            command = msgspec.convert(self._given() | fields, SetLoad)
        except msgspec.ValidationError:
            return Outcome("no_weight")
        if load_kg is not None and most_kg is not None and most_kg < load_kg:
            return Outcome("less")
        return await self._ask(place, command)

    async def set_lifter(self, place: Place, typed: Typed) -> Outcome:
        """Who is lifting. Without an id: somebody unknown. Height or tape say the whole body, what is empty of it is
        none; all empty: as last said with this id.
        """
        try:
            lengths = {
                "height_m": _metres(typed.height), "thigh_m": _metres(typed.thigh), "shank_m": _metres(typed.shank)
            }  # fmt: skip
        except ValueError:
            return Outcome("no_length")
        if (lengths["thigh_m"] is None) != (lengths["shank_m"] is None):
            return Outcome("one_length")
        fields = self._given() | lengths | {"command": name_of(SetLifter), "lifter": typed.lifter.strip() or None}
        try:
            command = msgspec.convert(fields, SetLifter)
        except msgspec.ValidationError as error:
            return Outcome("no_id" if str(error).endswith("$.lifter`") else "no_length")
        return await self._ask(place, command)

    async def forget_lifter(self, place: Place, lifter: str) -> Outcome:
        """The box of this machine deletes what it keeps, and every other one of the gym: `elsewhere` where one of those
        could not be told.
        """
        machines = self.hub.machines
        of_boxes = {view.box: one for one, view in machines.items() if one.gym == place.gym and view.box is not None}
        asked = [place, *(one for box, one in of_boxes.items() if place not in machines or box != machines[place].box)]
        told = await asyncio.gather(*(self._ask(one, ForgetLifter(lifter=lifter, **self._given())) for one in asked))
        here, *elsewhere = told
        return Outcome("elsewhere") if here.said == "done" and any(one.said != "done" for one in elsewhere) else here

    def _given(self) -> dict[str, Any]:
        return {"id": f"pages-{secrets.token_hex(8)}", "ts": self.utc_now().isoformat()}

    async def _ask(self, place: Place, command: Command) -> Outcome:
        view = self.hub.machines.get(place)
        signal = self.hub.signal_of(view) if view is not None else "box"
        if signal in ("broker", "box"):
            return Outcome(signal)
        self._waiting[command.id] = answer = asyncio.get_running_loop().create_future()
        try:
            self.send(f"{place.topic}/cmd/{name_of(type(command))}", _payload(command))
            async with asyncio.timeout(self.answer_max_s):
                result = await answer
        except TimeoutError:
            return Outcome("no_answer", command_id=command.id)
        finally:
            del self._waiting[command.id]
        return Outcome("done" if result.ok else "refused", result.problem or "", command.id)


def _number(typed: str) -> float | None:
    """A number as people write it, None for an empty field. ValueError: it is none."""
    text = typed.strip().replace(",", ".")
    if "_" in text:  # which Python takes between digits, and nobody means
        raise ValueError(f"{typed!r} is no number")
    return float(text) if text else None


def _metres(typed: str) -> float | None:
    """A length as people write it, None for an empty field. ValueError: it is no number."""
    value = _number(typed)
    return value if value is None or value < METRES_MAX else value / 100.0


def _payload(command: Command) -> bytes:
    """Its name stands in the topic."""
    return msgspec.json.encode({k: v for k, v in msgspec.to_builtins(command).items() if k != "command"})
