"""What the terminal shows: counts, the cue of the moment, what cannot be judged, and plain lines elsewhere."""

from __future__ import annotations

import io

import msgspec
import pytest
from example_events import ALERT, EVERY, LIVE, NOTICE, REP, SENSOR, SET, STATE
from rich.console import Console

from edge.publishers.terminal import Lines, Screen, draw
from edge.publishers.terminal_state import CUE_SHOWN_S, MachineView, line_of


def view_of(*events: object) -> MachineView:
    """A machine that said this."""
    view = MachineView("press")
    for event in events:
        view.take(event)  # type: ignore[arg-type]
    return view


def text_of(view: MachineView) -> str:
    """The panel as text."""
    console = Console(file=io.StringIO(), width=120)
    console.print(draw(view))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_reps_and_faults_are_counted_per_set() -> None:
    """Counted reps add up, attempts do not, and a new set begins at zero."""
    uncounted = msgspec.structs.replace(REP, counted=False)
    view = view_of(REP, uncounted, REP, ALERT)
    assert (view.reps, view.faults["heel_lift_left"]) == (2, 1)
    view.take(msgspec.structs.replace(REP, set=2))
    assert (view.reps, view.set, view.faults.total()) == (1, 2, 0)


@pytest.mark.parametrize(("later_s", "shown"), [(0.0, True), (CUE_SHOWN_S, True), (CUE_SHOWN_S + 0.01, False)])
def test_cue_is_shown_while_it_speaks(later_s: float, shown: bool) -> None:  # noqa: FBT001
    """The cue stands for a moment, then goes."""
    view = view_of(ALERT, msgspec.structs.replace(LIVE, t_s=ALERT.t_s + later_s))
    assert (view.cue_now() == "left heel down") is shown


def test_unspoken_alert_is_no_cue() -> None:
    """An alert that the policy keeps silent is counted, not shown as spoken, and rings no bell."""
    view = view_of(msgspec.structs.replace(ALERT, spoken=False))
    assert view.cue_now() is None
    assert view.bells == 0
    assert view.faults.total() == 1


def test_panel_shows_what_matters() -> None:
    """Reps, cue, angles, and what is not assessed with its reason are on the screen."""
    shown = text_of(view_of(STATE, REP, LIVE, ALERT, msgspec.structs.replace(LIVE, t_s=61.9)))
    for wanted in ("1 reps", "left heel down", "knee flexion", "13", "not assessed: lumbar (no pelvis sensor)", "top"):
        assert wanted in shown


def test_empty_panel_can_be_drawn() -> None:
    """Before the first event there is something to look at, too."""
    assert "no data yet" in text_of(MachineView("press"))


def test_broken_link_is_shown() -> None:
    """A link that is down stands on the screen with its reason."""
    view = MachineView("press")
    view.take_link("hub", "the device is gone")
    assert "link hub: the device is gone" in text_of(view)


def test_news_may_come_while_the_panel_is_drawn() -> None:
    """What the drawing thread goes through stays as it was when a fault, a link or a sensor comes up meanwhile."""
    view = view_of(ALERT, SENSOR)
    view.take_link("hub", None)
    seen = [iter(view.faults.items()), iter(view.links.items()), iter(view.sensors.items())]
    view.take(msgspec.structs.replace(ALERT, side="right"))
    view.take(msgspec.structs.replace(SENSOR, role="pelvis"))
    view.take_link("sled_node", "the device is gone")
    assert [len(list(each)) for each in seen] == [1, 1, 1]
    assert len(view.faults) == len(view.links) == len(view.sensors) == 2


def test_attempt_is_told_by_the_rep_it_was_to_be() -> None:
    """An attempt that does not count carries the number of the rep that it would have been, and is told so."""
    line = line_of(msgspec.structs.replace(REP, rep=5, counted=False, reason="too short"))
    assert "attempt at rep 5 does not count: too short" in (line or "")


