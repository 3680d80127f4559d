"""Answers cmd/replay from the outbox's history, and takes the historian's word for what it has stored.

A replay goes behind everything else at the pace of a back-log. Each row comes on box/BOX/replay, wrapped, so that
nobody who listens to reps counts one twice; the wrapped message is the one that was sent, with its id and number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from edge.clock import ReadClock
from edge.commands import Command, Replay
from edge.events import CommandResult
from edge.publishers.broker_connection import Incoming
from edge.publishers.durable_outbox import DurableOutbox
from edge.publishers.envelope import seal
from edge.publishers.messages import BoxMessages
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.outbox import Entry

CHUNK = 100
ASKED_MAX = 8  # replays that wait; a consumer asks for one hole at a time
PAUSE_S = 0.05  # while the last chunk is on its way


class ReplayDesk:
    """Serves one box. finish: takes results."""

    def __init__(
        self,
        outbox: DurableOutbox,
        publisher: MqttPublisher,
        box: BoxMessages,
        clock: ReadClock,
        finish: Callable[[CommandResult], None],
    ) -> None:
        self._outbox, self._publisher, self._box, self._clock, self._finish = outbox, publisher, box, clock, finish
        self._asked: asyncio.Queue[Replay] = asyncio.Queue(ASKED_MAX)

    def act(self, command: Command) -> None:
        """Take a replay; it is sent when its turn comes."""
        assert isinstance(command, Replay)  # noqa: S101 - the only one that the box knows
        try:
            self._asked.put_nowait(command)
        except asyncio.QueueFull:
            self._end(command, 0, "busy with other replays; ask again later")

    def confirm(self, incoming: Incoming) -> None:
        """A message on box/BOX/confirm. What does not read, or names what was never sent, is no confirmation."""
        try:
            upto = msgspec.json.decode(incoming.payload, type=dict[str, Any]).get("upto_seq")
        except msgspec.DecodeError:
            return
        if isinstance(upto, int) and 0 < upto <= self._outbox.newest_seq:
            self._outbox.confirm(upto)

    async def run(self) -> None:
        """Send what is asked for, until cancelled."""
        while True:
            command = await self._asked.get()
            sent = await self._send(command)
            self._end(command, sent or 0, "the connection was lost; ask again" if sent is None else None)

    async def _send(self, command: Replay) -> int | None:
        """How many rows were sent; None: the connection did not last."""
        connects, sent, next_seq = self._publisher.connects, 0, command.from_seq
        while next_seq <= command.to_seq:
            rows = await self._read(next_seq, command.to_seq)
            for entry in rows:
                fields = msgspec.json.decode(seal(entry.minted, self._clock()))
                self._publisher.publish(self._box.replay(entry.message.topic, fields))
            sent += len(rows)
            while self._publisher.replays_waiting and self._publisher.connects == connects:  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_S)
            if self._publisher.connects != connects:
                return None
            if len(rows) < CHUNK:
                break
            next_seq = rows[-1].seq + 1
        return sent

    async def _read(self, from_seq: int, to_seq: int) -> list[Entry]:
        rows: asyncio.Future[list[Entry]] = asyncio.get_running_loop().create_future()
        self._outbox.read(from_seq, to_seq, CHUNK, rows.set_result)
        return await rows

    def _end(self, command: Replay, sent: int, problem: str | None) -> None:
        wanted = min(command.to_seq, self._outbox.newest_seq) - command.from_seq + 1
        detail: dict[str, float | int | str] = {"sent": sent, "gone": max(0, wanted - sent)}
        self._finish(
            CommandResult(
                t_s=self._clock().mono_ns / 1e9,
                command="replay",
                command_id=command.id,
                ok=problem is None,
                problem=problem,
                detail=detail if problem is None else {},
            )
        )
