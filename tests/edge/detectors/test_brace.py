"""Time for a breath at the top."""

from __future__ import annotations

import pytest
from sign_tools import facts_of, rep_of

from edge.detectors.brace import Brace, BraceSettings


def told(stops_s: list[float]) -> list[int]:
    """The reps after which it was noted; stops_s: the stop before the second rep, the third, and so on."""
    brace, before, out = Brace(BraceSettings()), [rep_of(rep=1, start_s=0.0, top_s=3.0)], []
    assert not list(brace.judge(facts_of(before[0])))
    for k, stop_s in enumerate(stops_s, start=2):
        start_s = before[-1].top_s + stop_s
        rep = rep_of(rep=k, start_s=start_s, top_s=start_s + 3.0)
        out += [f.rep for f in brace.judge(facts_of(rep, before=before))]
        before.append(rep)
    return out


@pytest.mark.parametrize(("stop_s", "reps"), [(0.61, []), (0.59, [4])])
def test_three_reps_running_without_time_for_a_breath_are_noted(stop_s: float, reps: list[int]) -> None:
    """0.6 s is a breath; the reminder comes once a set."""
    assert told([stop_s] * 7) == reps


def test_one_longer_stop_begins_the_count_anew() -> None:
    """Three running means three running."""
    assert told([0.3, 0.3, 1.0, 0.3, 0.3, 1.0]) == []
    assert told([0.3, 1.0, 0.3, 0.3, 0.3]) == [6]
