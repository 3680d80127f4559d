"""One node, served for ever: found, connected, listened to, let go, and found again."""

from __future__ import annotations

import asyncio
import logging
from random import Random

from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bleak_retry_connector import BleakAbortedError, BleakOutOfConnectionSlotsError, establish_connection

from edge.clock import monotonic_ns
from edge.events import Send
from edge.sources.base import Sink
from edge.sources.ble import words
from edge.sources.ble.deadline import Deadline
from edge.sources.ble.policy import Backoff, SlotBudget, stale_cure
from edge.sources.ble.profile import BleNode
from edge.sources.ble.radio import Place, Radio
from edge.sources.ble.session import FAILURES, BleCounters, Session, disconnect

UNBONDED = (
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHORIZATION,
)
OUTDATED = (
    BleakGATTProtocolErrorCode.INVALID_HANDLE,
    BleakGATTProtocolErrorCode.ATTRIBUTE_NOT_FOUND,
    BleakGATTProtocolErrorCode.REQUEST_NOT_SUPPORTED,
)
"""How a node answers when bluetoothd remembers characteristics that its new firmware has elsewhere or not at all."""

log = logging.getLogger(__name__)


class StaleServicesError(Exception):
    """What bluetoothd shows of the node's services is not what its kind has."""


class NodeLink:
    """The link of one node. counters: what happened on it."""

    def __init__(self, node: BleNode, radio: Radio, random: Random) -> None:
        self.node = node
        self.counters = BleCounters()
        self._radio, self._timings = radio, radio.timings
        self._backoff = Backoff(radio.timings, random)
        self._session: Session | None = None
        self._stale = self._aborts = 0
        self._told: str | None = ""

    async def run(self, sink: Sink) -> None:
        """Serve the node until cancelled."""
        self._told = ""
        with self._radio.sought(self.node) as seeker:
            while True:
                place = await self._radio.find(seeker, lambda problem: self._tell(sink, problem))
                began_ns = monotonic_ns()
                try:
                    problem = await self._serve(place, sink)
                except Exception as error:
                    log.exception("%s: a bug in the link; please report it", self.node.link)
                    problem = words.no_connection(repr(error))
                finally:
                    self._radio.leave(seeker, place)
                self._tell(sink, problem)
                await asyncio.sleep(self._backoff.pause_s((monotonic_ns() - began_ns) / 1e9))

    def send(self, message: Send) -> None:
        """Queue bytes; see Source."""
        if self._session is None:
            self.counters.sends_dropped += 1
        else:
            self._session.send(message)

    def _tell(self, sink: Sink, problem: str | None) -> None:
        if problem != self._told:
            self._told = problem
            sink.link_changed(self.node.link, monotonic_ns(), problem)

    async def _serve(self, place: Place, sink: Sink) -> str:
        """Connect and serve until the link is lost or cannot be had; says why."""
        try:
            async with place.adapter.lock:
                client = await self._connect(place)
        except FAILURES as error:
            return self._why_not_connected(place, error)
        try:
            return await self._listen(client, place, sink)
        except StaleServicesError:
            return await self._cure(place)

    async def _connect(self, place: Place) -> BleakClient:
        """A connected client, its services known."""

        reason = words.ABORTED

        def ended(_client: BleakClient) -> None:
            if not place.lost.done():
                place.lost.set_result(reason)

        async with Deadline(self._timings.connect_s, place.lost):
            client = await establish_connection(
                BleakClient, place.device, self.node.link, ended, max_attempts=1, use_services_cache=False
            )
        reason, self._aborts = words.ENDED, 0
        return client

    async def _listen(self, client: BleakClient, place: Place, sink: Sink) -> str:
        link = self.node.link
        services = client.services if client.is_connected else None
        endpoints = self.node.profile.find(services) if services is not None else None
        if endpoints is None:
            lost = place.lost.done()
            await disconnect(client, self._timings)
            if lost:
                return place.lost.result()
            raise StaleServicesError
        session = Session(
            client, endpoints, place.lost, self._timings, self.counters,
            numbered=self.node.profile.numbered,
            receive=lambda t_ns, data: sink.receive(link, t_ns, data),
            sent=lambda t_ns, seq: sink.sent(link, t_ns, seq),
            battery=lambda t_ns, pct: sink.battery(link, t_ns, pct),
        )  # fmt: skip
        try:
            await session.open()
            self._session, self._stale = session, 0
            self._tell(sink, None)
            return await session.serve()
        except FAILURES as error:
            if isinstance(error, BleakGATTProtocolError) and error.code in OUTDATED:
                raise StaleServicesError from error
            return self._why_not_served(place, error)
        finally:
            self._session = None
            await session.close()

    async def _cure(self, place: Place) -> str:
        self._stale += 1
        cure = stale_cure(self._stale, bonded=place.bonded)
        if cure == "bond_again":
            return words.bond_again(place.device.address)
        await self._radio.bluez.forget(place.device.details["path"])
        return words.STALE if cure == "forget" else words.wrong_kind(self.node.profile.kind)

    def _why_not_connected(self, place: Place, error: BaseException) -> str:
        reason = place.lost.result() if place.lost.done() else words.no_connection(_reason(error))
        if reason == words.ABORTED or isinstance(error, BleakAbortedError | BleakOutOfConnectionSlotsError):
            self._aborts += 1
        others = len(place.adapter.slots.holders) - 1
        if self._aborts < SlotBudget.ABORTS or not others:
            return reason
        self._aborts = 0
        place.adapter.slots.refused(monotonic_ns())
        return words.refused(place.adapter.name, others)

    def _why_not_served(self, place: Place, error: BaseException) -> str:
        if place.lost.done():
            return place.lost.result()
        unpaired = isinstance(error, BleakDBusError) and error.dbus_error_details == "Not paired"
        if unpaired or (isinstance(error, BleakGATTProtocolError) and error.code in UNBONDED):
            return words.not_bonded(place.device.address)
        return words.no_connection(_reason(error))


def _reason(error: BaseException) -> str:
    """The cause in few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, BleakDBusError):
        return error.dbus_error_details or error.dbus_error
    return str(error) or type(error).__name__
