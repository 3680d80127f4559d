"""Clocks of nodes on a simulated radio: how far two of them are apart, on arrivals alone and with exchanges."""

from __future__ import annotations

from math import floor
from random import Random

import numpy as np
import pytest

from edge.motion.timebase import NodeClock
from edge.motion.track import ImuTrack
from edge.samples import ImuSamples, TimeExchange

INTERVAL_S, DURATION_S, BEGIN_S = 0.015, 100.0, 12.0
RESENT_SHARE, LOST_SHARE, HOST_JITTER_S = 0.05, 0.01, 0.0005


class _Radio:
    """Connection events each 15 ms; now and then a packet waits for another one."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._phase_s = random.uniform(0, INTERVAL_S)

    def event_s(self, ready_s: float) -> float:
        event = (floor((ready_s - self._phase_s) / INTERVAL_S) + 1) * INTERVAL_S + self._phase_s
        while self._random.random() < RESENT_SHARE:
            event += INTERVAL_S
        return event

    def at_host_s(self, ready_s: float) -> float:
        return self.event_s(ready_s) + 2e-4 + self._random.expovariate(1 / HOST_JITTER_S)


def _run(seed: int, ppm: float, *, two_way: bool) -> list[tuple[float, float]]:
    """(time, error) of one node's clock, s, at each batch: four samples at 100 Hz, 1 % lost."""
    random = Random(seed)  # noqa: S311
    radio, zero_s = _Radio(random), random.uniform(1, 1000)

    def device_us(t_s: float) -> int:
        return round((zero_s + t_s * (1 + ppm * 1e-6)) * 1e6)

    happened: list[tuple[float, float, int]] = []  # arrival, instant of the sample or of asking, device time
    t_s = random.uniform(0, 0.01)
    while t_s < DURATION_S:
        if random.random() > LOST_SHARE:
            happened.append((radio.at_host_s(t_s + 0.0315), -1.0, device_us(t_s + 0.03)))
        t_s += 0.04
    asked_s, count = 0.05, 0
    while two_way and asked_s < DURATION_S:
        rx_s = radio.event_s(asked_s + 2e-4)
        happened.append((radio.at_host_s(rx_s + 3e-4), asked_s, device_us(rx_s)))
        count += 1
        asked_s += (0.04 if count < 8 else 1.0) + random.uniform(0, 0.05)
    clock, errors = NodeClock(), []
    for arrival_s, sent_s, device in sorted(happened):
        if sent_s >= 0:
            clock.exchange(round(sent_s * 1e9), device, 300, round(arrival_s * 1e9))
            continue
        clock.observe(round(arrival_s * 1e9), device)
        true_s = (device * 1e-6 - zero_s) / (1 + ppm * 1e-6)
        errors.append((arrival_s, clock.host_s([device])[0] - true_s))
    return errors


@pytest.mark.parametrize(("two_way", "p95_ms"), [(0, 5.0), (1, 2.0)])
def test_two_nodes_agree_in_time(two_way: int, p95_ms: float) -> None:
    """Two nodes, 40 ppm apart and more, on a 15 ms interval with 1 % loss: p95 of their difference, after settling."""
    apart = []
    at = np.arange(BEGIN_S, DURATION_S - 1, 0.1)
    for k in range(12):
        a, b = (_run(2 * k + i, ppm, two_way=bool(two_way)) for i, ppm in enumerate((40.0, -10.0 * k)))
        apart.append(np.abs(np.interp(at, *zip(*a, strict=True)) - np.interp(at, *zip(*b, strict=True))))
    assert np.percentile(np.concatenate(apart), 95) * 1e3 <= p95_ms


def test_an_exchange_bounds_the_clock_from_both_sides() -> None:
    """With one batch that came 12 ms late and one quick exchange the clock is right within the exchange's 2 ms."""
    clock = NodeClock()
    clock.observe(12_000_000, 0)
    clock.exchange(20_000_000, 20_500, 500, 22_000_000)
    assert clock.host_s([20_500])[0] == pytest.approx(0.0205, abs=0.001)


def test_a_floor_above_the_ceiling_is_not_believed() -> None:
    """Where the bounds contradict each other, a node's answer does not push its clock beyond what arrivals allow."""
    clock = NodeClock()
    clock.observe(5_000_000, 0)
    clock.exchange(40_000_000, 20_000, 0, 41_000_000)
    assert clock.host_s([20_000])[0] == pytest.approx(0.025, abs=1e-6)


def test_an_answer_of_another_start_is_not_taken() -> None:
    """An exchange with the node's clock after a restart does not touch the clock of the samples before it."""
    track = ImuTrack()
    samples = np.zeros((2, 3))
    track.accept(10_000_000, ImuSamples("sled", np.array([0, 10_000]), samples, samples))
    track.step()
    before = track.clock.host_s([10_000])[0]
    track.exchange(TimeExchange("sled", 20_000_000, 900_000_000, 0, 21_000_000, boot=1))
    assert track.clock.host_s([10_000])[0] == before
    track.exchange(TimeExchange("sled", 19_000_000, 20_000, 0, 21_000_000, boot=0))
    assert track.clock.host_s([10_000])[0] != before
