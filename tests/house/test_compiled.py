"""The compiled build is the same product: what it is made of, and that it says the same to the last bit."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES: list[str] = runpy.run_path(str(ROOT / "setup.py"))["modules"]()


@pytest.mark.parametrize("module", MODULES)
def test_what_is_compiled_can_be(module: str) -> None:
    """Each inner module is there and defines no struct of msgspec, whose options mypyc would drop."""
    text = (ROOT / module).read_text("utf-8")
    assert "(msgspec.Struct" not in text
    assert "(Settings, " not in text


def test_compiled_it_says_the_same_to_the_last_bit() -> None:
    """Events and signals of the kept byte logs, plain and compiled; `make compiled` says where the build is."""
    place = os.environ.get("SLEDGUARD_COMPILED")
    if place is None:
        pytest.skip("no compiled build: `make compiled` makes it and runs this")
    names = [module.removesuffix(".py").replace("/", ".") for module in MODULES]
    plain, compiled = told(ROOT, names), told(Path(place), names)
    assert plain["compiled"] == []
    assert compiled["compiled"] == names
    assert compiled["said"] == plain["said"]


def told(place: Path, names: list[str]) -> dict[str, object]:
    """What a process says that finds the product's modules in `place`."""
    environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{ROOT / 'tests'}"}
    said = subprocess.check_output([sys.executable, "-P", "-m", "golden.digest", *names], env=environment)
    answer: dict[str, object] = json.loads(said)
    return answer
