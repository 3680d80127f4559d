"""A pseudo-terminal with a virtual node at its far end, so that the ordinary serial source has something to open."""

from __future__ import annotations

import asyncio
import os
import tty
from contextlib import suppress
from pathlib import Path

from edge.clock import monotonic_ns
from edge.simulator.nodes import VirtualNode

STEP_S = 0.004  # how often the node is asked; below a batch by far
HELD_MAX_BYTES = 65_536  # what nobody reads for four seconds is lost, as on a real line
READ_MAX_BYTES = 4096


class PtyLine:
    """`path` is a link to the terminal that a host opens; it stays the same when the node is pulled and put back."""

    def __init__(self, node: VirtualNode, path: Path) -> None:
        self.node, self.path = node, path
        self._held = bytearray()
        self._master = self._slave = -1

    async def run(self) -> None:
        """Opens the line unless it is open, and serves it until cancelled; then removes the link."""
        if self._master < 0:
            self.open()
        try:
            while True:
                self._pump()
                await asyncio.sleep(STEP_S)
        finally:
            self._close()

    def pull(self) -> None:
        """Unplugs the node: the host sees its device go."""
        self.node.unplug()
        self._close()

    def put_back(self) -> None:
        """Plugs the node in again, on a new terminal behind the same link."""
        self.node.plug_in(monotonic_ns())
        self.open()

    def open(self) -> None:
        """Makes the terminal and the link to it. Needs a running event loop."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._held.clear()
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.path.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def _close(self) -> None:
        if self._master < 0:
            return
        with suppress(RuntimeError):
            asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _read(self) -> None:
        with suppress(BlockingIOError, OSError):
            self.node.receive(monotonic_ns(), os.read(self._master, READ_MAX_BYTES))

    def _pump(self) -> None:
        """Sends what the node has to say; holds back what the line does not take."""
        if self._master < 0:
            return
        self._held += self.node.advance(monotonic_ns())
        with suppress(BlockingIOError):
            written = os.write(self._master, self._held) if self._held else 0
            del self._held[:written]
        if len(self._held) > HELD_MAX_BYTES:
            self._held.clear()
