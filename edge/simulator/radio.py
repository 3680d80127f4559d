"""Node clocks and the way of batches to the host: when a sample was taken, what its node's clock said, when it came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.samples import FloatArray, IntArray
from edge.simulator.scenario import Radio

WORST_PPM = 5000.0  # an RC oscillator gone astray
PACKING_S = 0.0015  # from the last sample of a batch to the radio's queue


@dataclass(frozen=True, slots=True)
class Quiet:
    """A node is silent from `from_s` to `to_s`; `restart`: then its clock begins again near zero."""

    from_s: float
    to_s: float
    restart: bool


@dataclass(slots=True)
class Arrivals:
    """Per sample (M,): true instant s, node clock µs, arrival µs, restarts so far. Lost ones are absent."""

    true_s: FloatArray
    device_us: IntArray
    host_us: IntArray
    boot: IntArray


def sample_times(rate_hz: float, duration_s: float, rng: np.random.Generator) -> FloatArray:
    """True instants (M,) of a part that runs at its own rate from a random phase."""
    return np.arange(rng.uniform(0.0, 1.0) / rate_hz, duration_s - 0.005, 1.0 / rate_hz)


def _device_clock(
    true_s: FloatArray, quiet: list[Quiet], radio: Radio, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Node clock (µs) and boot number of each instant."""
    drift = 1.0 + 1e-6 * float(np.clip(rng.normal(0.0, radio.clock_ppm), -WORST_PPM, WORST_PPM))
    zero = rng.uniform(0.0, 4.2e9)
    jitter = np.clip(rng.normal(0.0, 1.0, len(true_s)), -3, 3) * radio.clock_jitter_us
    clock = zero + true_s * 1e6 * drift + jitter
    boot = np.zeros(len(true_s), dtype=np.int64)
    for gap in quiet:
        if gap.restart:
            after = true_s >= gap.to_s
            clock[after] = (true_s[after] - gap.to_s) * 1e6 * drift + rng.uniform(1e4, 9e5) + jitter[after]
            boot[after] += 1
    return np.round(clock).astype(np.int64), boot


def _lost(n_batches: int, radio: Radio, rng: np.random.Generator) -> set[int]:
    """Batches that never arrive, singly or in bursts."""
    starts = np.flatnonzero(rng.random(n_batches) < radio.lost_share / max(radio.burst, 1.0))
    lengths = rng.geometric(1.0 / max(radio.burst, 1.0), len(starts))
    return {int(s + k) for s, length in zip(starts, lengths, strict=True) for k in range(length)}


def _arrival_s(ready_s: FloatArray, radio: Radio, rng: np.random.Generator) -> FloatArray:
    """When batches that were ready then reach the host: next connection event, jitter, hold-ups; in order."""
    phase = rng.uniform(0.0, radio.interval_s)
    event = np.ceil((ready_s - phase) / radio.interval_s) * radio.interval_s + phase
    late = np.where(rng.random(len(ready_s)) < radio.late_share, rng.uniform(*radio.late_s, len(ready_s)), 0.0)
    late = np.ceil(late / radio.interval_s) * radio.interval_s
    return np.maximum.accumulate(event + late + rng.exponential(radio.jitter_s, len(ready_s)) + 2e-4)


def transmit(
    true_s: FloatArray, quiet: list[Quiet], radio: Radio, rng: np.random.Generator
) -> tuple[Arrivals, IntArray]:
    """Stamps, batches and delays samples taken at `true_s` (M,). Also which of them arrive (indices)."""
    device, boot = _device_clock(true_s, quiet, radio, rng)
    per_batch = max(round(radio.batch_s * len(true_s) / max(true_s[-1] - true_s[0], 1e-9)), 1)
    here = np.ones(len(true_s), dtype=bool)
    for gap in quiet:
        here &= (true_s < gap.from_s) | (true_s >= gap.to_s)
    batch = np.arange(len(true_s)) // per_batch
    last = np.minimum((batch + 1) * per_batch - 1, len(true_s) - 1)
    lost = _lost(int(batch[-1]) + 1, radio, rng)
    if lost:
        here &= ~np.isin(batch, np.fromiter(lost, dtype=np.int64))
    first = np.concatenate([[True], np.diff(batch) > 0])
    arrival = _arrival_s(true_s[last[first]] + PACKING_S, radio, rng)
    host = np.round(arrival * 1e6).astype(np.int64)[batch]
    kept = np.flatnonzero(here)
    if radio.doubled_share > 0:
        kept, host_of = _doubled(kept, batch[kept], host[kept], radio, rng)
        return Arrivals(true_s[kept], device[kept], host_of, boot[kept]), kept
    return Arrivals(true_s[kept], device[kept], host[kept], boot[kept]), kept


def _doubled(
    kept: IntArray, batch: IntArray, host_us: IntArray, radio: Radio, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Some batches come once more, a connection interval or two later: which samples arrive, and when."""
    again = np.isin(batch, np.flatnonzero(rng.random(int(batch[-1]) + 1) < radio.doubled_share))
    twice = np.concatenate([kept, kept[again]])
    when = np.concatenate([host_us, host_us[again] + round(2e6 * radio.interval_s)])
    order = np.argsort(when, kind="stable")
    return twice[order], when[order]
