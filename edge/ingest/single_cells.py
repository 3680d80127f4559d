"""Load cells that are devices of their own, put together as the footplate or the back pad of a machine.

Each cell has its own clock and its own link. Each is laid on the host's time line by itself and read off at the grid's
instants, and a row is made where every cell of the group has a value: a force that was not measured is not made up.

What a group may serve follows from which cells it has and from what they are. Heel and toe of each foot serve
everything that a footplate can. Left and right alone give the force and its sides, never a heel. A single cell under
the plate, and any group with a cell too slow or too late for an alert, gives the load of a set and nothing else: such
a force must not even say whether the sled is carried, since every alert is gated by that.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from edge.events import Kind
from edge.ingest.driver_link import DriverLink
from edge.motion.series import GRID_NS
from edge.motion.track import LoadTrack
from edge.samples import BACKPAD_CELLS, CELL_GROUPS, FOOTPLATE_CELLS, Cell, FloatArray, LoadSamples, Role, TimeExchange

SIDES: Final[tuple[Cell, ...]] = ("left", "right")
READINGS_MAX: Final = 12_000
"""Of one cell: two and a half minutes at 80 Hz, longer than any rep; a scale's last quarter of an hour."""
READINGS_MIN: Final = 5
"""In a rep, of each cell: half a second of a 10 Hz scale; fewer are no mean."""
TARE_NS: Final = 1_000_000_000
"""Readings of so long are the zero: ten of a slow scale."""
STILL_N: Final = 20.0
"""Their spread: a cell and its amplifier stay within some newtons, and a foot or a hand does not."""
CLOCK_EVERY: Final = 100
"""Grid steps (1 s) between words to the timebase that these rows are on the host's clock already."""
_AFTER_GRID_US: Final = 1
"""Rows stand a µs behind their instant, so that it is the last one they cover, however the numbers are rounded."""
_GRID_US: Final = GRID_NS // 1000


