"""A small MQTT broker inside the process, for the demo: nothing to install, gone when the demo ends.

It is amqtt, which speaks MQTT 3.1.1, keeps no session and forgets all at its end: good for looking, not for a gym.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from types import TracebackType
from typing import Any, Self

from edge.errors import SledguardError

HOST = "127.0.0.1"
GONE = (errno.ENOTCONN, errno.EPIPE, errno.ECONNRESET, errno.EBADF)
SHUTDOWN_MAX_S = 1.0  # it takes some ms
ANONYMOUS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


class EmbeddedBroker:
    """An async context manager; while it is entered, a broker listens on HOST:port."""

    def __init__(self, port: int | None = None) -> None:
        """port: None takes one that is free."""
        self.port = port or _free_port()
        self._broker: Any = None

    async def __aenter__(self) -> Self:
        try:
            from amqtt.broker import Broker  # noqa: PLC0415 - an extra, needed by the demo alone
            from amqtt.errors import AMQTTError  # noqa: PLC0415
        except ImportError as error:
            raise SledguardError(
                "the demo's own broker is not installed; install it with: pip install 'sledguard[demo]',"
                " or name a broker with --broker HOST:PORT"
            ) from error
        for name in ("amqtt", "transitions"):  # it logs every client that comes and goes as a warning
            logging.getLogger(name).setLevel(logging.CRITICAL)
        listeners = {"default": {"type": "tcp", "bind": f"{HOST}:{self.port}"}}
        self._broker = Broker({"listeners": listeners, "plugins": ANONYMOUS})
        try:
            await self._broker.start()
        except (OSError, AMQTTError) as error:
            raise SledguardError(f"port {self.port} on {HOST} cannot be used ({error}); try again") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        before = loop.get_exception_handler()
        loop.set_exception_handler(_pass_over_gone_clients)
        try:
            # A client that sends at this very moment makes it wait for ever; one that has just gone makes it fail.
            with contextlib.suppress(TimeoutError, OSError):
                await asyncio.wait_for(self._broker.shutdown(), SHUTDOWN_MAX_S)
        finally:
            loop.set_exception_handler(before)


def _pass_over_gone_clients(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """While it shuts down: amqtt says goodbye on sockets whose other end is gone, which is no news to anybody."""
    error = context.get("exception")
    if not (isinstance(error, OSError) and error.errno in GONE):
        loop.default_exception_handler(context)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
