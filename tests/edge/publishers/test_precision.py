"""How often a cue was right, per machine and kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.publishers.precision import FILE, Precision, load_precision


def test_share_per_machine_and_kind() -> None:
    """Answers are counted where they were given, and nowhere else."""
    precision = Precision()
    for right in (True, True, False):
        precision.note("a", "lockout", right=right)
    precision.note("a", "valgus", right=False)
    assert precision.of("a") == {
        "lockout": {"answers": 3, "right_share": 0.667}, "valgus": {"answers": 1, "right_share": 0.0},
    }  # fmt: skip
    assert precision.of("b") == {}


def test_counts_outlast_a_restart(tmp_path: Path) -> None:
    """What was written is counted on from."""
    before = Precision()
    before.note("a", "lumbar", right=True)
    assert before.changed
    before.save(tmp_path)
    assert not before.changed
    after = load_precision(tmp_path)
    after.note("a", "lumbar", right=False)
    assert after.of("a") == {"lumbar": {"answers": 2, "right_share": 0.5}}


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"a": {"lockout": {"right": "many"}}}', b"\xff"])
def test_unreadable_counts_begin_anew(tmp_path: Path, content: bytes | None) -> None:
    """A damaged file costs the counts, not the start."""
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    assert load_precision(tmp_path).of("a") == {}


def test_kept_in_memory_only() -> None:
    """Without a folder there is nothing to read."""
    assert load_precision(None).of("a") == {}
