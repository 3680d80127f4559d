"""The echo self-test, on a timeline."""

from __future__ import annotations

import pytest

from edge.publishers.echo import EVERY_S, WAIT_S, Echo


def test_sent_at_once_then_at_its_pace() -> None:
    """The first goes at the connection, the next after its time, or at once where asked."""
    echo = Echo()
    assert echo.due(100.0) == b"1"
    assert echo.due(100.0 + EVERY_S - 0.001) is None
    assert echo.due(100.0 + EVERY_S) == b"2"
    assert echo.due(100.1 + EVERY_S, at_once=True) == b"3"


@pytest.mark.parametrize(("late_s", "missed"), [(0.0, False), (0.001, True)])
def test_missed_after_its_time(late_s: float, missed: bool) -> None:  # noqa: FBT001
    """An echo that does not come back in its time is told, well within ten seconds, until one comes again."""
    echo = Echo()
    echo.due(0.0)
    echo.due(WAIT_S + late_s)
    assert (echo.problem is not None) is missed
    data = echo.due(EVERY_S)
    assert data is not None
    assert echo.heard(data) == EVERY_S
    assert echo.problem is None


def test_others_are_not_ours() -> None:
    """What another box or an earlier connection sent proves nothing."""
    echo = Echo()
    echo.due(0.0)
    assert echo.heard(b"99") is None
    assert echo.heard(b"1") == 0.0
    assert echo.heard(b"1") is None


def test_not_allowed_is_told() -> None:
    """Where the broker refuses the subscription nothing is sent and the problem says so."""
    echo = Echo()
    echo.possible = False
    assert echo.due(0.0) is None
    assert "rules" in (echo.problem or "")
