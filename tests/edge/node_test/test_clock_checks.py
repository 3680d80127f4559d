"""The checks of exchanges: a busy host is no fault of the node, a lie is."""

from __future__ import annotations

from random import Random

import pytest

from edge.node_test.clock import ClockProbe, check_clock
from edge.node_test.findings import Finding, Findings

MS = 1_000_000


def _finding(exchanges: list[tuple[int, int, int, int]], check: str, *, asked: int | None = None) -> Finding:
    probe = ClockProbe(Random(1))  # noqa: S311
    probe.exchanges = exchanges
    probe.sent_ns = dict.fromkeys(range(len(exchanges) + 1 if asked is None else asked), 0)
    findings = Findings()
    check_clock(probe, findings, claims=True)
    return next(f for f in findings.all() if f.check == check)


def _exchanges(count: int, period_ms: int = 500, lie_us: int = 0) -> list[tuple[int, int, int, int]]:
    """Exchanges with a host that is now and then 40 ms late in asking or hearing. lie_us: one rx_us is so much off."""
    random = Random(4)  # noqa: S311
    made = []
    for k in range(count):
        at_us = k * period_ms * 1000 + 7_000_000
        late = [random.choice([1, 1, 1, 40]) * MS for _ in range(2)]
        told_us = at_us + (lie_us if k == count // 2 else 0)
        made.append((at_us * 1000 - late[0], told_us, 200, at_us * 1000 + 200_000 + late[1]))
    return made


@pytest.mark.parametrize("count", [6, 11, 40, 400])
def test_a_busy_host_is_no_contradiction(count: int) -> None:
    """Delays of the host's own widen the bounds and never make them wrong, in short runs and long ones."""
    assert _finding(_exchanges(count), "clock").verdict == "PASS"


@pytest.mark.parametrize(("lie_us", "verdict"), [(1000, "PASS"), (60_000, "FAIL"), (-60_000, "FAIL")])
def test_an_untrue_answer_is_found(lie_us: int, verdict: str) -> None:
    """One answer whose clock was read elsewhere than it says contradicts the others."""
    assert _finding(_exchanges(100, lie_us=lie_us), "clock").verdict == verdict


@pytest.mark.parametrize(("hold_us", "verdict"), [(49_999, "PASS"), (50_000, "FAIL")])
def test_an_answer_is_held_less_than_50_ms(hold_us: int, verdict: str) -> None:
    """50 ms is the limit."""
    exchanges = [(a, b, hold_us, d + hold_us * 1000) for a, b, _, d in _exchanges(40)]
    assert _finding(exchanges, "time").verdict == verdict


@pytest.mark.parametrize(("asked", "verdict"), [(106, "PASS"), (108, "FAIL")])
def test_nearly_all_requests_are_answered(asked: int, verdict: str) -> None:
    """A hundred answers to 105 requests pass, to 107 they do not; the last may still be under way."""
    assert _finding(_exchanges(100), "time", asked=asked).verdict == verdict


def test_no_answer_at_all() -> None:
    """A node that claims to tell the time and never does fails."""
    assert _finding([], "time", asked=10).verdict == "FAIL"
