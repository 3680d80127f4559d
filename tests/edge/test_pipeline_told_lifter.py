"""A lifter whom a machine is told: what is learned of the body, and a replay that needs nothing that was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace as with_settings
from session_bytes import LINK, SEED, STEP_NS
from simulated import Machine, arrivals, settings_of

from edge.detectors.lockout import LockoutSettings
from edge.detectors.settings import DetectorSettings
from edge.events import Alert, AnyEvent, CommandResult, MachineState, Rep, SetSummary
from edge.lifter import Learned, Lifter, LifterTold
from edge.motion.known_body import KnownBody
from edge.pipeline import Pipeline
from edge.pipelines import live_pipeline, logged_pipeline
from edge.player import play_bytes
from edge.settings import LinkPlan
from edge.simulator.draw import draw_scenario
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.scenario import RepPlan, SetPlan
from edge.simulator.session import Session, simulate
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry, open_log

TS = "2026-01-31T12:00:00Z"
STRICT = DetectorSettings(lockout=LockoutSettings(alert_deg=15.0, clear_deg=18.0))


@cache
def lifted() -> Session:
    """Four reps without fault."""
    return simulate(replace(draw_scenario(4200), sets=(SetPlan((RepPlan(),) * 4),)))


def told(command: str, body: KnownBody | None = None) -> LifterTold:
    """Who is lifting, of the height that they say."""
    height_m = lifted().scenario.lifter.said_height_m
    return LifterTold(id=command, ts=TS, lifter=Lifter(is_known=True, height_m=height_m, body=body))


def begins_s(rep: int) -> float:
    """When this rep of the session leaves the top."""
    return float(lifted().truth.facts["reps"][rep]["start"])


def test_nobody_is_told_during_a_set() -> None:
    """Refused with the reason, and who was lifting before still is."""
    machine = Machine(lifted())
    said = machine.lifts(lifted(), (1.0, told("first")), (begins_s(1) + 0.5, told("second")))
    assert {result.command_id: result.problem for result in said.of(CommandResult)} == {
        "first": None,
        "second": "not during a set",
    }
    assert len(said.reps()) == 4
    learned = machine.pipeline.learned()
    assert learned is not None
    assert learned.command_id == "first"


def test_what_is_learned_goes_on_from_session_to_session() -> None:
    """Of whom nobody said who it is nothing is learned for later; of others, more with every session."""
    machine = Machine(lifted())
    machine.lifts(lifted())
    assert machine.pipeline.learned() is None
    machine.order(told("a"))
    machine.lifts(lifted())
    assert machine.pipeline.learned() is None, "who was told in the session before is gone with it"
    machine.lifts(lifted(), (begins_s(0) - 4.0, told("b")))
    first = machine.pipeline.learned()
    assert first is not None
    assert (first.command_id, first.body.sessions) == ("b", 1)
    machine.lifts(lifted(), (begins_s(0) - 4.0, told("c", first.body)))
    second = machine.pipeline.learned()
    assert second is not None
    assert (second.command_id, second.body.sessions) == ("c", 2)
    assert second.body.length_sd_m() < first.body.length_sd_m()


@pytest.mark.parametrize("tape_m", [None, (0.46, 0.41)])
def test_who_is_told_is_seen_as_who_is_configured(tape_m: tuple[float, float] | None) -> None:
    """Rep by rep, to the last bit: in a gym that knows another height and other legs."""
    right = settings_of(lifted())
    lifter = Lifter(is_known=True, height_m=right.height_m, tape_m=tape_m, faults=STRICT)
    if tape_m is not None:
        right = with_settings(right, thigh_m=tape_m[0], shank_m=tape_m[1])
    wrong = with_settings(right, height_m=right.height_m - 0.15, thigh_m=0.35, shank_m=0.35)
    home, gym = Pipeline(with_settings(right, faults=STRICT), keep_signals=True), Pipeline(wrong, keep_signals=True)
    gym.command(1_000_000_000, LifterTold(id="told", ts=TS, lifter=lifter))
    told = [[one for one in lifts(pipeline) if isinstance(one, Rep | Alert | SetSummary)] for pipeline in (home, gym)]
    assert [one for one in told[0] if isinstance(one, Alert)], "some knee comes nearer to straight than 15°"
    assert told[0] == told[1]
    assert repr(home.take_signals()) == repr(gym.take_signals())


def lifts(pipeline: Pipeline) -> Iterator[AnyEvent]:
    """All that is told of the session."""
    for t_ns, samples in arrivals(lifted()):
        yield from pipeline.advance(t_ns)[0]
        pipeline.accept(t_ns, samples)


def record(path: Path, command: LifterTold) -> tuple[list[AnyEvent], Learned | None]:
    """A session with its byte log, in which the lifter is told before the first rep."""
    settings, links = settings_of(lifted()), {LINK: LinkPlan()}
    about = {"seed": SEED, "links": {LINK: {"kind": "native-serial"}}, "settings": msgspec.to_builtins(settings)}
    hub = VirtualNode(NodeSettings(0x51ED00000000AB00), feeds_of(lifted()))
    pipeline, log, events = live_pipeline(settings, links, SEED), ByteLogWriter(path, about), list[AnyEvent]()
    due_ns = round((begins_s(0) - 4.0) * 1e9)
    for t_ns in range(STEP_NS, round(lifted().duration_s * 1e9), STEP_NS):
        if data := hub.advance(t_ns):
            pipeline.receive(LINK, t_ns, data)
            log.write(LogEntry(t_ns, LINK, Direction.IN, data))
        if t_ns - STEP_NS < due_ns <= t_ns:
            pipeline.command(t_ns, command)
            log.write(LogEntry(t_ns, "", Direction.COMMAND, msgspec.json.encode(command)))
        said, sends = pipeline.advance(t_ns)
        events += said
        for send in sends:
            hub.receive(t_ns, send.data)
            pipeline.sent(LINK, t_ns, send.seq)
            log.write(LogEntry(t_ns, LINK, Direction.OUT, send.data, send.seq))
    log.close()
    return events, pipeline.learned()


def test_a_log_says_again_what_was_said_of_a_known_lifter(tmp_path: Path) -> None:
    """To the last bit, and with nothing but the log: what was known of the body stands in it."""
    machine = Machine(lifted())
    machine.lifts(lifted(), (begins_s(0) - 4.0, told("before")))
    before = machine.pipeline.learned()
    assert before is not None
    path = tmp_path / "told.bytes"
    events, learned = record(path, told("now", before.body))
    log = open_log(path)
    pipeline = logged_pipeline(log.about, path)
    again = [event for step in play_bytes(pipeline, log.entries()) for event in step.events]
    assert again[: len(events)] == events
    assert pipeline.learned() == learned
    assert learned is not None
    assert learned.body.sessions == 2
    states = [event for event in events if isinstance(event, MachineState)]
    assert [states[0].lifter_known, states[-1].lifter_known] == [False, True]
