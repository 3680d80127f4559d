"""What the pipeline costs for each IMU sample, plain and compiled, against bare vqf on the same samples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from session_bytes import record_session

from edge.simulator.demo import demo_scenario
from edge.simulator.recording import write_recording
from edge.simulator.session import simulate

ROOT = Path(__file__).parents[2]
ROUNDS = 3


def measure_cost() -> Iterator[str]:
    """Lines to print."""
    with tempfile.TemporaryDirectory() as folder:
        recording, log = Path(folder) / "demo", Path(folder) / "demo.bytes"
        session = simulate(demo_scenario())
        write_recording(session, recording)
        record_session(session, log)
        places = {"plain": ROOT}
        if (built := compiled_place()) is not None:
            places["compiled"] = built
        rounds = [{name: _once(place, recording, log) for name, place in places.items()} for _ in range(ROUNDS)]
    count = rounds[0]["plain"]["count"]
    yield f"pipeline cost per IMU sample, of {count} of a simulated session; the least CPU time of any round:"
    bare_us = min(one["vqf"] for each in rounds for one in each.values())
    yield f"  bare vqf updateBatch                             {bare_us:8.2f} µs"
    for name in places:
        assert all(each[name]["compiled"] == (name == "compiled") for each in rounds)
        for way in ("samples", "bytes"):
            least_us = min(each[name][way] for each in rounds)
            says = f"pipeline, {name}, from {way}"
            yield f"  {says:48} {least_us:8.2f} µs, {least_us / bare_us:6.1f} times bare vqf"
    if "compiled" not in places:
        yield "  compiled: not measured, see above"


def compiled_place() -> Path | None:
    """The folder of the compiled build, made where it is not there yet; None, and the reason told, where it cannot."""
    told = subprocess.run([ROOT / ".ci/compiled"], stdout=subprocess.PIPE, text=True, check=False)
    return Path(told.stdout.strip()) if told.returncode == 0 else None


def _once(place: Path, recording: Path, log: Path) -> dict[str, float]:
    """One round in a process that finds the product's modules in `place`."""
    environment = {**os.environ, "PYTHONPATH": str(place)}
    command = [sys.executable, "-P", str(ROOT / "tests/bench/cost_once.py"), str(recording), str(log)]
    told: dict[str, float] = json.loads(subprocess.check_output(command, env=environment))
    return told
