"""The box's state folder: the outbox lies there, and what is kept of alerts: how fast they are, how often right."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from edge.clock import read_clock
from edge.publishers.envelope import Origin, utc_text
from edge.publishers.latency import Latency, write_certificate
from edge.publishers.precision import load_precision
from edge.settings import BoxSettings

CERTIFICATE = "latency.json"
WRITE_EVERY_S = 5.0
SERVICES = Path("/var/lib/sledguard")
"""The state folder of config/systemd/sledguard.service."""

log = logging.getLogger(__name__)


def state_dir(box: BoxSettings) -> Path:
    """As configured; else the service's, which systemd names; else the user's."""
    named = box.state_dir or os.environ.get("STATE_DIRECTORY")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "sledguard"


def state_to_read(box: BoxSettings) -> Path:
    """Where a box that runs keeps it, for a command that is not that box: a service's, if there is one here."""
    named = box.state_dir or os.environ.get("STATE_DIRECTORY")
    return state_dir(box) if named or not os.path.lexists(SERVICES) else SERVICES


class AlertState:
    """What a box keeps of its alerts. folder: None keeps it in memory only."""

    def __init__(self, folder: Path | None, origin: Origin) -> None:
        self.latency = Latency()
        self.precision = load_precision(folder)
        self._folder, self._origin = folder, origin
        self._told = 0

    async def keep(self) -> None:
        """Write it down whenever there is something new, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            try:
                await asyncio.to_thread(self._write)
            except OSError as error:
                log.warning("%s: cannot be written (%s)", self._folder, error)

    def _write(self) -> None:
        folder = self._folder
        if folder is None:
            return
        if self.latency.alerts != self._told:
            alerts = self.latency.alerts
            who = {"box": self._origin.box, "boot": self._origin.boot, "written": utc_text(read_clock().utc_ns)}
            write_certificate(folder / CERTIFICATE, who | {"alerts": alerts, "steps": self.latency.summary()})
            self._told = alerts
        if self.precision.changed:
            self.precision.save(folder)
