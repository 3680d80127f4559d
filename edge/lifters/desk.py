"""Where a box looks up who is lifting, and keeps what was learned of them: between what is asked of machines and disk.

A machine is told everything in one command (`LifterTold`), which its byte log keeps; whose it is stays here. A thread
waits for the disk, one look-up or write after the other, so that what is looked up is what was written last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from edge.clock import ReadClock
from edge.commands import Command, ForgetLifter, SetLifter, name_of
from edge.config import Config
from edge.events import AnyEvent, CommandResult, MachineState, SetSummary
from edge.lifter import Learned, Lifter, LifterTold
from edge.lifters.files import Kept, LifterFiles
from edge.machine import MachineSettings, usual_lifter
from edge.motion.known_body import KnownBody

JOBS_MAX = 100
"""Look-ups and writes that may wait for a stalling disk: more than people at the machines of a box."""
FINISH_MAX_S = 5.0
"""A disk that stalls longer than this shall not keep the daemon from ending."""

log = logging.getLogger(__name__)
_Job = Callable[[], Awaitable[None]]


class Watched(Protocol):
    """What the desk needs of a machine."""

    @property
    def name(self) -> str:
        """Its name."""

    def command(self, command: Command) -> None:
        """Give it a command; what becomes of it comes as an event."""

    def learned(self) -> Learned | None:
        """What is known now of the body of whoever said to be lifting."""


@dataclass(slots=True)
class _Guest:
    """Somebody who said to be lifting. lifter: None for somebody unknown, or forgotten meanwhile. before: what was kept
    as they came; a session is told no more than that, however often it is told. is_kept: whether there is a file;
    has_left: for another machine; latest: not written yet.
    """

    lifter: str | None
    command_id: str
    before: Kept
    is_kept: bool = False
    has_left: bool = False
    latest: KnownBody | None = None


class LifterDesk:
    """Put `run` beside the machines; give it every event as an outlet. files: None keeps nothing of anybody.

    answer: takes what became of a command that no machine answers.
    """

    def __init__(
        self, config: Config, files: LifterFiles | None, answer: Callable[[str, AnyEvent], None], clock: ReadClock
    ) -> None:
        self._config, self._files, self._answer, self._clock = config, files, answer, clock
        self._machines: dict[str, Watched] = {}
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue(JOBS_MAX)
        self._asked: dict[tuple[str, str], _Guest] = {}
        self._on: dict[str, _Guest] = {}
        self._sessions: dict[str, str | None] = {}

    def open_machine(self, machine: Watched) -> Callable[[Command], None]:
        """Whoever has a command for this machine gives it to what this gives back."""
        self._machines[machine.name] = machine

        def take(command: Command) -> None:
            if isinstance(command, SetLifter):
                self._soon(lambda: self._look_up(machine, command), machine.name, command)
            elif isinstance(command, ForgetLifter):
                self._soon(lambda: self._forget(machine.name, command), machine.name, command)
            else:
                machine.command(command)

        return take

    async def run(self) -> None:
        """Do what is asked, in order, until cancelled. A bug in one job ends neither the others nor the box."""
        while True:
            job = await self._jobs.get()
            try:
                await job()
            except Exception:
                log.exception("a lifter could not be looked up or kept; please report this")
            self._jobs.task_done()

    async def finish(self) -> None:
        """Wait, but not for ever, until all is written; `run` goes on meanwhile."""
        try:
            async with asyncio.timeout(FINISH_MAX_S):
                await self._jobs.join()
        except TimeoutError:
            log.warning("what was learned of lifters last is not kept: the disk stalls")

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet: what became of a command, who is on the machine, and what was learned with a set."""
        match event:
            case CommandResult():
                self._answered(machine, event)
            case MachineState():
                self._note_session(machine, event.session)
            case SetSummary():
                self._note_set(machine, is_over=event.final)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: links have no part in it."""

    def _soon(self, job: _Job, machine: str, command: Command) -> None:
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            self._say(machine, command, "the box's disk does not keep up; try again")

    def _say(self, machine: str, command: Command, problem: str | None = None) -> None:
        result = CommandResult(
            t_s=self._clock().mono_ns / 1e9, command=name_of(type(command)), command_id=command.id,
            ok=problem is None, problem=problem,
        )  # fmt: skip
        self._answer(machine, result)

    async def _look_up(self, machine: Watched, command: SetLifter) -> None:
        guest = await self._guest(machine.name, command)
        settings = self._config.with_lifter(machine.name, command.lifter)
        self._asked[machine.name, command.id] = guest
        machine.command(LifterTold(id=command.id, ts=command.ts, lifter=_lifter(settings, command, guest.before)))

    async def _guest(self, machine: str, command: SetLifter) -> _Guest:
        """Who was said to be lifting, with what was kept of them and what is said now laid over it."""
        here = self._on.get(machine)
        if here is not None and here.lifter == command.lifter and here.lifter is not None:
            guest = _Guest(here.lifter, command.id, here.before, here.is_kept)
        else:
            guest = _Guest(command.lifter, command.id, Kept())
            if self._files is not None and command.lifter is not None:
                await self._find(self._files, command.lifter, guest)
        before = guest.before
        guest.before = msgspec.structs.replace(
            before, height_m=command.height_m or before.height_m, tape_m=command.tape_m or before.tape_m
        )
        return guest

    async def _find(self, files: LifterFiles, lifter: str, guest: _Guest) -> None:
        try:
            found = await asyncio.to_thread(files.load, lifter)
        except OSError as error:
            log.warning("what is kept of a lifter cannot be read (%s); nothing will be kept of this session", error)
            guest.lifter = None
            return
        if found is not None:
            guest.before, guest.is_kept = found, True

    async def _forget(self, machine: str, command: ForgetLifter) -> None:
        for guest in [*self._asked.values(), *self._on.values()]:
            if guest.lifter == command.lifter:
                guest.lifter = None
        problem = None
        if self._files is not None:
            try:
                await asyncio.to_thread(self._files.forget, command.lifter)
            except OSError as error:
                problem = f"cannot be deleted ({error.strerror}); see to the box's disk"
        self._say(machine, command, problem)

    def _answered(self, machine: str, result: CommandResult) -> None:
        guest = self._asked.pop((machine, result.command_id or ""), None)
        if guest is None or not result.ok:
            return
        for name, other in self._on.items():
            other.has_left |= name != machine and other.lifter == guest.lifter
        self._on[machine] = guest

    def _note_session(self, machine: str, session: str | None) -> None:
        """Who said to be lifting is gone with their session, not with its beginning. Where nobody said it, the lifter
        whom the machine's own table names is looked up.
        """
        before, self._sessions[machine] = self._sessions.get(machine), session
        if session == before:
            return
        if before is not None:
            self._on.pop(machine, None)
        usual = self._config.machine(machine).lifter
        if session is not None and usual is not None and machine in self._machines and self._files is not None:
            command = SetLifter(id=f"usual-{session}", ts="", lifter=usual)
            self._soon(lambda: self._usual(self._machines[machine], command), machine, command)

    async def _usual(self, machine: Watched, command: SetLifter) -> None:
        said = machine.name in self._on or any(name == machine.name for name, _ in self._asked)
        if not said:
            await self._look_up(machine, command)

    def _note_set(self, machine: str, *, is_over: bool) -> None:
        """Asked after each rep, and written with the set: with its session what was learned is gone."""
        guest, learned = self._on.get(machine), self._machines[machine].learned()
        if guest is None or guest.lifter is None or guest.has_left:
            return
        if learned is not None and learned.command_id == guest.command_id:
            guest.latest = learned.body
        if is_over and guest.latest is not None and self._files is not None:
            files, body, guest.latest = self._files, guest.latest, None
            try:
                self._jobs.put_nowait(lambda: self._keep(files, guest, body))
            except asyncio.QueueFull:
                log.warning("what was learned of a lifter in this set is not kept: the disk stalls")

    async def _keep(self, files: LifterFiles, guest: _Guest, body: KnownBody) -> None:
        if guest.lifter is None:
            return
        kept = msgspec.structs.replace(guest.before, body=body)
        try:
            goes_on = await asyncio.to_thread(files.save, guest.lifter, kept, is_new=not guest.is_kept)
        except OSError as error:
            log.warning("what was learned of a lifter cannot be kept (%s)", error)
            return
        guest.is_kept = True
        if not goes_on:
            guest.lifter = None


def _lifter(settings: MachineSettings, command: SetLifter, kept: Kept) -> Lifter:
    """All that follows from who is lifting here: as said now or before, else as configured. What was measured with a
    tape belongs to the height that it was said with.
    """
    usual = usual_lifter(settings)
    height_m = kept.height_m or usual.height_m
    return msgspec.structs.replace(
        usual,
        is_known=command.lifter is not None,
        height_m=height_m,
        tape_m=kept.tape_m or (usual.tape_m if height_m == usual.height_m else None),
        body=kept.body,
    )
