"""A session over Bluetooth without a clock: nodes, pipeline and a test share a time that goes on when all has arrived.

The bytes go the real way (D-Bus, bleak, the BLE source), as fast as they can; what the pipeline sees is the time of the
session, so nothing depends on how busy the machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from rig_bluez.harness import STEADY

from edge.ble_nodes import ble_node
from edge.clock import monotonic_ns
from edge.events import AnyEvent
from edge.machine import MachineSettings
from edge.pipelines import live_pipeline
from edge.settings import BleSettings, LinkPlan
from edge.simulator.bluez.native import NativeFirmware, peripherals_of
from edge.simulator.bluez.peripheral import Peripheral
from edge.simulator.bluez.peripheral import Radio as SimulatedRadio
from edge.simulator.bluez.rig import Rig
from edge.simulator.session import Session
from edge.sources.ble import BleSource, Radio

STEP_NS = 10_000_000
START_NS = 1_000_000_000_000
WAIT_S = 60.0
FLUSH_S = 0.05
SETTLED_S = 0.002  # a message to a node passes the bus in a tenth of that
PATIENT = replace(STEADY, rescan_s=0.05, back_off_first_s=0.01)


class Lockstep:
    """`play_to` goes on to a time of the session, s. events: what the pipeline said, `t_s` from the session's start."""

    def __init__(self, session: Session, settings: MachineSettings) -> None:
        self.now_ns = START_NS
        self.peripherals = peripherals_of(session, clock=lambda: self.now_ns)
        self.by_role = dict(zip(session.streams, self.peripherals, strict=True))
        self.rig = Rig(self.peripherals, [SimulatedRadio("hci0", slots=8)], running=False)
        nodes = [BleSettings(link=role.replace("_", "-"), address=p.address) for role, p in self.by_role.items()]
        self.radio = Radio(8, timings=PATIENT)
        self.source = BleSource([ble_node(node) for node in nodes], self.radio, seed=1)
        self.pipeline = live_pipeline(settings, {node.link: LinkPlan(kind="native") for node in nodes}, seed=1)
        self.up: set[str] = set()
        self.said: list[AnyEvent] = []
        self._arrived = 0
        self._arrival = asyncio.Event()

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """See Sink: the time is the session's."""
        self._arrived += 1
        self._arrival.set()
        self.pipeline.receive(link, self.now_ns, data)

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """See Sink."""
        self.pipeline.sent(link, self.now_ns, seq)

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """See Sink."""
        self.up = self.up | {link} if problem is None else self.up - {link}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Lockstep]:
        """All of it, until left; all links are up."""
        async with self.rig:
            tasks = [asyncio.create_task(self.source.run(self)), asyncio.create_task(self.radio.run())]
            try:
                await self.links_are(set(self.source.links))
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    async def links_are(self, wanted: set[str]) -> None:
        """Stand still until exactly these links are up."""
        async with asyncio.timeout(WAIT_S):
            while self.up != wanted:
                self.rig.step(monotonic_ns())
                await asyncio.sleep(0.005)

    async def play_to(self, end_s: float) -> None:
        """Go on to this time of the session; all streams begin with it."""
        while self.play_s() < end_s:
            self.now_ns += STEP_NS
            self.rig.step(self.now_ns)
            async with asyncio.timeout(WAIT_S):
                while self._arrived < self.rig.notified:
                    self.rig.daemon.flush()  # what a busy dbus-daemon has not taken waits there
                    self._arrival.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(FLUSH_S):
                            await self._arrival.wait()
            events, sends = self.pipeline.advance(self.now_ns)
            self.said += events
            for send in sends:
                self.source.send(send)
            if sends:
                await asyncio.sleep(SETTLED_S)

    async def vanish(self, peripheral: Peripheral) -> None:
        """A node is gone in this moment."""
        links = set(self.up)
        self.rig.drop(peripheral, vanish=True)
        await self.links_are(links - {self._link(peripheral)})
        self._arrived = self.rig.notified

    async def come_back(self, peripheral: Peripheral) -> None:
        """It is there again, and connected in this moment."""
        peripheral.in_range = True
        await self.links_are(self.up | {self._link(peripheral)})

    def play_s(self) -> float:
        """The time of the session, s; 0 until all nodes stream."""
        firmware = self.peripherals[0].firmware
        assert isinstance(firmware, NativeFirmware)
        return firmware.node.play_s(self.now_ns)

    def session_s(self, t_s: float) -> float:
        """A time of the pipeline as a time of the session."""
        return t_s - (self.now_ns / 1e9 - self.play_s())

    def _link(self, peripheral: Peripheral) -> str:
        return next(role.replace("_", "-") for role, one in self.by_role.items() if one is peripheral)
