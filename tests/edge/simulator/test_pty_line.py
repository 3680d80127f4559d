"""The demo's line: a pseudo-terminal that an ordinary serial port can open."""

from __future__ import annotations

import asyncio
import os
import tty
from pathlib import Path

from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.pty_line import PtyLine
from edge.simulator.scenario import RepPlan, Scenario, SetPlan
from edge.simulator.session import simulate
from firmware_protocol import wire
from firmware_protocol.framing import FramedDecoder, frame
from firmware_protocol.messages import Hello, Info


def node() -> VirtualNode:
    session = simulate(Scenario(seed=3, sets=(SetPlan((RepPlan(),)),)))
    return VirtualNode(NodeSettings(7), feeds_of(session, ("sled",)))


async def greet(path: Path) -> Info:
    """Opens the terminal, says HELLO and waits for the answer."""
    loop, decoder = asyncio.get_running_loop(), FramedDecoder()
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    loop.add_reader(fd, lambda: heard.put_nowait(os.read(fd, 4096)))
    os.write(fd, b"\0" + frame(wire.encode(Hello(1, 1, 0, 0, 1))))
    try:
        while True:
            payloads = [wire.read(message) for message in decoder.feed(await heard.get())]
            for payload in payloads:
                if isinstance(payload, Info):
                    return payload
    finally:
        loop.remove_reader(fd)
        os.close(fd)


async def test_a_host_finds_a_node_and_finds_it_again(tmp_path: Path) -> None:
    """HELLO is answered over the terminal; after the plug was pulled the same path leads to a new boot of the node."""
    path = tmp_path / "hub"
    line = PtyLine(node(), path)
    line.open()
    task = asyncio.create_task(line.run())
    first = await asyncio.wait_for(greet(path), 20)
    line.pull()
    gone = not line.path.is_symlink()
    line.put_back()
    second = await asyncio.wait_for(greet(path), 20)
    task.cancel()
    await asyncio.wait([task])
    assert gone
    assert (first.boot_count, second.boot_count) == (1, 2)
    assert line.path.is_symlink() is False
