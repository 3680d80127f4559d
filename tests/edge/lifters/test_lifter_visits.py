"""Whose session it is: lifters who come late, go elsewhere, come back or are forgotten, and look-ups that take long."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import msgspec
import pytest
from lifter_rig import PATIENCE_S, TS, Box, FakeMachine, Open, body, put, says

from edge.commands import EndSession, ForgetLifter, Tare
from edge.events import CommandResult
from edge.lifter import LifterTold
from edge.lifters import files as lifter_files
from edge.lifters.files import Kept, LifterFiles
from edge.lifters.guests import ANSWER_MAX_NS
from edge.motion.known_body import measured

FORGET = ForgetLifter(id="f-1", ts=TS, lifter="new")


def ids(machine: FakeMachine) -> list[str]:
    return [command.id for command in machine.given]


async def in_session(box: Box, lifter: str = "new", number: int = 1) -> LifterTold:
    """Somebody on the first machine, in a session of their own."""
    box.one.session(f"s-{number}")
    return await box.told(says(lifter, number))


async def test_who_never_came_is_looked_up_anew(opened: Open, files: LifterFiles) -> None:
    """What another machine taught meanwhile is told, and not overwritten."""
    box = await opened(files)
    await box.told(says("new"))
    box.two.session("q-1")
    await box.told(says("new", 2), "press-2")
    box.two.lifts(body(7))
    box.two.session(None)
    assert (await box.told(says("new", 3))).lifter.body == body(7)
    box.one.session("s-1")
    box.one.lifts(body(8))
    await box.settled()
    assert files.load("new") == Kept(body=body(8))


async def test_after_somebody_who_never_came_the_usual_lifter_is_told(opened: Open, files: LifterFiles) -> None:
    """And learned from: the machine has forgotten whoever said so, and so has the desk."""
    box = await opened(files)
    await box.told(says("new"), "press-2")
    box.two.lapse()
    box.two.session("s-1")
    await box.settled()
    assert ids(box.two) == ["c-1", "usual-s-1"]
    box.two.lifts(body(1))
    await box.settled()
    assert files.load("k7f3") == Kept(body=body(1))
    assert files.load("new") == Kept()


async def test_what_the_other_machine_taught_stays_when_its_lifter_comes_back(opened: Open, files: LifterFiles) -> None:
    """Into a session that has taught it: told what was before that one, and nothing more is kept of it."""
    box = await opened(files)
    await in_session(box)
    box.one.lifts(body(1))
    box.two.session("q-1")
    assert (await box.told(says("new", 2), "press-2")).lifter.body == body(1)
    box.two.lifts(body(2))
    assert (await box.told(says("new", 3))).lifter.body is None
    box.one.lifts(body(1))
    await box.settled()
    assert files.load("new") == Kept(body=body(2))


async def test_who_comes_back_without_having_lifted_is_told_all(opened: Open, files: LifterFiles) -> None:
    """No stroke of that session would count twice."""
    box = await opened(files)
    await in_session(box)
    box.two.session("q-1")
    await box.told(says("new", 2), "press-2")
    box.two.lifts(body(2))
    assert (await box.told(says("new", 3))).lifter.body == body(2)
    box.one.lifts(body(3))
    await box.settled()
    assert files.load("new") == Kept(body=body(3))


async def test_only_of_whom_the_machine_was_told_is_kept(opened: Open, files: LifterFiles) -> None:
    """What it has learned of somebody else is not theirs."""
    box = await opened(files)
    await in_session(box)
    box.one._present = "another"
    box.one.lifts(body(9))
    await box.settled()
    assert files.load("new") == Kept()


async def test_the_usual_lifter_refused_in_a_set_is_told_with_the_next(opened: Open, files: LifterFiles) -> None:
    """And once told, not again."""
    box = await opened(files)
    box.two.in_set = True
    box.two.session("s-1")
    await box.settled()
    box.two.in_set = False
    for sessions in (None, 1, 2):
        box.two.lifts(body(sessions) if sessions else None)
        await box.settled()
    assert ids(box.two) == ["usual-s-1"] * 2
    assert files.load("k7f3") == Kept(body=body(2))


async def test_an_answer_that_never_comes_holds_nobody_up(opened: Open, files: LifterFiles) -> None:
    """A pipeline fails with what it was told; one that is only about to answer is waited for."""
    box = await opened(files)
    box.two.is_deaf = True
    box.ask(says("new"), "press-2")
    await box.settled()
    box.now_ns = ANSWER_MAX_NS - 1
    box.two.session("s-1")
    await box.settled()
    assert ids(box.two) == ["c-1"]
    box.two.session(None)
    box.now_ns = ANSWER_MAX_NS
    box.two.session("s-2")
    await box.settled()
    assert ids(box.two) == ["c-1", "usual-s-2"]


async def test_who_is_asked_about_is_not_overtaken_by_the_usual_lifter(opened: Open, files: LifterFiles) -> None:
    """Their command is under way when the session begins."""
    box = await opened(files)
    box.two.is_deaf = True
    box.ask(says("new"), "press-2")
    box.two.session("s-1")
    await box.settled()
    assert ids(box.two) == ["c-1"]


@pytest.mark.parametrize("after", [None, "s-2"])
async def test_a_look_up_for_a_session_that_is_over_is_refused(
    after: str | None, opened: Open, files: LifterFiles
) -> None:
    """Whoever is on the machine now is not given another's legs."""
    box = await opened(files)
    box.one.session("s-1")
    box.ask(says("new"))
    box.one.session(after)
    await box.settled()
    assert box.one.given == []
    assert [(one.command_id, one.problem) for one in box.answers] == [("c-1", "the session is over; say it again")]
    assert files.load("new") is None


