"""One sensor from arrivals to the grid: its clock, its filter, and what is known of its health.

Samples are filtered at their own rate on their own clock, which is even; only the result is laid on the host's time
line and read off at the grid instants. A lost batch is bridged by the rates on either side of it; a longer silence
leaves a hole and starts the filter anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from edge.motion.inclination import ImuState, Inclination
from edge.motion.rest import Rest
from edge.motion.series import GRID_S, Series
from edge.motion.strapdown import Strapdown
from edge.motion.timebase import NodeClock
from edge.samples import FloatArray, ImuSamples, LoadSamples, TimeExchange

Run = TypeVar("Run", ImuSamples, LoadSamples)

BRIDGE_US: Final = 250_000
"""A hole this long is bridged (a few lost batches); after a longer one the movement inside it is not known."""
RATE_SHARE: Final = 0.03
"""What one sample adds to the rate's mean: over some 30 samples a node that slows down is noticed, and a lost batch
hardly shows."""
RESTART_US: Final = 1_000_000
"""A node whose clock falls back by more than a second has restarted; by less, the sample is late or doubled."""


class _Arrivals(Generic[Run]):
    """What both kinds of sensors share: arrivals queued until the grid step, the clock, restarts, duplicates."""

    def __init__(self) -> None:
        self._queue: list[tuple[int, Run]] = []
        self.clock = NodeClock()
        self._boot = 0
        self._last_us: int | None = None
        self.began_s = float("-inf")
        self.interrupted = False
        self._heard_ns = 0
        self.samples = 0
        self.lost = 0
        self._period_us = 0.0
        self._mean_us = 0.0

    @property
    def rate_hz(self) -> float | None:
        """Samples a second that come of late, by the sensor's clock: lost ones make it slower."""
        return 1e6 / self._mean_us if self._mean_us else None

    def loss_pct(self) -> float | None:
        """Samples lost since the node began, in percent."""
        total = self.samples + self.lost
        return 100.0 * self.lost / total if total else None

    def exchange(self, exchange: TimeExchange) -> None:
        """The node answered what its clock reads; an answer of another start than the samples' says nothing of them."""
        if exchange.boot == self._boot:
            e = exchange
            self.clock.exchange(e.sent_ns, e.rx_device_us, e.hold_us, e.received_ns)

    def accept(self, t_ns: int, samples: Run) -> None:
        """Queue an arrival; it is used at the next `step`."""
        self._queue.append((t_ns, samples))

    def step(self) -> None:
        """Work off what has arrived. The result does not depend on how samples were bundled into arrivals."""
        queue, self._queue = self._queue, []
        self._listen(queue)
        for _, batch in queue:
            self._run(batch)

    def _run(self, batch: Run) -> None:
        raise NotImplementedError

    def _listen(self, queue: Sequence[tuple[int, Run]]) -> None:
        """Tell the clock when samples arrived: of those that arrived together the last, which waited least."""
        for i, (t_ns, batch) in enumerate(queue):
            self._heard_ns = t_ns
            if i + 1 < len(queue) and queue[i + 1][0] == t_ns and queue[i + 1][1].boot == batch.boot:
                continue
            last = batch.last_us
            if self._last_us is None or (batch.boot == self._boot and last > self._last_us):
                self.clock.observe(t_ns, last)

    def _fresh(self, device_us: int, boot: int) -> bool | None:
        """True: a new sample; None: the first of a boot; False: one already seen or late."""
        last = self._last_us
        if last is None or boot != self._boot or device_us < last - RESTART_US:
            if last is not None:
                self.clock = NodeClock()
            self._boot, self._last_us = boot, device_us
            return None
        return device_us > last

    def _first_new(self, device_us: list[int], boot: int) -> int:
        """The first sample of a batch that was not seen before and has one before it to go on from."""
        fresh = self._fresh(device_us[0], boot)
        if fresh is None:
            if not self.clock.started:
                self.clock.observe(self._heard_ns, device_us[0])
            self._begin()
            return 1
        return 0 if fresh else bisect_right(device_us, self._last_us or 0)

    def _begin(self) -> None:
        """Samples begin, or begin again after a silence."""
        self.interrupted = self.samples > 0
        self.began_s = self._heard_ns * 1e-9

    def _take(self, device_us: list[int]) -> list[int]:
        """New samples: how long each comes after the one before."""
        last, steps_us = self._last_us or 0, []
        for us in device_us:
            steps_us.append(us - last)
            last = us
        self._last_us = last
        self._count(steps_us)
        return steps_us

    def _count(self, steps_us: list[int]) -> None:
        mean, period = self._mean_us, self._period_us
        for step_us in steps_us:
            mean += RATE_SHARE * (step_us - mean) if mean else step_us
            if step_us < 1.5 * period:
                period += 0.01 * (step_us - period)
            elif not period:
                period = float(step_us)
            else:
                self.lost += max(round(step_us / period) - 1, 0)
        self._mean_us, self._period_us = mean, period
        self.samples += len(steps_us)


