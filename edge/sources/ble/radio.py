"""The adapters of the box and who may use them: one scanner, one connect lock and one budget of links for each.

All machines of a box share one `Radio`; it runs as long as the box.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from edge.clock import monotonic_ns
from edge.sources.ble import words
from edge.sources.ble.bluez import Bluez
from edge.sources.ble.choice import Sighting, choose
from edge.sources.ble.policy import BleTimings, SlotBudget
from edge.sources.ble.profile import BleNode
from edge.sources.ble.scanner import Scanner

Lost: TypeAlias = "asyncio.Future[str]"

SETTLE_NS = 1_000_000_000  # before this nobody is told that something is missing: it may be starting

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Adapter:
    """One adapter while it is there and on. lock: held while connecting; holding: who is told when it goes."""

    name: str
    scanner: Scanner
    scanning: asyncio.Task[None]
    slots: SlotBudget
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    holding: set[Lost] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Seeker:
    """A node that is served. news: something changed that may help it; since_ns: older sightings are of no use.

    freed: a link to it that was left over from an earlier program has been looked for, and ended.
    """

    node: BleNode
    sightings: dict[str, Sighting] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    since_ns: int = 0
    seeking: bool = False
    freed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link may be opened: an adapter with a slot for it, and what bleak connects to.

    lost: to be resolved with the reason when the link is lost; the radio does so when the adapter goes.
    """

    adapter: Adapter
    device: BLEDevice
    bonded: bool
    lost: Lost


