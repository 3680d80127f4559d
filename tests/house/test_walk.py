"""The walk through the code in edge/README.md leads past functions that are there."""

from __future__ import annotations

import importlib
import operator
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "edge/README.md").read_text("utf-8")
STOPS = re.findall(r"\[[\w/.]+\]\(([\w/.]+)\.py\)\s+`([\w.]+)`", PAGE)


def test_the_walk_is_found() -> None:
    """The page names its stops in the form that the next test reads."""
    assert len(STOPS) > 15


@pytest.mark.parametrize(("path", "name"), STOPS, ids=lambda part: part)
def test_every_stop_of_the_walk_is_there(path: str, name: str) -> None:
    """Each file holds the function, method or table that the page names."""
    module = (ROOT / "edge" / path).resolve().relative_to(ROOT)
    assert operator.attrgetter(name)(importlib.import_module(".".join(module.parts)))
