"""The log's lines: one for a rep, one for a set, each with all that is asked of it."""

from __future__ import annotations

import logging

import msgspec
import pytest
from example_events import ALERT, EVERY, REP, SET

from edge.log_lines import LogOutlet


@pytest.fixture
def outlet(caplog: pytest.LogCaptureFixture) -> LogOutlet:
    caplog.set_level(logging.INFO, "sledguard")
    return LogOutlet()


def test_one_line_for_a_rep_with_what_was_said_in_it(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """Faults with their severity, the cue that was spoken of it, and no other rep's."""
    spoken = msgspec.structs.replace(ALERT, set=REP.set, rep=REP.rep, spoken=True)
    outlet.tell("press", msgspec.structs.replace(spoken, rep=REP.rep + 1))
    outlet.tell("press", spoken)
    outlet.tell("press", msgspec.structs.replace(spoken, kind="lumbar", side=None, spoken=False))
    outlet.tell("press", REP)
    (said,) = caplog.messages
    assert said.startswith(f"rep={REP.rep} set={REP.set} machine=press session={REP.session} ")
    assert " counted=yes " in said
    assert " spoken=heel_lift_left" in said
    assert "lumbar" not in said.partition("spoken=")[2].partition(" ")[0]
    assert "heel_lift_left:S2" in said


def test_an_attempt_says_why_it_is_no_rep(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """A reason of several words stands in quotes."""
    outlet.tell("press", msgspec.structs.replace(REP, counted=False, reason="drive covered 40 % of the stroke"))
    assert 'counted=no reason="drive covered 40 % of the stroke"' in caplog.text


def test_one_line_for_a_set_when_it_is_over(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """Not for each summary on the way."""
    outlet.tell("press", msgspec.structs.replace(SET, final=False))
    assert caplog.messages == []
    outlet.tell("press", SET)
    (said,) = caplog.messages
    assert said.startswith(f"set={SET.set} machine=press ")
    assert f" reps={SET.reps} " in said


def test_nothing_else_is_a_line(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """Streams and levels are for the broker."""
    for event in EVERY:
        outlet.tell("press", event)
    assert len(caplog.messages) == 2


def test_unknown_figures_are_left_out(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """None is not written as a number, nor as a word."""
    outlet.tell("press", msgspec.structs.replace(REP, rom_m=None, load_kg=None))
    assert "rom_m" not in caplog.text
    assert "None" not in caplog.text