class ImuTrack(_Arrivals[ImuSamples]):
    """One IMU. `states` holds what it felt at each grid instant."""

    def __init__(self) -> None:
        super().__init__()
        self._filter = Inclination()
        self.rest = Rest()
        self.turn: Strapdown | None = None
        self.states: Series[ImuState] = Series()
        self.acc_bias = (0.0, 0.0, 0.0)
        self._previous: tuple[float, ImuState] | None = None

    def set_acc_bias(self, bias: FloatArray) -> None:
        """Take a newly found accelerometer bias (3,) m/s² into use at once, mending the present direction too."""
        f, old = self._filter, self.acc_bias
        up = np.array([f.ux, f.uy, f.uz]) * 9.80665 - (bias - np.array(old))
        up /= np.linalg.norm(up)
        f.ux, f.uy, f.uz = (float(v) for v in up)
        self.acc_bias = (float(bias[0]), float(bias[1]), float(bias[2]))

    def retell(self, begin: int, end: int, up: FloatArray) -> None:
        """Work out up anew from grid index `begin`, where it was `up` (3,), on to `end` or the next hole: by the gyro.

        What was felt before the accelerometer's bias was known is told once more with it.
        """
        told: list[ImuState] = []
        x, y, z = (float(v) for v in up)
        for state in self.states.span(begin, end):
            if state is None:
                break
            before = told[-1] if told else state
            px, py, pz = (0.5 * GRID_S * (state[i] + before[i]) if told else 0.0 for i in (3, 4, 5))
            cx, cy, cz = py * z - pz * y, pz * x - px * z, px * y - py * x
            x += -cx + 0.5 * (py * cz - pz * cy)
            y += -cy + 0.5 * (pz * cx - px * cz)
            z += -cz + 0.5 * (px * cy - py * cx)
            told.append((x, y, z, *state[3:9]))
        self.states.amend(begin, told)

    def set_gyr_bias(self, bias: tuple[float, float, float]) -> None:
        """Set the gyro's bias (rad/s), from a rest; later rests refine it."""
        self._filter.bx, self._filter.by, self._filter.bz = bias

    def _run(self, batch: ImuSamples) -> None:
        self.lost += batch.bridged
        self.samples -= batch.bridged
        device_us, accs, gyrs = batch.rows()
        first = self._first_new(device_us, batch.boot)
        if first:
            device_us, accs, gyrs = device_us[first:], accs[first:], gyrs[first:]
        if not device_us:
            return
        steps_us = self._take(device_us)
        begin = 0
        if max(steps_us) > BRIDGE_US:
            for i, step_us in enumerate(steps_us):
                if step_us > BRIDGE_US:
                    self._felt(device_us[begin:i], steps_us[begin:i], accs[begin:i], gyrs[begin:i])
                    self._begin()
                    begin = i + 1
            device_us, steps_us, accs, gyrs = device_us[begin:], steps_us[begin:], accs[begin:], gyrs[begin:]
        self._felt(device_us, steps_us, accs, gyrs)

    def _begin(self) -> None:
        super()._begin()
        self._filter.restart()
        if self.turn is not None:
            self.turn.broken = True
        self.rest.restart()
        self._previous = None

    def _felt(
        self, device_us: list[int], steps_us: list[int], accs: list[list[float]], gyrs: list[list[float]]
    ) -> None:
        """Samples in a row: when, how long after the one before, and what was felt."""
        if not device_us:
            return
        steps_s = [us * 1e-6 for us in steps_us]
        self.rest.run(steps_s, accs, gyrs)
        states = self._filter.run(steps_s, accs, gyrs, self.acc_bias)
        if self.turn is not None:
            for step_s, state in zip(steps_s, states, strict=True):
                self.turn.update(step_s, state[3], state[4], state[5])
        self._lay(self.clock.host_s(device_us), states)

    def _lay(self, times_s: list[float], states: list[ImuState]) -> None:
        """Read the states off at the grid instants between the samples."""
        t0, before = self._previous or (times_s[0], states[0])
        k = first = int(t0 / GRID_S) + 1
        laid: list[ImuState] = []
        for i, t in enumerate(times_s):
            if t <= t0:
                continue
            state, end = states[i], int(t / GRID_S) + 1
            while k < end:
                laid.append(_between(before, state, (k * GRID_S - t0) / (t - t0)))
                k += 1
            t0, before = t, state
        self.states.put_run(first, laid)
        self._previous = (t0, before)