class CellGroup:
    """The single cells of one role. Feed `accept` as their samples arrive and `step` at every grid instant."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._links: dict[Cell, DriverLink] = {}
        self._tracks: dict[Cell, LoadTrack] = {}
        self._readings: dict[Cell, deque[tuple[float, float]]] = {}
        self._zeros_n: dict[Cell, float] = {}
        self._next = 0
        self._clock_told = 0
        self._now_ns = 0

    @property
    def parts_heels(self) -> bool:
        """Whether heel and toe of each foot are told apart."""
        return set(self._links) == set(FOOTPLATE_CELLS)

    def add(self, cell: Cell, link: DriverLink) -> None:
        """A cell that the configuration names."""
        self._links[cell] = link
        self._tracks[cell] = LoadTrack()
        self._readings[cell] = deque(maxlen=READINGS_MAX)
        self._zeros_n[cell] = 0.0

    def accept(self, t_ns: int, samples: LoadSamples) -> None:
        """Samples (N, 1) of the one cell that they name, arrived at t_ns."""
        (cell,) = samples.cells
        force_n = samples.force_n - self._zeros_n[cell]
        samples = LoadSamples(samples.role, samples.device_us, force_n, samples.boot, samples.cells)
        self._tracks[cell].accept(t_ns, samples)
        taken_s = t_ns * 1e-9 - self._links[cell].delay_ms / 2000
        self._readings[cell].extend((taken_s, force) for force in force_n[:, 0].tolist())

    def step(self, t_ns: int) -> list[LoadSamples | TimeExchange]:
        """The rows that are complete now, on the host's clock; none where they may not gate an alert."""
        self._now_ns = t_ns
        tracks = list(self._tracks.values())
        for track in tracks:
            track.step()
        end = min((track.forces.end for track in tracks), default=0)
        begin = max(self._next, max((track.forces.start for track in tracks), default=0))
        self._next = max(self._next, end)
        if begin >= end or not self._gates():
            return []
        rows = [(k, [track.forces.at(k) for track in tracks]) for k in range(begin, end)]
        whole = [(k, [f[0] for f in forces if f is not None]) for k, forces in rows if all(forces)]
        return [*self._clock(t_ns), self._samples(whole)] if whole else []

    def tare(self) -> str | None:
        """What the cells show now is zero from here on; why it cannot be, or None. The sensors are told nothing."""
        now_s, shown = self._now_ns * 1e-9, dict[Cell, list[float]]()
        for cell, readings in self._readings.items():
            shown[cell] = [force for t_s, force in readings if t_s > now_s - TARE_NS * 1e-9]
            if len(shown[cell]) < READINGS_MIN:
                return f"{cell.replace('_', ' ')} cell silent: check its battery and cable"
            if max(shown[cell]) - min(shown[cell]) > STILL_N:
                return "the plate is not still: take everything off it and try again"
        for cell, forces in shown.items():
            self._zeros_n[cell] += sum(forces) / len(forces)
            self._readings[cell].clear()
        return None

    def refusal(self, kind: Kind) -> str | None:
        """Why these cells may not serve a fault now; None: they may."""
        if missing := self._missing():
            return f"{self._role} lacks its {', '.join(cell.replace('_', ' ') for cell in missing)} cell"
        for cell, link in self._links.items():
            name = f"{cell.replace('_', ' ')} cell"
            if link.silent(self._now_ns):
                return f"{name} silent: check its battery and cable"
            if reason := link.refusal(kind):
                return f"{name}: {reason}"
        if kind == "heel_lift" and not self.parts_heels:
            return f"{self._role} has no cells that tell heel from toe: {', '.join(FOOTPLATE_CELLS)} would"
        return None

    def mean_n(self, from_s: float, to_s: float) -> float | None:
        """The mean force on all cells together, N; None where one of them has told too little."""
        if self._missing():
            return None
        total = 0.0
        for readings in self._readings.values():
            inside = [force for t_s, force in readings if from_s <= t_s <= to_s]
            if len(inside) < READINGS_MIN:
                return None
            total += sum(inside) / len(inside)
        return total

    def _missing(self) -> list[Cell]:
        """The cells without which the configured ones are nothing whole."""
        have = set(self._links)
        groups = [cells for role, cells in CELL_GROUPS if role == self._role and have <= set(cells)]
        return [cell for cell in groups[0] if cell not in have] if groups else []

    def _gates(self) -> bool:
        """Whether these forces may say that the sled is carried: the sides are known, and all cells are quick."""
        cells = set(self._links)
        if cells not in ({*FOOTPLATE_CELLS}, {*SIDES}, {*BACKPAD_CELLS}):
            return False
        return all(link.rate_hz is not None and link.refusal("heel_lift") is None for link in self._links.values())

    def _clock(self, t_ns: int) -> list[TimeExchange]:
        if t_ns // GRID_NS - self._clock_told < CLOCK_EVERY:
            return []
        self._clock_told = t_ns // GRID_NS
        return [TimeExchange(self._role, t_ns, t_ns // 1000, 0, t_ns)]

    def _samples(self, whole: list[tuple[int, list[float]]]) -> LoadSamples:
        device_us = np.array([k * _GRID_US + _AFTER_GRID_US for k, _ in whole], dtype=np.int64)
        return LoadSamples(self._role, device_us, self._columns(np.array([forces for _, forces in whole])))

    def _columns(self, forces: FloatArray) -> FloatArray:
        """(N, C) in the order of the configuration to the columns of the role; a side stands in two equal halves."""
        at = {cell: forces[:, index] for index, cell in enumerate(self._links)}
        if set(at) == set(SIDES):
            left, right = at["left"] / 2, at["right"] / 2
            return np.stack([left, left, right, right], axis=1)
        names = FOOTPLATE_CELLS if self._role == "footplate" else BACKPAD_CELLS
        return np.stack([at[cell] for cell in names], axis=1)
