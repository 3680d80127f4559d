"""The one scanner of an adapter: it scans while a node is missing, and rests while all are there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakError
from bleak_retry_connector.bluez import stop_discovery

from edge.clock import monotonic_ns
from edge.sources.ble.deadline import Deadline
from edge.sources.ble.policy import BleTimings, ScanWatchdog, Verdict

CHECK_S = 1.0  # how often the watchdog looks: it thinks in half minutes
IN_PROGRESS = "org.bluez.Error.InProgress"

Heard = Callable[[str, BLEDevice, AdvertisementData], None]

log = logging.getLogger(__name__)


class Scanner:
    """heard: gets every advertisement with the adapter's name. power_cycle: called for an adapter that hears nothing.

    problem: why it cannot scan, None while it can.
    """

    def __init__(self, adapter: str, timings: BleTimings, heard: Heard, power_cycle: Callable[[str], None]) -> None:
        self.adapter = adapter
        self.problem: str | None = None
        self.links = 0
        self._timings, self._heard, self._power_cycle = timings, heard, power_cycle
        self._wanted = asyncio.Event()
        self._again = asyncio.Event()
        self._began_ns = 0
        self._watchdog = ScanWatchdog(timings, monotonic_ns())

    def want(self, *, scan: bool) -> None:
        """Whether a node is missing."""
        if scan:
            self._wanted.set()
        elif self._wanted.is_set():
            self._wanted.clear()
            self._again.set()

    def refresh(self) -> None:
        """A node has just been lost: begin a scan that is under way anew, so that the controller tells of it again."""
        if monotonic_ns() - self._began_ns > self._timings.rescan_s * 1e9:
            self._again.set()

    async def run(self) -> None:
        """Scan when wanted, until cancelled."""
        while True:
            if not self._wanted.is_set():
                await self._wanted.wait()
                self._watchdog.heard(monotonic_ns())  # it rested: only from now on is silence a sign
            self._again.clear()
            scanner = BleakScanner(self._on_advert, bluez={"adapter": self.adapter})
            try:
                await self._start(scanner)
                self._began_ns = monotonic_ns()
                await self._attend()
            except (BleakError, TimeoutError, OSError, EOFError) as error:
                self.problem = str(error) or "bluetoothd does not answer"
                log.debug("%s cannot scan: %r", self.adapter, error)
                self._judge()
                await asyncio.sleep(self._timings.rescan_s)
            finally:
                await self._stop(scanner)

    async def _start(self, scanner: BleakScanner) -> None:
        async with Deadline(self._timings.answer_s):
            try:
                await scanner.start()
            except BleakDBusError as error:
                if error.dbus_error == IN_PROGRESS:  # a scan of ours whose end was never answered
                    await stop_discovery(self.adapter)
                raise
        self.problem = None

    async def _attend(self) -> None:
        """While the scan runs: until it is no longer wanted, or must begin anew."""
        while not self._again.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S):
                    await self._again.wait()
            if self._judge() != "wait":
                return

    def _judge(self) -> Verdict:
        """Ask the watchdog: a scan that cannot even be begun hears nothing either."""
        verdict = self._watchdog.verdict(monotonic_ns(), self.links)
        if verdict == "power_cycle":
            log.warning("%s hears nothing at all: its power is switched off and on", self.adapter)
            self._power_cycle(self.adapter)
        return verdict

    async def _stop(self, scanner: BleakScanner) -> None:
        with contextlib.suppress(BleakError, TimeoutError, OSError, EOFError, AssertionError):
            async with Deadline(self._timings.answer_s):
                await scanner.stop()

    def _on_advert(self, device: BLEDevice, advert: AdvertisementData) -> None:
        self._watchdog.heard(monotonic_ns())
        self._heard(self.adapter, device, advert)
