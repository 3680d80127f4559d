"""A simulated session as a box would keep it: played by a virtual hub to a pipeline, and all that went either way."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edge.machine import MachineSettings
from edge.pipelines import live_pipeline
from edge.settings import LinkPlan
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.session import Session
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry

LINK, SEED, STEP_NS = "hub", 3, 10_000_000


def record_session(session: Session, path: Path) -> None:
    """Write the byte log of a session."""
    machine, lifter = session.scenario.machine, session.scenario.lifter
    settings = MachineSettings(
        id="press", rail_angle_deg=machine.said_rail_deg, sled_mass_kg=machine.sled_kg, height_m=lifter.said_height_m
    )
    about = {
        "machine": settings.id,
        "seed": SEED,
        "links": {LINK: {"kind": "native-serial"}},
        "settings": msgspec.to_builtins(settings),
    }
    hub = VirtualNode(NodeSettings(0x51ED00000000AB00, clock_ppm=25.0, clock_zero_us=9_000_000), feeds_of(session))
    pipeline = live_pipeline(settings, {LINK: LinkPlan()}, SEED)
    log = ByteLogWriter(path, about)
    for t_ns in range(STEP_NS, round(session.duration_s * 1e9), STEP_NS):
        if data := hub.advance(t_ns):
            pipeline.receive(LINK, t_ns, data)
            log.write(LogEntry(t_ns, LINK, Direction.IN, data))
        for send in pipeline.advance(t_ns)[1]:
            hub.receive(t_ns, send.data)
            pipeline.sent(LINK, t_ns, send.seq)
            log.write(LogEntry(t_ns, LINK, Direction.OUT, send.data, send.seq))
    log.close()
