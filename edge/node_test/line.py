"""A dialog on a real line, in real time: whatever is a `Source` carries it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from edge.clock import monotonic_ns
from edge.errors import TransientError
from edge.events import Send
from edge.node_test.dialog import Dialog
from edge.sources.base import Source

TICK_S = 0.005
"""Checks go on so often: well below a radio's connection interval."""

OPEN_S = 20.0
"""A scan and a connection over Bluetooth take some seconds; a serial port is there at once or not at all."""


class Conversation(Protocol):
    """What is carried on a line: an examination, or giving a node its key."""

    dialog: Dialog
    finished: bool

    def advance(self, t_ns: int) -> None:
        """Goes on."""


class _Sink:
    """Hands what a source delivers to a dialog."""

    def __init__(self, dialog: Dialog) -> None:
        self._dialog = dialog
        self.up = asyncio.Event()
        self.problem: str | None = None

    def receive(self, _link: str, t_ns: int, data: bytes) -> None:
        """Bytes arrived."""
        self._dialog.receive(t_ns, data)

    def sent(self, _link: str, _t_ns: int, _seq: int) -> None:
        """Of no interest: the tester's bounds allow for it."""

    def battery(self, _link: str, _t_ns: int, _pct: int) -> None:
        """Of no interest: a node tells its own."""

    def link_changed(self, _link: str, _t_ns: int, problem: str | None) -> None:
        """The line came up or went down."""
        self.problem = problem
        if problem is None:
            self.up.set()


async def converse(source: Source, conversation: Conversation, on_tick: Callable[[], None]) -> None:
    """Carries a conversation until it has finished. Raises TransientError where the line does not come up."""
    sink = _Sink(conversation.dialog)
    running = asyncio.create_task(source.run(sink))
    try:
        await _open(sink, running)
        while not conversation.finished:
            conversation.advance(monotonic_ns())
            _write(source, conversation.dialog)
            on_tick()
            await asyncio.sleep(TICK_S)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _open(sink: _Sink, running: asyncio.Task[None]) -> None:
    """Waits for the line; its first refusal is final, since a test needs a node that is there."""
    waiting = asyncio.create_task(sink.up.wait())
    deadline_ns = monotonic_ns() + round(OPEN_S * 1e9)
    try:
        while not sink.up.is_set():
            await asyncio.wait({waiting, running}, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            if sink.problem or monotonic_ns() > deadline_ns:
                raise TransientError(sink.problem or "the node does not answer: is it on, and in reach?")
    finally:
        waiting.cancel()


def _write(source: Source, dialog: Dialog) -> None:
    (link,) = source.links
    while dialog.outgoing:
        source.send(Send(link=link, data=dialog.outgoing.popleft(), seq=0))
