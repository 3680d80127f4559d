"""Takes what is asked over MQTT, refuses what must not be acted upon, and answers each with a result.

Refused: what a broker had kept (retained), what waited too long (stale), what has no such name or does not read. A
command that comes twice is acted upon once; the second only gets the result again. The answer goes to cmd/NAME/result
and, where an MQTT 5 sender names a topic below {root}/{gym}/reply, to that too: to no other topic, or anybody who may
command a box could have it write where only the box may.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from edge.clock import Instant
from edge.commands import Command, name_of
from edge.events import CommandResult
from edge.publishers.broker_connection import Incoming

STALE_AFTER_S = 10.0  # the contract's expiry of commands; a person who asked has given up by then
AHEAD_MAX_S = 10.0  # clocks of sender and box may differ by so much; more, and nothing can be told of its age
PAYLOAD_MAX_BYTES = 8192
SEEN_MAX = 1000

Act = Callable[[Command], None]
Answer = Callable[[CommandResult, Incoming], None]


class CommandDesk:
    """The commands of one machine or of the box. act: takes what is accepted; answer: takes every result."""

    def __init__(self, commands: Sequence[type[Command]], act: Act, answer: Answer) -> None:
        self._types = {name_of(one): one for one in commands}
        self._act, self._answer = act, answer
        self._seen: OrderedDict[str, tuple[Incoming, CommandResult | None]] = OrderedDict()

    def take(self, incoming: Incoming, now: Instant) -> None:
        """A message on cmd/NAME."""
        if not incoming.payload:  # how a retained command is cleared at the broker, which we ask for ourselves
            return
        name = incoming.topic.rpartition("/")[2]
        command_id = None
        try:
            fields = _fields(incoming.payload)
            asked = fields.get("id")
            command_id = asked if isinstance(asked, str) else None
            command = self._accept(name, fields, incoming, now)
        except (ValueError, msgspec.ValidationError) as error:
            result = CommandResult(
                t_s=now.mono_ns / 1e9, command=name, command_id=command_id, ok=False, problem=str(error)
            )
            self._answer(result, incoming)
            return
        if command.id in self._seen:
            self._repeat(command.id, incoming)
            return
        self._seen[command.id] = (incoming, None)
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
        self._act(command)

    def finish(self, result: CommandResult) -> None:
        """A command that was acted upon has ended."""
        incoming, _ = self._seen.get(result.command_id or "", (None, None))
        if incoming is not None and result.command_id is not None:
            self._seen[result.command_id] = (incoming, result)
            self._answer(result, incoming)

    def _repeat(self, command_id: str, incoming: Incoming) -> None:
        _, result = self._seen[command_id]
        if result is not None:
            self._answer(result, incoming)

    def _accept(self, name: str, fields: dict[str, Any], incoming: Incoming, now: Instant) -> Command:
        """ValueError, msgspec.ValidationError: refused, with the reason."""
        if incoming.retained:
            raise ValueError("retained: a command is never kept; clear this topic at the broker")
        if name not in self._types:
            raise ValueError(f"unknown: there is no command {name!r} here, only {', '.join(self._types)}")
        command = msgspec.convert(fields | {"command": name}, self._types[name])
        age_s = _age_s(command.ts, now)
        if now.synced and age_s > STALE_AFTER_S:
            raise ValueError(f"stale: given {age_s:.0f} s ago, and {STALE_AFTER_S:.0f} s is the limit")
        if now.synced and age_s < -AHEAD_MAX_S:
            raise ValueError(f"stale: its ts is {-age_s:.0f} s ahead; set the sender's clock")
        return command


def _fields(payload: bytes) -> dict[str, Any]:
    """The JSON object in it. ValueError: there is none, or too large a one."""
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise ValueError(f"too long: {len(payload)} bytes, and {PAYLOAD_MAX_BYTES} is the limit")
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError('unreadable: must be a JSON object with "id" and "ts"')
    return value


def _age_s(ts: str, now: Instant) -> float:
    """ValueError: not a time with its offset from UTC."""
    try:
        given = datetime.fromisoformat(ts)
    except ValueError:
        given = None
    if given is None or given.tzinfo is None:
        raise ValueError("ts: must be UTC such as 2026-01-31T12:00:00Z")
    return now.utc_ns / 1e9 - given.timestamp()


def reply_topic(incoming: Incoming, gym_root: str) -> str | None:
    """Where an MQTT 5 sender wants the answer too, if it may stand there."""
    wanted = incoming.reply_to
    if wanted is None or not wanted.startswith(f"{gym_root}/reply/") or "+" in wanted or "#" in wanted:
        return None
    return wanted
