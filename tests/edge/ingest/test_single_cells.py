"""Load cells that are devices of their own, put together: aligned in time, never made up, never more than they can."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest

from edge.ingest.driver_link import DriverLink
from edge.ingest.drivers import new_driver
from edge.ingest.single_cells import READINGS_MIN, CellGroup
from edge.motion.series import GRID_NS
from edge.samples import FOOTPLATE_CELLS, Cell, LoadSamples, Role, TimeExchange

S = 1_000_000_000
START_NS = 5_000 * S
N_PER_KG = 9.80665


def weights(samples: list[tuple[float, int]]) -> bytes:
    """A Progressor's notification: N and µs of its clock."""
    body = b"".join(struct.pack("<fI", force / N_PER_KG, t_us & 0xFFFFFFFF) for force, t_us in samples)
    return bytes((1, len(body))) + body


class Plate:
    """A group whose cells read `force(t_s)` times their place in the list, each at its own rate, on its own clock."""

    def __init__(
        self, cells: tuple[Cell, ...], role: Role = "footplate", rate_hz: float = 80.0, batch: int = 2
    ) -> None:
        self.group = CellGroup(role)
        self.links = {cell: DriverLink(cell, new_driver("progressor", role, cells=(cell,))) for cell in cells}
        for cell, link in self.links.items():
            self.group.add(cell, link)
        self.rates = {cell: rate_hz * (1 + 0.003 * place) for place, cell in enumerate(cells)}
        self.batch, self.silent = batch, set[Cell]()
        self.rows: list[tuple[float, list[float]]] = []
        self.exchanges: list[TimeExchange] = []
        self._taken = dict.fromkeys(cells, 0)
        self._held: dict[Cell, list[tuple[float, int]]] = {cell: [] for cell in cells}
        self._now_ns = START_NS

    def run(self, seconds: float, force: Callable[[float], float] = lambda _t_s: 100.0) -> None:
        """Time goes on; batches arrive 5 ms after their last sample."""
        for now_ns in range(self._now_ns + GRID_NS, self._now_ns + round(seconds * S), GRID_NS):
            self._now_ns = now_ns
            for place, cell in enumerate(self.links):
                self._play(cell, place, now_ns, force)
            for item in self.group.step(now_ns):
                if isinstance(item, LoadSamples):
                    assert (item.role, item.boot, item.cells) == ("footplate", 0, ())
                    rows = zip((item.device_us * 1e-6).tolist(), item.force_n.tolist(), strict=True)
                    self.rows += rows
                else:
                    self.exchanges.append(item)

    def _play(self, cell: Cell, place: int, now_ns: int, force: Callable[[float], float]) -> None:
        while (taken_s := self._taken[cell] / self.rates[cell]) + 0.005 <= (now_ns - START_NS) / S:
            self._taken[cell] += 1
            value = force(START_NS / S + taken_s) * (place + 1)
            self._held[cell].append((value, round(taken_s * 1e6 * (1 + 5e-5 * place)) + 4_294_000_000 + place * 777))
        if len(self._held[cell]) >= self.batch:
            batch, self._held[cell] = self._held[cell], []
            if cell not in self.silent:
                for item in self.links[cell].receive(now_ns, weights(batch)):
                    assert isinstance(item, LoadSamples)
                    self.group.accept(now_ns, item)


def test_cells_of_their_own_are_rows_of_one_instant() -> None:
    """On a ramp, where each ms counts, the columns agree to some ms, and rows stand where they were taken."""
    plate = Plate(FOOTPLATE_CELLS)
    plate.run(20.0, lambda t_s: 10.0 * (t_s - START_NS / S))
    late = [row for row in plate.rows if row[0] > START_NS / S + 5.0]
    assert len(late) > 1400
    times_s = np.array([t_s for t_s, _ in late]) - START_NS / S
    for place in range(4):
        column_s = np.array([forces[place] for _, forces in late]) / (10.0 * (place + 1))
        assert np.abs(times_s - column_s - 0.010).max() < 0.008  # they travel 5 to 15 ms
    assert np.abs(np.diff(times_s) - 0.01).max() < 1e-6


def test_rows_are_told_to_be_on_the_hosts_clock() -> None:
    """Once a second, so that nobody adds a delay to times that have been put right already."""
    plate = Plate(FOOTPLATE_CELLS)
    plate.run(5.0)
    assert 3 <= len(plate.exchanges) <= 5
    assert all(e.sent_ns == e.received_ns == e.rx_device_us * 1000 for e in plate.exchanges)


def test_a_cell_that_falls_silent_ends_the_rows_and_is_named() -> None:
    """Three cells are no plate; when the fourth is back, so are the rows, and none is made up for the time between."""
    plate = Plate(FOOTPLATE_CELLS)
    plate.run(4.0)
    plate.silent = {"right_toe"}
    plate.run(3.0)
    assert plate.group.refusal("heel_lift") == "right toe cell silent: check its battery and cable"
    gone_s = START_NS / S + 4.1
    assert not any(t_s > gone_s for t_s, _ in plate.rows)
    plate.silent = set()
    plate.run(4.0)
    back = [t_s for t_s, _ in plate.rows if t_s > gone_s]
    assert back
    assert min(back) > START_NS / S + 6.9
    assert plate.group.refusal("heel_lift") is None


