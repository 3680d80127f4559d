"""A machine, and upright lifters before it who stand or walk: how sessions begin and end."""

from __future__ import annotations

import numpy as np

from edge.commands import Command
from edge.detectors.near_max import NearMaxSettings
from edge.events import AnyEvent, MachineState
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.samples import ImuSamples, Role

TS = "2026-01-31T12:00:00Z"
STEP_NS = 10_000_000
WORN: tuple[Role, ...] = ("left_thigh", "left_shank")
SETTINGS = MachineSettings(sled_mass_kg=140.0, near_max=NearMaxSettings(one_rep_max_kg=400.0))


class Gym:
    """A machine, of 140 kg unless said otherwise, and who comes to it."""

    def __init__(self, settings: MachineSettings = SETTINGS) -> None:
        self.pipeline = Pipeline(settings)
        self.k = 0
        self.events: list[AnyEvent] = []

    def spend(self, seconds: float, *, moving: bool = False, order: Command | None = None) -> MachineState:
        """The state after so long; the order is given at its beginning."""
        for i in range(round(seconds * 100)):
            self.k += 1
            t_ns = self.k * STEP_NS
            if order is not None and i == 0:
                self.pipeline.command(t_ns, order)
            wave = 3.0 * np.sin(0.7 * self.k) if moving else 0.0
            for role in WORN:
                acc, gyr = np.array([[wave, 0.0, 9.81]]), np.array([[0.0, wave, 0.0]])
                self.pipeline.accept(t_ns, ImuSamples(role, np.array([self.k * 10_000]), acc, gyr))
            self.events += self.pipeline.advance(t_ns)[0]
        return [event for event in self.events if isinstance(event, MachineState)][-1]
