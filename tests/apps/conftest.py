"""What tests against real applications share: asking an application over HTTP until it answers."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

PATIENCE_S = 300.0  # a first start makes its folders, and the machine may be busy


class Web:
    """An application's HTTP interface on this machine."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self.token: str | None = None

    async def get(self, path: str) -> Any:
        """The JSON of an address."""
        return await asyncio.to_thread(self._ask, path, None, "application/json")

    async def post(self, path: str, body: Mapping[str, Any], *, form: bool = False) -> Any:
        """Send JSON, or a form; the JSON that comes back."""
        if form:
            data, kind = urllib.parse.urlencode(body).encode(), "application/x-www-form-urlencoded"
        else:
            data, kind = json.dumps(body).encode(), "application/json"
        return await asyncio.to_thread(self._ask, path, data, kind)

    async def up(self, path: str) -> Any:
        """The same as `get`, once it answers."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    return await self.get(path)
                except (OSError, ValueError):
                    await asyncio.sleep(0.5)

    def _ask(self, path: str, data: bytes | None, kind: str) -> Any:
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        request = urllib.request.Request(self._base + path, data, headers)  # noqa: S310 - of this machine
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")


@pytest.fixture
def web() -> type[Web]:
    """Makes interfaces."""
    return Web
