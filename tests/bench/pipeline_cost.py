"""What the pipeline costs for each IMU sample, plain and compiled, against bare vqf on the same samples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from edge.machine import MachineSettings
from edge.pipelines import live_pipeline
from edge.settings import LinkPlan
from edge.simulator.demo import demo_scenario
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.recording import write_recording
from edge.simulator.session import Session, simulate
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry

ROOT = Path(__file__).parents[2]
ROUNDS = 3
LINK, SEED, STEP_NS = "hub", 3, 10_000_000


def measure_cost() -> Iterator[str]:
    """Lines to print."""
    with tempfile.TemporaryDirectory() as folder:
        recording, log = Path(folder) / "demo", Path(folder) / "demo.bytes"
        session = simulate(demo_scenario())
        write_recording(session, recording)
        record_bytes(session, log)
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


def record_bytes(session: Session, path: Path) -> None:
    """Let a virtual hub play the session to a pipeline, and keep what went either way as a byte log."""
    machine, lifter = session.scenario.machine, session.scenario.lifter
    settings = MachineSettings(
        rail_angle_deg=machine.said_rail_deg, sled_mass_kg=machine.sled_kg, height_m=lifter.said_height_m
    )
    links = {LINK: {"kind": "native-serial"}}
    log = ByteLogWriter(path, {"seed": SEED, "links": links, "settings": msgspec.to_builtins(settings)})
    hub = VirtualNode(NodeSettings(0x51ED00000000AB00, clock_ppm=25.0), feeds_of(session))
    pipeline = live_pipeline(settings, {LINK: LinkPlan()}, SEED)
    for t_ns in range(STEP_NS, round(session.duration_s * 1e9), STEP_NS):
        if data := hub.advance(t_ns):
            pipeline.receive(LINK, t_ns, data)
            log.write(LogEntry(t_ns, LINK, Direction.IN, data))
        for send in pipeline.advance(t_ns)[1]:
            hub.receive(t_ns, send.data)
            pipeline.sent(LINK, t_ns, send.seq)
            log.write(LogEntry(t_ns, LINK, Direction.OUT, send.data, send.seq))
    log.close()


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