class Radio:
    """slots: links that an adapter holds."""

    def __init__(self, slots: int, timings: BleTimings | None = None) -> None:
        self.timings = timings or BleTimings()
        self.bluez = Bluez(self._bluez_changed, self.timings.answer_s)
        self.adapters: dict[str, Adapter] = {}
        self._slots = slots
        self._seekers: list[Seeker] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Watch bluetoothd and scan for what is missing, until cancelled."""
        try:
            await self.bluez.run()
        finally:
            for name in list(self.adapters):
                self._end_adapter(name, words.ENDED)
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.contextmanager
    def sought(self, node: BleNode) -> Iterator[Seeker]:
        """While entered, the node is one that may be connected to."""
        seeker = Seeker(node)
        self._seekers.append(seeker)
        try:
            yield seeker
        finally:
            self._seekers.remove(seeker)
            self._update_scans()

    async def find(self, seeker: Seeker, tell: Callable[[str], None]) -> Place:
        """Wait until the node is heard by an adapter with a free slot, and take that. tell: why it takes long."""
        began_ns = monotonic_ns()
        seeker.seeking = True
        try:
            while True:
                if self.adapters and not seeker.freed:
                    seeker.freed = True
                    await self._free_orphan(seeker)
                seeker.news.clear()
                self._update_scans()
                now_ns = monotonic_ns()
                place = self._choose(seeker, now_ns)
                if place is not None:
                    return place
                problem = self._why_not(seeker.node, now_ns - began_ns)
                if problem is not None:
                    tell(problem)
                await self._wait_for_news(seeker, now_ns - began_ns)
        finally:
            seeker.seeking = False
            self._update_scans()

    def leave(self, seeker: Seeker, place: Place) -> None:
        """The link is closed, or could not be opened: its slot is free, and the node must be heard anew."""
        place.adapter.slots.give_back(seeker.node.link)
        place.adapter.holding.discard(place.lost)
        place.lost.cancel()
        seeker.since_ns = monotonic_ns()
        for adapter in self.adapters.values():
            adapter.scanner.refresh()
        self._tell_all()

    def _choose(self, seeker: Seeker, now_ns: int) -> Place | None:
        since_ns = max(seeker.since_ns, now_ns - round(self.timings.fresh_s * 1e9))
        free = {adapter.name: adapter.slots.free(now_ns) for adapter in self._usable(seeker.node)}
        sighting = choose(seeker.sightings.values(), free, since_ns)
        if sighting is None:
            return None
        adapter = self.adapters[sighting.adapter]
        adapter.slots.take(seeker.node.link, now_ns)
        lost: Lost = asyncio.get_running_loop().create_future()
        adapter.holding.add(lost)
        return Place(adapter, sighting.device, sighting.bonded, lost)

    def _why_not(self, node: BleNode, waited_ns: int) -> str | None:
        """What keeps a node waiting; None: nothing worth telling yet."""
        usable, now_ns = self._usable(node), monotonic_ns()
        if waited_ns < SETTLE_NS:
            return None
        if not usable:
            return self._why_no_adapter(node)
        full = [adapter for adapter in usable if not adapter.slots.free(now_ns)]
        if len(full) == len(usable):
            return words.no_slot(full[0].name, full[0].slots.limit(now_ns), full[0].slots.holders)
        troubled = [adapter for adapter in usable if adapter.scanner.problem]
        if len(troubled) == len(usable):
            return words.no_scan(troubled[0].name, troubled[0].scanner.problem or "")
        if waited_ns < self.timings.unseen_s * 1e9:
            return None
        return words.unseen([adapter.name for adapter in usable])

    def _why_no_adapter(self, node: BleNode) -> str:
        state = self.bluez.state
        if not state.up:
            return words.NO_BLUETOOTHD if state.bus else words.NO_BUS
        if state.denied:
            return words.DENIED
        known = state.adapters
        if node.adapter is not None and node.adapter not in known:
            return words.adapter_gone(node.adapter)
        return words.adapter_off(node.adapter or next(iter(known))) if known else words.NO_ADAPTER

    async def _wait_for_news(self, seeker: Seeker, waited_ns: int) -> None:
        """Until something changes. A node that is not heard may be held by a link that nobody owns."""
        patience_s = SETTLE_NS / 1e9 if waited_ns < SETTLE_NS else self.timings.unseen_s
        try:
            async with asyncio.timeout(patience_s):  # not wait_for, which loses a cancellation that comes with the news
                await seeker.news.wait()
        except TimeoutError:
            if waited_ns >= self.timings.unseen_s * 1e9:
                await self._free_orphan(seeker)

    async def _free_orphan(self, seeker: Seeker) -> None:
        """End a link to the node that is not ours: left by a crash, it would keep the node from advertising.

        Where the controller does not end the link, bluetoothd (5.66) never answers Disconnect: then the device is
        forgotten; where that is not answered either, or would cost a bond, the adapter's power is switched.
        """
        for held in await self.bluez.holdings():
            if not held.connected or not seeker.node.is_in(held.address, held.service_data):
                continue
            log.warning("%s: ending a link to %s that nobody serves", seeker.node.link, held.address)
            if await self.bluez.disconnect(held.path):
                continue
            if not held.bonded and await self.bluez.forget(held.path):
                continue
            adapter = self.adapters.get(held.path.split("/")[3])
            if adapter is not None and not adapter.slots.holders:
                self._power_cycle(adapter.name)

    def _usable(self, node: BleNode) -> list[Adapter]:
        return [adapter for adapter in self.adapters.values() if node.adapter in (None, adapter.name)]

    def _update_scans(self) -> None:
        """Scan where a missing node could get a slot; elsewhere a scan would only take air from the links."""
        now_ns = monotonic_ns()
        for adapter in self.adapters.values():
            sought = any(one.seeking and one.node.adapter in (None, adapter.name) for one in self._seekers)
            adapter.scanner.links = len(adapter.slots.holders)
            adapter.scanner.want(scan=sought and adapter.slots.free(now_ns) > 0)

    def _heard(self, adapter: str, device: BLEDevice, advert: AdvertisementData) -> None:
        """Any news of a device comes here. One that is connected does not advertise: it cannot be had, not by us."""
        _, props = advert.platform_data
        if props.get("Connected"):
            return
        for seeker in self._seekers:
            if seeker.node.is_in(device.address, advert.service_data):
                bonded = bool(props.get("Paired"))
                seeker.sightings[adapter] = Sighting(adapter, advert.rssi, monotonic_ns(), device, bonded)
                seeker.news.set()

    def _bluez_changed(self) -> None:
        """bluetoothd or an adapter came or went."""
        state = self.bluez.state
        for name in [name for name in self.adapters if not state.adapters.get(name)]:
            gone = words.adapter_off(name) if name in state.adapters else words.adapter_gone(name)
            self._end_adapter(name, gone if state.up else words.DIED)
        for name, powered in state.adapters.items():
            if powered and name not in self.adapters:
                self._begin_adapter(name)
        self._tell_all()

    def _begin_adapter(self, name: str) -> None:
        scanner = Scanner(name, self.timings, self._heard, self._power_cycle)
        self.adapters[name] = Adapter(name, scanner, self._spawn(scanner.run()), SlotBudget(self._slots))
        self._update_scans()

    def _end_adapter(self, name: str, reason: str) -> None:
        adapter = self.adapters.pop(name)
        adapter.scanning.cancel()
        for lost in adapter.holding:
            if not lost.done():
                lost.set_result(reason)
        for seeker in self._seekers:
            seeker.sightings.pop(name, None)

    def _power_cycle(self, name: str) -> None:
        self._spawn(self.bluez.power_cycle(name))  # not within the scanner, which ends with the power

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _tell_all(self) -> None:
        self._update_scans()
        for seeker in self._seekers:
            seeker.news.set()
