"""Where a box looks up who is lifting, and keeps what was learned of them: between what is asked of machines and disk.

A machine is told everything in one command (`LifterTold`), which its byte log keeps; whose it is stays here. A thread
waits for the disk, one look-up or write after the other, so that what is looked up is what was written last.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from weakref import WeakSet

import msgspec

from edge.clock import ReadClock
from edge.commands import NOT_REMEMBERED, Command, ForgetLifter, SetLifter, name_of
from edge.config import Config
from edge.events import AnyEvent, CommandResult, MachineState, SetSummary
from edge.lifter import Lifter, LifterTold
from edge.lifters.files import Kept, LifterFiles, why
from edge.lifters.guests import Guest, Place, Watched
from edge.machine import MachineSettings, usual_lifter
from edge.motion.known_body import KnownBody

JOBS_MAX = 100
"""Look-ups and writes that may wait for a stalling disk: more than people at the machines of a box."""
FINISH_MAX_S = 5.0
"""A disk that stalls longer than this shall not keep the daemon from ending."""

OVER = "the session is over; say it again"

log = logging.getLogger(__name__)
_Job = Callable[[], Awaitable[None]]


class _Refused(Exception):  # noqa: N818
    """What was said cannot be kept; the text says why."""


class LifterDesk:
    """Put `run` beside the machines; give it every event as an outlet. answer: takes what became of a command that no
    machine answers. remembers: whether anything is kept of anybody; what was kept before can be forgotten all the same.
    """

    def __init__(
        self,
        config: Config,
        files: LifterFiles,
        answer: Callable[[str, AnyEvent], None],
        clock: ReadClock,
        *,
        remembers: bool,
    ) -> None:
        self._config, self._files, self._answer, self._clock = config, files, answer, clock
        self._remembers = remembers
        self._places: dict[str, Place] = {}
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue(JOBS_MAX)
        self._guests: WeakSet[Guest] = WeakSet()

    def open_machine(self, machine: Watched) -> Callable[[Command], None]:
        """Whoever has a command for this machine gives it to what this gives back. What comes behind a look-up waits
        behind it.
        """
        place = self._places[machine.name] = Place(machine)

        def take(command: Command) -> None:
            if isinstance(command, SetLifter):
                ended = place.ended
                self._in_turn(place, command, lambda: self._look_up(place, command, ended))
            elif isinstance(command, ForgetLifter):
                self._soon(lambda: self._forget(place, command), place, command)
            elif place.waiting:
                self._in_turn(place, command, lambda: _give(machine, command))
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
        place = self._places[machine]
        match event:
            case CommandResult():
                self._answered(place, event)
            case MachineState():
                if place.note_session(event.session, self._clock().mono_ns):
                    self._ask_usual(place)
            case SetSummary():
                self._note_set(place, is_over=event.final)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: links have no part in it."""

    def _in_turn(self, place: Place, command: Command, job: _Job) -> None:
        async def counted() -> None:
            try:
                await job()
            finally:
                place.waiting -= 1

        if self._soon(counted, place, command):
            place.waiting += 1

    def _soon(self, job: _Job, place: Place, command: Command) -> bool:
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            self._say(place, command, "the box's disk does not keep up; try again")
            return False
        return True

    def _say(self, place: Place, command: Command, problem: str | None = None) -> None:
        result = CommandResult(
            t_s=self._clock().mono_ns / 1e9, command=name_of(type(command)), command_id=command.id,
            ok=problem is None, problem=problem,
        )  # fmt: skip
        self._answer(place.machine.name, result)

    async def _look_up(self, place: Place, command: SetLifter, ended: int) -> None:
        try:
            await self._tell_machine(place, command, ended)
        except _Refused as refused:
            self._say(place, command, str(refused))

    async def _tell_machine(self, place: Place, command: SetLifter, ended: int) -> None:
        """_Refused: it is not told. ended: how many sessions had, when it was asked."""
        if ended != place.ended:
            raise _Refused(OVER)
        kept = await self._find(command)
        if ended != place.ended:
            raise _Refused(OVER)
        lifter = _lifter(self._config.with_lifter(place.machine.name, command.lifter), command, kept)
        visit = place.visit(command.lifter, kept, lifter.tape_m)
        guest = Guest(command.lifter if self._remembers else None, command.id, visit, self._clock().mono_ns)
        self._guests.add(guest)
        place.asked[command.id] = guest
        lifter = msgspec.structs.replace(lifter, body=visit.body)
        place.machine.command(LifterTold(id=command.id, ts=command.ts, lifter=lifter))

    async def _find(self, command: SetLifter) -> Kept:
        """What was kept, with what is said now laid over it; it is kept from here on, so that what was forgotten can be
        told from what has not been here.
        """
        lifter = command.lifter
        if lifter is None or not self._remembers:
            if lifter is not None and lifter not in self._config.lifters:
                raise _Refused(NOT_REMEMBERED)
            return _with_said(None, command)
        try:
            kept = await asyncio.to_thread(self._files.change, lifter, lambda was: _with_said(was, command))
        except OSError as error:
            raise _Refused(
                f"what the box keeps of lifters cannot be used ({why(error)}): see to its disk, or say it without an id"
            ) from error
        return kept or Kept()

    async def _forget(self, place: Place, command: ForgetLifter) -> None:
        for guest in self._guests:
            if guest.lifter == command.lifter:
                guest.lifter = None
        for one in self._places.values():
            one.forget(command.lifter)
        problem = None
        try:
            await asyncio.to_thread(self._files.forget, command.lifter)
        except OSError as error:
            problem = f"cannot be deleted ({why(error)}); see to the box's disk"
        self._say(place, command, problem)

    def _answered(self, place: Place, result: CommandResult) -> None:
        """Nobody is on two machines."""
        lifter = place.note_answer(result)
        if lifter is not None:
            for other in self._places.values():
                if other is not place:
                    other.leave(lifter)

    def _ask_usual(self, place: Place) -> None:
        """Where nobody says who is lifting, the lifter whom the machine's own table names is looked up."""
        usual = self._config.machine(place.machine.name).lifter
        if usual is None or place.session is None or not self._remembers:
            return
        command, ended = SetLifter(id=f"usual-{place.session}", ts="", lifter=usual), place.ended
        try:
            self._jobs.put_nowait(lambda: self._usual(place, command, ended))
        except asyncio.QueueFull:
            log.warning("who usually lifts on %s is not looked up: the disk stalls", place.machine.name)

    async def _usual(self, place: Place, command: SetLifter, ended: int) -> None:
        if place.asked or place.machine.told() is not None or ended != place.ended:
            return
        try:
            await self._tell_machine(place, command, ended)
        except _Refused as refused:
            log.warning("who usually lifts on %s: %s", place.machine.name, refused)

    def _note_set(self, place: Place, *, is_over: bool) -> None:
        """Asked after each rep, and written with the set: with its session what was learned is gone."""
        guest = place.note_learned()
        if is_over and guest is not None and guest.latest is not None:
            body, guest.latest = guest.latest, None
            try:
                self._jobs.put_nowait(lambda: self._keep(guest, body))
            except asyncio.QueueFull:
                log.warning("what was learned of a lifter in this set is not kept: the disk stalls")
        if is_over:
            self._ask_usual(place)

    async def _keep(self, guest: Guest, body: KnownBody) -> None:
        if guest.lifter is None:
            return
        change = functools.partial(_taught, guest, body)
        try:
            kept = await asyncio.to_thread(self._files.change, guest.lifter, change)
        except OSError as error:
            log.warning("what was learned of a lifter cannot be kept (%s)", why(error))
            return
        if kept is None:
            guest.lifter = None


async def _give(machine: Watched, command: Command) -> None:
    machine.command(command)


def _taught(guest: Guest, body: KnownBody, was: Kept | None) -> Kept | None:
    """Of whom nothing is kept any more, nothing is kept again."""
    return None if was is None else guest.visit.taught(was, body)


def _with_said(was: Kept | None, command: SetLifter) -> Kept:
    """A command that says a height or a tape says the whole body; one that says neither leaves it as it was said."""
    kept = was or Kept()
    if command.height_m is None and command.tape_m is None:
        return kept
    return msgspec.structs.replace(kept, height_m=command.height_m, tape_m=command.tape_m)


def _lifter(settings: MachineSettings, command: SetLifter, kept: Kept) -> Lifter:
    """All that follows from who is lifting here, but for what sessions have taught: as said now or before, else as
    configured. What was measured with a tape belongs to the height that it was said with.
    """
    usual = usual_lifter(settings)
    is_said = kept.height_m is not None or kept.tape_m is not None
    return msgspec.structs.replace(
        usual,
        is_known=command.lifter is not None,
        height_m=kept.height_m or usual.height_m,
        tape_m=kept.tape_m if is_said else usual.tape_m,
    )
