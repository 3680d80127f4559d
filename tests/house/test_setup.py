"""The set-up script's one-line messages: each names what is missing and the command that mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Stands in for a Python: the checks that a test does not care about pass.
STUB = """#!/usr/bin/env bash
case "$2" in
  *version_info\\[:3\\]*) echo "{version}" ;;
  *version_info*) exit {too_old} ;;
  *ensurepip*) exit {no_venv} ;;
  *base_prefix*) echo /usr ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with only what the set-up script reads."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def set_up(clone: Path, python: str) -> str:
    """Run the script with this Python and return the one line that it prints before giving up."""
    done = subprocess.run(
        [clone / ".ci/setup"], env={**os.environ, "PYTHON": python}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def stub(clone: Path, version: str, *, too_old: int = 0, no_venv: int = 0) -> str:
    path = clone / "python-stub"
    path.write_text(STUB.format(version=version, too_old=too_old, no_venv=no_venv))
    path.chmod(0o755)
    return str(path)


def test_no_python_at_all(clone: Path) -> None:
    """Without a Python the line names the package to install."""
    assert "sudo apt-get install python3" in set_up(clone, "no-such-python")


def test_python_too_old(clone: Path) -> None:
    """A Python below 3.11 is named with its version, and the way to choose another is told."""
    line = set_up(clone, stub(clone, "3.10.9", too_old=1))
    assert "3.10.9" in line
    assert "3.11 or newer" in line
    assert "make PYTHON=" in line


def test_no_venv_module(clone: Path) -> None:
    """A Python without its venv module gets the Debian package named, before anything is made."""
    assert "sudo apt-get install python3-venv" in set_up(clone, stub(clone, "3.12.1", no_venv=1))
    assert not (clone / ".venv").exists()


def test_constraints_hold_names_and_versions_only() -> None:
    """No address of a registry and no path stands in the constraints file."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 20
    for line in lines:
        name, _, version = line.partition("==")
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum(), line
        assert version.replace(".", "").replace("post", "").isalnum(), line
