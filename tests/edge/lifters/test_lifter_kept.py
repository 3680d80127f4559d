"""The whole way on a box: a lifter says who they are, lifts, and is known when they come again after a restart."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import pytest
from session_bytes import LINK, SEED, STEP_NS
from simulated import settings_of

from edge.assembly import Boot, _raw_log, pipeline_seed
from edge.clock import Instant
from edge.commands import SetLifter
from edge.config import Config
from edge.daemon import Machine
from edge.events import AnyEvent, MachineState, Send
from edge.lifters.desk import LifterDesk
from edge.lifters.files import LifterFiles
from edge.pipelines import live_pipeline, logged_pipeline
from edge.player import play_bytes
from edge.publishers.messages import MachineMessages
from edge.settings import LinkPlan, LogSettings
from edge.simulator.draw import draw_scenario
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.scenario import RepPlan, SetPlan
from edge.simulator.session import Session, simulate
from edge.sources.base import Sink
from edge.sources.byte_log import open_log

WHO = "a-phones-own-number"


@cache
def lifted() -> Session:
    """Three reps without fault."""
    return simulate(replace(draw_scenario(4200), sets=(SetPlan((RepPlan(),) * 3),)))


class Hub:
    """The source of one machine, on the simulator's time line."""

    links = (LINK,)

    def __init__(self) -> None:
        self._hub = VirtualNode(NodeSettings(0x51ED00000000AB00), feeds_of(lifted()))
        self._sends: list[Send] = []
        self.now_ns = 0

    async def run(self, sink: Sink) -> None:
        """From the first sample to the last; others are let work as often as a box lets them."""
        for self.now_ns in range(STEP_NS, round(lifted().duration_s * 1e9), STEP_NS):
            if data := self._hub.advance(self.now_ns):
                sink.receive(LINK, self.now_ns, data)
            sends, self._sends = self._sends, []
            for send in sends:
                self._hub.receive(self.now_ns, send.data)
                sink.sent(LINK, self.now_ns, send.seq)
            await asyncio.sleep(0)

    def send(self, message: Send) -> None:
        """It leaves with the next step."""
        self._sends.append(message)

    def counts(self, link: str) -> dict[str, int]:
        """Nothing is lost on it."""
        return {}


class Heard:
    """An outlet that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []

    def tell(self, machine: str, event: AnyEvent) -> None:
        self.events.append(event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """There is one, and it is there."""


async def spend_a_session(
    state: Path, log: Path, monkeypatch: pytest.MonkeyPatch, *, is_usual: bool = False
) -> list[AnyEvent]:
    """A box starts; somebody says who they are, or the machine's table does, lifts and leaves; the box ends."""
    monkeypatch.setattr("edge.lifters.desk.FINISH_MAX_S", 60.0)  # this computer may be busy
    settings, hub, heard = settings_of(lifted()), Hub(), Heard()
    if is_usual:
        settings = msgspec.structs.replace(settings, lifter=WHO)
    monkeypatch.setattr("edge.daemon.monotonic_ns", lambda: hub.now_ns)
    config = Config(machines=(settings,), lifters={WHO: {"height_m": 1.8}} if is_usual else {})
    settings = config.machine(settings.id)
    desk = LifterDesk(
        config, LifterFiles(state), heard.tell, lambda: Instant(hub.now_ns, 0, synced=True), remembers=True
    )
    kept_log = _raw_log(
        LogSettings(raw_bytes_dir=str(log)), settings, {LINK: LinkPlan()}, Boot("b-1", SEED), part_max_bytes=1
    )
    seed = pipeline_seed(Boot("b-1", SEED), settings.id)
    machine = Machine(
        settings.id, lambda: live_pipeline(settings, {LINK: LinkPlan()}, seed), [hub], [heard, desk], kept_log
    )
    running = asyncio.create_task(desk.run())
    machine.begin(0)
    take = desk.open_machine(machine)
    if not is_usual:
        take(SetLifter(id="c-1", ts="2026-01-31T12:00:00Z", lifter=WHO, height_m=1.8))
    await desk.finish()
    await hub.run(machine)
    machine.end(hub.now_ns)
    await desk.finish()
    assert desk._jobs.empty()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert machine.failures == 0
    return heard.events


async def test_a_lifter_is_known_when_they_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a session has learned is what the next one begins with, and that one learns more."""
    files = LifterFiles(tmp_path)
    for sessions in (1, 2):
        events = await spend_a_session(tmp_path, tmp_path / f"{sessions}.bytes", monkeypatch)
        kept = files.load(WHO)
        assert kept is not None
        assert kept.body is not None
        assert (kept.height_m, kept.body.sessions) == (1.8, sessions)
        assert [one for one in events if isinstance(one, MachineState)][-1].lifter_known


@pytest.mark.parametrize("is_usual", [False, True])
async def test_whose_body_it_is_leaves_the_box_on_no_way(
    *, is_usual: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No id in any message or in the byte log, its header included, and no length of a leg in any message; the log says
    it all again.
    """
    events = await spend_a_session(tmp_path, tmp_path / "logs", monkeypatch, is_usual=is_usual)
    assert LifterFiles(tmp_path).load(WHO) is not None
    messages = MachineMessages("gym", "press")
    published = [msgspec.json.encode([message.topic, message.body]) for one in events for message in messages.of(one)]
    assert not [one for one in published if WHO.encode() in one or b"thigh_m" in one or b"height" in one]
    (path,) = (tmp_path / "logs").iterdir()
    assert WHO.encode() not in path.read_bytes()
    log = open_log(path)
    assert log.check() is None
    again = [one for step in play_bytes(logged_pipeline(log.about, path), log.entries()) for one in step.events]
    assert again == events
