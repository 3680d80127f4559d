"""What a service owes: that nobody else reads what it writes, and that systemd hears that it is up and still turns."""

from __future__ import annotations

import asyncio
import os
import socket

WATCHDOG_SHARE = 0.4  # of the time after which systemd starts it anew: two signs of life fit in


def keep_to_ourselves() -> None:
    """Let nobody else read what this process will write: it is about people."""
    os.umask(0o077)


def notify(state: str) -> None:
    """Tell systemd, where it asked to be told; nobody waits for it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as channel:
        try:
            channel.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)
        except OSError:  # systemd is restarting, or its queue is full: the next sign of life is soon
            return


async def signs_of_life() -> None:
    """Say READY, then feed the watchdog from the event loop until cancelled: a loop that hangs is started anew."""
    notify("READY=1")
    every_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6 * WATCHDOG_SHARE
    while True:
        await asyncio.sleep(every_s or 3600.0)
        notify("WATCHDOG=1")
