"""What is said of left and right, and when it is taken back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from edge.session.placement_notices import PlacementNotices


def told(*seen: tuple[bool, str | None]) -> list[tuple[int, str, str]]:
    """The notices of one instant after another: its number, what, severity. seen: whether doubted, in which session."""
    notices = PlacementNotices()
    found = []
    for i, (doubted, session) in enumerate(seen):
        body = SimpleNamespace(mixed_up=[], slips=[], on_wrong_legs=doubted)
        found += [(i, n.what, n.severity) for n in notices.step(body, float(i), session)]  # type: ignore[arg-type]
    return found


DOUBTED = (1, "sensors_on_wrong_legs", "S1")


@pytest.mark.parametrize(("later", "taken_back"), [("s1", True), ("s2", False), (None, False)])
def test_a_doubt_is_taken_back_in_its_own_session_alone(later: str | None, taken_back: bool) -> None:  # noqa: FBT001
    """Said once, and taken back once; another session has other straps, of which nothing had been said."""
    back = [(3, "sensors_on_wrong_legs", "S0")] if taken_back else []
    assert told((False, "s1"), (True, "s1"), (True, "s1"), (False, later), (False, later)) == [DOUBTED, *back]


def test_a_doubt_of_no_session_is_not_taken_back() -> None:
    """What was said before a session began is not taken back in it, nor after."""
    for later in ("s1", None):
        assert told((False, None), (True, None), (False, later)) == [DOUBTED]


def test_each_session_has_its_own_doubt() -> None:
    """Doubted anew in the next one it is said anew, and taken back there."""
    seen = told((False, "s1"), (True, "s1"), (False, "s2"), (True, "s2"), (False, "s2"))
    assert [(i, severity) for i, _, severity in seen] == [(1, "S1"), (3, "S1"), (4, "S0")]
