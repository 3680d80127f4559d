"""The C codec: its self-test on this machine and on Cortex-M, its size, and C against Python."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from crosscheck import crosscheck

from firmware_protocol import wire
from firmware_protocol.messages import LAYOUTS

FOLDER = Path(wire.__file__).parent / "c"
BOARDS = (
    "microbit-cortex-m0",
    "mps2-an385-cortex-m3",
    "mps2-an386-cortex-m4",
    "mps2-an500-cortex-m7",
    "mps2-an505-cortex-m33",
)


def make(target: str, build: Path, *needs: str, **settings: object) -> str:
    """What `make target` says, built in `build`; skips where a program it needs is absent."""
    missing = [program for program in ("make", *needs) if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    values = [f"{name}={value}" for name, value in settings.items()]
    run = subprocess.run(
        ["make", "-C", str(FOLDER), target, f"BUILD={build}", *values], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("c")


def test_the_c_codec_passes_every_vector(build: Path) -> None:
    """The self-test, compiled with all warnings as errors, passes with address and undefined-behaviour sanitizers."""
    assert re.search(r"PASS \d{3} checks", make("test", build, "gcc"))


def test_c_and_python_agree_on_random_messages(build: Path) -> None:
    """Fields, bytes and frames of random messages of every type are the same in both codecs, whoever made them."""
    make(f"{build}/crosscheck", build, "gcc")
    counts = crosscheck(build / "crosscheck", 5000, seed=11)
    assert set(counts) == set(LAYOUTS)
    assert min(counts.values()) > 100


def test_no_bit_flip_of_a_line_makes_another_message(build: Path) -> None:
    """A quarter of a million single-bit flips of frames, closing zeros included: none is taken for another message."""
    assert "250000 flips" in make("flips", build, "gcc", "nice", FLIPS=250_000)


def test_fuzzing_finds_no_crash(build: Path) -> None:
    """Twenty thousand coverage-guided inputs: no crash, no hang, bounded memory, whatever is read can be written."""
    make("fuzz", build, "clang", "nice", FUZZ_RUNS=20_000)


def test_the_codec_is_small(build: Path) -> None:
    """On a Cortex-M0 at -Os the encoder takes at most 1000 bytes of flash, with COBS and CRC at most 1500."""
    words = make("size", build, "arm-none-eabi-gcc", "awk")
    encoder, _, together = (int(n) for n in re.findall(r"(\d+) B[,;]", words)[:3])
    assert 0 < encoder <= 1000
    assert encoder < together <= 1500


@pytest.mark.parametrize("board", BOARDS)
def test_the_codec_passes_on_a_processor(board: str, build: Path) -> None:
    """The self-test passes on an emulated board, with no C library but memcpy, in 16 kB of memory."""
    words = make(f"cortex-{board}", build, "arm-none-eabi-gcc", "qemu-system-arm", "timeout")
    assert re.search(r"PASS \d{3} checks", words)
