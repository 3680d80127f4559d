"""Fault tests: small by default, full-sized with --full; --figures FILE keeps what they measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether to run at full size."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps named figures of this test."""
    target = request.config.getoption("--figures")

    def keep(**values: object) -> None:
        line = json.dumps({"test": request.node.name, **values})
        print(line)  # noqa: T201 - shown by pytest -rP
        if target:
            with Path(target).open("a") as file:
                file.write(line + "\n")

    return keep


@pytest.fixture
def limit(full: bool) -> Callable[[float, float], None]:  # noqa: FBT001
    """Holds a time to its limit at full size, where the machine is to be at rest; else a busy one is no failure."""

    def hold(value: float, most: float) -> None:
        assert not full or value <= most

    return hold
