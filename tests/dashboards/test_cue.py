"""Which cue is on the screens, and for how long."""

from __future__ import annotations

import msgspec
from example_events import ACTIVE, ALERT

from dashboards.cue import READ_NS, SHOWN_MAX_NS, STOP_SHOWN_NS, Cue, CueBoard
from edge.events import ActiveFault, Alert

NOW_NS = 5_000_000_000


def shown(alert: Alert = ALERT) -> CueBoard:
    board = CueBoard()
    assert board.take(alert, NOW_NS) is not None
    return board


def test_only_what_is_spoken_is_shown() -> None:
    """An alert that the manager did not let speak is no cue."""
    board = CueBoard()
    assert board.take(msgspec.structs.replace(ALERT, spoken=False), NOW_NS) is None
    assert board.now is None


def test_a_cue_stays_until_it_can_have_been_read_and_goes_when_its_fault_is_over() -> None:
    """Over at once: gone after the reading time, not before. Still there: it stays."""
    board = shown()
    board.take_active(ALERT.t_s + 0.1, ())
    assert not board.step(NOW_NS + READ_NS - 1)
    assert board.step(NOW_NS + READ_NS)
    assert board.now is None
    board = shown()
    board.take_active(ACTIVE.t_s, ACTIVE.active)
    assert not board.step(NOW_NS + READ_NS)


def test_a_cue_whose_end_nobody_tells_goes_all_the_same() -> None:
    """At the longest it stays for about a rep."""
    board = shown()
    assert not board.step(NOW_NS + SHOWN_MAX_NS - 1)
    assert board.step(NOW_NS + SHOWN_MAX_NS)


def test_the_level_of_before_the_alert_does_not_end_it() -> None:
    """A list of faults decided before the alert says nothing of its fault."""
    board = shown()
    board.take_active(ALERT.t_s - 0.01, ())
    assert not board.step(NOW_NS + READ_NS)


def test_another_fault_does_not_keep_a_cue() -> None:
    """The other side's heel is another fault."""
    board = shown()
    other = ActiveFault(kind="heel_lift", side="right", rep=3, since_s=61.0, spoken=False)
    board.take_active(ALERT.t_s + 0.2, (other,))
    assert board.step(NOW_NS + READ_NS)


def test_a_newer_cue_replaces_the_older_at_once() -> None:
    """One is shown at a time."""
    board = shown()
    later = msgspec.structs.replace(ALERT, rep=4)
    newer = board.take(later, NOW_NS + 1)
    assert newer is board.now
    assert newer == Cue(later, NOW_NS + 1)


def test_rack_it_stays_until_it_can_have_been_done() -> None:
    """An advice to end the set outlives its fault."""
    board = shown(msgspec.structs.replace(ALERT, severity="S3"))
    board.take_active(ALERT.t_s + 1, ())
    assert not board.step(NOW_NS + STOP_SHOWN_NS - 1)
    assert board.step(NOW_NS + STOP_SHOWN_NS)