class SlowFiles(LifterFiles):
    """A disk that answers when it is let."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.reached, self.may = threading.Event(), threading.Event()

    def change(self, *arguments: object) -> Kept | None:
        self.reached.set()
        assert self.may.wait(PATIENCE_S)
        return super().change(*arguments)  # type: ignore[arg-type]


async def test_a_session_that_ends_while_the_disk_is_waited_for_is_over_as_well(opened: Open, tmp_path: Path) -> None:
    """And what was given to the machine behind the look-up comes behind it, in order."""
    disk = SlowFiles(tmp_path)
    box = await opened(disk)
    box.one.session("s-1")
    box.ask(says("new"))
    for command in (EndSession(id="e-1", ts=TS), Tare(id="t-1", ts=TS)):
        box.ask(command)
    box.ask(Tare(id="t-2", ts=TS), "press-2")
    assert ids(box.two) == ["t-2"], "the other machine waits for nothing"
    assert await asyncio.to_thread(disk.reached.wait, PATIENCE_S)
    assert ids(box.one) == []
    box.one.session(None)
    disk.may.set()
    await box.settled()
    assert [one.problem for one in box.answers] == ["the session is over; say it again"]
    assert ids(box.one) == ["e-1", "t-1"]
    box.ask(Tare(id="t-3", ts=TS))
    assert ids(box.one) == ["e-1", "t-1", "t-3"]


async def test_what_is_said_before_a_session_is_said_of_it(opened: Open, files: LifterFiles) -> None:
    """Though it begins before the disk has answered; and a command behind it reaches the machine behind it."""
    box = await opened(files)
    box.ask(says("new"))
    box.ask(Tare(id="t-1", ts=TS))
    box.one.session("s-1")
    await box.settled()
    assert ids(box.one) == ["c-1", "t-1"]


@pytest.mark.parametrize("by", ["command", "file"])
async def test_who_is_forgotten_in_their_first_session_is_not_kept(by: str, opened: Open, files: LifterFiles) -> None:
    """Not though their set was over before the command was carried out, nor though somebody of that id comes later."""
    box = await opened(files)
    await in_session(box)
    if by == "command":
        box.ask(FORGET)
    else:
        assert files.forget("new")
    box.one.lifts(body(1))
    await box.settled()
    assert files.load("new") is None
    put(files, "new", Kept(height_m=1.7))
    box.one.lifts(body(2))
    box.one.session(None)
    await box.settled()
    assert files.load("new") == Kept(height_m=1.7)


async def test_what_waits_to_be_written_is_forgotten_too(opened: Open, files: LifterFiles) -> None:
    """Whoever says the same id at once comes as somebody new, and is told nothing of before."""
    put(files, "new", Kept(height_m=1.9, body=body(4)))
    box = await opened(files)
    await in_session(box)
    box.one.lifts(body(5))
    await box.settled()
    box.ask(FORGET)
    box.ask(says("new", 2))
    box.one.lifts(body(6))
    await box.settled()
    told = box.one.given[-1]
    assert isinstance(told, LifterTold)
    assert (told.lifter.body, told.lifter.height_m) == (None, 1.7)
    assert files.load("new") == Kept()


async def test_who_is_forgotten_before_the_machine_has_answered_is_forgotten(opened: Open, files: LifterFiles) -> None:
    """Who has come to the other machine since goes on being kept there, and there alone."""
    box = await opened(files)
    box.one.session("s-1")
    box.two.session("q-1")
    box.one.is_deaf = True
    await box.told(says("new"))
    box.ask(FORGET)
    await box.told(says("new", 2), "press-2")
    box.one._present = "c-1"
    box.desk.tell("press-1", CommandResult(t_s=0.0, command="set_lifter", command_id="c-1", ok=True))
    box.one.lifts(body(9))
    box.two.lifts(body(1))
    await box.settled()
    assert files.load("new") == Kept(body=body(1))


async def test_a_command_that_says_a_body_says_the_whole_of_it(opened: Open, files: LifterFiles) -> None:
    """So that a tape can be taken back; one that says nothing of it leaves it, from session to session."""
    box = await opened(files)
    said = [
        ({"height_m": 1.8, "thigh_m": 0.3, "shank_m": 0.6}, (1.8, (0.3, 0.6))),
        ({}, (1.8, (0.3, 0.6))),
        ({"height_m": 1.6}, (1.6, None)),
        ({}, (1.6, None)),
        ({"thigh_m": 0.4, "shank_m": 0.4}, (1.7, (0.4, 0.4))),
    ]
    for number, (legs, expected) in enumerate(said):
        lifter = (await box.told(says("new", number, **legs))).lifter
        assert (lifter.height_m, lifter.tape_m) == expected
    assert files.load("new") == Kept(tape_m=(0.4, 0.4))


async def test_a_configured_tape_counts_until_its_lifter_says_a_body(opened: Open, files: LifterFiles) -> None:
    """A height said without one takes it back."""
    box = await opened(files)
    assert (await box.told(says("b2"))).lifter.tape_m == (0.38, 0.36)
    assert (await box.told(says("b2", 2, height_m=1.6))).lifter.tape_m is None


@pytest.mark.parametrize(("tape", "stays"), [((0.45, 0.43), True), ((0.45, 0.42), False), (None, False)])
async def test_legs_that_rest_on_a_tape_go_with_it(
    tape: tuple[float, float] | None, *, stays: bool, opened: Open, files: LifterFiles
) -> None:
    """What was learned with wrong figures is wrong; strokes write over it, and not before."""
    legs = msgspec.structs.replace(measured(0.45, 0.43, 1.81), sessions=3)
    put(files, "new", Kept(height_m=1.81, tape_m=(0.45, 0.43), body=legs))
    box = await opened(files)
    box.one.session("s-1")
    said = {"thigh_m": tape[0], "shank_m": tape[1]} if tape else {}
    told = await box.told(says("new", height_m=1.81, **said))
    assert told.lifter.body == (legs if stays else None)
    assert files.load("new") == Kept(height_m=1.81, tape_m=tape, body=legs)
    box.one.lifts(body(4 if stays else 1))
    await box.settled()
    assert files.load("new") == Kept(height_m=1.81, tape_m=tape, body=body(4 if stays else 1))


async def test_another_body_under_an_id_takes_its_legs_only_when_it_comes_twice(
    opened: Open, files: LifterFiles
) -> None:
    """Strokes that contradict what was known begin anew, without its sessions. Once, the old legs stay; who they are of
    clears it; twice running, the new ones count.
    """
    put(files, "new", Kept(body=body(4)))
    box = await opened(files)
    await in_session(box)
    box.one.lifts(body(5))
    box.one.lifts(body(1))
    await in_session(box, number=2)
    assert files.load("new") == Kept(body=body(4), was_contradicted=True)
    box.one.lifts(body(5))
    await in_session(box, number=3)
    assert files.load("new") == Kept(body=body(5))
    for number in (4, 5):
        box.one.lifts(body(1))
        box.one.lifts(body(1))
        await in_session(box, number=number)
    assert files.load("new") == Kept(body=body(1))


async def test_a_full_disk_is_told_without_saying_of_whom(
    opened: Open, files: LifterFiles, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log after a set, and to whoever comes then; what was kept stays."""
    box = await opened(files)
    await in_session(box)

    def refuse(path: Path, _kept: Kept) -> None:
        raise OSError(28, os.strerror(28), str(path))

    monkeypatch.setattr(lifter_files, "write_secret", refuse)
    box.one.lifts(body(1))
    box.ask(says("new", 2))
    await box.settled()
    assert "cannot be kept (No space left on device)" in caplog.text
    assert "new" not in caplog.text
    (answer,) = box.answers
    assert "No space left on device" in (answer.problem or "")
    assert files.load("new") == Kept()
