"""Simulated sessions played through the pipeline: what a lifter would be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from edge.commands import Command
from edge.events import Alert, AnyEvent, MachineState, Rep
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.samples import LOAD_ROLES, ImuSamples, LoadSamples, Samples
from edge.simulator.session import Session, Stream

STRIDE_NS = 100_000_000
APART_NS = 5_000_000_000
"""Between one lifter's last sample and the next one's first, on the simulator's time line."""
E = TypeVar("E")


def settings_of(session: Session) -> MachineSettings:
    """What a gym would know of the machine and the lifter."""
    machine, lifter = session.scenario.machine, session.scenario.lifter
    return MachineSettings(
        rail_angle_deg=machine.said_rail_deg,
        sled_mass_kg=machine.sled_kg,
        stack_kg=machine.stack_kg,
        height_m=lifter.said_height_m,
    )


def _samples(stream: Stream, begin: int, end: int) -> Samples:
    device_us, values, boot = stream.device_us[begin:end], stream.values[begin:end], int(stream.boot[begin])
    if stream.role in LOAD_ROLES:
        return LoadSamples(stream.role, device_us, values, boot)
    return ImuSamples(stream.role, device_us, values[:, :3], values[:, 3:], boot)


def arrivals(session: Session) -> Iterator[tuple[int, Samples]]:
    """Each batch with the instant (ns) at which it reached the host, in that order."""
    found = []
    for stream in session.streams.values():
        cuts = np.flatnonzero(np.diff(stream.host_us) | np.diff(stream.boot)) + 1
        for begin, end in pairwise([0, *cuts.tolist(), len(stream.host_us)]):
            found.append((int(stream.host_us[begin]) * 1000, _samples(stream, begin, end)))
    return iter(sorted(found, key=lambda arrival: arrival[0]))


@dataclass(frozen=True)
class Told:
    """A session and what was said of it, in order; rows: the live estimates, as `take_signals` gives them."""

    session: Session
    events: list[AnyEvent]
    rows: list[tuple[float, ...]]

    def of(self, kind: type[E]) -> list[E]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]

    def reps(self) -> list[Rep]:
        """The counted reps."""
        return [rep for rep in self.of(Rep) if rep.counted]

    def alerts(self) -> list[tuple[str, str | None, int]]:
        """Kind, side and rep of every alert."""
        return [(alert.kind, alert.side, alert.rep) for alert in self.of(Alert)]

    def reasons(self, verdict: str) -> list[str | None]:
        """Why a verdict was not assessed, as it changed from state to state; None while it was."""
        seen = [state.not_assessed.get(verdict) for state in self.of(MachineState)]
        return [why for i, why in enumerate(seen) if not i or why != seen[i - 1]]


def play(session: Session, settings: MachineSettings | None = None) -> Told:
    """Through the pipeline from the first sample to the end of the session."""
    pipeline = Pipeline(settings or settings_of(session), keep_signals=True)
    events: list[AnyEvent] = []
    now_ns = 0
    for t_ns, samples in arrivals(session):
        while t_ns > now_ns + STRIDE_NS:
            now_ns += STRIDE_NS
            events += pipeline.advance(now_ns)[0]
        pipeline.accept(t_ns, samples)
    events += [*pipeline.advance(round(session.duration_s * 1e9))[0], *pipeline.end()]
    return Told(session, events, pipeline.take_signals())


class Machine:
    """A pipeline that goes on from one lifter to the next."""

    def __init__(self, first: Session) -> None:
        self.pipeline = Pipeline(settings_of(first))
        self.now_ns = self.began_ns = 0
        self.boot = 0

    def lifts(self, one: Session, *orders: tuple[float, Command]) -> Told:
        """One lifter from putting the straps on to taking them off; orders: commands, each so many s in."""
        self.began_ns, self.boot = self.now_ns, self.boot + 1
        events: list[AnyEvent] = []
        for t_s, command in orders:
            self.pipeline.command(self.began_ns + round(t_s * 1e9), command)
        for t_ns, samples in arrivals(one):
            events += self.until(self.began_ns + t_ns - STRIDE_NS)
            self.pipeline.accept(self.began_ns + t_ns, type(samples)(samples.role, *samples.rows(), self.boot))
        events += self.until(self.began_ns + round(one.duration_s * 1e9) + APART_NS)
        return Told(one, events, [])

    def until(self, t_ns: int) -> list[AnyEvent]:
        """Time goes on."""
        events: list[AnyEvent] = []
        while t_ns > self.now_ns + STRIDE_NS:
            self.now_ns += STRIDE_NS
            events += self.pipeline.advance(self.now_ns)[0]
        return events

    def order(self, command: Command) -> list[AnyEvent]:
        """A command is given."""
        self.pipeline.command(self.now_ns + 1, command)
        return self.until(self.now_ns + 3 * STRIDE_NS)
