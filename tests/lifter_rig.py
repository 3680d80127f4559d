"""A desk of lifters with two machines that take what they are told, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
from example_events import SET

from edge.clock import Instant
from edge.commands import Command, SetLifter
from edge.config import Config
from edge.events import AnyEvent, CommandResult, MachineState
from edge.lifter import Learned, LifterTold
from edge.lifters.desk import LifterDesk
from edge.lifters.files import Kept, LifterFiles
from edge.machine import MachineSettings
from edge.motion.known_body import KnownBody, by_height

PATIENCE_S = 60.0
TS = "2026-01-31T12:00:00Z"
CONFIG = Config(
    machines=(
        MachineSettings(id="press-1", height_m=1.7, thigh_m=0.41, shank_m=0.4, links=("a",)),
        MachineSettings(id="press-2", links=("b",), lifter="k7f3"),
    ),
    lifters={
        "k7f3": {"height_m": 1.81, "faults": {"lockout": {"alert_deg": 5.0}}},
        "b2": {"height_m": 1.6, "thigh_m": 0.38, "shank_m": 0.36},
    },
)


def body(sessions: int) -> KnownBody:
    return msgspec.structs.replace(by_height(1.81), sessions=sessions)


class FakeMachine:
    """Takes every lifter, unless it is in a set; `learns` is the body that it has told of since."""

    def __init__(self, name: str, tell: Callable[[str, AnyEvent], None]) -> None:
        self.name, self._tell = name, tell
        self.given: list[Command] = []
        self.learns: KnownBody | None = None
        self.in_set = self.is_deaf = False
        self._present: str | None = None

    def command(self, command: Command) -> None:
        self.given.append(command)
        if self.is_deaf:
            return
        problem = "not during a set" if self.in_set else None
        if not self.in_set and isinstance(command, LifterTold):
            self._present = command.id
        result = CommandResult(t_s=0.0, command="x", command_id=command.id, ok=problem is None, problem=problem)
        self._tell(self.name, result)

    def told(self) -> str | None:
        return self._present

    def lapse(self) -> None:
        """Who said so has not come for five minutes; or the pipeline began anew."""
        self._present = self.learns = None

    def learned(self) -> Learned | None:
        here = self._present is not None and self.learns is not None
        return Learned(command_id=self._present or "", body=self.learns) if here else None  # type: ignore[arg-type]

    def session(self, name: str | None) -> None:
        if name is None:
            self.lapse()
        fields = {"state": "idle", "set": 0, "rep": 0, "load_kg": None, "assessed": (), "not_assessed": {}}
        self._tell(self.name, MachineState(t_s=0.0, session=name, **fields))  # type: ignore[arg-type]

    def lifts(self, learns: KnownBody | None, *, final: bool = True) -> None:
        self.learns = learns
        self._tell(self.name, msgspec.structs.replace(SET, final=final))


class Box:
    """A desk with two machines; `answers` is what nobody else answered."""

    def __init__(self, files: LifterFiles, *, remembers: bool = True) -> None:
        self.answers: list[CommandResult] = []
        self.now_ns = 0
        self.desk = LifterDesk(
            CONFIG, files, self._answer, lambda: Instant(self.now_ns, 0, synced=True), remembers=remembers
        )
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
        last = (self.one if machine == "press-1" else self.two).given[-1]
        assert isinstance(last, LifterTold)
        return last

    async def settled(self) -> None:
        """All that was asked is done, however busy this computer is."""
        async with asyncio.timeout(PATIENCE_S):
            await self.desk._jobs.join()


class Open(Protocol):
    """Makes a box whose desk runs until the test ends."""

    def __call__(self, files: LifterFiles, *, remembers: bool = True) -> Awaitable[Box]: ...


def put(files: LifterFiles, lifter: str, kept: Kept) -> None:
    files.change(lifter, lambda _was: kept)


def says(lifter: str | None, number: int = 1, **legs: float) -> SetLifter:
    return SetLifter(id=f"c-{number}", ts=TS, lifter=lifter, **legs)