def test_a_plate_that_is_not_whole_is_nothing_yet() -> None:
    """What is missing is named; the rest is neither a plate nor a load."""
    plate = Plate(("left_heel", "left_toe"))
    plate.run(4.0)
    assert plate.rows == []
    assert plate.group.refusal("heel_lift") == "footplate lacks its right heel, right toe cell"
    assert plate.group.mean_n(START_NS / S + 1.0, START_NS / S + 3.0) is None


def test_left_and_right_are_sides_without_heels() -> None:
    """Each side stands in two equal halves, and no heel lift is served."""
    plate = Plate(("left", "right"))
    plate.run(4.0)
    assert plate.rows[-1][1] == pytest.approx([50.0, 50.0, 100.0, 100.0], rel=1e-4)
    refused = plate.group.refusal("heel_lift")
    assert refused is not None
    assert "no cells that tell heel from toe" in refused
    assert not plate.group.parts_heels


def test_columns_follow_the_names_not_the_order_of_the_file() -> None:
    """A configuration may name its cells in any order."""
    plate = Plate(("right_toe", "left_heel", "right_heel", "left_toe"))
    plate.run(4.0)
    assert plate.rows[-1][1] == pytest.approx([200.0, 400.0, 300.0, 100.0], rel=1e-4)


@pytest.mark.parametrize(("rate_hz", "batch"), [(10.0, 1), (30.0, 1), (80.0, 14)])
def test_cells_too_slow_or_too_late_gate_nothing(rate_hz: float, batch: int) -> None:
    """Below 38 Hz, or with more than 100 ms of samples in a packet: no row, the reason, and still a mean."""
    plate = Plate(FOOTPLATE_CELLS, rate_hz=rate_hz, batch=batch)
    plate.run(6.0)
    assert plate.rows == []
    refused = plate.group.refusal("heel_lift")
    assert refused is not None
    assert refused.startswith("left heel cell: sensor too ")
    assert plate.group.mean_n(START_NS / S + 1.0, START_NS / S + 5.0) == pytest.approx(1000.0, rel=1e-4)


def test_one_cell_under_the_plate_weighs_and_gates_nothing() -> None:
    """It cannot tell a foot from the other, however quick it is."""
    plate = Plate(("plate",))
    plate.run(6.0)
    assert plate.rows == []
    assert plate.group.mean_n(START_NS / S + 1.0, START_NS / S + 5.0) == pytest.approx(100.0, rel=1e-4)


def test_tared_cells_begin_at_zero() -> None:
    """What they show with nothing on them is taken off from then on; the load that comes is whole."""
    plate = Plate(FOOTPLATE_CELLS)
    plate.run(3.0)
    assert plate.group.tare() is None
    plate.run(2.0)
    assert plate.rows[-1][1] == pytest.approx([0.0] * 4, abs=1e-3)
    plate.run(2.0, lambda _t_s: 350.0)
    assert plate.rows[-1][1] == pytest.approx([250.0, 500.0, 750.0, 1000.0], rel=1e-4)


def test_what_moves_or_is_silent_is_not_tared() -> None:
    """A foot on the plate is no zero, and neither is a cell that says nothing."""
    plate = Plate(FOOTPLATE_CELLS)
    plate.run(3.0, lambda t_s: 100.0 * t_s)
    assert plate.group.tare() == "the plate is not still: take everything off it and try again"
    plate.silent = {"left_toe"}
    plate.run(2.0)
    assert plate.group.tare() == "left toe cell silent: check its battery and cable"


def test_too_few_readings_are_no_mean() -> None:
    """READINGS_MIN of each cell, and not one fewer."""
    plate = Plate(("plate",), rate_hz=10.0, batch=1)
    plate.run(6.0)
    begin_s, step_s = START_NS / S + 2.0, 0.1
    assert plate.group.mean_n(begin_s, begin_s + (READINGS_MIN - 2) * step_s) is None
    assert plate.group.mean_n(begin_s, begin_s + READINGS_MIN * step_s) == pytest.approx(100.0, rel=1e-4)


def test_a_cell_that_restarts_is_laid_on_the_hosts_time_anew() -> None:
    """Its clock begins near zero; the columns stand side by side again."""
    plate = Plate(FOOTPLATE_CELLS)
    plate.run(4.0)
    plate.silent = {"left_toe"}
    plate.run(2.0)
    plate._taken["left_toe"] = 0
    link = plate.links["left_toe"]
    rows = len(plate.rows)
    for step in range(300):
        t_ns = START_NS + 6 * S + step * GRID_NS
        for cell, one in plate.links.items():
            clock_us = 20_000 + step * 10_000 if cell == "left_toe" else 1_000_000 + step * 10_000
            for item in one.receive(t_ns, weights([(70.0, clock_us)])):
                assert isinstance(item, LoadSamples)
                plate.group.accept(t_ns, item)
        plate.rows += [
            (float(at), row)
            for item in plate.group.step(t_ns)
            if isinstance(item, LoadSamples)
            for at, row in zip((item.device_us * 1e-6).tolist(), item.force_n.tolist(), strict=True)
        ]
    assert link.refusal("heel_lift") is None
    assert len(plate.rows) > rows + 200
    assert plate.rows[-1][1] == pytest.approx([70.0] * 4, rel=1e-4)