@pytest.mark.parametrize(("down", "more"), [(5, False), (6, True), (40, True)])
def test_outage_leaves_room_for_where_to_listen(down: int, more: bool) -> None:  # noqa: FBT001
    """On 80 × 24, with every link down and long lines, all of the panel and the line above it can be seen."""
    console = Console(file=io.StringIO(), width=80, height=24)
    screen = Screen(
        console, "broker 127.0.0.1:40001; listen with: mosquitto_sub -h 127.0.0.1 -p 40001 -t 'sledguard/v1/#' -v"
    )
    for event in (ALERT, *[NOTICE] * 5, LIVE):
        screen.tell("press", event)
    for number in range(down):
        screen.tell_link("press", f"node-{number}", "the device is gone; " * 8)
    lines = console.render_lines(screen._draw())
    shown = "\n".join("".join(part.text for part in line) for line in lines)
    assert len(lines) <= console.height
    assert "mosquitto_sub" in shown
    assert ("more" in shown) is more


def test_sled_stands_between_its_ends() -> None:
    """The sled's place is told relative to the lowest and highest seen."""
    at = [msgspec.structs.replace(LIVE, sled_position_m=x) for x in (0.2, 0.6, 0.3)]
    assert view_of(*at).sled_share() == pytest.approx(0.25)
    assert view_of(msgspec.structs.replace(LIVE, sled_position_m=None)).sled_share() is None


def test_every_event_can_be_taken_and_drawn() -> None:
    """No event of the pipeline breaks the screen."""
    assert text_of(view_of(*EVERY))


def test_lines_tell_reps_alerts_and_changes_of_state_once() -> None:
    """Without a terminal each rep and alert is a line, and a state only when it changed."""
    written: list[str] = []
    with Lines("listen here", 50.0, written.append) as lines:
        for event in (STATE, STATE, LIVE, REP, ALERT, SET, NOTICE, SENSOR):
            lines.tell("press", event)
        lines.tell_link("press", "hub", None)
    assert written == [
        "listen here",
        "press    11.80 s  lifting",
        "press    11.80 s  not assessed: lumbar (no pelvis sensor)",
        "press    11.80 s  rep 3, down 1.7 s, up 1.4 s, 41 cm, 0.29 m/s, faults: heel_lift_left",
        'press    11.25 s  ALERT heel_lift left in rep 3, concentric (0.08 share, limit 0.25): "left heel down"',
        "press    20.00 s  set 1 over: 8 reps, faults: heel_lift_left 1x",
        "press     5.00 s  left shank sensor moved",
        "press link hub: open",
    ]


def test_verdicts_that_are_blind_for_one_reason_share_a_line() -> None:
    """What is not assessed is told by reason, and again only when it changes."""
    blind = {
        "lockout_left": "no left shank sensor",
        "lumbar": "no pelvis sensor",
        "valgus_left": "no left shank sensor",
    }
    written: list[str] = []
    lines = Lines("", 61.8, written.append)
    for not_assessed in (blind, blind, {"lumbar": "no pelvis sensor"}, {}):
        lines.tell("press", msgspec.structs.replace(STATE, not_assessed=not_assessed))
    assert [line.partition(" s  ")[2] for line in written] == [
        "lifting",
        "not assessed: lockout_left, valgus_left (no left shank sensor)",
        "not assessed: lumbar (no pelvis sensor)",
        "all is assessed",
    ]


def test_attempt_says_why_it_does_not_count() -> None:
    """A rep that is none is told with its reason."""
    attempt = msgspec.structs.replace(REP, counted=False, reason="drive covered 40 % of the stroke")
    assert "does not count: drive covered 40 % of the stroke" in (line_of(attempt) or "")


def test_screen_rings_on_a_spoken_cue() -> None:
    """The terminal bell rings once for a spoken alert, not for one that is silent."""
    out = io.StringIO()
    screen = Screen(Console(file=out, force_terminal=True, width=100), "listen here")
    screen.tell("press", ALERT)
    screen.tell("press", msgspec.structs.replace(ALERT, spoken=False))
    assert out.getvalue().count("\a") == 1
    with screen:
        screen.tell_link("press", "hub", "gone")
    assert "listen here" in out.getvalue()
