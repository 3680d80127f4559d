"""The nodes of one machine on BLE, as a `Source`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from random import Random

from edge.events import Send
from edge.sources.base import Sink
from edge.sources.ble.node_link import NodeLink
from edge.sources.ble.profile import BleNode
from edge.sources.ble.radio import Radio


class BleSource:
    """One link for each node. The radio is shared with the other machines and must run beside. seed: of back-offs."""

    def __init__(self, nodes: Sequence[BleNode], radio: Radio, seed: int) -> None:
        self._nodes = {node.link: NodeLink(node, radio, Random(f"{seed} {node.link}")) for node in nodes}  # noqa: S311
        self.links = tuple(self._nodes)

    async def run(self, sink: Sink) -> None:
        """Serve all nodes until cancelled; see Source."""
        async with asyncio.TaskGroup() as group:
            for node in self._nodes.values():
                group.create_task(node.run(sink), name=f"ble {node.node.link}")

    def send(self, message: Send) -> None:
        """See Source."""
        self._nodes[message.link].send(message)

    def counts(self, link: str) -> dict[str, int]:
        """See Source: the counters of `BleCounters`."""
        return asdict(self._nodes[link].counters)
