"""A box that makes numbered reps and publishes them, as a process that a test can kill: box.py PORT FOLDER RATE COUNT.

It ends by itself once it has made COUNT reps and the broker has all of them. Whatever goes wrong, it goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
from example_events import REP

from edge.broker_access import check_access
from edge.clock import read_clock
from edge.publishers.durable_outbox import DurableOutbox
from edge.publishers.envelope import Origin
from edge.publishers.messages import BoxMessages, MachineMessages
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.outbox_file import Limits
from edge.publishers.precision import Precision
from edge.publishers.traffic import Traffic
from edge.reception import Reception
from edge.settings import MqttSettings

GYM, BOX, MACHINE = "g", "box", "m"
ROOMY = Limits(max_bytes=1 << 32, keep_s=1e9)


class FaultBox:
    """A box in this process. rep(): makes one."""

    def __init__(self, port: int, folder: Path, keepalive_s: int = 8, limits: Limits = ROOMY) -> None:
        post = asyncio.get_running_loop().call_soon_threadsafe
        self.outbox = DurableOutbox(folder / "outbox.sqlite", limits, post)
        self.messages = MachineMessages(GYM, MACHINE)
        self.box = BoxMessages(GYM, BOX)
        self.traffic = Traffic(Origin(BOX, f"b-{os.getpid()}"), self.outbox, os.urandom)
        settings = MqttSettings(host="127.0.0.1", port=port, keepalive_s=keepalive_s)
        self.publisher = MqttPublisher(check_access(settings, "sledguard-g-box"), self.box, self.traffic)
        self.replays = Reception(self.publisher, GYM, Precision(), read_clock).open_box(self.box, self.outbox)
        self.reps = 0

    def rep(self) -> None:
        """Make a rep that ends now."""
        self.reps += 1
        now_s = read_clock().mono_ns / 1e9
        for message in self.messages.of(msgspec.structs.replace(REP, rep=self.reps, t_s=now_s)):
            self.publisher.publish(message)

    async def make(self, rate_hz: float, until: Callable[[], bool]) -> None:
        """Make reps at this rate until told to stop."""
        while not until():
            self.rep()
            await asyncio.sleep(1 / rate_hz)

    async def settled(self) -> None:
        """The broker has everything."""
        while len(self.outbox):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(box: FaultBox) -> AsyncIterator[FaultBox]:
    """A box that runs, and is closed at the end."""
    task = asyncio.create_task(box.publisher.run())
    try:
        yield box
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(box.outbox.close)


async def main(port: int, folder: Path, rate_hz: float, count: int) -> None:
    """Run the process."""
    box = FaultBox(port, folder)
    running = asyncio.create_task(box.publisher.run())
    await box.make(rate_hz, lambda: box.reps >= count)
    await box.settled()
    running.cancel()
    box.outbox.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
