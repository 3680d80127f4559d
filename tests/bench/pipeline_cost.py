"""What the pipeline costs for each IMU sample, against bare vqf on the same samples."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
from vqf import VQF

from edge.pipelines import recorded_pipeline
from edge.player import play_samples
from edge.samples import ImuSamples
from edge.simulator.demo import demo_scenario
from edge.simulator.recording import write_recording
from edge.simulator.session import simulate
from edge.sources.recording import Recording, read_recording

ROUNDS = 3


def measure_cost() -> Iterator[str]:
    """Lines to print."""
    with tempfile.TemporaryDirectory() as folder:
        write_recording(simulate(demo_scenario()), Path(folder) / "demo")
        yield from _measured(read_recording(Path(folder) / "demo"))


def _measured(recording: Recording) -> Iterator[str]:
    rounds = [(_pipeline_s(recording), _vqf_s(recording)) for _ in range(ROUNDS)]
    count = sum(len(a.samples.device_us) for a in recording.arrivals() if isinstance(a.samples, ImuSamples))
    whole_us, bare_us = (median(one) / count * 1e6 for one in zip(*rounds, strict=True))
    yield f"pipeline cost, {count} IMU samples of a simulated session of {recording.duration_s:.0f} s, {ROUNDS} rounds:"
    yield f"  pipeline, with load cells, reps and events   {whole_us:8.2f} µs per IMU sample"
    yield f"  bare vqf updateBatch                         {bare_us:8.2f} µs per IMU sample"
    yield f"  ratio                                        {whole_us / bare_us:8.1f}"
    yield f"  the pipeline goes at {recording.duration_s / (whole_us * count / 1e6):.0f} x real time"


def _pipeline_s(recording: Recording) -> float:
    pipeline = recorded_pipeline(recording)
    arrivals = list(recording.arrivals())
    began = time.thread_time()
    for _ in play_samples(pipeline, arrivals, round(recording.duration_s * 1e9)):
        pipeline.take_signals()
    return time.thread_time() - began


def _vqf_s(recording: Recording) -> float:
    by_role: dict[str, list[ImuSamples]] = {}
    for arrival in recording.arrivals():
        if isinstance(arrival.samples, ImuSamples):
            by_role.setdefault(arrival.samples.role, []).append(arrival.samples)
    spent = 0.0
    for runs in by_role.values():
        gyr = np.ascontiguousarray(np.concatenate([run.gyr_rad_s for run in runs]))
        acc = np.ascontiguousarray(np.concatenate([run.acc_m_s2 for run in runs]))
        rate_hz = next(s.rate_hz for s in recording.session.sensors if s.role == runs[0].role)
        began = time.thread_time()
        VQF(1.0 / rate_hz).updateBatch(gyr, acc)
        spent += time.thread_time() - began
    return spent
