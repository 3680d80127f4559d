"""Has setuptools build the wheel, with the inner modules compiled where the machine can (edge/decisions/0009).

SLEDGUARD_COMPILE=0 leaves them plain Python, =1 insists: what hinders is an error then. Unsaid, they are compiled where
a compiler is, and what hinders is one line (pip shows it with -v). A working copy (`pip install -e .`) never is.
"""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import Any
from zipfile import ZipFile

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

CHOICE = "SLEDGUARD_COMPILE"
PINNED = Path(__file__).with_name("constraints.txt")
COMPILER = "mypy"
"""mypyc, which makes C of the sources, is a part of it; in the version that the tests are run with."""
PROJECT = Path(__file__).with_name("pyproject.toml")
TRIED_WITH = ("msgspec", "numpy")
"""What the compiled modules import beside Python's own. The product needs it anyway; to try them, so does the build."""
SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))
"""How the file of a compiled module ends that this Python would take."""
TRY = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
TRY_MAX_S = 120.0
"""It takes under a second on a PC, and some on a Raspberry Pi that is busy."""
MACHINES = ("x86_64", "aarch64", "arm64")
"""For these mypy comes ready-made; for others installing it takes a compiler for Rust, too."""
MEMORY_BYTES = 1_000_000_000
"""The C compiler takes 0.8 GB."""
NO_COMPILER = "no C compiler that finds Python.h; mend with: sudo apt-get install build-essential python3-dev"


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What must be there beside setuptools. SystemExit where compiling is insisted on and cannot be."""
    needed = build_meta.get_requires_for_build_wheel(config_settings)
    if not compiles():
        return needed
    pins = [line for line in PINNED.read_text().split() if line.startswith(f"{COMPILER}==")]
    ours = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    return [*needed, *pins, *(one for one in ours if one.startswith(TRIED_WITH))]


def build_wheel(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """The name of the wheel, compiled or, where that is not to be or fails, plain."""
    asked = os.environ.get(CHOICE)

    def built(choice: str) -> str:
        os.environ[CHOICE] = choice  # for setup.py
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)

    if compiles():
        try:
            name = built("1")
            _try(Path(wheel_directory, name))
            return name
        except (Exception, SystemExit) as error:  # whatever it was: plain Python runs everywhere
            reason = shorten(f"compiling failed: {str(error) or type(error).__name__}", 160)
            if asked == "1":
                raise SystemExit(f"sledguard: {reason}; {CHOICE}=0 installs plain Python") from error
    else:
        reason = hindrance() if asked != "0" else None
    if reason:
        sys.stderr.write(f"sledguard: not compiled, it will run as plain Python: {reason}\n")
    return built("0")


def _try(wheel: Path) -> None:
    """Import what was compiled. RuntimeError: it cannot be, and the wheel is gone."""
    with TemporaryDirectory() as folder:
        with ZipFile(wheel) as packed:
            names = [name.removesuffix(SUFFIX) for name in packed.namelist() if name.endswith(SUFFIX)]
            packed.extractall(folder)
        problem = _imports(folder, [name.replace("/", ".") for name in names]) if names else "nothing was made"
    if problem:
        wheel.unlink()
        raise RuntimeError(f"what was made cannot be used: {problem}")


def _imports(folder: str, modules: list[str]) -> str | None:
    """What goes wrong where these of the folder are imported, in a process of its own, which they may crash."""
    places = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(  # noqa: S603 - this Python
            [sys.executable, "-c", TRY, *modules],
            cwd=folder, env={**os.environ, "PYTHONPATH": places}, capture_output=True, text=True, check=False,
            timeout=TRY_MAX_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"importing it takes more than {TRY_MAX_S:g} s"
    if not done.returncode:
        return None
    said = done.stderr.strip().splitlines()
    return said[-1] if said else f"importing it ended with {done.returncode}"


def compiles() -> bool:
    """Whether the modules are to be compiled. SystemExit where that is insisted on and cannot be."""
    choice = os.environ.get(CHOICE, "")
    if choice not in ("", "0", "1"):
        raise SystemExit(f"sledguard: {CHOICE}={choice}: 1 compiles, 0 does not, without it the machine decides")
    reason = "" if choice == "0" else hindrance()
    if reason and choice == "1":
        raise SystemExit(f"sledguard: cannot compile: {reason}; {CHOICE}=0 installs plain Python")
    return reason is None


def hindrance() -> str | None:
    """Why this machine cannot compile; None where it seems able to."""
    if sys.implementation.name != "cpython":
        return f"{sys.implementation.name} takes no compiled modules"
    if platform.machine() not in MACHINES:
        return f"the tools for it are not made ready for {platform.machine()}"
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < MEMORY_BYTES:
        return "it takes 1 GB of memory"
    return None if _has_compiler() else NO_COMPILER


def _has_compiler() -> bool:
    """Whether a line of C that needs Python's own headers can be compiled."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    with TemporaryDirectory() as folder:
        source = Path(folder, "tried.c")
        source.write_text("#include <Python.h>\n")
        command = [*compiler, "-I", sysconfig.get_path("include"), "-c", str(source), "-o", f"{source}.o"]
        try:
            done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the compiler pip uses
        except OSError:
            return False
        return done.returncode == 0 and Path(f"{source}.o").exists()
