"""The MQTT publisher: keeps a connection, and lets the traffic go over it.

`publish` never waits and never fails, whatever the broker does; the pipeline runs on while it is away. MQTT 5 is
tried first and 3.1.1 where the broker does not know it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import topic_matches_sub

from edge.broker_access import Access
from edge.clock import Instant, ReadClock, read_clock
from edge.errors import SledguardError
from edge.publishers.broker_connection import (
    V5,
    V311,
    VERSION_NAMES,
    BrokerConnection,
    Incoming,
    Packet,
    VersionRefused,
)
from edge.publishers.echo import EVERY_S, WAIT_S, Echo
from edge.publishers.messages import BoxMessages, Message
from edge.publishers.traffic import Traffic, packet_of

# First pause short, since most outages are a broker's restart. The last bounds how long a broker that is back is left
# waiting, and is kind to one that refuses us all night.
PAUSE_FIRST_S, PAUSE_MAX_S = 0.5, 4.0
STEADY_S = 10.0  # a connection that lasted less was no success: two boxes with one id throw each other out in turn
SHORT_LIVED_MAX = 3  # so many such connections in a row are no broker that starts anew
STOP_MAX_S = 2.0
SETTLE_STEP_S = 0.1
QUIET_MAX_S = 0.5  # the broker's last words to us take a round trip

log = logging.getLogger(__name__)


class MqttPublisher:
    """Publishes one box's messages. `run` keeps it going; `publish` may be called at any time from the same thread."""

    def __init__(self, access: Access, box: BoxMessages, traffic: Traffic, clock: ReadClock = read_clock) -> None:
        self.is_up = asyncio.Event()
        self._access, self._box, self._traffic, self._clock = access, box, traffic, clock
        self._connection: BrokerConnection | None = None
        self._version = V5
        self._knows_v5 = self._stopping = False
        self.connects = 0
        self._short_lived = 0
        self._up_ns = 0
        self._problem: str | None = "not connected yet"
        self._settled = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None
        self._echo = Echo()
        self._echoes_under_way: set[int] = set()
        self._hearers: dict[str, Callable[[Incoming], None]] = {}
        traffic.outbox.on_ready(self._pump)
        self.listen(box.echo_topic, self._heard_echo)

    def listen(self, topic_filter: str, call: Callable[[Incoming], None]) -> None:
        """Have messages of these topics, from the next connection on."""
        self._hearers[topic_filter] = call

    def on_alert_delivered(self, call: Callable[[float], None]) -> None:
        """Be told how long after its decision, s, the broker had an alert."""
        self._traffic.alert_delivered = call

    def publish(self, message: Message) -> None:
        """Take a message; it goes now, later or, where its lane says so, not at all."""
        self._traffic.offer(message, self._clock())
        self._pump()

    @property
    def replays_waiting(self) -> int:
        """How many messages of a replay are not handed over yet."""
        return self._traffic.replays_waiting

    def health(self) -> dict[str, Any]:
        """Facts for box/{box}/health."""
        now, outbox, counters = self._clock(), self._traffic.outbox, self._traffic.counters
        oldest = outbox.oldest()
        return {
            "broker": {
                "address": self._access.address,
                "connected": self._connection is not None,
                "mqtt": VERSION_NAMES[self._version] if self._connection else None,
                "connects": self.connects,
                "problem": self._problem or self._echo.problem or self._rival(now),
                "round_trip_ms": counters.round_trip_ms,
            },
            "outbox": {
                "depth": len(outbox),
                "oldest_s": oldest.minted.age_s(now) if oldest else None,
                "dropped": outbox.dropped,
                "problem": outbox.problem,
                "id": outbox.id,
                "newest_seq": outbox.newest_seq,
            },
            "delivered": counters.delivered,
            "refused": counters.refused,
            "alerts_too_old": counters.alerts_too_old,
            "stream_dropped": counters.stream_dropped,
        }

    async def run(self) -> None:
        """Keep a connection until cancelled."""
        pause_s = PAUSE_FIRST_S
        while True:
            began_ns = self._clock().mono_ns
            try:
                problem = await self._serve()
            except VersionRefused as refused:
                problem = str(refused)
                self._version = V311 if self._version is V5 else V5
                self._knows_v5 = False
                if self._version is V311:
                    continue  # at once: a broker that knows 3.1.1 alone is no trouble
            except SledguardError as error:
                problem = str(error)
            else:
                self._short_lived = self._short_lived + 1 if self._is_short_lived(self._clock()) else 0
                problem = self._rival(self._clock()) or problem
            if problem != self._problem and not self._stopping:
                log.warning("broker: %s", problem)
            self._problem = problem
            if (self._clock().mono_ns - began_ns) / 1e9 >= STEADY_S:
                pause_s = PAUSE_FIRST_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_MAX_S)

    def _is_short_lived(self, now: Instant) -> bool:
        return (now.mono_ns - self._up_ns) / 1e9 < STEADY_S

    def _rival(self, now: Instant) -> str | None:
        """What it means that connections are lost again and again as soon as they are made; None where they are not."""
        if self._short_lived < SHORT_LIVED_MAX or not self._is_short_lived(now):
            return None
        again = f"{self._access.address}: the connection is lost again and again as soon as it is made"
        return f"{again}; has another box this [box] gym and id, or another sledguard run here?"

    async def stop(self) -> None:
        """Say that the box stops, let go what waits, within a short time, and hang up properly. `run` still runs."""
        self._stopping = True
        if self._connection is None:
            return
        for status in ("stopping", "offline"):
            self.publish(self._status(status))
            await self._settle()
        await self._quiet()
        if self._connection is not None:
            await self._connection.close()

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(STOP_MAX_S):
                while self._connection is not None and not self._traffic.is_settled():
                    if self._connection.version is not V5:
                        self._send_echo(self._connection, at_once=True)  # that is what settles there
                    self._settled.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._settled.wait(), SETTLE_STEP_S)
        except TimeoutError:
            log.warning("broker: %d messages were not acknowledged before the stop", len(self._traffic.outbox))

    async def _quiet(self) -> None:
        """Hear the last echo out: a broker that finds us gone while it has a word for us takes us for dead, and says so
        in our will after our own last word.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUIET_MAX_S):
                while self._connection is not None and (self._echoes_under_way or self._echo.is_under_way):
                    self._settled.clear()
                    await self._settled.wait()

    async def _serve(self) -> str:
        """One connection from its opening to its end; says why it ended."""
        await self._probe()
        connection = BrokerConnection(self._access, self._version, self)
        echoing: asyncio.Task[None] | None = None
        try:
            await connection.open(self._will())
            self._up(connection)
            echoing = asyncio.create_task(self._send_echoes(connection))
            return await asyncio.shield(connection.ended)
        finally:
            if echoing is not None:
                echoing.cancel()
            self._connection = None
            self.is_up.clear()
            self._traffic.disconnected()
            connection.abort()

    async def _probe(self) -> None:
        """Once, ask for MQTT 5 with the smallest packet: a broker that does not know it misreads the will and waits."""
        if self._version is not V5 or self._knows_v5:
            return
        probe = BrokerConnection(self._access, V5, self)
        try:
            await probe.open(None)
            await probe.close()
        finally:
            probe.abort()
        self._knows_v5 = True

    def _status(self, status: str) -> Message:
        outbox = self._traffic.outbox
        return self._box.status(status, outbox.newest_seq, outbox.id)

    def _will(self) -> Packet:
        """What the broker says for us when we fall silent."""
        message, now = self._status("offline"), self._clock()
        return packet_of(message, self._traffic.mint(message, now), now)

    def _up(self, connection: BrokerConnection) -> None:
        log.info("broker: connected to %s, MQTT %s", self._access.address, VERSION_NAMES[connection.version])
        self.connects += 1
        self._up_ns = self._clock().mono_ns
        self._problem = None
        self._connection = connection
        self._echo = Echo()
        self._echoes_under_way.clear()
        connection.subscribe(list(self._hearers))
        self._traffic.connected(must_be_proven=connection.version is not V5)
        self.publish(self._status("online"))
        self.is_up.set()

    def delivered(self, number: int, accepted: bool) -> None:  # noqa: FBT001
        """See Hears."""
        if not accepted:
            self._problem = "the broker refuses a topic; check what its rules let this user write"
        self._traffic.delivered(number, accepted=accepted, now=self._clock())
        self._pump()
        self._echoes_under_way.discard(number)
        self._settled.set()

    def heard(self, message: Incoming) -> None:
        """See Hears."""
        for topic_filter, call in self._hearers.items():
            if topic_matches_sub(topic_filter, message.topic):
                call(message)

    def subscribed(self, refused: list[str]) -> None:
        """See Hears."""
        if self._box.echo_topic in refused:
            self._echo.possible = False
            self._traffic.connected()
        if refused:
            log.warning("broker: it does not let this user read %s; check its rules", ", ".join(refused))

    async def _send_echoes(self, connection: BrokerConnection) -> None:
        while not self._stopping:
            self._send_echo(connection)
            if self._echo.problem and self._echo.possible and connection.version is not V5:
                self._traffic.hold_outbox(self._clock())
            await asyncio.sleep(min(EVERY_S, WAIT_S) / 3)

    def _send_echo(self, connection: BrokerConnection, *, at_once: bool = False) -> None:
        data = self._echo.due(self._clock().mono_ns / 1e9, at_once=at_once)
        if data is not None:
            packet = Packet(topic=self._box.echo_topic, payload=data, qos=1, retain=False)
            self._echoes_under_way.add(connection.publish(packet))

    def _heard_echo(self, message: Incoming) -> None:
        before_s = self._echo.heard(message.payload)
        if before_s is not None:
            self._traffic.proven(before_s)
            self._settled.set()

    def _pump(self) -> None:
        if self._connection is not None:
            pause_s = self._traffic.pump(self._connection, self._clock())
            if pause_s is not None:
                self._pump_later(pause_s)
        else:
            self._traffic.drop_old_alerts(self._clock())

    def _pump_later(self, pause_s: float) -> None:
        if self._later is not None:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(pause_s, self._pump)
