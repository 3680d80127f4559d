"""The log's lines: one for a rep, one for a set, each with all that is asked of it."""

from __future__ import annotations

import logging

import msgspec
import pytest
from example_events import ALERT, EVERY, REP, SET
from simulated import play

from edge.events import Rep, Sign
from edge.log_lines import LogOutlet
from edge.simulator.scenario import RepPlan, Scenario, SetPlan
from edge.simulator.session import simulate

SO_FAR = msgspec.structs.replace(SET, final=False)


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
    outlet.tell("press", SO_FAR)
    (said,) = caplog.messages
    assert said.startswith(f"rep={REP.rep} set={REP.set} machine=press session={REP.session} ")
    assert " counted=yes " in said
    assert " spoken=heel_lift_left" in said
    assert "lumbar" not in said.partition("spoken=")[2].partition(" ")[0]
    assert "heel_lift_left:S2" in said


def test_what_is_said_after_a_rep_is_in_its_line(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """Of a played session with a dropped sled, every spoken sign stands in the line of the rep that it came after."""
    sound = RepPlan(eccentric_s=2.0, concentric_s=1.1, rest_s=0.9)
    told = play(simulate(Scenario(sets=(SetPlan((sound, RepPlan(eccentric_s=0.6, concentric_s=1.1), sound)),))))
    events = told.events
    for event in events:
        outlet.tell("press", event)
    at = {(event.set, event.rep): number for number, event in enumerate(events) if isinstance(event, Rep)}
    after = [e for number, e in enumerate(events) if isinstance(e, Sign) and e.spoken and number > at[e.set, e.rep]]
    assert after
    for sign in after:
        (line,) = [one for one in caplog.messages if one.startswith(f"rep={sign.rep} set={sign.set} ")]
        assert sign.kind in line.partition(" spoken=")[2].partition(" ")[0]
    assert sum(line.startswith("rep=") for line in caplog.messages) == len(at)


def test_a_cue_for_the_next_rep_waits_for_its_line(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """What is said of a rep before the one before it has its line, is not lost; another session's is."""
    early = msgspec.structs.replace(ALERT, set=REP.set, rep=REP.rep + 1, spoken=True)
    outlet.tell("press", REP)
    outlet.tell("press", early)
    outlet.tell("press", msgspec.structs.replace(early, kind="lumbar", side=None, session="another"))
    outlet.tell("press", msgspec.structs.replace(REP, rep=REP.rep + 1))
    outlet.tell("press", SO_FAR)
    first, second = caplog.messages
    assert "spoken=" not in first
    assert " spoken=heel_lift_left " in f"{second} "


def test_an_attempt_says_why_it_is_no_rep(outlet: LogOutlet, caplog: pytest.LogCaptureFixture) -> None:
    """A reason of several words stands in quotes."""
    outlet.tell("press", msgspec.structs.replace(REP, counted=False, reason="drive covered 40 % of the stroke"))
    outlet.tell("press", SO_FAR)
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
    outlet.tell("press", SO_FAR)
    assert "rom_m" not in caplog.text
    assert "None" not in caplog.text
