"""The examples: what BUILD_A_NODE.md prints is the file, it runs, and all of them compile as far as tools allow."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from edge.node_test.dialog import Dialog, Steps, is_a
from edge.node_test.findings import Findings
from edge.node_test.introduction import Known, check_hello
from edge.node_test.line import converse
from edge.sources.serial import SerialSource
from firmware_protocol import wire
from firmware_protocol.messages import LoadBatch, Stream

FOLDER = Path(wire.__file__).parent
AVR_CORE = Path("/usr/share/arduino/hardware/arduino/avr/cores/arduino/Arduino.h")


def make(target: str, build: Path, *needs: str) -> str:
    """What `make target` says; skips where a program it needs is absent."""
    missing = [program for program in ("make", *needs) if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    command = ["make", "-C", str(FOLDER / "examples"), target, f"BUILD={build}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_page_prints_the_whole_program() -> None:
    """Whoever copies the pieces of BUILD_A_NODE.md one below the other has first_node.c, to the letter."""
    page = (FOLDER / "BUILD_A_NODE.md").read_text(encoding="utf-8")
    pieces = re.findall(r"```c\n(.*?)```", page, re.DOTALL)
    whole = (FOLDER / "examples" / "first_node" / "first_node.c").read_text(encoding="utf-8")
    assert "\n".join(pieces) == whole


class _FirstContact:
    """HELLO, INFO, STREAM, and some batches."""

    def __init__(self) -> None:
        self.dialog = Dialog(framed=True)
        self.finished = False
        self.batches = 0
        self.known = Known()
        self._steps = self._all()

    def advance(self, t_ns: int) -> None:
        self.dialog.now_ns = max(self.dialog.now_ns, t_ns)
        next(self._steps, None)

    def _all(self) -> Steps[None]:
        if (yield from check_hello(self.dialog, self.known, Findings(), Random(1))):  # noqa: S311
            yield from self.dialog.ask(Stream(2, 40_000))
            while self.batches < 5 and (yield from self.dialog.until(is_a(LoadBatch))):
                self.batches += 1
        self.finished = True


@pytest.fixture
def first_node(tmp_path: Path) -> Iterator[str]:
    make("first_node", tmp_path, "gcc")
    with subprocess.Popen([tmp_path / "first_node"], stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        yield node.stdout.readline().strip()
        node.terminate()


async def test_the_first_node_answers_and_streams(first_node: str) -> None:
    """The page's node, compiled as the page says, tells itself and streams over a real line."""
    contact = _FirstContact()
    async with asyncio.timeout(30):
        await converse(SerialSource("node", first_node, 115_200), contact, lambda: None)
    assert contact.known.info is not None
    assert contact.known.info.node_id == 0x0123456789ABCDEF
    assert contact.batches == 5


def test_the_wired_sketches_compile_for_avr(tmp_path: Path) -> None:
    """The load cells' sketch links with the real Arduino core and fits a Mega 2560; the hub's compiles."""
    if not AVR_CORE.exists():
        pytest.skip("arduino-core-avr not installed")
    words = make("avr", tmp_path, "avr-gcc", "avr-g++", "avr-size")
    text, data, bss = (int(n) for n in re.findall(r"^\s*(\d+)\s+(\d+)\s+(\d+)", words, re.MULTILINE)[-1])
    assert text + data < 256 * 1024
    assert data + bss < 6 * 1024, "leave room for the stack"


def test_the_bluetooth_examples_compile_against_stand_ins(tmp_path: Path) -> None:
    """The Nano's, the radio hub's and Zephyr's examples fit the codec, as far as stand-ins can tell."""
    make("stand-ins", tmp_path, "arm-none-eabi-gcc", "arm-none-eabi-g++")
