"""Simulated sessions through the whole pipeline, for tests of what it says."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from edge.events import AnyEvent
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.simulator.recording import write_recording
from edge.simulator.session import Session
from edge.sources.recording import read_recording

AFTER_NS = 2_000_000_000


def settings_of(session: Session) -> MachineSettings:
    """The machine and lifter as the session says they are."""
    machine, lifter = session.scenario.machine, session.scenario.lifter
    return MachineSettings(
        rail_angle_deg=machine.said_rail_deg,
        sled_mass_kg=machine.sled_kg,
        stack_kg=machine.stack_kg,
        height_m=lifter.said_height_m,
    )


def events_of(session: Session, settings: MachineSettings | None = None) -> list[AnyEvent]:
    """All that is said of a session."""
    pipeline = Pipeline(settings or settings_of(session))
    events: list[AnyEvent] = []
    with TemporaryDirectory() as folder:
        write_recording(session, Path(folder) / "session")
        t_ns = 0
        for arrival in read_recording(Path(folder) / "session").arrivals():
            t_ns = arrival.t_ns
            pipeline.accept(t_ns, arrival.samples)
            events += pipeline.advance(t_ns)[0]
    return events + pipeline.advance(t_ns + AFTER_NS)[0]