def _between(a: ImuState, b: ImuState, x: float) -> ImuState:
    """The state at the share x of the way from a to b; written out, since it is worked out at every grid instant."""
    y = 1.0 - x
    a0, a1, a2, a3, a4, a5, a6, a7, a8 = a
    b0, b1, b2, b3, b4, b5, b6, b7, b8 = b
    return (
        y * a0 + x * b0,
        y * a1 + x * b1,
        y * a2 + x * b2,
        y * a3 + x * b3,
        y * a4 + x * b4,
        y * a5 + x * b5,
        y * a6 + x * b6,
        y * a7 + x * b7,
        y * a8 + x * b8,
    )


class LoadTrack(_Arrivals[LoadSamples]):
    """One group of load cells. `forces` holds the cells' forces (N) at each grid instant."""

    def __init__(self) -> None:
        super().__init__()
        self.forces: Series[tuple[float, ...]] = Series()
        self._previous: tuple[float, list[float]] | None = None

    def _run(self, batch: LoadSamples) -> None:
        device_us, forces = batch.rows()
        first = self._first_new(device_us, batch.boot)
        device_us, forces = device_us[first:], forces[first:]
        if not device_us:
            return
        steps_us = self._take(device_us)
        begin = 0
        for i, step_us in enumerate(steps_us):
            if step_us > BRIDGE_US:
                self._lay(self.clock.host_s(device_us[begin:i]), forces[begin:i])
                self._begin()
                begin = i
        self._lay(self.clock.host_s(device_us[begin:]), forces[begin:])

    def _begin(self) -> None:
        super()._begin()
        self._previous = None

    def _lay(self, times_s: list[float], forces: list[list[float]]) -> None:
        """Read the forces off at the grid instants between the samples."""
        if not times_s:
            return
        t0, before = self._previous or (times_s[0], forces[0])
        k = first = int(t0 / GRID_S) + 1
        laid: list[tuple[float, ...]] = []
        for i, t in enumerate(times_s):
            if t <= t0:
                continue
            force, end = forces[i], int(t / GRID_S) + 1
            while k < end:
                x = (k * GRID_S - t0) / (t - t0)
                laid.append(tuple([b + x * (force[c] - b) for c, b in enumerate(before)]))
                k += 1
            t0, before = t, force
        self.forces.put_run(first, laid)
        self._previous = (t0, before)
