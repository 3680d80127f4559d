"""Who is lifting is looked up, told to the machine in one command, and what is learned of them kept under their id."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from lifter_rig import TS, Box, Open, body, put, says

from edge.commands import ForgetLifter, Tare
from edge.detectors.lockout import LockoutSettings
from edge.lifter import LifterTold
from edge.lifters.desk import JOBS_MAX
from edge.lifters.files import Kept, LifterFiles


async def test_what_a_lifter_says_and_what_was_kept_go_to_the_machine_as_one(opened: Open, files: LifterFiles) -> None:
    """And no id of anybody in it; what is said now counts before what was said then."""
    put(files, "somebody", Kept(height_m=1.9, tape_m=(0.48, 0.46), body=body(3)))
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
    """For the next session, and not before a set has told anything; what was said is kept as it is said."""
    box = await opened(files)
    await box.told(says("new", height_m=1.88))
    box.one.session("s-1")
    box.one.lifts(None)
    await box.settled()
    assert files.load("new") == Kept(height_m=1.88)
    box.one.lifts(body(1), final=False)
    await box.settled()
    assert files.load("new") == Kept(height_m=1.88)
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
    assert files.load("new") == Kept()


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
    assert files.load("first") == Kept(body=body(1))
    assert files.load("second") == Kept()


@pytest.mark.parametrize("by", ["command", "file"])
async def test_who_is_forgotten_in_a_session_is_not_kept_again(by: str, opened: Open, files: LifterFiles) -> None:
    """Neither by command, on whichever machine, nor from outside."""
    put(files, "new", Kept(body=body(1)))
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
    put(files, "k7f3", Kept(body=body(4)))
    box = await opened(files)
    box.two.session("s-1")
    await box.settled()
    (told,) = box.two.given
    assert isinstance(told, LifterTold)
    assert (told.lifter.body, told.lifter.height_m) == (body(4), 1.81)
    box.two.lifts(body(5))
    await box.settled()
    assert files.load("k7f3") == Kept(body=body(5))
    box.two.session(None)
    await box.told(says("new", 2), "press-2")
    box.two.session("s-2")
    await box.settled()
    assert len(box.two.given) == 2


async def test_a_box_that_remembers_nobody_still_tells_the_machine(
    opened: Open, files: LifterFiles, tmp_path: Path
) -> None:
    """Without an id, or with a configured one; another is refused. No file is made; an old one can be deleted."""
    put(files, "old", Kept())
    put(files, "k7f3", Kept(height_m=1.9, body=body(4)))
    box = await opened(files, remembers=False)
    told = (await box.told(says(None, height_m=1.6))).lifter
    assert (told.height_m, told.is_known) == (1.6, False)
    told = (await box.told(says("k7f3", 2), "press-2")).lifter
    assert (told.height_m, told.is_known, told.body) == (1.81, True, None)
    box.two.session("s-1")
    box.two.lifts(body(1))
    box.two.session(None)
    box.two.session("s-2")
    await box.settled()
    assert len(box.two.given) == 1, "the machine has the table's values as they are"
    box.ask(says("new", 3, height_m=1.6))
    box.ask(ForgetLifter(id="f-1", ts=TS, lifter="old"))
    await box.settled()
    refused, forgotten = box.answers
    assert (refused.command, refused.command_id, refused.ok) == ("set_lifter", "c-3", False)
    assert "[box] remember_lifters" in (refused.problem or "")
    assert forgotten.ok
    assert [path.name for path in (tmp_path / "lifters").iterdir()] == ["k7f3.json"]
    assert files.load("k7f3") == Kept(height_m=1.9, body=body(4))


async def test_a_disk_that_refuses_costs_nobody_their_session(
    opened: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is told that they are remembered who is not; without an id all counts. What cannot be read is not
    overwritten, what cannot be deleted is said, and no log says of whom.
    """
    folder = tmp_path / "lifters"
    (folder / "new.json").mkdir(parents=True)
    box = await opened(LifterFiles(tmp_path))
    box.ask(says("new", height_m=1.6))
    await box.settled()
    assert box.one.given == []
    assert (await box.told(says(None, 2, height_m=1.6))).lifter.height_m == 1.6
    box.one.session("s-1")
    box.one.lifts(body(1))
    box.ask(ForgetLifter(id="f-1", ts=TS, lifter="new"))
    await box.settled()
    assert (folder / "new.json").is_dir()
    assert [one.ok for one in box.answers] == [False, False]
    for answer in box.answers:
        assert "see to" in (answer.problem or "")
        assert "disk" in (answer.problem or "")
        assert "new" not in (answer.problem or "")
    assert "new" not in caplog.text


async def test_a_bug_in_one_look_up_costs_the_others_nothing(
    opened: Open, files: LifterFiles, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no id, past all checks, is told loudly; the next one is looked up as ever."""
    box = await opened(files)
    box.ask(says("../k7f3"))
    await box.settled()
    assert "please report this" in caplog.text
    assert "../k7f3" not in caplog.text
    caplog.clear()
    assert (await box.told(says("new", 2, height_m=1.6))).lifter.height_m == 1.6


async def test_other_commands_go_straight_to_the_machine(files: LifterFiles) -> None:
    """They wait for no disk; of what does, no more waits than is reasonable."""
    box = Box(files)
    tare = Tare(id="t-1", ts=TS)
    box.ask(tare)
    assert box.one.given == [tare]
    for number in range(JOBS_MAX + 1):
        box.ask(says("new", number))
    (answer,) = box.answers
    assert (answer.command, answer.ok) == ("set_lifter", False)
    assert "try again" in (answer.problem or "")
