"""What `doctor` measures over the air: configured nodes are served for a few seconds, as the daemon would do it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edge.ble_nodes import ble_node
from edge.clock import monotonic_ns
from edge.ingest.native import NativeLink
from edge.ingest.native_layout import placement_role
from edge.ingest.native_types import NodeReport
from edge.provisioning.findings import NodeFacts
from edge.samples import ImuSamples, LoadSamples
from edge.settings import BleSettings
from edge.sources.ble import BleSource, Radio

STEP_S = 0.02
TELL_S = 4.0  # a node tells its state once a second
CONNECT_S = 15.0  # for all of them; those that cannot be had in this time are told


@dataclass(slots=True)
class _Measured:
    """One link meanwhile. native: what reads it; its own kind of sensor has none."""

    native: NativeLink | None
    problem: str | None = "not connected in time: bring it nearer"
    opened_ns: int | None = None
    messages: int = 0
    samples: int = 0
    report: NodeReport | None = None
    battery_pct: int | None = None

    @property
    def told(self) -> bool:
        """Whether nothing more is to be learnt: it is away, or has told its state, or tells none."""
        return (
            self.opened_ns is None or self.native is None or (self.report is not None and self.report.state is not None)
        )


class Measurement:
    """The sink of a source, for a few seconds."""

    def __init__(self, nodes: Sequence[BleSettings], slots: int) -> None:
        self._links = {node.link: _Measured(self._reader(node)) for node in nodes}
        self._radio = Radio(slots)
        self._source = BleSource([ble_node(node) for node in nodes], self._radio, seed=1)

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        """See Sink."""
        one = self._links[link]
        one.messages += 1
        for item in one.native.receive(t_ns, data) if one.native else ():
            if isinstance(item, NodeReport):
                one.report = item
            elif isinstance(item, ImuSamples | LoadSamples):
                one.samples += len(item.device_us)

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        """See Sink."""
        native = self._links[link].native
        if native is not None:
            native.sent(t_ns, seq)

    def battery(self, link: str, t_ns: int, pct: int) -> None:
        """See Sink."""
        self._links[link].battery_pct = pct

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        """See Sink."""
        one = self._links[link]
        one.problem = problem
        if problem is None and one.opened_ns is None:
            one.opened_ns = t_ns

    async def run(self, seconds: float) -> None:
        """Serve the nodes for so long from when all that can be had are there."""
        tasks = [asyncio.create_task(self._source.run(self)), asyncio.create_task(self._radio.run())]
        try:
            await self._step(CONNECT_S, lambda: all(one.opened_ns is not None for one in self._links.values()))
            await self._step(seconds, lambda: False)
            await self._step(TELL_S, lambda: all(one.told for one in self._links.values()))
        finally:
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def facts(self, before: NodeFacts) -> NodeFacts:
        """What is known of a node now."""
        one = self._links[before.link]
        if one.opened_ns is None:
            return replace(before, tried=True, problem=one.problem)
        lost = one.native.counters.get("gap_samples", 0) if one.native else 0
        report = one.report
        return replace(
            before,
            tried=True,
            rate_hz=one.messages / max((monotonic_ns() - one.opened_ns) / 1e9, STEP_S),
            loss_pct=100.0 * lost / (lost + one.samples) if one.samples else None,
            battery_pct=report.battery_pct if report else one.battery_pct,
            firmware=report.firmware if report else None,
            faults=report.faults if report else (),
        )

    async def _step(self, seconds: float, done: Callable[[], bool]) -> None:
        """Go on until it is done, or for so long."""
        end_ns = monotonic_ns() + round(seconds * 1e9)
        while monotonic_ns() < end_ns and not done():
            for one in self._links.values():
                for send in one.native.step(monotonic_ns()) if one.native else ():
                    self._source.send(send)
            await asyncio.sleep(STEP_S)

    def _reader(self, node: BleSettings) -> NativeLink | None:
        if not node.kind.startswith("native"):
            return None
        return NativeLink(node.link, framed=node.kind == "native-serial", role_of=placement_role, seed=1)
