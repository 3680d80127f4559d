"""A dbus-daemon of our own, in place of the system's while it runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from edge.errors import SledguardError

ADDRESS_VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"
END_MAX_S = 2.0

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def has_dbus_daemon() -> bool:
    """Whether a private bus can be had here."""
    return shutil.which("dbus-daemon") is not None


class PrivateBus:
    """While entered, everything in this process that asks for the system bus gets this one.

    SledguardError: there is no dbus-daemon.
    """

    def __init__(self) -> None:
        self.address = ""
        self._before: str | None = None

    async def __aenter__(self) -> PrivateBus:
        program = shutil.which("dbus-daemon")
        if program is None:
            raise SledguardError("dbus-daemon is not installed; mend with: sudo apt-get install dbus-daemon")
        self._folder = tempfile.TemporaryDirectory(prefix="sledguard-bus-")
        config = Path(self._folder.name) / "bus.conf"
        config.write_text(CONFIG.format(socket=Path(self._folder.name) / "socket"))
        self._process = await asyncio.create_subprocess_exec(
            program, f"--config-file={config}", "--nofork", "--print-address=1",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        self.address = (await self._process.stdout.readline()).decode().strip()
        if not self.address:
            self._folder.cleanup()
            raise SledguardError("dbus-daemon ended at once; try: dbus-daemon --version")
        self._before = os.environ.get(ADDRESS_VARIABLE)
        os.environ[ADDRESS_VARIABLE] = self.address
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is None:
            os.environ.pop(ADDRESS_VARIABLE, None)
        else:
            os.environ[ADDRESS_VARIABLE] = self._before
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), END_MAX_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._folder.cleanup()
