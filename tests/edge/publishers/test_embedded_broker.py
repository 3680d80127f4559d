"""The demo's own broker: its end is quiet where clients go at the same moment, and only there."""

from __future__ import annotations

import asyncio
import errno

import pytest

from edge.publishers.embedded_broker import EmbeddedBroker


class Ending:
    """A broker in whose shutdown a callback and the shutdown itself fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def _fail(self) -> None:
        raise self._error

    async def shutdown(self) -> None:
        asyncio.get_running_loop().call_soon(self._fail)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")


@pytest.mark.parametrize(
    ("error", "told"), [(OSError(errno.ENOTCONN, "not connected"), False), (ValueError("a bug"), True)]
)
async def test_end_beside_a_client_that_has_gone(
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    told: bool,  # noqa: FBT001
) -> None:
    """A client's dead socket is passed over at the end; any other error is told, and the loop's handler comes back."""
    broker = EmbeddedBroker()
    broker._broker = Ending(error)
    before = asyncio.get_running_loop().get_exception_handler()
    await broker.__aexit__(None, None, None)
    assert bool(caplog.records) is told
    assert asyncio.get_running_loop().get_exception_handler() is before
