"""One connection to a broker: opened once, used until it ends, then thrown away.

paho's client lives no longer than its connection: a client that reconnects by itself sends what was under way again,
and an alert for a rep long gone would sound as a fresh one. What is sent again is decided in `traffic.py`.

paho runs its network loop in a thread of its own. Its callbacks only hand a call over to the event loop
(`call_soon_threadsafe`): paho holds its own mutex while it calls them, so nothing here may wait for a lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.broker_access import Access, read_password
from edge.errors import TransientError

CONNECT_MAX_S = 5.0  # for each of: reaching the broker, its answer; a broker in the same building needs 10 ms
CLOSE_MAX_S = 2.0
RECEIVE_MAX_DEFAULT = 65_535  # MQTT 5, 3.2.2.3.3: what a broker that says nothing takes
UNSUPPORTED_VERSION = 132  # MQTT 5 reason code; paho gives it for the answer of a 3.1.1 broker too

V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
VERSION_NAMES = {V5: "5.0", V311: "3.1.1"}


class VersionRefused(TransientError):  # noqa: N818
    """The broker does not speak this version of MQTT, or hung up or fell silent on hearing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One PUBLISH. expiry_s: how long the broker may keep it waiting; that and correlation are MQTT 5 only."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry_s: int | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message for us. retained: it is no fresh one; reply_to: where MQTT 5 wants the answer, with correlation."""

    topic: str
    payload: bytes
    retained: bool
    reply_to: str | None = None
    correlation: bytes | None = None


class Hears(Protocol):
    """Who is told what happens on a connection, in the event loop's thread."""

    def delivered(self, number: int, accepted: bool) -> None:  # noqa: FBT001
        """The broker has a message, or refuses it; or a QoS 0 one left."""

    def heard(self, message: Incoming) -> None:
        """A message came."""

    def subscribed(self, refused: list[str]) -> None:
        """The subscriptions were answered; these the broker refuses."""


class BrokerConnection:
    """A connection. ended: a future that says why it ended."""

    def __init__(self, access: Access, version: MQTTProtocolVersion, hears: Hears) -> None:
        self.version = version
        self.receive_max = RECEIVE_MAX_DEFAULT
        self._access = access
        self._hears = hears
        self._filters: list[str] = []
        self._abandoned = False
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[ReasonCode] = self._loop.create_future()
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self._client = self._make_client()

    async def open(self, will: Packet | None) -> None:
        """Connect. TransientError: not now; VersionRefused: not in this version."""
        if will is not None:
            self._client.will_set(will.topic, will.payload, will.qos, will.retain)
        threading.Thread(target=self._connect, name="mqtt-connect", daemon=True).start()
        try:
            async with asyncio.timeout(2 * CONNECT_MAX_S):
                reason = await self._answer
        except TimeoutError as error:
            raise VersionRefused(f"{self._access.address} does not answer; is it an MQTT broker?") from error
        if reason.value == UNSUPPORTED_VERSION:
            raise VersionRefused(f"{self._access.address} does not speak MQTT {VERSION_NAMES[self.version]}")
        if reason.is_failure:
            raise TransientError(f"{self._access.address} refuses: {reason}; check user, password and its rules")

    def publish(self, packet: Packet) -> int:
        """Hand a message over; returns the number that `delivered` will name."""
        properties = None
        if self.version == V5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if packet.expiry_s is not None:
                properties.MessageExpiryInterval = packet.expiry_s
            if packet.correlation is not None:
                properties.CorrelationData = packet.correlation
        info = self._client.publish(packet.topic, packet.payload, packet.qos, packet.retain, properties)
        return info.mid

    def subscribe(self, filters: Sequence[str]) -> None:
        """Ask for messages, QoS 1."""
        self._filters = list(filters)
        if self.version == V5:  # a message that was published as retained still says so
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            self._client.subscribe([(one, options) for one in filters])
        else:
            self._client.subscribe([(one, 1) for one in filters])

    async def close(self) -> None:
        """Say good-bye, so that the broker forgets the will; or hang up if that takes too long."""
        self._client.disconnect()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_MAX_S):
                await asyncio.shield(self.ended)
        self.abort()

    def abort(self) -> None:
        """Hang up at once; paho's thread ends by itself when its socket is shut."""
        self._abandoned = True
        sock: Any = self._client.socket()
        with contextlib.suppress(OSError):
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)

    def _make_client(self) -> paho.Client:
        settings = self._access.settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2, self._access.client_id, protocol=self.version, reconnect_on_failure=False
        )
        client.connect_timeout = CONNECT_MAX_S
        client.max_inflight_messages_set(0)  # traffic.py counts; paho's own queue would put alerts behind the rest
        if settings.username is not None:
            client.username_pw_set(settings.username, read_password(settings))
        if self._access.context is not None:
            client.tls_set_context(self._access.context)
        client.on_socket_open = send_at_once
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        return client

    def _connect(self) -> None:
        """In a thread of its own, since a name or a broker that does not answer may take seconds."""
        settings = self._access.settings
        try:
            self._client.connect(settings.host, settings.port, settings.keepalive_s)
        except (OSError, ValueError) as error:
            self._post(self._fail, self._access.unreachable(error))
            return
        self._client.loop_start()
        if self._abandoned:  # given up while the broker was being reached: nobody listens to this connection any more
            self.abort()

    def _post(self, call: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop has ended; nobody is left to be told
            self._loop.call_soon_threadsafe(call, *args)

    # In paho's thread:

    def _on_connect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, facts: Any) -> None:
        self._post(self._answered, reason, getattr(facts, "ReceiveMaximum", RECEIVE_MAX_DEFAULT))

    def _on_disconnect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _facts: Any) -> None:
        self._post(self._end, f"{self._access.address}: connection lost ({reason})")

    def _on_publish(self, _client: object, _data: object, mid: int, reason: ReasonCode, _facts: Any) -> None:
        self._post(self._hears.delivered, mid, not reason.is_failure)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        facts = message.properties
        incoming = Incoming(
            topic=message.topic,
            payload=bytes(message.payload),
            retained=message.retain,
            reply_to=getattr(facts, "ResponseTopic", None),
            correlation=getattr(facts, "CorrelationData", None),
        )
        self._post(self._hears.heard, incoming)

    def _on_subscribe(self, _c: object, _data: object, _mid: int, reasons: list[ReasonCode], _facts: object) -> None:
        refused = [one for one, reason in zip(self._filters, reasons, strict=False) if reason.is_failure]
        self._post(self._hears.subscribed, refused)

    # In the event loop's thread:

    def _answered(self, reason: ReasonCode, receive_max: int) -> None:
        self.receive_max = receive_max
        if not self._answer.done():
            self._answer.set_result(reason)

    def _fail(self, problem: str) -> None:
        if not self._answer.done():
            self._answer.set_exception(TransientError(problem))
        self._end(problem)

    def _end(self, problem: str) -> None:
        if not self._answer.done():  # hung up without a word: what some old brokers do on hearing MQTT 5
            self._answer.set_exception(VersionRefused(self._access.hung_up(problem)))
        if not self.ended.done():
            self.ended.set_result(problem)


def send_at_once(_client: object, _data: object, sock: Any) -> None:
    """Without this a small message waits for the acknowledgement of the one before: 43 ms instead of 0.3 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
