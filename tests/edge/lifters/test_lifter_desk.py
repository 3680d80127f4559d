"""Who is lifting is looked up, told to the machine in one command, and what is learned of them kept under their id."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from example_events import SET

from edge.clock import Instant
from edge.commands import Command, ForgetLifter, SetLifter, Tare
from edge.config import Config
from edge.detectors.lockout import LockoutSettings
from edge.events import AnyEvent, CommandResult, MachineState
from edge.lifter import Learned, LifterTold
from edge.lifters.desk import JOBS_MAX, LifterDesk
from edge.lifters.files import Kept, LifterFiles
from edge.machine import MachineSettings
from edge.motion.known_body import KnownBody, measured

PATIENCE_S = 60.0
TS = "2026-01-31T12:00:00Z"
CONFIG = Config(
    machines=(
        MachineSettings(id="press-1", height_m=1.7, thigh_m=0.41, shank_m=0.4, links=("a",)),
        MachineSettings(id="press-2", links=("b",), lifter="k7f3"),
    ),
    lifters={"k7f3": {"height_m": 1.81, "faults": {"lockout": {"alert_deg": 5.0}}}},
)


def body(sessions: int) -> KnownBody:
    return msgspec.structs.replace(measured(0.45, 0.43, 1.81), sessions=sessions)


class FakeMachine:
    """Takes every lifter, unless it is in a set; `learns` is the body that it has told of since."""

    def __init__(self, name: str, tell: Callable[[str, AnyEvent], None]) -> None:
        self.name, self._tell = name, tell
        self.told: list[Command] = []
        self.learns: KnownBody | None = None
        self.in_set = False
        self._present: str | None = None

    def command(self, command: Command) -> None:
        self.told.append(command)
        problem = "not during a set" if self.in_set else None
        if not self.in_set:
            self._present = command.id
        result = CommandResult(t_s=0.0, command="x", command_id=command.id, ok=problem is None, problem=problem)
        self._tell(self.name, result)

    def learned(self) -> Learned | None:
        here = self._present is not None and self.learns is not None
        return Learned(command_id=self._present or "", body=self.learns) if here else None  # type: ignore[arg-type]

    def session(self, name: str | None) -> None:
        if name is None:
            self._present = self.learns = None
        fields = {"state": "idle", "set": 0, "rep": 0, "load_kg": None, "assessed": (), "not_assessed": {}}
        self._tell(self.name, MachineState(t_s=0.0, session=name, **fields))  # type: ignore[arg-type]

    def lifts(self, learns: KnownBody | None, *, final: bool = True) -> None:
        self.learns = learns
        self._tell(self.name, msgspec.structs.replace(SET, final=final))


class Box:
    """A desk with two machines; `answers` is what nobody else answered."""

    def __init__(self, files: LifterFiles | None) -> None:
        self.answers: list[CommandResult] = []
        self.desk = LifterDesk(CONFIG, files, self._answer, lambda: Instant(0, 0, synced=True))
        self.one, self.two = (FakeMachine(name, self.desk.tell) for name in ("press-1", "press-2"))
        self._take = {one.name: self.desk.open_machine(one) for one in (self.one, self.two)}

    def _answer(self, _machine: str, event: AnyEvent) -> None:
        assert isinstance(event, CommandResult)
        self.answers.append(event)

    def ask(self, command: Command, machine: str = "press-1") -> None:
        self._take[machine](command)

    async def told(self, command: Command, machine: str = "press-1") -> LifterTold:
        self.ask(command, machine)
        await self.settled()
        last = (self.one if machine == "press-1" else self.two).told[-1]
        assert isinstance(last, LifterTold)
        return last

    async def settled(self) -> None:
        """All that was asked is done, however busy this computer is."""
        async with asyncio.timeout(PATIENCE_S):
            await self.desk._jobs.join()


Open = Callable[[LifterFiles | None], Awaitable[Box]]


@pytest.fixture
def files(tmp_path: Path) -> LifterFiles:
    return LifterFiles(tmp_path)


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    running: list[asyncio.Task[None]] = []

    async def open_box(kept: LifterFiles | None) -> Box:
        box = Box(kept)
        running.append(asyncio.create_task(box.desk.run()))
        return box

    yield open_box
    for task in running:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def says(lifter: str | None, number: int = 1, **legs: float) -> SetLifter:
    return SetLifter(id=f"c-{number}", ts=TS, lifter=lifter, **legs)


async def test_what_a_lifter_says_and_what_was_kept_go_to_the_machine_as_one(opened: Open, files: LifterFiles) -> None:
    """And no id of anybody in it; what is said now counts before what was said then."""
    files.save("somebody", Kept(height_m=1.9, tape_m=(0.48, 0.46), body=body(3)), is_new=True)
    box = await opened(files)
    told = await box.told(says("somebody"))
    assert (told.id, told.lifter.is_known, told.lifter.height_m) == ("c-1", True, 1.9)
    assert (told.lifter.tape_m, told.lifter.body) == ((0.48, 0.46), body(3))
    assert b"somebody" not in msgspec.json.encode(told)
    told = await box.told(says("somebody", 2, height_m=1.92, thigh_m=0.5, shank_m=0.45))
    assert (told.lifter.height_m, told.lifter.tape_m) == (1.92, (0.5, 0.45))


async def test_of_whom_no_table_says_anything_the_machines_values_count(opened: Open, files: LifterFiles) -> None:
    """But not the legs that were measured of whoever usually lifts there."""
    box = await opened(files)
    for number, lifter in enumerate(("new", None)):
        told = (await box.told(says(lifter, number))).lifter
        assert (told.is_known, told.height_m, told.tape_m, told.body) == (lifter is not None, 1.7, None, None)
        assert told.faults.lockout == LockoutSettings()


async def test_whose_table_is_configured_has_its_values(opened: Open, files: LifterFiles) -> None:
    """On any machine of the box."""
    box = await opened(files)
    told = (await box.told(says("k7f3"))).lifter
    assert (told.height_m, told.faults.lockout.alert_deg) == (1.81, 5.0)


async def test_what_was_learned_is_kept_with_every_set(opened: Open, files: LifterFiles) -> None:
    """With what was said, for the next session: and not before a set has told anything."""
    box = await opened(files)
    await box.told(says("new", height_m=1.88))
    box.one.session("s-1")
    box.one.lifts(None)
    await box.settled()
    assert files.load("new") is None
    box.one.lifts(body(1), final=False)
    await box.settled()
    assert files.load("new") is None
    box.one.lifts(body(1))
    await box.settled()
    assert files.load("new") == Kept(height_m=1.88, body=body(1))
    box.one.session(None)
    assert (await box.told(says("new", 2))).lifter.body == body(1)


async def test_what_the_last_rep_told_is_kept_though_its_session_is_gone(opened: Open, files: LifterFiles) -> None:
    """The set ends with the session: the pipeline has nothing left of it."""
    box = await opened(files)
    await box.told(says("new"))
    box.one.session("s-1")
    box.one.lifts(body(1), final=False)
    box.one._present = None
    box.one.lifts(None)
    await box.settled()
    kept = files.load("new")
    assert kept is not None
    assert kept.body == body(1)


async def test_a_session_is_not_told_what_it_has_taught(opened: Open, files: LifterFiles) -> None:
    """Said twice in one session, it would count its own strokes twice; in the next it is told."""
    box = await opened(files)
    await box.told(says("new"))
    box.one.session("s-1")
    box.one.lifts(body(1))
    assert (await box.told(says("new", 2, height_m=1.8))).lifter.body is None
    box.one.lifts(body(1))
    await box.settled()
    assert files.load("new") == Kept(height_m=1.8, body=body(1))
    box.one.session("s-2")
    assert (await box.told(says("new", 3))).lifter.body == body(1)


async def test_nothing_is_kept_of_who_gave_no_id_or_of_the_next_one(opened: Open, files: LifterFiles) -> None:
    """Nor of a session in which nobody said anything, after one in which somebody did."""
    box = await opened(files)
    await box.told(says(None))
    box.one.session("s-1")
    box.one.lifts(body(1))
    await box.told(says("new", 2))
    box.one.session("s-2")
    box.one.lifts(body(1))
    await box.settled()
    assert files.load("new") is None


async def test_nobody_is_on_two_machines(opened: Open, files: LifterFiles) -> None:
    """What goes on at the one that a lifter has left is not theirs; and who comes back there is who they were."""
    box = await opened(files)
    await box.told(says("new"))
    box.one.session("s-1")
    box.one.lifts(body(1))
    assert (await box.told(says("new"), "press-2")).lifter.body == body(1)
    box.two.session("s-2")
    box.two.lifts(body(2))
    box.one.lifts(body(7))
    await box.settled()
    kept = files.load("new")
    assert kept is not None
    assert kept.body == body(2)
    assert (await box.told(says("new", 2))).lifter.body is None, "that session has taught it"


async def test_who_is_refused_during_a_set_changes_nothing(opened: Open, files: LifterFiles) -> None:
    """What is learned goes to whom it is of."""
    box = await opened(files)
    await box.told(says("first"))
    box.one.session("s-1")
    box.one.in_set = True
    await box.told(says("second", 2))
    box.one.lifts(body(1))
    await box.settled()
    assert files.load("first") is not None
    assert files.load("second") is None


@pytest.mark.parametrize("by", ["command", "file"])
async def test_who_is_forgotten_in_a_session_is_not_kept_again(by: str, opened: Open, files: LifterFiles) -> None:
    """Neither by command, on whichever machine, nor from outside."""
    files.save("new", Kept(body=body(1)), is_new=True)
    box = await opened(files)
    await box.told(says("new"))
    box.one.session("s-1")
    if by == "command":
        box.ask(ForgetLifter(id="f-1", ts=TS, lifter="new"), "press-2")
        await box.settled()
        assert [(one.command, one.command_id, one.ok) for one in box.answers] == [("forget_lifter", "f-1", True)]
    else:
        files.forget("new")
    for sessions in (2, 3):
        box.one.lifts(body(sessions))
        await box.settled()
        assert files.load("new") is None


async def test_whom_the_machine_names_is_looked_up_with_the_session(opened: Open, files: LifterFiles) -> None:
    """Unless somebody said who they are; and their body is kept as anybody's."""
    files.save("k7f3", Kept(body=body(4)), is_new=True)
    box = await opened(files)
    box.two.session("s-1")
    await box.settled()
    (told,) = box.two.told
    assert isinstance(told, LifterTold)
    assert (told.lifter.body, told.lifter.height_m) == (body(4), 1.81)
    box.two.lifts(body(5))
    await box.settled()
    assert files.load("k7f3") == Kept(body=body(5))
    box.two.session(None)
    await box.told(says("new", 2), "press-2")
    box.two.session("s-2")
    await box.settled()
    assert len(box.two.told) == 2


