"""The far side of many machines, as a process of its own: ten_hubs.py FOLDER COUNT.

Each machine has the demo's hub behind a pseudo-terminal FOLDER/hub-N, begun a little after the one before it. Now and
then a hub reports a fault whose text is when it was written, ns of the monotonic clock.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from edge.clock import monotonic_ns
from edge.simulator.demo import DEMO_NODE_ID, demo_scenario, second_rest
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.pty_line import PtyLine
from edge.simulator.session import simulate
from firmware_protocol.messages import Fault

APART_S = (0.6, 1.4)  # between a hub's probes: random, so that every phase of the box's work is met
BEGIN_APART_S = 0.73  # a tenth of a rep: no two lifters press together


class ProbedNode(VirtualNode):
    """The demo's hub, which reports a fault when asked."""

    def say_fault(self, text: str) -> None:
        """Queue a FAULT message."""
        self._say(Fault(0, 1, 1, 0, text))


class ProbedLine(PtyLine):
    """A line on which a probe leaves at once, with whatever else is due."""

    node: ProbedNode

    def probe(self) -> None:
        """Write a probe that says when."""
        self.node.say_fault(f"probe {monotonic_ns()}")
        self._pump()


async def serve(folder: Path, count: int) -> None:
    """Until killed."""
    session = simulate(demo_scenario())
    loop = second_rest(session)
    lines = []
    for number in range(count):
        settings = NodeSettings(DEMO_NODE_ID + number, clock_ppm=12.0 + number)
        lines.append(ProbedLine(ProbedNode(settings, feeds_of(session, None, loop)), folder / f"hub-{number}"))
        lines[-1].open()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.gather(*(_run(line, number) for number, line in enumerate(lines)))


async def _run(line: ProbedLine, number: int) -> None:
    await asyncio.sleep(number * BEGIN_APART_S)
    rng = random.Random(number)  # noqa: S311
    running = asyncio.create_task(line.run())
    while not running.done():
        await asyncio.sleep(rng.uniform(*APART_S))
        line.probe()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
