"""The pages' part of the demo: the same command, as a child process, with keys and history that go when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from dashboards.access import STAFF_S, Access, keys_in
from dashboards.network import lan_address
from dashboards.qr import qr_text
from edge.clock import read_clock
from edge.errors import SledguardError
from edge.history.received import Place

PORT = 8080
KEYS_FILE, PAGES_LOG = "keys.json", "pages.log"
LOOK_S = 0.1
STOP_MAX_S = 5.0
ANYWHERE = "0.0.0.0"  # noqa: S104 - a phone on the same network must reach it


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """Which machine, on which broker, and where files may be kept."""

    place: Place
    broker: str
    folder: Path


class DemoPages:
    """An async context manager; while it is entered the pages are served."""

    def __init__(self, where: DemoPlace) -> None:
        self.port = _free_port()
        self._where = where
        self._process: asyncio.subprocess.Process | None = None

    @property
    def lines(self) -> list[str]:
        """Where to look, the phone's address as a QR code that is good all day."""
        keys = keys_in(self._where.folder / KEYS_FILE)
        place, here = self._where.place, f"http://{lan_address(ANYWHERE)}:{self.port}"
        ticket = Access(keys).join_ticket(place, read_clock().utc_ns / 1e9 + STAFF_S)
        phone = f"{here}/m/{place}#{ticket}"
        return [
            qr_text(phone),
            f"phone     {phone}",
            f"kiosk     {here}/kiosk/{place}#{keys.kiosk}",
            f"coach     {here}/coach#{keys.coach}",
            f"operator  {here}/operator#{keys.operator}",
        ]

    async def __aenter__(self) -> Self:
        folder = self._where.folder
        keys_in(folder / KEYS_FILE)  # made here: the child and we would not make the same
        command = ["-m", "edge.cli", "dashboards", "--broker", self._where.broker, "--folder", str(folder)]
        with (folder / PAGES_LOG).open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *command, "--listen", f"{ANYWHERE}:{self.port}", "--with-parent",
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    async def answer(self) -> bool:
        """Return once the pages can be opened; False: they have ended instead."""
        while self._process is not None and self._process.returncode is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return True
            await asyncio.sleep(LOOK_S)
        return False

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_MAX_S):
                await process.wait()
        except TimeoutError:
            process.kill()


def _free_port() -> int:
    """The usual port, or another that is free."""
    for port in (PORT, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((ANYWHERE, port))
            return int(probe.getsockname()[1])
    raise SledguardError("no port is free for the pages")