async def test_a_box_that_keeps_nothing_still_tells_the_machine(opened: Open, tmp_path: Path) -> None:
    """The height counts for the session, and no file is made."""
    box = await opened(None)
    assert (await box.told(says("new", height_m=1.6))).lifter.height_m == 1.6
    box.one.lifts(body(1))
    box.ask(ForgetLifter(id="f-1", ts=TS, lifter="new"))
    await box.settled()
    assert box.answers[0].ok
    assert not (tmp_path / "lifters").exists()


async def test_a_disk_that_refuses_costs_nobody_their_session(opened: Open, tmp_path: Path) -> None:
    """What was said counts; what cannot be read is not overwritten, and what cannot be deleted is said."""
    folder = tmp_path / "lifters"
    (folder / "new.json").mkdir(parents=True)
    box = await opened(LifterFiles(tmp_path))
    assert (await box.told(says("new", height_m=1.6))).lifter.height_m == 1.6
    box.one.session("s-1")
    box.one.lifts(body(1))
    box.ask(ForgetLifter(id="f-1", ts=TS, lifter="new"))
    await box.settled()
    assert (folder / "new.json").is_dir()
    (answer,) = box.answers
    assert (answer.ok, "see to the box's disk" in (answer.problem or "")) == (False, True)


async def test_a_bug_in_one_look_up_costs_the_others_nothing(opened: Open, files: LifterFiles) -> None:
    """What is no id, past all checks, is told loudly; the next one is looked up as ever."""
    box = await opened(files)
    box.ask(says("../k7f3"))
    await box.settled()
    assert (await box.told(says("new", 2, height_m=1.6))).lifter.height_m == 1.6


async def test_other_commands_go_straight_to_the_machine(files: LifterFiles) -> None:
    """They wait for no disk; of what does, no more waits than is reasonable."""
    box = Box(files)
    tare = Tare(id="t-1", ts=TS)
    box.ask(tare)
    assert box.one.told == [tare]
    for number in range(JOBS_MAX + 1):
        box.ask(says("new", number))
    (answer,) = box.answers
    assert (answer.command, answer.ok) == ("set_lifter", False)
    assert "try again" in (answer.problem or "")
