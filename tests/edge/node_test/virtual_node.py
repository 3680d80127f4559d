"""The simulated C node in virtual time: as fast as it goes, and the same each time."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from edge.node_test.examination import Examination, Plan
from firmware_protocol import wire

FOLDER = Path(wire.__file__).parent / "c"
STEP_US = 5000
LIMIT_S = 600


def build_sim(folder: Path) -> Path:
    """Builds the simulated node; skips where a compiler is absent."""
    if not shutil.which("gcc") or not shutil.which("make"):
        pytest.skip("gcc or make not installed")
    run = subprocess.run(
        ["make", "-C", str(FOLDER), "sim", f"BUILD={folder}"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "sim_node"


class VirtualNode:
    """The simulated node as a process that is told the time."""

    def __init__(self, program: Path, *options: str) -> None:
        self._process = subprocess.Popen(
            [program, *options, "virtual"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin
        self._out = open(self._process.stdout.fileno(), "rb", closefd=False)  # noqa: SIM115

    def __enter__(self) -> VirtualNode:
        return self

    def __exit__(self, *_error: object) -> None:
        self._in.close()
        self._out.close()
        self._process.stdout.close()
        assert self._process.wait(10) == 0, "the sanitizers are not silent"

    def receive(self, data: bytes) -> None:
        """Bytes arrive at the node now."""
        self._in.write(b"R" + struct.pack("<H", len(data)) + data)

    def feed(self, t_us: int, values: list[int]) -> None:
        """A sample of its inertial channel."""
        self._in.write(b"I" + struct.pack("<Q6h", t_us, *values))

    def advance(self, t_us: int) -> list[bytes]:
        """Lets time go on; what leaves the node until then."""
        self._in.write(b"T" + struct.pack("<Q", t_us))
        out = []
        while self._out.read(1) == b"S":
            (length,) = struct.unpack("<H", self._out.read(2))
            out.append(self._out.read(length))
        return out


def examine(node: VirtualNode, plan: Plan) -> Examination:
    """Runs a whole examination."""
    examination = Examination(plan)
    t_us = 0
    while not examination.finished:
        t_us += STEP_US
        assert t_us < LIMIT_S * 1_000_000, f"still {examination.doing}"
        for data in node.advance(t_us):
            examination.receive(t_us * 1000, data)
        examination.advance(t_us * 1000)
        while examination.dialog.outgoing:
            node.receive(examination.dialog.outgoing.popleft())
    return examination
