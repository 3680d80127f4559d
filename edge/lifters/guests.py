"""Who is on each machine, as said to the desk, and what a session has had of them. Pure.

A session is told what was kept before it, never what it has taught itself, however often it is told: its strokes would
count twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from edge.commands import Command
from edge.events import CommandResult
from edge.lifter import Learned
from edge.lifters.files import Kept
from edge.motion.known_body import KnownBody

ANSWER_MAX_NS = 5_000_000_000
"""A machine answers within a step of 10 ms; one whose pipeline failed answers never."""


class Watched(Protocol):
    """What the desk needs of a machine."""

    @property
    def name(self) -> str:
        """Its name."""

    def command(self, command: Command) -> None:
        """Give it a command; what becomes of it comes as an event."""

    def told(self) -> str | None:
        """The id of the command that told who is lifting; None: nobody has, or it is over."""

    def learned(self) -> Learned | None:
        """What is known now of the body of whoever said to be lifting."""


@dataclass(slots=True)
class Visit:
    """One lifter's part in a session. body, was_contradicted: as kept before it. has_taught: strokes have told of the
    body since; has_left: for another machine, so that what goes on here is not kept as theirs.
    """

    body: KnownBody | None = None
    was_contradicted: bool = False
    has_taught: bool = False
    has_left: bool = False

    def taught(self, kept: Kept, body: KnownBody) -> Kept:
        """What is to be kept once strokes have told of this body. Where they contradict what was known, it begins anew,
        without its sessions: once, it may have been somebody else's; in two sessions running, it is as it is now.
        """
        contradicted = self.body is not None and body.sessions <= self.body.sessions
        left = self.body if contradicted and not self.was_contradicted else body
        return Kept(
            height_m=kept.height_m, tape_m=kept.tape_m, body=left,
            was_contradicted=contradicted and not self.was_contradicted,
        )  # fmt: skip


@dataclass(slots=True, eq=False, weakref_slot=True)
class Guest:
    """Somebody who said to be lifting. lifter: None of whom nothing is kept: unknown, or forgotten meanwhile.
    latest: not written yet.
    """

    lifter: str | None
    command_id: str
    visit: Visit
    asked_ns: int
    latest: KnownBody | None = None


@dataclass(slots=True)
class Place:
    """One machine. ended: how many sessions have; waiting: commands for it that wait for a look-up."""

    machine: Watched
    session: str | None = None
    ended: int = 0
    waiting: int = 0
    guest: Guest | None = None
    asked: dict[str, Guest] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)

    def visit(self, lifter: str | None, kept: Kept, tape_m: tuple[float, float] | None) -> Visit:
        """The lifter's part in this session, if they have had one; else one that begins with what is kept. Legs that
        rest on other figures of a tape than those that hold now go with them.
        """
        visit = self.visits.get(lifter or "")
        if visit is None or not visit.has_taught:
            visit = Visit(kept.body, kept.was_contradicted)
        if visit.body is not None and visit.body.tape_m not in (None, tape_m):
            visit.body = None
        return visit

    def note_session(self, session: str | None, now_ns: int) -> bool:
        """Who said to be lifting is gone with their session, not with its beginning. Whether another one has begun."""
        before, self.session = self.session, session
        if session == before:
            return False
        if before is not None:
            self.ended += 1
            self.guest = None
            self.visits.clear()
        self.asked = {one: guest for one, guest in self.asked.items() if now_ns - guest.asked_ns < ANSWER_MAX_NS}
        return session is not None

    def note_answer(self, result: CommandResult) -> str | None:
        """Whose being here it confirms, if anybody's."""
        guest = self.asked.pop(result.command_id or "", None)
        if guest is None or not result.ok:
            return None
        self.guest = guest
        if guest.lifter is not None:
            self.visits[guest.lifter] = guest.visit
        return guest.lifter

    def leave(self, lifter: str) -> None:
        """This one is on another machine."""
        if (visit := self.visits.get(lifter)) is not None:
            visit.has_left = True

    def forget(self, lifter: str) -> None:
        """Who comes again in this session comes as somebody new."""
        if (visit := self.visits.get(lifter)) is not None:
            visit.body, visit.was_contradicted = None, False

    def note_learned(self) -> Guest | None:
        """Ask the machine what it has learned by now of the guest; None: of whom nothing is to be kept."""
        guest = self.guest
        if guest is None or guest.lifter is None or guest.visit.has_left:
            return None
        learned = self.machine.learned()
        if learned is not None and learned.command_id == guest.command_id:
            guest.latest, guest.visit.has_taught = learned.body, True
        return guest
