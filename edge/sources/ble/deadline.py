"""A time limit that holds even where clean-up hangs: each await on bluetoothd stands under one."""

from __future__ import annotations

import asyncio
from types import TracebackType

GRACE_S = 0.5  # for the clean-up of what was cancelled; bleak's own asks bluetoothd again, which may be dead


class Deadline:
    """Raises TimeoutError after limit_s, or as soon as `ended_by` is done.

    Unlike asyncio.timeout it cancels again every GRACE_S until the block is left.
    """

    def __init__(self, limit_s: float, ended_by: asyncio.Future[str] | None = None) -> None:
        self._limit_s, self._ended_by = limit_s, ended_by
        self._cancels = 0

    async def __aenter__(self) -> Deadline:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - coroutines run in tasks
        self._task, self._before = task, task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._limit_s, self._expire)
        if self._ended_by is not None:
            self._ended_by.add_done_callback(self._expire)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._ended_by is not None:
            self._ended_by.remove_done_callback(self._expire)
        for _ in range(self._cancels):
            self._task.uncancel()
        if self._cancels and kind is asyncio.CancelledError and self._task.cancelling() <= self._before:
            raise TimeoutError from error

    def _expire(self, _ended: object = None) -> None:
        self._timer.cancel()
        self._cancels += 1
        self._task.cancel()
        self._timer = asyncio.get_running_loop().call_later(GRACE_S, self._expire)
