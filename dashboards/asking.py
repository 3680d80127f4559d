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
from edge.commands import Command, SetLoad, TrustLegs, name_of
from edge.events import CommandResult
from edge.history.received import Place

ANSWER_MAX_S = 4.0
"""A box answers within milliseconds; whoever waits longer than this looks elsewhere."""

Said = Literal["done", "refused", "broker", "box", "no_answer", "no_number", "no_weight", "less", "over"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, a key of the words `said.*`. why: the box's own reason, where it refuses."""

    said: Said
    why: str = ""


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
            return Outcome("no_answer")
        finally:
            del self._waiting[command.id]
        return Outcome("done") if result.ok else Outcome("refused", result.problem or "")


def _number(typed: str) -> float | None:
    """A number as people write it, None for an empty field. ValueError: it is none."""
    text = typed.strip().replace(",", ".")
    if "_" in text:  # which Python takes between digits, and nobody means
        raise ValueError(f"{typed!r} is no number")
    return float(text) if text else None


def _payload(command: Command) -> bytes:
    """Its name stands in the topic."""
    return msgspec.json.encode({k: v for k, v in msgspec.to_builtins(command).items() if k != "command"})
