"""One link from its opening to its end: notifications in, writes out. What comes after its end is nobody's."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError

from edge.clock import monotonic_ns
from edge.events import Send
from edge.sources.ble import words
from edge.sources.ble.deadline import Deadline
from edge.sources.ble.policy import BleTimings, DataWatchdog
from edge.sources.ble.profile import Endpoints

QUEUE_MAX = 64  # messages to one node; a handful in truth, more only where it takes nothing
REMEMBERED = 16  # notifications to compare with: a doubled link gives the second copy within a few

FAILURES = (BleakError, OSError, EOFError, TimeoutError)
"""What bleak raises when the air, bluetoothd or the bus fail."""


@dataclass(slots=True)
class BleCounters:
    """What happened on a link so far."""

    received: int = 0
    duplicates: int = 0
    opened: int = 0
    silences: int = 0
    sends_dropped: int = 0


class Session:
    """receive(t_ns, data): gets each notification once. sent(t_ns, seq): a message was handed over.

    battery(t_ns, pct): it was read.
    """

    def __init__(  # noqa: PLR0913
        self,
        client: BleakClient,
        endpoints: Endpoints,
        lost: asyncio.Future[str],
        timings: BleTimings,
        counters: BleCounters,
        *,
        numbered: bool,
        receive: Callable[[int, bytes], None],
        sent: Callable[[int, int], None],
        battery: Callable[[int, int], None],
    ) -> None:
        self._client, self._endpoints, self._lost, self._timings = client, endpoints, lost, timings
        self._counters, self._numbered, self._receive, self._sent = counters, numbered, receive, sent
        self._battery = battery
        self._watchdog = DataWatchdog(timings, monotonic_ns())
        self._recent: deque[bytes] = deque(maxlen=REMEMBERED)
        self._leaving: asyncio.Queue[Send] = asyncio.Queue(QUEUE_MAX)
        self._subscribed: list[BleakGATTCharacteristic] = []
        self._open = False
        self._serving = True

    async def open(self) -> None:
        """Subscribe. One of FAILURES: the link is no good."""
        self._open = True
        async with Deadline(self._timings.subscribe_s, self._lost):
            for characteristic in self._endpoints.notify:
                await self._client.start_notify(characteristic, self._on_data)
                self._subscribed.append(characteristic)
        self._counters.opened += 1
        self._watchdog = DataWatchdog(self._timings, monotonic_ns())

    async def serve(self) -> str:
        """Until the link is lost; says why."""
        beside = [asyncio.create_task(self._write()), asyncio.create_task(self._read_battery())]
        try:
            while not self._lost.done():
                remaining_s = self._watchdog.remaining_s(monotonic_ns())
                if remaining_s <= 0:
                    self._counters.silences += 1
                    return words.SILENT
                await asyncio.wait([self._lost], timeout=remaining_s)
            return self._lost.result()
        finally:
            self._serving = False
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            self._counters.sends_dropped += self._leaving.qsize()

    def send(self, message: Send) -> None:
        """Queue a message; a full queue drops it."""
        try:
            self._leaving.put_nowait(message)
        except asyncio.QueueFull:
            self._counters.sends_dropped += 1

    async def close(self) -> None:
        """End subscriptions, then the link. Never raises; always lets go of the D-Bus connection."""
        self._open = False
        with contextlib.suppress(*FAILURES):
            async with Deadline(self._timings.close_s):
                for characteristic in self._subscribed:
                    if self._client.is_connected:
                        await self._client.stop_notify(characteristic)
        await disconnect(self._client, self._timings)

    def _on_data(self, _characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
        if not self._open:
            return
        t_ns, data = monotonic_ns(), bytes(value)
        if self._numbered and data in self._recent:
            self._counters.duplicates += 1
            return
        self._recent.append(data)
        self._counters.received += 1
        self._watchdog.heard(t_ns)
        self._receive(t_ns, data)

    async def _read_battery(self) -> None:
        """Now and then. A node that does not give it is none the worse."""
        while self._serving and self._endpoints.battery is not None:
            with contextlib.suppress(*FAILURES):
                async with Deadline(self._timings.answer_s):
                    value = await self._client.read_gatt_char(self._endpoints.battery)
                if len(value) == 1 and value[0] <= 100:
                    self._battery(monotonic_ns(), value[0])
            await asyncio.sleep(self._timings.battery_s)

    async def _write(self) -> None:
        """Hand over what is queued, one after the other. A link that takes nothing is lost."""
        target = self._endpoints.write
        while self._serving:  # a cancellation may be lost within bleak, where an answer comes in the same moment
            message = await self._leaving.get()
            # The size is asked for each time: right after connecting it is 23 less 3, and truer a moment later.
            whole = len(message.data) <= target.max_write_without_response_size
            acknowledged = not (whole and "write-without-response" in target.properties)
            self._sent(monotonic_ns(), message.seq)
            try:
                async with Deadline(self._timings.write_s):
                    await self._client.write_gatt_char(target, message.data, response=acknowledged)
            except FAILURES:
                if not self._lost.done():
                    self._lost.set_result(words.NOT_WRITABLE)
                return


async def disconnect(client: BleakClient, timings: BleTimings) -> None:
    """End a link, whatever state it is in. A client that is not disconnected keeps its D-Bus connection for ever."""
    with contextlib.suppress(*FAILURES):
        async with Deadline(timings.close_s):
            await client.disconnect()
