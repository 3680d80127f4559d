"""A subscription to everything that sledguard publishes on one broker, kept for as long as it is wanted.

paho runs its network loop in a thread of its own and calls `on_message` there; what is not quick is to be handed over.
It speaks MQTT 3.1.1, which every broker does and which has all that a reader needs.

durable: the broker keeps what arrives while this reader is away, and a message counts as delivered only once `done`
was called for it. Without it, what was missed is missed, as befits a screen.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.broker_access import Access, read_password
from edge.history.received import ROOT

PAUSE_FIRST_S, PAUSE_MAX_S = 1, 4  # whole seconds, as paho takes them; a broker that is back is found within 4 s
CONNECT_MAX_S = 5.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it arrived. done: to be called once it need not be sent again."""

    topic: str
    payload: bytes
    retained: bool
    done: Callable[[], None]


class Subscription:
    """on_message(arrival) and on_change(problem, None when all is well) are called in paho's thread."""

    def __init__(
        self,
        access: Access,
        on_message: Callable[[Arrival], None],
        on_change: Callable[[str | None], None],
        *,
        durable: bool = False,
        topics: tuple[str, ...] = (f"{ROOT}/#",),
    ) -> None:
        self._access, self._on_message, self._on_change, self._topics = access, on_message, on_change, topics
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            access.client_id,
            clean_session=not durable,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=durable,
        )
        self._durable = durable
        self._client.connect_timeout = CONNECT_MAX_S
        self._client.reconnect_delay_set(PAUSE_FIRST_S, PAUSE_MAX_S)
        self._client.on_socket_open = _send_at_once
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_connect_fail = self._unreachable
        self._client.on_message = self._arrived

    def start(self) -> None:
        """Connect, now and whenever the connection is lost. ConfigError: credentials that cannot be used."""
        settings = self._access.settings
        if settings.username is not None:
            self._client.username_pw_set(settings.username, read_password(settings))
        if self._access.context is not None:
            self._client.tls_set_context(self._access.context)
        self._client.connect_async(settings.host, settings.port, settings.keepalive_s)
        self._client.loop_start()

    def stop(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> None:
        """Send a message, once, not retained; lost where the broker is away."""
        self._client.publish(topic, payload, qos=1)

    def _connected(self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _facts: Any) -> None:
        if reason.is_failure:
            self._on_change(f"{self._access.address} refuses: {reason}; check user, password and its rules")
            return
        client.subscribe([(topic, 1) for topic in self._topics])

    def _subscribed(self, _client: object, _data: object, _mid: int, reasons: list[ReasonCode], _facts: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._on_change(f"{self._access.address} lets this user read nothing of ours; check its rules")
            return
        self._on_change(None)

    def _disconnected(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _facts: Any) -> None:
        self._on_change(f"{self._access.address}: connection lost ({reason})")

    def _unreachable(self, _client: object, _data: object) -> None:
        self._on_change(self._access.unreachable(sys.exc_info()[1]))  # paho tells of it while it handles the error

    def _arrived(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        def done() -> None:
            if self._durable:
                client.ack(message.mid, message.qos)

        self._on_message(Arrival(message.topic, bytes(message.payload), message.retain, done))


def _send_at_once(_client: object, _data: object, sock: Any) -> None:
    """Without this an acknowledgement waits for the next message and holds up the broker."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
