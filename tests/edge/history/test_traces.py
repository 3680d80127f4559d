"""The stream cut into chunks: what moves is kept with a margin, what rests is not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from published import live

from edge.events import Phase
from edge.history.traces import CHUNK_ROWS, COLUMNS, Chunk, Tracer, unpack


def chunks(phases: list[tuple[Phase, int]], tracer: Tracer, *, begin_s: float = 0.0) -> list[Chunk]:
    """What comes of so many rows of each phase, 20 a second, the rest included."""
    out, t_s = [], begin_s
    for phase, count in phases:
        for _ in range(count):
            out.append(tracer.take("s-1", "b-1", live(t_s=t_s, phase=phase)))
            t_s = round(t_s + 0.05, 3)
    return [chunk for chunk in [*out, tracer.finish()] if chunk]


def test_rest_is_kept_only_around_movement() -> None:
    """A second and a half before and after; an hour of rest costs nothing."""
    kept = chunks([("rest", 2000), ("concentric", 40), ("rest", 2000)], Tracer())
    begin_s, end_s = kept[0].begin_s, kept[-1].end_s
    assert begin_s == pytest.approx(100.0 - 1.5, abs=0.06)
    assert end_s == pytest.approx(102.0 - 0.05 + 1.5, abs=0.06)


def test_chunks_are_whole_and_in_order() -> None:
    """None is longer than its size, none overlaps, and no row is lost or doubled."""
    kept = chunks([("eccentric", 330)], Tracer())
    assert all(len(chunk.rows) <= CHUNK_ROWS for chunk in kept)
    assert sum(len(chunk.rows) for chunk in kept) == 330
    assert all(a.end_s < b.begin_s for a, b in pairwise(kept))


def test_another_boot_or_a_hole_begins_another_chunk() -> None:
    """A chunk has one clock and no gap in it."""
    tracer = Tracer()
    assert tracer.take("s-1", "b-1", live(t_s=10.0)) is None
    first = tracer.take("s-1", "b-2", live(t_s=3.0))
    assert first is not None
    assert (first.boot, first.begin_s, first.end_s) == ("b-1", 10.0, 10.0)
    second = tracer.take("s-1", "b-2", live(t_s=9.0))
    assert second is not None
    assert (second.boot, second.begin_s) == ("b-2", 3.0)


def test_a_chunk_unpacks_to_what_was_packed() -> None:
    """Values to single precision, NaN where nothing was known, the phase by its place."""
    tracer = Tracer(limits={"posterior_tilt_deg": 11.7})
    tracer.take("s-1", "b-1", live(t_s=5.0, posterior_tilt_deg=None, left_knee_flexion_deg=45.25, phase="bottom"))
    chunk = tracer.finish()
    assert chunk is not None
    row = dict(zip(COLUMNS, unpack(chunk.packed(), COLUMNS)[0], strict=True))
    assert row["left_knee_flexion_deg"] == 45.25
    assert np.isnan(row["posterior_tilt_deg"])
    assert row["phase"] == 1
    assert chunk.limits == {"posterior_tilt_deg": 11.7}


def test_damaged_curves_are_told() -> None:
    """Not a crash in the middle of a page."""
    with pytest.raises(ValueError, match="damaged"):
        unpack(b"nonsense", COLUMNS)
