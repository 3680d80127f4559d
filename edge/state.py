"""The box's state folder: where the outbox lies, and the figures of how fast alerts were."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from edge.clock import read_clock
from edge.publishers.envelope import Origin, utc_text
from edge.publishers.latency import Latency, write_certificate
from edge.settings import BoxSettings

CERTIFICATE = "latency.json"
CERTIFICATE_EVERY_S = 5.0

log = logging.getLogger(__name__)


def state_dir(box: BoxSettings) -> Path:
    """As configured; else the service's, which systemd names; else the user's."""
    named = box.state_dir or os.environ.get("STATE_DIRECTORY")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "sledguard"


async def keep_certificate(folder: Path, latency: Latency, origin: Origin) -> None:
    """Write the figures of alerts to the state folder whenever there are new ones, until cancelled."""
    told = 0
    while True:
        await asyncio.sleep(CERTIFICATE_EVERY_S)
        if latency.alerts == told:
            continue
        told = latency.alerts
        written = utc_text(read_clock().utc_ns)
        facts = {"box": origin.box, "boot": origin.boot, "written": written, "alerts": told, "steps": latency.summary()}
        try:
            await asyncio.to_thread(write_certificate, folder / CERTIFICATE, facts)
        except OSError as error:
            log.warning("latency figures cannot be written (%s)", error)
