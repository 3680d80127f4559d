"""The bare paho client that our own is held against, with TCP_NODELAY as ours has it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

import paho.mqtt.client as paho
from broker_tools import HOST
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.publishers.broker_connection import send_at_once


class Receiver(Protocol):
    """Who is told of what arrives, in paho's own thread."""

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        """A message has come."""


@contextlib.asynccontextmanager
async def bare_client(
    port: int, receiver: Receiver | None, protocol: MQTTProtocolVersion
) -> AsyncIterator[paho.Client]:
    """Connected, and served by a thread of its own until the block ends. receiver: None for one that only publishes."""
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=protocol)
    client.on_socket_open = send_at_once
    if receiver is not None:
        client.on_message = receiver.on_message
    await asyncio.to_thread(client.connect, HOST, port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
