"""`analyze` over a small recording, with a pipeline that only tells what it was given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_pipeline import FakePipeline
from recording_fixture import small_recording

from edge.analysis import analyze_samples, machine_name
from edge.errors import SledguardError
from edge.sources.recording import read_recording


def test_files_hold_what_was_said_in_order(tmp_path: Path) -> None:
    """Each arrival reaches the pipeline at its host time; events.jsonl and signals.csv are as the format says."""
    folder, done = small_recording(tmp_path / "Small Set"), []
    result = analyze_samples(
        read_recording(folder), tmp_path / "out", lambda _: FakePipeline(), lambda *told: done.append(told)
    )
    lines = [json.loads(line) for line in (tmp_path / "out/Small Set/events.jsonl").read_text().splitlines()]
    assert [(line["t_s"], line["payload"]["notice"]["text"]) for line in lines] == [
        (0.05, "sled 2"), (0.06, "footplate 1"), (0.07, "sled 1"),
    ]  # fmt: skip
    assert {line["topic"] for line in lines} == {"sledguard/v1/recording/machine/small-set/event"}
    rows = (tmp_path / "out/Small Set/signals.csv").read_text().splitlines()
    assert rows[0].startswith("t_s,sled_position_m,left_knee_flexion_deg")
    assert rows[1] == "0.0000,0.5,,,,,,,"
    assert len(rows) == 1 + 201
    assert (result.name, result.duration_s, done[-1]) == ("Small Set", 2.0, (2.0, 2.0))
    assert result.speed > 0


def test_out_that_cannot_be_written(tmp_path: Path) -> None:
    """An --out that is a file is refused in one line."""
    folder = small_recording(tmp_path / "a")
    (tmp_path / "out").write_text("")
    with pytest.raises(SledguardError, match="--out"):
        analyze_samples(read_recording(folder), tmp_path / "out", lambda _: FakePipeline(), lambda *_: None)


@pytest.mark.parametrize(
    ("name", "level"), [("clean-set", "clean-set"), ("Übung 1/2", "bung-1-2"), ("§§", "unnamed"), ("a.b", "a-b")]
)
def test_machine_name_is_a_topic_level(name: str, level: str) -> None:
    """Whatever a folder is called, its topics are plain."""
    assert machine_name(name) == level
