"""One round of figures in a process of its own, so that the same code can run compiled: JSON on stdout.

Arguments: a folder with a recording of samples, and a byte log of the same session.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from vqf import VQF

import edge.pipeline
from edge.pipelines import logged_pipeline, recorded_pipeline
from edge.player import Step, play_bytes, play_samples
from edge.samples import ImuSamples
from edge.sources.byte_log import open_log
from edge.sources.recording import Recording, read_recording


def main() -> None:
    """Measure and print: µs of this thread's CPU per IMU sample."""
    recording, log = read_recording(Path(sys.argv[1])), Path(sys.argv[2])
    count = sum(len(a.samples.device_us) for a in recording.arrivals() if isinstance(a.samples, ImuSamples))
    spent = {"samples": _from_samples, "bytes": _from_bytes}
    told = {name: one(recording, log) / count * 1e6 for name, one in spent.items()}
    vqf_us = _vqf_s(recording) / count * 1e6
    is_compiled = not str(edge.pipeline.__file__).endswith(".py")
    json.dump({**told, "vqf": vqf_us, "count": count, "compiled": is_compiled}, sys.stdout)


def _from_samples(recording: Recording, _log: Path) -> float:
    pipeline, arrivals = recorded_pipeline(recording), list(recording.arrivals())
    return _spent_s(play_samples(pipeline, arrivals, round(recording.duration_s * 1e9)))


def _from_bytes(_recording: Recording, log: Path) -> float:
    about, entries = open_log(log).about, list(open_log(log).entries())
    return _spent_s(play_bytes(logged_pipeline(about, log), entries))


def _spent_s(steps: Iterator[Step]) -> float:
    began = time.thread_time()
    for _ in steps:
        pass
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


if __name__ == "__main__":
    main()
