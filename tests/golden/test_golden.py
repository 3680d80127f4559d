"""Kept bytes tell what they told when they were last looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from golden.cases import CASES, DIGITS, events_file, told, unpack

LAST_DIGIT = 2.0 * 10.0**-DIGITS
"""Another processor may round otherwise."""


def near(value: Any) -> Any:
    """The same, with every number within its last digit."""
    if isinstance(value, float):
        return pytest.approx(value, abs=LAST_DIGIT)
    if isinstance(value, dict):
        return {key: near(one) for key, one in value.items()}
    return [near(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", CASES)
def test_the_kept_bytes_tell_the_same(name: str, tmp_path: Path) -> None:
    """Event for event. Where a change is meant: `make golden`, and say in the commit why each difference is right."""
    kept = [json.loads(line) for line in events_file(name).read_text().splitlines()]
    now = told(unpack(name, tmp_path))
    assert [(event["type"], event["t_s"]) for event in now] == [(event["type"], near(event["t_s"])) for event in kept]
    for mine, before in zip(now, kept, strict=True):
        assert mine == near(before)


def test_they_hold_what_they_are_for() -> None:
    """The four faults, one in each rep but the first; a strap that gave; reps without sled and pelvis."""
    kept = {name: [json.loads(line) for line in events_file(name).read_text().splitlines()] for name in CASES}
    alerts = [(e["kind"], e["side"], e["rep"]) for e in kept["four-faults"] if e["type"] == "alert"]
    assert alerts == [("lockout", "left", 2), ("valgus", "right", 3), ("heel_lift", "left", 4), ("lumbar", None, 5)]
    moved = [e["role"] for e in kept["strap-gives-node-restarts"] if e["type"] == "notice"]
    assert "left_shank" in moved
    for name, reps in (("strap-gives-node-restarts", 5), ("no-sled-no-pelvis", 3)):
        assert sum(e["type"] == "rep" and e["counted"] for e in kept[name]) == reps
